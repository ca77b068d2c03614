import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import type { StringTable } from '../elf/string-table.ts';
import { BTF_MAGIC } from './parse.ts';

/**
 * What .BTF.ext says about the code, by section name. Offsets are bytes in the section, ascending.
 */
export interface BtfExt {
  readonly functions: ReadonlyMap<string, readonly FunctionInfo[]>;
  readonly lines: ReadonlyMap<string, readonly LineInfo[]>;
  readonly coreRelocations: readonly CoreRelocation[];
}

export interface FunctionInfo {
  readonly offset: number;
  /** BTF id of its FUNC. */
  readonly type: number;
}

export interface LineInfo {
  readonly offset: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** struct bpf_core_relo with its strings looked up. */
export interface CoreRelocation {
  readonly section: string;
  readonly offset: number;
  readonly type: number;
  /** `0:1:2`: indices of members, array elements or an enumerator, from the root type on. */
  readonly access: string;
  /** A number of CORE_RELOCATIONS. */
  readonly kind: number;
}

/**
 * Bytes of the size that a table of records begins with, which gcc 12 writes with no record behind
 * it.
 */
const RECORD_SIZE_BYTES = 4;

/** Whether a .BTF.ext section has lines; its own size of the table is trusted. */
export function hasLineInfo(section: Uint8Array, endian: Endian): boolean {
  const reader = new ByteReader(section, endian, (offset) => at('.BTF.ext', offset));
  return reader.length >= 24 && reader.u32(20) > RECORD_SIZE_BYTES;
}

/**
 * Reads a .BTF.ext section; its strings stand in .BTF. Throws an InputError where it is damaged.
 */
export function parseBtfExt(section: Uint8Array, endian: Endian, strings: StringTable): BtfExt {
  const reader = new ByteReader(section, endian, (offset) => at('.BTF.ext', offset));
  if (reader.u16(0) !== BTF_MAGIC) throw new InputError(at('.BTF.ext', 0), 'no BTF magic number');
  const headerBytes = reader.u32(4);
  const table = (field: number): { start: number; end: number } => {
    // Older compilers write a shorter header, without CO-RE relocations.
    if (field + 8 > headerBytes) return { start: 0, end: 0 };
    const start = headerBytes + reader.u32(field);
    return { start, end: start + reader.u32(field + 4) };
  };
  const functions = readTable(reader, table(8), 8, strings, (offset) => ({
    offset: reader.u32(offset),
    type: reader.u32(offset + 4),
  }));
  const lines = readTable(reader, table(16), 16, strings, (offset) => ({
    offset: reader.u32(offset),
    file: strings.at(reader.u32(offset + 4)),
    text: strings.at(reader.u32(offset + 8)),
    // 22 bits of line, 10 of column
    line: reader.u32(offset + 12) >>> 10,
    column: reader.u32(offset + 12) & 0x3ff,
  }));
  const relocations = readTable(reader, table(24), 16, strings, (offset, name) => ({
    section: name,
    offset: reader.u32(offset),
    type: reader.u32(offset + 4),
    access: strings.at(reader.u32(offset + 8)),
    kind: reader.u32(offset + 12),
  }));
  return { functions, lines, coreRelocations: [...relocations.values()].flat() };
}

/**
 * A table: record size, then per section its name, a count, and the records, which newer kernels
 * may lengthen.
 */
function readTable<T extends { readonly offset: number }>(
  reader: ByteReader,
  { start, end }: { start: number; end: number },
  leastRecordBytes: number,
  strings: StringTable,
  read: (offset: number, section: string) => T,
): Map<string, T[]> {
  const bySection = new Map<string, T[]>();
  if (start === end) return bySection;
  reader.need(start, end - start, 'a table');
  const recordBytes = reader.u32(start, 'a record size');
  if (recordBytes < leastRecordBytes) {
    throw new InputError(
      at('.BTF.ext', start),
      `records of ${recordBytes} bytes, at least ${leastRecordBytes} are defined`,
    );
  }
  let offset = start + 4;
  while (offset < end) {
    const section = strings.at(reader.u32(offset, 'a section name'));
    const count = reader.u32(offset + 4, 'a record count');
    offset += 8;
    reader.need(offset, count * recordBytes, `${count} records of section "${section}"`);
    const records = bySection.get(section) ?? [];
    bySection.set(section, records);
    for (let i = 0; i < count; i++) records.push(read(offset + i * recordBytes, section));
    offset += count * recordBytes;
  }
  // The kernel wants offsets that grow; of several records for one place the first counts.
  for (const [section, records] of bySection) {
    records.sort((a, b) => a.offset - b.offset);
    bySection.set(
      section,
      records.filter(({ offset }, index) => index === 0 || records[index - 1]!.offset < offset),
    );
  }
  return bySection;
}
