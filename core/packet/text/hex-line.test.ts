import { describe, expect, test } from 'vitest';
import { hexLineOf } from './hex-line.ts';

/** The digits of a line, or what it is where it has none. */
const digitsOf = (text: string): string | undefined =>
  hexLineOf(text, 0)
    ?.tokens.map(({ digits }) => digits)
    .join(' ');

describe('digits end in front of a column that shows the same bytes', () => {
  test.each([
    ['behind a wide gap', '48 69 21  Hi!', '48 69 21'],
    ['behind a bar', '48 69 21 |Hi!|', '48 69 21'],
    ['behind a tab', '48 69 21\tHi!', '48 69 21'],
    ['of words that are no bytes', '48 69 21  xyz', '48 69 21'],
    ['of digits that are other bytes', '48 69 21  22 23', '48 69 21 22 23'],
    ['of digits that are these bytes', '61 62 63  abc', '61 62 63'],
  ])('%s', (_title, line, digits) => expect(digitsOf(line)).toBe(digits));
});

test('a line above 4000 characters has no column, whatever stands there', () => {
  const line = (bytes: number): string => `${'41 '.repeat(bytes)} ${'A'.repeat(bytes)}`;
  const most = line(999).padEnd(4000);
  expect([most.length, digitsOf(most)]).toEqual([4000, '41 '.repeat(999).trimEnd()]);
  const more = `${most} `;
  expect([more.length, digitsOf(more)]).toEqual([4001, '41 '.repeat(999) + 'A'.repeat(999)]);
  expect(digitsOf(`${'48 '.repeat(1400)} ${'H'.repeat(1400)}`)).toBeUndefined();
});
