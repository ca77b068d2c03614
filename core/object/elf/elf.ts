import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import type { ElfSymbol, Section } from '../types.ts';
import { StringTable } from './string-table.ts';

/**
 * ELF64 relocatable objects for BPF, as the System V gABI lays them out: sections, symbols,
 * relocations.
 */
export interface ElfFile {
  readonly bytes: Uint8Array;
  readonly endian: Endian;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbolEntry[];
  readonly relocations: readonly ElfRelocation[];
  readonly warnings: readonly string[];
}

export interface ElfSection extends Section {
  readonly typeNumber: number;
  readonly link: number;
  readonly info: number;
  /** Bytes in the file: empty for NOBITS, whatever `size` declares. */
  readonly data: Uint8Array;
}

export interface ElfSymbolEntry extends ElfSymbol {
  readonly placement: 'section' | 'undefined' | 'absolute' | 'common';
}

export interface ElfRelocation {
  /** The section that is patched. */
  readonly target: ElfSection;
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbolEntry;
  /** Of a RELA entry; a REL entry keeps it in the patched field. */
  readonly addend: bigint | undefined;
}

export const ELF_HEADER_BYTES = 64;
export const SECTION_HEADER_BYTES = 64;
export const SHT_NOBITS = 8;

const MAX_FILE_BYTES = 64 << 20;
const MAX_SYMBOLS = 1 << 18;
const MAX_RELOCATIONS = 1 << 20;

const EM_BPF = 247;
const ET_REL = 1;
const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_REL = 9;
const SHN_ABS = 0xfff1;
const SHN_COMMON = 0xfff2;
const SHN_XINDEX = 0xffff;
const SYMBOL_BYTES = 24;

const SECTION_TYPES = new Map([
  [0, 'NULL'],
  [1, 'PROGBITS'],
  [SHT_SYMTAB, 'SYMTAB'],
  [3, 'STRTAB'],
  [SHT_RELA, 'RELA'],
  [7, 'NOTE'],
  [SHT_NOBITS, 'NOBITS'],
  [SHT_REL, 'REL'],
  [17, 'GROUP'],
  [18, 'SYMTAB_SHNDX'],
  [0x6fff4c03, 'LLVM_ADDRSIG'],
]);
const MACHINES = new Map([
  [3, 'i386'],
  [40, 'ARM'],
  [62, 'x86-64'],
  [183, 'AArch64'],
  [243, 'RISC-V'],
]);
const OBJECT_TYPES = new Map([
  [2, 'an executable'],
  [3, 'a shared object'],
  [4, 'a core dump'],
]);
const SYMBOL_TYPES = ['notype', 'object', 'func', 'section', 'file'] as const;
const SYMBOL_BINDINGS = ['local', 'global', 'weak'] as const;

export const hasElfMagic = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/** Reads a whole object; throws an InputError where it is none, or is damaged. */
export function parseElf(bytes: Uint8Array): ElfFile {
  if (bytes.length > MAX_FILE_BYTES) {
    throw new InputError(
      '',
      `the file has ${bytes.length} bytes, at most ${MAX_FILE_BYTES} are read`,
    );
  }
  if (!hasElfMagic(bytes))
    throw new InputError('', 'the file does not start with the ELF magic number');
  const warnings: string[] = [];
  const endian = readByteOrder(bytes);
  const reader = new ByteReader(bytes, endian, (offset) => at('file', offset));
  checkHeader(reader, warnings);
  const sections = readSections(reader);
  const symbolTable = sections.find((section) => section.typeNumber === SHT_SYMTAB);
  const symbols = symbolTable ? readSymbols(symbolTable, sections, endian) : [];
  const relocations = readRelocations(symbolTable, symbols, sections, endian, warnings);
  return { bytes, endian, sections, symbols, relocations, warnings };
}

/**
 * The bytes of a section of an ELF file of another machine than BPF; undefined where the file is
 * none, or of BPF.
 */
export function foreignSection(bytes: Uint8Array, name: string): Uint8Array | 'none' | undefined {
  if (!hasElfMagic(bytes) || bytes[4] !== 2 || (bytes[5] !== 1 && bytes[5] !== 2)) return undefined;
  const reader = new ByteReader(bytes, readByteOrder(bytes), (offset) => at('file', offset));
  reader.need(0, ELF_HEADER_BYTES, 'the ELF header');
  const machine = reader.u16(18);
  if (machine === 0 || machine === EM_BPF) return undefined;
  return readSections(reader).find((section) => section.name === name)?.data ?? 'none';
}

