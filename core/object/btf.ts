import type { Endian } from '../bytes/reader.ts';
import { declarationOf } from './btf-declaration.ts';
import { parseBtfTypes } from './btf-parse.ts';
import type { BtfKind, BtfMember, BtfType } from './btf-types.ts';
import type { StringTable } from './string-table.ts';

/** Chains of typedef, const, … longer than this are cycles. */
const MAX_CHAIN = 64;
/** Larger than any object here can be; keeps products of array lengths exact. */
const MAX_TYPE_BYTES = 2 ** 32;

/** The types of a .BTF section; ids count from 1, 0 is void. Types may refer to each other in cycles. */
export class Btf {
  /** By id: types[0] is void. */
  readonly types: readonly BtfType[];
  readonly strings: StringTable;
  /** Bytes of a pointer: those of the machine the types are of, told by its `long`. */
  readonly pointerSize: 4 | 8;
  private readonly byName = new Map<string, BtfType[]>();

  /** Reads a .BTF section; throws an InputError where it is damaged. */
  constructor(section: Uint8Array, endian: Endian) {
    const { types, strings } = parseBtfTypes(section, endian);
    this.types = types;
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
    return this.byName.get(name)?.find((type): type is Extract<BtfType, { kind: K }> => type.kind === kind);
  }

  nameOf(id: number): string {
    return this.types[id]?.name ?? '';
  }

  /** The type behind typedef, const, volatile, restrict and type_tag; undefined where the chain is broken or a cycle. */
  resolve(id: number): BtfType | undefined {
    let type = this.types[id];
    for (let steps = 0; type !== undefined && steps < MAX_CHAIN; steps++) {
      if (!isQualifier(type)) return type;
      type = this.types[type.type];
    }
    return undefined;
  }

  /** Bytes a value of the type takes; undefined for void, functions, forward declarations and broken types. */
  sizeOf(id: number): number | undefined {
    let count = 1;
    let type = this.resolve(id);
    for (let steps = 0; type?.kind === 'array' && steps < MAX_CHAIN; steps++) {
      count *= type.count;
      type = this.resolve(type.type);
    }
    const size = type && (type.kind === 'ptr' ? this.pointerSize : elementSize(type));
    if (size === undefined || size * count > MAX_TYPE_BYTES) return undefined;
    return size * count;
  }

  /** The members of a struct or union, behind typedefs and qualifiers; none for any other type. */
  members(id: number): readonly BtfMember[] {
    const type = this.resolve(id);
    return type?.kind === 'struct' || type?.kind === 'union' ? type.members : [];
  }

  /** The type as C would declare it: `struct key *`, `int (*)(void *)`, `__u8 mac[6]` when a name is given. */
  declaration(id: number, name = ''): string {
    return declarationOf(this, id, name);
  }
}

function isQualifier(type: BtfType): type is Extract<BtfType, { kind: 'typedef' }> {
  return ['typedef', 'const', 'volatile', 'restrict', 'type_tag'].includes(type.kind);
}

const elementSize = (type: BtfType): number | undefined => ('size' in type ? type.size : undefined);

/** `long`, `long unsigned int` and so on, of a machine with 32-bit pointers. */
const isLong32 = (type: BtfType): boolean =>
  type.kind === 'int' && type.size === 4 && type.name.split(' ').filter((word) => word === 'long').length === 1;
