import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SLOT_BYTES } from '../../asm/encoding.ts';
import { hasLineInfo } from '../btf/ext.ts';
import { parseElf } from '../elf/elf.ts';
import { loadObject } from '../load.ts';
import type { LoadedObject } from '../types.ts';
import { readDebugLines } from './lines.ts';
import { offsetOf } from './sections.ts';

const FOLDER = join(import.meta.dirname, '../../testdata/objects');
const recorded = <T>(name: string): Record<string, T> =>
  JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

/** As core/testdata/objects/record-lines.mjs writes them. */
const DUMPED = recorded<{ files: string[]; tables: number[][] }>('lines.json');
const DISASSEMBLED = recorded<{ files: string[]; sections: Record<string, number[]> }>(
  'objdump-lines.json',
);
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER, file)));
const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: list.length / size }, (_, i) => list.slice(i * size, (i + 1) * size));

/** `offset file:line:column flags` */
function dumpedRows({ files, tables }: (typeof DUMPED)[string]): string[] {
  return tables.flatMap((table) => {
    let [offset, line] = [0, 0];
    return chunks(table, 5).map(([grown, file, lines, column, flags]) => {
      offset += grown;
      line += lines;
      return `${offset} ${files[file]}:${line}:${column} ${flags}`;
    });
  });
}

test.each(Object.keys(DUMPED))(
  '%s: the rows of .debug_line are those llvm-dwarfdump reads',
  (file) => {
    const { rows, warnings } = readDebugLines(parseElf(bytesOf(file)));
    expect(warnings).toEqual([]);
    expect(
      rows.map(
        ({ address, file, line, column, isStatement, ends }) =>
          `${offsetOf(address)} ${file}:${line}:${column} ` +
          `${Number(isStatement) + 2 * Number(ends)}`,
      ),
    ).toEqual(dumpedRows(DUMPED[file]));
  },
);

/** opcodes.o with bytes of its .debug_line overwritten. */
function damaged(offset: number, ...bytes: number[]): ReturnType<typeof readDebugLines> {
  const object = bytesOf('../debug/versions/opcodes.o');
  const section = parseElf(object).sections.find(({ name }) => name === '.debug_line')!;
  const changed = object.slice();
  changed.set(bytes, section.offset + offset);
  return readDebugLines(parseElf(changed));
}

/**
 * Header: length 0..3, version 4, its own length 6..9, line range 14, opcode base 15; the program
 * begins at 0x59.
 */
test.each([
  [
    'a length behind the section',
    0,
    [0xff, 0xff],
    '.debug_line+0x4: a unit needs 65535 bytes, 183 are left',
    0,
  ],
  ['a version to come', 4, [6], '.debug_line+0x6: line numbers of version 6, 2 to 5 are read', 0],
  [
    'a header longer than its table',
    6,
    [0xff],
    '.debug_line+0xa: a header of 255 bytes reaches behind its table',
    0,
  ],
  ['a line range of 0', 14, [0], '.debug_line+0xf: a line range of 0', 0],
  ['a set_address of 2 bytes', 0x5a, [3], '.debug_line+0x5c: an address of 2 bytes', 0],
  [
    'an extended opcode that reaches behind',
    0x5a,
    [0xff, 0x01],
    'an extended opcode needs 255 bytes',
    0,
  ],
  ['a LEB128 without end', 0x6e, Array(12).fill(0x80), 'a LEB128 number of more than 10 bytes', 4],
])('%s is a warning, rows in front of it stay', (_title, offset, bytes, warning, rows) => {
  const found = damaged(offset, ...bytes);
  expect(found.warnings.join()).toContain(warning);
  expect(found.rows.length).toBe(rows);
});

/** The same object, but its .BTF.ext says nothing of lines. */
function withoutBtfLines(bytes: Uint8Array): Uint8Array {
  const { sections, endian } = parseElf(bytes);
  const ext = sections.find(({ name }) => name === '.BTF.ext');
  const changed = bytes.slice();
  const LINE_INFO_BYTES = 20;
  if (ext)
    new DataView(changed.buffer).setUint32(ext.offset + LINE_INFO_BYTES, 0, endian === 'little');
  return changed;
}

/**
 * `file:line` by section name and slot in the section: where a line is written, or all through the
 * code. Undefined: a slot of linked code without.
 */
