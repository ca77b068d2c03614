import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_ROWS, NumberColumn } from './number-column.ts';

const columnOf = (numbers: readonly number[]): NumberColumn => {
  const column = new NumberColumn();
  for (const number of numbers) column.push(number);
  return column;
};

test('numbers of any width are read back as they were put in', () => {
  const number = fc.oneof(fc.nat(3), fc.nat(300), fc.nat(70_000), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(number, { maxLength: 50 }), (numbers) => {
      const column = columnOf(numbers);
      expect(column.length).toBe(numbers.length);
      expect(numbers.map((_, row) => column.at(row))).toEqual(numbers);
    }),
  );
});

test('blocks are as wide as they need to be, each by itself', () => {
  const numbers = Array.from({ length: 3 * BLOCK_ROWS }, (_, row) =>
    row < BLOCK_ROWS ? 7 : row < 2 * BLOCK_ROWS ? row % 256 : row,
  );
  const column = columnOf(numbers);
  for (const row of [0, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 255, 3 * BLOCK_ROWS - 1])
    expect(column.at(row)).toBe(numbers[row]);
});

test('many at once are the same as one by one, across blocks and widths', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint32Array({ maxLength: 300 }),
    fc
      .float64Array({ maxLength: 9, min: 0, max: 2 ** 53 - 1, noNaN: true })
      .map((a) => a.map(Math.floor)),
    fc.tuple(fc.nat(9), fc.nat(90_000)).map(([same, rows]) => new Uint8Array(rows).fill(same)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const column = new NumberColumn();
      for (const numbers of parts) column.pushAll(numbers);
      const numbers = parts.flatMap((some) => [...some]);
      expect(column.length).toBe(numbers.length);
      expect(numbers.every((number, row) => column.at(row) === number)).toBe(true);
      column.push(3);
      expect(column.at(numbers.length)).toBe(3);
    }),
    { numRuns: 60 },
  );
});

test('a row that is not there is a bug', () => {
  expect(() => columnOf([1]).at(BLOCK_ROWS)).toThrow(/missing/);
});
