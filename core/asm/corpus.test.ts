import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { parseElf } from '../object/elf/elf.ts';
import { type Disassembly, objectNames, readObject, recorded } from '../testing/corpus.ts';
import { assemble } from './assemble.ts';
import { decodeAll, decodeInstruction } from './decode.ts';
import { disassemble } from './disassemble.ts';

const byOthers = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/objects/objdump-misread.json'), 'utf8'),
) as Record<string, string>;
const recordings = recorded<Disassembly[string]>('objdump');
const endianOf = (file: string) => parseElf(readObject(file)).endian;

test('the disassembly equals llvm-objdump -d, instruction by instruction, for every object', () => {
  let compared = 0;
  let beyond = 0;
  const different: string[] = [];
  for (const [file, sections] of Object.entries(recordings)) {
    const endian = endianOf(file);
    for (const rows of Object.values(sections).flatMap((symbols) => Object.values(symbols))) {
      for (const [hex, text] of rows) {
        const misread = byOthers[`${endian} ${hex}`];
        const wanted = misread ?? text.replace(/ <[^<>]*>$/, '').replace('\t', ' ');
        const ours = disassemble(decodeInstruction(fromHex(hex)!, 0, endian), 'llvm').replace(
          '\t',
          ' ',
        );
        compared += 1;
        if (misread !== undefined) beyond += 1;
        if (ours !== wanted) different.push(`${file} ${hex}: ${ours} instead of ${wanted}`);
      }
    }
  }
  console.log(
    `${compared} instructions of ${Object.keys(recordings).length} objects ` +
      `compared, ${beyond} of them as objdump-misread.json has them`,
  );
  expect(different.slice(0, 20)).toEqual([]);
  expect(compared).toBeGreaterThan(15_000);
});

test('assembling the disassembly of every executable section gives the same bytes', () => {
  let instructions = 0;
  for (const file of objectNames()) {
    const elf = parseElf(readObject(file));
    for (const section of elf.sections.filter(
      (candidate) => candidate.flags.exec && candidate.size > 0,
    )) {
      const code = readObject(file).subarray(section.offset, section.offset + section.size);
      const lines = [...decodeAll(code, elf.endian)].map(({ instruction }) =>
        disassemble(instruction),
      );
      instructions += lines.length;
      expect(`${file} ${toHex(assemble(lines.join('\n'), { endian: elf.endian }))}`).toBe(
        `${file} ${toHex(code)}`,
      );
    }
  }
  console.log(`${instructions} instructions assembled`);
});
