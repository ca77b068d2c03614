import { byteAt } from '../../bytes/byte-at.ts';
import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import type { ElfFile, ElfRelocation } from '../elf/elf.ts';

/**
 * A place in a section of code or data: sections of an object all start at address 0, so their
 * numbers go with it.
 *
 *     section number * 2^32 + byte offset in the section
 */
export type Address = number;

const SECTION = 2 ** 32;

export const addressIn = (section: number, offset: number): Address => section * SECTION + offset;
export const sectionOf = (address: Address): number => Math.floor(address / SECTION);
export const offsetOf = (address: Address): number => address % SECTION;

/** A debug section with its relocations applied. */
export interface DebugSection {
  readonly name: string;
  readonly reader: ByteReader;
  /** Section that a relocated field points into, by the field's offset. */
  readonly targets: ReadonlyMap<number, number>;
}

/**
 * Bytes a relocation of a debug section patches: LLVM before 13 used the numbers of code for data
 * as well.
 */
const PATCHED: Readonly<Record<number, 4 | 8>> = { 1: 8, 2: 8, 3: 4, 4: 4, 10: 4, 11: 4, 12: 8 };

/** The debug section of that name; an empty one where the object has none. */
export function debugSection(elf: ElfFile, name: string): DebugSection {
  const section = elf.sections.find(
    (candidate) => candidate.name === name && candidate.data.length > 0,
  );
  const bytes = section?.data.slice() ?? new Uint8Array();
  const targets = new Map<number, number>();
  for (const relocation of elf.relocations) {
    if (section !== undefined && relocation.target === section)
      relocate(bytes, relocation, elf.endian, targets);
  }
  return { name, reader: new ByteReader(bytes, elf.endian, (offset) => at(name, offset)), targets };
}

function relocate(
  bytes: Uint8Array,
  relocation: ElfRelocation,
  endian: Endian,
  targets: Map<number, number>,
): void {
  const { offset, type, symbol, addend } = relocation;
  const size = PATCHED[type];
  if (size === undefined || offset + size > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endian === 'little';
  const inPlace =
    size === 8 ? view.getBigUint64(offset, little) : BigInt(view.getUint32(offset, little));
  const value = BigInt(symbol.placement === 'section' ? symbol.value : 0) + (addend ?? inPlace);
  if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), little);
  else view.setUint32(offset, Number(BigInt.asUintN(32, value)), little);
  if (symbol.section !== undefined) targets.set(offset, symbol.section);
}

/** Reads a debug section from a place on. */
export class Cursor {
  readonly section: DebugSection;
  offset: number;

  constructor(section: DebugSection, offset: number) {
    this.section = section;
    this.offset = offset;
  }

  private taken(size: number): number {
    const { offset } = this;
    this.section.reader.need(offset, size, 'a field');
    this.offset += size;
    return offset;
  }

  /** A number of 1, 2, 3, 4 or 8 bytes. */
  unsigned(size: number): bigint {
    const { reader } = this.section;
    let value = 0n;
    const from = this.taken(size);
    for (let i = 0; i < size; i++) {
      value =
        (value << 8n) |
        BigInt(byteAt(reader.bytes, from + (reader.littleEndian ? size - 1 - i : i)));
    }
    return value;
  }

  u8(): number {
    return byteAt(this.section.reader.bytes, this.taken(1));
  }

  u16(): number {
    return Number(this.unsigned(2));
  }

  /** A length or offset: 4 bytes, in 64-bit DWARF 8. */
  size(bytes: number): number {
    const value = this.unsigned(bytes);
    if (value > 0xffff_ffffn) this.fail(`${value} is larger than any file read here`);
    return Number(value);
  }

  uleb(): bigint {
    return this.leb().value;
  }

  /** An ULEB128 that counts something. */
  count(): number {
    const value = this.uleb();
    if (value > 0xffff_ffffn) this.fail(`${value} is larger than any file read here`);
    return Number(value);
  }

  sleb(): bigint {
    const { value, bits } = this.leb();
    return BigInt.asIntN(Math.min(bits, 64), value);
  }

  private leb(): { value: bigint; bits: number } {
    let value = 0n;
    for (let bits = 0; bits < 70; bits += 7) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(bits);
      if (byte < 0x80) return { value: BigInt.asUintN(64, value), bits: bits + 7 };
    }
    return this.fail('a LEB128 number of more than 10 bytes');
  }

  bytes(size: number): Uint8Array {
    const from = this.taken(size);
    return this.section.reader.bytes.subarray(from, from + size);
  }

  string(): string {
    const text = this.section.reader.cString(this.offset);
    const end = this.section.reader.bytes.indexOf(0, this.offset);
    this.offset = end + 1;
    return text;
  }

  /** An address: the section is what its relocation names. */
  address(size: number): Address {
    const section = this.section.targets.get(this.offset) ?? 0;
    return addressIn(section, Number(BigInt.asUintN(32, this.unsigned(size))));
  }

  fail(what: string): never {
    throw new InputError(at(this.section.name, this.offset), what);
  }
}

/**
 * A unit's length; 0xffffffff announces 64-bit DWARF. Answers where it ends and the bytes of its
 * offsets.
 */
export function unitLength(cursor: Cursor): { end: number; offsetBytes: 4 | 8 } {
  const first = cursor.size(4);
  const offsetBytes = first === 0xffff_ffff ? 8 : 4;
  const length = offsetBytes === 8 ? cursor.size(8) : first;
  cursor.section.reader.need(cursor.offset, length, 'a unit');
  return { end: cursor.offset + length, offsetBytes };
}
