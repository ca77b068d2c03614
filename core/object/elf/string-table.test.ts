import { expect, test } from 'vitest';
import { StringTable } from './string-table.ts';

const table = (text: string): StringTable =>
  new StringTable(
    Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
    '.strtab',
  );

test('a name goes from its offset to the next NUL, also from the middle of another', () => {
  const names = table('\0main\0x\0');
  expect([0, 1, 3, 6, 7].map((offset) => names.at(offset))).toEqual(['', 'main', 'in', 'x', '']);
  expect(names.at(1)).toBe('main');
  // A table need not begin with an empty name.
  expect(table('main\0').at(0)).toBe('main');
});

test('offset 0 is the empty name of a table that is not there', () => {
  expect(table('').at(0)).toBe('');
  expect(() => table('').at(1)).toThrow('.strtab+0x1: a name outside the string table of 0 bytes');
});

test('a name outside the table, or without an end, is refused with its place', () => {
  expect(() => table('ab\0').at(3)).toThrow(
    '.strtab+0x3: a name outside the string table of 3 bytes',
  );
  expect(() => table('\0ab').at(1)).toThrow('.strtab+0x1: a name without a NUL in 2 bytes');
});

test('names that overlap are read until they are too many bytes together', () => {
  const long = table(`${'x'.repeat(60_000)}\0`);
  // Each offset is another name, a byte shorter than the one before.
  let [bytes, offset] = [0, 0];
  for (; bytes + 60_000 - offset <= 32 << 20; offset++) {
    bytes += 60_000 - offset;
    expect(long.at(offset).length).toBe(60_000 - offset);
  }
  expect(() => long.at(offset)).toThrow(
    `.strtab+0x${offset.toString(16)}: more than ${32 << 20} bytes of names, overlapping ones`,
  );
});
