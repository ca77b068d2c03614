import type { BtfExt, LineInfo } from './btf/ext.ts';
import { type DebugLine, readDebugLines } from './dwarf/lines.ts';
import { offsetOf, sectionOf } from './dwarf/sections.ts';
import type { ElfFile, ElfSection } from './elf/elf.ts';

/** The source lines of a section of code, ascending by offset, one at most for an offset. */
export type LinesOf = (section: ElfSection) => readonly LineInfo[];

/**
 * By .BTF.ext, which has the text as well; for a section that it says nothing of, by .debug_line.
 * DWARF is read when it is first needed: an object with both never pays for it.
 */
export function lineInfo(elf: ElfFile, ext: BtfExt | undefined, warnings: string[]): LinesOf {
  let bySection: ReadonlyMap<number, readonly LineInfo[]> | undefined;
  return ({ name, index }) => {
    const lines = ext?.lines.get(name);
    if (lines !== undefined) return lines;
    if (bySection === undefined) {
      const debug = readDebugLines(elf);
      warnings.push(...debug.warnings);
      bySection = linesBySection(debug.rows);
    }
    return bySection.get(index) ?? [];
  };
}

/**
 * Of several rows for one address the last counts: those before it have no code. The end of a
 * sequence is no line, where no other begins.
 */
export function linesBySection(rows: readonly DebugLine[]): Map<number, LineInfo[]> {
  const bySection = new Map<number, DebugLine[]>();
  for (const row of rows) {
    const section = sectionOf(row.address);
    const known = bySection.get(section) ?? [];
    bySection.set(section, known);
    known.push(row);
  }
  return new Map([...bySection].map(([section, own]) => [section, ascending(own)]));
}

function ascending(rows: DebugLine[]): LineInfo[] {
  const sorted = rows.sort((a, b) => a.address - b.address || Number(b.ends) - Number(a.ends));
  return sorted
    .filter(({ address }, i) => address !== sorted[i + 1]?.address)
    .map(({ address, file, line, column, ends }) => ({
      offset: offsetOf(address),
      file: ends ? '' : file,
      line: ends ? 0 : line,
      column: ends ? 0 : column,
      text: '',
    }));
}