function linesAt(
  object: LoadedObject,
  how: 'written' | 'through',
): Map<string, Map<number, string | undefined>> {
  const sections = new Map<string, Map<number, string | undefined>>();
  for (const { linked } of object.programs) {
    if ('error' in linked) continue;
    for (const { section, start, end, sectionOffset } of linked.functions) {
      const known = sections.get(section) ?? new Map<number, string | undefined>();
      sections.set(section, known);
      const moved = sectionOffset / SLOT_BYTES - start;
      for (let slot = start; slot < end; slot++) known.set(slot + moved, undefined);
      const own = linked.lines.filter(({ pc }) => pc >= start && pc < end);
      for (const [i, { pc, file, line }] of own.entries()) {
        const behind = how === 'written' ? pc + 1 : (own[i + 1]?.pc ?? end);
        for (let slot = pc; slot < behind; slot++) known.set(slot + moved, `${file}:${line}`);
      }
    }
  }
  return sections;
}

test('llvm-objdump writes the same lines before the same instructions, by BTF and by DWARF', () => {
  const counts = { byBtf: { objects: 0, lines: 0 }, byDwarf: { objects: 0, lines: 0 } };
  const differences: string[] = [];
  for (const [file, { files, sections }] of Object.entries(DISASSEMBLED)) {
    // It asks DWARF first, and takes lines of BTF for the very instruction alone.
    const isDwarf = file in DUMPED;
    const counted = isDwarf ? counts.byDwarf : counts.byBtf;
    counted.objects += 1;
    const bytes = isDwarf ? withoutBtfLines(bytesOf(file)) : bytesOf(file);
    const ours = linesAt(loadObject(file, bytes), isDwarf ? 'through' : 'written');
    for (const [name, flat] of Object.entries(sections)) {
      const own = ours.get(name);
      for (const [slot, path, line] of chunks(flat, 3)) {
        if (!own?.has(slot)) continue; // of a program that cannot be linked
        const [is, wanted] = [own.get(slot), `${files[path]}:${line}`];
        counted.lines += 1;
        if (is !== wanted) differences.push(`${file} ${name} ${slot}: ${is}, objdump ${wanted}`);
      }
    }
  }
  console.info('Lines compared with llvm-objdump-19 -d -l:', counts);
  expect(differences).toEqual([]);
  expect(counts.byBtf.lines).toBeGreaterThan(5000);
  expect(counts.byDwarf.lines).toBeGreaterThan(1000);
});

const hasBtfLines = (bytes: Uint8Array): boolean => {
  const { sections, endian } = parseElf(bytes);
  return sections.some(({ name, data }) => name === '.BTF.ext' && hasLineInfo(data, endian));
};

/** Slots in front of the second line of a function. */
function openings(object: LoadedObject): Set<string> {
  const found = new Set<string>();
  for (const { linked } of object.programs) {
    if ('error' in linked) continue;
    for (const { section, start, end, sectionOffset } of linked.functions) {
      const second = linked.lines.filter(({ pc }) => pc >= start && pc < end)[1]?.pc ?? end;
      for (let pc = start; pc < second; pc++)
        found.add(`${section} ${pc - start + sectionOffset / SLOT_BYTES}`);
    }
  }
  return found;
}

test('.BTF.ext and .debug_line name the same lines, but for what LLVM does on purpose', () => {
  const counts = { objects: 0, slots: 0, agree: 0, noneByDwarf: 0, brace: 0 };
  const differences: string[] = [];
  for (const file of Object.keys(DUMPED)) {
    const [btf, dwarf] = [bytesOf(file), withoutBtfLines(bytesOf(file))].map((bytes) =>
      loadObject(file, bytes),
    );
    const [byBtf, byDwarf] = [linesAt(btf, 'through'), linesAt(dwarf, 'through')];
    const atStart = openings(dwarf);
    if (!hasBtfLines(bytesOf(file))) continue;
    counts.objects += 1;
    for (const [name, own] of byBtf) {
      for (const [slot, line] of own) {
        if (line === undefined) continue;
        const other = byDwarf.get(name)?.get(slot);
        counts.slots += 1;
        if (other === line) counts.agree += 1;
        // Code of no line in particular: BTF leaves it with the line before.
        else if (other?.endsWith(':0')) counts.noneByDwarf += 1;
        // A function begins at its name by BTF, at its brace by DWARF.
        else if (atStart.has(`${name} ${slot}`)) counts.brace += 1;
        else differences.push(`${file} ${name} ${slot}: BTF ${line}, DWARF ${other}`);
      }
    }
  }
  console.info('Lines by BTF and by DWARF:', counts);
  expect(differences).toEqual([]);
  expect(counts.agree).toBeGreaterThan(20_000);
});
