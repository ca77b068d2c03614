import { expect, test } from 'vitest';
import { decodeInstruction } from '../asm/decode.ts';
import { bytesOfSlots, encodeRow } from '../asm/encode.ts';
import { INSTRUCTIONS } from '../spec/isa.ts';
import { executionOf } from './code-space.ts';
import { EXECUTION, type Execution, INVALID, LDX8, STX8 } from './execution.ts';

const names = Object.keys(EXECUTION) as Execution[];

test('operations are numbered one by one from 0, so that a switch over them is a table', () => {
  const numbers = Object.values(EXECUTION).sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, i) => i));
  expect(numbers.length).toBeLessThan(256);
  expect(INVALID).toBe(0);
});

test('loads come last, stores behind them', () => {
  const from = (first: number) => names.filter((name) => EXECUTION[name] >= first);
  expect(from(LDX8).every((name) => /^(ldx|stx)/.test(name))).toBe(true);
  expect(from(STX8).every((name) => name.startsWith('stx'))).toBe(true);
  expect(names.filter((name) => /^(ldx|stx)/.test(name)).length).toBe(from(LDX8).length);
});

test('every row of the instruction table has an operation, every operation a row', () => {
  const used = (['little', 'big'] as const).flatMap((endian) =>
    INSTRUCTIONS.map((row) => {
      const instruction = decodeInstruction(bytesOfSlots(encodeRow(row), endian), 0, endian);
      expect(instruction.row?.name).toBe(row.name);
      return executionOf({ ...instruction, row, nextImm: 0 }, endian);
    }),
  );
  expect(used.filter((name) => EXECUTION[name] === undefined)).toEqual([]);
  expect(names.filter((name) => !used.includes(name))).toEqual([]);
});
