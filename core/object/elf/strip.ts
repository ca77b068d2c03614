import { hasLineInfo } from '../btf/ext.ts';
import { ELF_HEADER_BYTES, type ElfSection, parseElf, SECTION_HEADER_BYTES } from './elf.ts';

/** Sections keep at least this alignment in the file: symbol tables need it. */
const ALIGNMENT = 8;

/**
 * Sections the loader has no use for: DWARF, compiler bookkeeping, and relocations of type
 * information.
 */
const isDebug = (name: string): boolean =>
  /^(\.rela?)?\.debug_/.test(name) ||
  /^\.rela?\.BTF/.test(name) ||
  ['.llvm_addrsig', '.rel.eh_frame', '.eh_frame'].includes(name);

/** Of DWARF what variables and their places are read from (dwarf-scopes.ts). */
const isOfVariables = (name: string): boolean =>
  /^(\.rela?)?\.debug_(info|abbrev|str|addr|str_offsets|loc|loclists|ranges|rnglists)$/.test(name);

const isDebugLines = (name: string): boolean => /^(\.rela?)?\.debug_line(_str)?$/.test(name);
const isLines = (name: string): boolean =>
  /^(\.rela?)?\.BTF\.ext$/.test(name) || isDebugLines(name);
const isBtf = (name: string): boolean => /^(\.rela?)?\.BTF$/.test(name) || isLines(name);

/** Whether the loader takes the lines from DWARF: .BTF.ext has none. */
function needsDebugLines(bytes: Uint8Array): boolean {
  const { sections, endian } = parseElf(bytes);
  return !sections.some(({ name, data }) => name === '.BTF.ext' && hasLineInfo(data, endian));
}

function dropDebug(bytes: Uint8Array, isKept: (name: string) => boolean): Uint8Array {
  const keepsLines = needsDebugLines(bytes);
  return dropSections(
    bytes,
    (name) => isDebug(name) && !isKept(name) && !(keepsLines && isDebugLines(name)),
  );
}

/**
 * The object without DWARF, but for the lines of one whose .BTF.ext has none; .BTF and .BTF.ext
 * stay, section indices too. Loading it gives the same programs.
 */
export const stripDebug = (bytes: Uint8Array): Uint8Array => dropDebug(bytes, () => false);

/** The object with no more DWARF than its variables, and its lines, need. */
export const stripDebugButVariables = (bytes: Uint8Array): Uint8Array =>
  dropDebug(bytes, isOfVariables);

/**
 * The object without source lines, and without types where nothing depends on them: maps of a
 * `.maps` section, externs and CO-RE relocations are described by BTF alone, the last in the
 * section that has the lines.
 */
export function stripBtf(bytes: Uint8Array): Uint8Array {
  const { sections, symbols } = parseElf(bytes);
  if (sections.some(hasCoreRelocations)) return dropSections(bytes, () => false);
  const needsTypes =
    sections.some(({ name }) => name === '.maps') ||
    symbols.some(({ name, placement }) => name !== '' && placement === 'undefined');
  return dropSections(bytes, needsTypes ? isLines : isBtf);
}

/**
 * The header of .BTF.ext: magic, version, its length (4), offset and length of functions, of lines,
 * of relocations (28).
 */
function hasCoreRelocations({ name, data }: ElfSection): boolean {
  if (name !== '.BTF.ext' || data.length < 32) return false;
  return data.subarray(28, 32).some((byte) => byte !== 0);
}

/**
 * The same file with the bytes of some sections left out, the others side by side behind the ELF
 * header:
 *
 *     ELF header | kept sections, 8-aligned | section header table
 *
 * A dropped section keeps its place in the table, as type NULL: symbols and relocations count
 * sections.
 */
function dropSections(bytes: Uint8Array, isDropped: (name: string) => boolean): Uint8Array {
  const { sections, endian } = parseElf(bytes);
  const offsets = new Map<ElfSection, number>();
  let end = ELF_HEADER_BYTES;
  for (const section of sections) {
    if (isDropped(section.name)) continue;
    end = aligned(end);
    offsets.set(section, end);
    end += section.data.length;
  }
  const tableOffset = aligned(end);
  const out = new Uint8Array(tableOffset + sections.length * SECTION_HEADER_BYTES);
  const view = new DataView(out.buffer);
  const isLittle = endian === 'little';
  const oldTable = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(40, isLittle));
  out.set(bytes.subarray(0, ELF_HEADER_BYTES));
  view.setBigUint64(40, BigInt(tableOffset), isLittle);
  for (const [section, offset] of offsets) {
    const header = tableOffset + section.index * SECTION_HEADER_BYTES;
    const oldHeader = oldTable + section.index * SECTION_HEADER_BYTES;
    out.set(section.data, offset);
    out.set(bytes.subarray(oldHeader, oldHeader + SECTION_HEADER_BYTES), header);
    if (section.typeNumber !== 0) view.setBigUint64(header + 24, BigInt(offset), isLittle);
  }
  return out;
}

const aligned = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