function readByteOrder(bytes: Uint8Array): Endian {
  if (bytes[4] !== 2)
    throw new InputError(at('file', 4), `ELF class ${bytes[4]}: BPF objects are 64-bit (class 2)`);
  if (bytes[5] === 1) return 'little';
  if (bytes[5] === 2) return 'big';
  throw new InputError(
    at('file', 5),
    `byte order ${bytes[5]} is neither little (1) nor big endian (2)`,
  );
}

function checkHeader(reader: ByteReader, warnings: string[]): void {
  reader.need(0, ELF_HEADER_BYTES, 'the ELF header');
  const machine = reader.u16(18);
  if (machine === 0) {
    warnings.push('the ELF header names no machine (0); read as BPF (247)');
  } else if (machine !== EM_BPF) {
    const name = MACHINES.get(machine);
    throw new InputError(
      at('file', 18),
      `machine ${machine}${name ? ` (${name})` : ''}, BPF is ${EM_BPF}`,
    );
  }
  const type = reader.u16(16);
  if (type !== ET_REL) {
    const name = OBJECT_TYPES.get(type);
    throw new InputError(
      at('file', 16),
      `ELF type ${type}${name ? ` (${name})` : ''}, an object file is ${ET_REL}`,
    );
  }
}

function readSections(reader: ByteReader): ElfSection[] {
  const tableOffset = reader.size64(40, 'the section header table offset');
  const entryBytes = reader.u16(58);
  const count = reader.u16(60);
  const namesIndex = reader.u16(62);
  if (tableOffset === 0) throw new InputError(at('file', 40), 'the file has no section headers');
  if (count === 0)
    throw new InputError(
      at('file', 60),
      'no sections are counted in the header: none, or more than 65279',
    );
  if (entryBytes !== SECTION_HEADER_BYTES) {
    throw new InputError(
      at('file', 58),
      `section headers of ${entryBytes} bytes, ELF64 has ${SECTION_HEADER_BYTES}`,
    );
  }
  if (namesIndex === SHN_XINDEX)
    throw new InputError(at('file', 62), 'the file has more than 65279 sections');
  if (namesIndex === 0) throw new InputError(at('file', 62), 'the file has no section names');
  if (namesIndex >= count) {
    throw new InputError(
      at('file', 62),
      `section names are in section ${namesIndex}, the file has ${count}`,
    );
  }
  reader.need(tableOffset, count * SECTION_HEADER_BYTES, `the table of ${count} section headers`);
  const header = (index: number): number => tableOffset + index * SECTION_HEADER_BYTES;
  const names = new StringTable(
    sectionData(reader, header(namesIndex), namesIndex),
    'section names',
  );
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(reader, header(index), index, names),
  );
  // Sections of a real file lie side by side. Kept so, work over all of them is bounded by the
  // file's length.
  const total = sections.reduce((sum, section) => sum + section.data.length, 0);
  if (total > reader.length) {
    throw new InputError(
      '',
      `the sections have ${total} bytes together, the file ${reader.length}: they overlap`,
    );
  }
  return sections;
}

function readSection(
  reader: ByteReader,
  header: number,
  index: number,
  names: StringTable,
): ElfSection {
  const typeNumber = reader.u32(header + 4);
  const flags = reader.u64(header + 8);
  return {
    index,
    name: names.at(reader.u32(header)),
    type: SECTION_TYPES.get(typeNumber) ?? `0x${typeNumber.toString(16)}`,
    typeNumber,
    flags: { write: (flags & 1n) !== 0n, alloc: (flags & 2n) !== 0n, exec: (flags & 4n) !== 0n },
    offset: reader.size64(header + 24, `the offset of section ${index}`),
    size: reader.size64(header + 32, `the size of section ${index}`),
    link: reader.u32(header + 40),
    info: reader.u32(header + 44),
    data: sectionData(reader, header, index),
  };
}

function sectionData(reader: ByteReader, header: number, index: number): Uint8Array {
  const type = reader.u32(header + 4);
  if (type === SHT_NOBITS || type === 0) return new Uint8Array(0);
  const offset = reader.size64(header + 24, `the offset of section ${index}`);
  const size = reader.size64(header + 32, `the size of section ${index}`);
  return size === 0 ? new Uint8Array(0) : reader.slice(offset, size, `section ${index}`);
}

