import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SLOT_BYTES } from '../asm/encoding.ts';
import { type DebugInfo, type DebugScope, readDebugInfo } from '../object/dwarf/scopes.ts';
import { addressIn } from '../object/dwarf/sections.ts';
import { type ElfSection, parseElf } from '../object/elf/elf.ts';
import { loadObject } from '../object/load.ts';
import { debugInfoOf, scopesAt } from './debug-scopes.ts';

const FOLDER = join(import.meta.dirname, '../testdata/objects');
/** As core/testdata/objects/record-functions.mjs writes it. */
const RECORDED: Record<string, Record<string, (number | string)[]>> = JSON.parse(
  readFileSync(join(FOLDER, 'objdump-functions.json'), 'utf8'),
);

const inlinedNames = ({ kind, name, scopes }: DebugScope): string[] => [
  ...(kind === 'inlined' ? [name] : []),
  ...scopes.flatMap(inlinedNames),
];

/** Slot to the function that llvm-objdump names, of a section. */
function namesBySlot(changes: readonly (number | string)[], slots: number): string[] {
  const found = Array.from({ length: slots }, () => '');
  for (let i = 0; i < changes.length; i += 2)
    found.fill(changes[i + 1] as string, changes[i] as number);
  return found;
}

const innermost = (info: DebugInfo, { index }: ElfSection, slot: number): DebugScope | undefined =>
  scopesAt(info, addressIn(index, slot * SLOT_BYTES)).findLast(({ kind }) => kind !== 'block');

test('the function an instruction stands in, inlined or not, is the one llvm-objdump names', () => {
  const counts = { objects: 0, slots: 0, inlined: 0 };
  const different: string[] = [];
  for (const [file, sections] of Object.entries(RECORDED)) {
    const elf = parseElf(new Uint8Array(readFileSync(join(FOLDER, file))));
    const info = readDebugInfo(elf);
    const inlined = new Set(info.functions.flatMap(inlinedNames));
    counts.objects += 1;
    for (const [name, changes] of Object.entries(sections)) {
      const section = elf.sections.find((candidate) => candidate.name === name)!;
      for (const [slot, told] of namesBySlot(changes, section.data.length / SLOT_BYTES).entries()) {
        const here = innermost(info, section, slot);
        if (told === '' || here === undefined) continue;
        counts.slots += 1;
        if (here.kind === 'inlined') counts.inlined += 1;
        // Outside of inlined calls the tool goes by symbols, and takes those of another section at
        // times.
        const agrees =
          here.kind === 'inlined' ? here.name === told : !inlined.has(told) || here.name === told;
        if (!agrees) different.push(`${file} ${name} ${slot}: ${here.name}, told ${told}`);
      }
    }
  }
  console.log(counts);
  expect(different).toEqual([]);
  expect(counts.inlined).toBeGreaterThan(500);
});

test('an object whose .debug_info is empty has no DWARF', () => {
  const name = 'types.clang-19-v3-g.o';
  const whole = new Uint8Array(readFileSync(join(FOLDER, name)));
  expect(debugInfoOf(loadObject(name, whole))).toBeDefined();
  const { index } = parseElf(whole).sections.find((section) => section.name === '.debug_info')!;
  const empty = whole.slice();
  const view = new DataView(empty.buffer);
  view.setBigUint64(Number(view.getBigUint64(40, true)) + 64 * index + 32, 0n, true);
  expect(debugInfoOf(loadObject(name, empty))).toBeUndefined();
});
