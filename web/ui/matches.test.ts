import { expect, test } from 'vitest';
import { matchesOf, nextMatch } from './matches.ts';

const ROWS = ['0: r1 = *(u32 *)(r1 + 0x10)', '1: r0 = 0x1', '2: if r1 == 0x1010101 goto +1'];

test('rows have all the words, whatever their case; without a word none has', () => {
  expect(matchesOf(ROWS, 'R1')).toEqual([0, 2]);
  expect(matchesOf(ROWS, 'r1 goto')).toEqual([2]);
  expect(matchesOf(ROWS, '1: r0')).toEqual([1]);
  expect(matchesOf(ROWS, 'exit')).toEqual([]);
  expect(matchesOf(ROWS, '  ')).toEqual([]);
});

test('the next one goes round the end, and the one before round the beginning', () => {
  const matches = [2, 5, 9];
  expect([0, 2, 5, 9].map((from) => nextMatch(matches, from, 1))).toEqual([0, 1, 2, 0]);
  expect([0, 2, 5, 9, 12].map((from) => nextMatch(matches, from, -1))).toEqual([2, 2, 0, 1, 2]);
});
