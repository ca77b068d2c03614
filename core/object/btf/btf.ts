import type { Endian } from '../../bytes/reader.ts';
import type { StringTable } from '../elf/string-table.ts';
import { parseBtfTypes } from './parse.ts';
import { TypeTable } from './type-table.ts';
import type { BtfKind, BtfType } from './types.ts';

/** The types of a .BTF section; ids count from 1. */
export class Btf extends TypeTable {
  /** By id: types[0] is void. */
  readonly types: BtfType[];
  readonly strings: StringTable;
  /** Bytes of a pointer: those of the machine the types are of, told by its `long`. */
  readonly pointerSize: 4 | 8;
  private readonly byName = new Map<string, BtfType[]>();

  /** Reads a .BTF section; throws an InputError where it is damaged. */
  constructor(section: Uint8Array, endian: Endian) {
    super();
    const { types, strings } = parseBtfTypes(section, endian);
    this.types = [...types];
    this.strings = strings;
    this.pointerSize = types.some(isLong32) ? 4 : 8;
    for (const type of types) {
      if (type.name === '') continue;
      const same = this.byName.get(type.name);
      if (same) same.push(type);
      else this.byName.set(type.name, [type]);
    }
  }

  /** Undefined for an id the section does not have. */
  byId(id: number): BtfType | undefined {
    return this.types[id];
  }

  /** The first type of that kind and name. */
  find<K extends BtfKind>(kind: K, name: string): Extract<BtfType, { kind: K }> | undefined {
    return this.byName
      .get(name)
      ?.find((type): type is Extract<BtfType, { kind: K }> => type.kind === kind);
  }

  /** An enumeration of 32 bits turns out to have a sign. */
  sign(id: number): void {
    const type = this.types[id];
    if (type?.kind !== 'enum') return;
    const values = type.values.map(({ name, value }) => ({
      name,
      value: BigInt.asIntN(32, value),
    }));
    const made = { ...type, signed: true, values };
    this.types[id] = made;
    const same = this.byName.get(type.name);
    if (same)
      this.byName.set(
        type.name,
        same.map((other) => (other === type ? made : other)),
      );
  }

  nameOf(id: number): string {
    return this.types[id]?.name ?? '';
  }
}

/** `long`, `long unsigned int` and so on, of a machine with 32-bit pointers. */
const isLong32 = (type: BtfType): boolean =>
  type.kind === 'int' &&
  type.size === 4 &&
  type.name.split(' ').filter((word) => word === 'long').length === 1;