function readSymbols(
  table: ElfSection,
  sections: readonly ElfSection[],
  endian: Endian,
): ElfSymbolEntry[] {
  const reader = new ByteReader(table.data, endian, (offset) => at(table.name, offset));
  const names = new StringTable(
    sections[table.link]?.data ?? new Uint8Array(0),
    sections[table.link]?.name ?? 'names',
  );
  const count = Math.floor(table.data.length / SYMBOL_BYTES);
  if (count > MAX_SYMBOLS)
    throw new InputError(table.name, `${count} symbols, at most ${MAX_SYMBOLS} are read`);
  return Array.from({ length: count }, (_, index) =>
    readSymbol(reader, index * SYMBOL_BYTES, names, sections),
  );
}

function readSymbol(
  reader: ByteReader,
  offset: number,
  names: StringTable,
  sections: readonly ElfSection[],
): ElfSymbolEntry {
  const info = reader.u8(offset + 4);
  const sectionIndex = reader.u16(offset + 6);
  const type = SYMBOL_TYPES[info & 0xf] ?? 'other';
  const placement = placementOf(reader, offset, sectionIndex, sections.length);
  const section = placement === 'section' ? sectionIndex : undefined;
  const ownName = names.at(reader.u32(offset));
  return {
    // A section symbol has no name of its own; tools print the section's.
    name:
      ownName === '' && type === 'section' && section !== undefined
        ? sections[section]!.name
        : ownName,
    type,
    binding: SYMBOL_BINDINGS[info >> 4] ?? 'other',
    hidden: (reader.u8(offset + 5) & 3) === 2,
    section,
    placement,
    value: reader.size64(offset + 8, 'the value of a symbol'),
    size: reader.size64(offset + 16, 'the size of a symbol'),
  };
}

function placementOf(
  reader: ByteReader,
  offset: number,
  sectionIndex: number,
  sectionCount: number,
): ElfSymbolEntry['placement'] {
  if (sectionIndex === 0) return 'undefined';
  if (sectionIndex === SHN_ABS) return 'absolute';
  if (sectionIndex === SHN_COMMON) return 'common';
  if (sectionIndex < sectionCount) return 'section';
  reader.need(offset, SYMBOL_BYTES, 'a symbol');
  throw new InputError(
    at('.symtab', offset),
    `a symbol in section ${sectionIndex}, the file has ${sectionCount}`,
  );
}

function readRelocations(
  symbolTable: ElfSection | undefined,
  symbols: readonly ElfSymbolEntry[],
  sections: readonly ElfSection[],
  endian: Endian,
  warnings: string[],
): ElfRelocation[] {
  const relocations: ElfRelocation[] = [];
  for (const section of sections) {
    if (section.typeNumber !== SHT_REL && section.typeNumber !== SHT_RELA) continue;
    const target = sections[section.info];
    if (symbolTable === undefined || section.link !== symbolTable.index || target === undefined) {
      warnings.push(
        `${section.name}: relocations of section ${section.info} by symbol ` +
          `table ${section.link} are left out`,
      );
      continue;
    }
    const withAddend = section.typeNumber === SHT_RELA;
    const entryBytes = withAddend ? 24 : 16;
    const reader = new ByteReader(section.data, endian, (offset) => at(section.name, offset));
    const count = Math.floor(section.data.length / entryBytes);
    if (relocations.length + count > MAX_RELOCATIONS) {
      throw new InputError(
        section.name,
        `${count} more relocations, at most ${MAX_RELOCATIONS} are read`,
      );
    }
    for (let i = 0; i < count; i++) {
      const entry = i * entryBytes;
      // r_info: the symbol's index is its upper half, the type its lower half
      const info = reader.u64(entry + 8);
      const symbol = symbols[Number(info >> 32n)];
      if (symbol === undefined) {
        throw new InputError(
          at(section.name, entry),
          `symbol ${info >> 32n} is named, the file has ${symbols.length}`,
        );
      }
      relocations.push({
        target,
        offset: reader.size64(entry, 'the offset of a relocation'),
        type: Number(info & 0xffff_ffffn),
        symbol,
        addend: withAddend ? reader.i64(entry + 16) : undefined,
      });
    }
  }
  return relocations;
}
