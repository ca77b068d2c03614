import { describe, expect, test } from 'vitest';
import { fromHex } from '../../bytes/hex.ts';
import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import { addressIn, Cursor, offsetOf, sectionOf, unitLength } from './sections.ts';

/** The bytes as .debug_info; of fields that are relocated, the sections they point into. */
function cursorOn(
  hex: string,
  endian: Endian = 'little',
  targets: [number, number][] = [],
): Cursor {
  const name = '.debug_info';
  const reader = new ByteReader(fromHex(hex)!, endian, (offset) => at(name, offset));
  return new Cursor({ name, reader, targets: new Map(targets) }, 0);
}
/** What is read, or why not; and where it ended. */
function read<T>(hex: string, what: (cursor: Cursor) => T, endian?: Endian) {
  const cursor = cursorOn(hex, endian);
  return [what(cursor), cursor.offset];
}

// DWARF 5 section 7.6, figures 7.18 and 7.19.
test.each([
  ['02', 2n],
  ['7f', 127n],
  ['8001', 128n],
  ['8101', 129n],
  ['8201', 130n],
  ['b964', 12857n],
  ['8000', 0n],
  ['ffffffffffffffffff01', 0xffff_ffff_ffff_ffffn],
])('ULEB128 %s is %d', (hex, value) =>
  expect(read(`${hex}ff`, (cursor) => cursor.uleb())).toEqual([value, hex.length / 2]),
);
test.each([
  ['02', 2n],
  ['7e', -2n],
  ['ff00', 127n],
  ['817f', -127n],
  ['8001', 128n],
  ['807f', -128n],
  ['8101', 129n],
  ['ff7e', -129n],
  ['8080808080808080807f', -(2n ** 63n)],
])('SLEB128 %s is %d', (hex, value) =>
  expect(read(`${hex}ff`, (cursor) => cursor.sleb())).toEqual([value, hex.length / 2]),
);
test('a LEB128 of more than ten bytes is none', () => {
  for (const take of [(one: Cursor) => one.uleb(), (one: Cursor) => one.sleb()])
    expect(() => read(`${'80'.repeat(10)}00`, take)).toThrow(
      '.debug_info+0xa: a LEB128 number of more than 10 bytes',
    );
});

test.each<[number, bigint, bigint]>([
  [1, 0x01n, 0x01n],
  [2, 0x0201n, 0x0102n],
  [3, 0x03_0201n, 0x01_0203n],
  [4, 0x0403_0201n, 0x0102_0304n],
  [8, 0x0807_0605_0403_0201n, 0x0102_0304_0506_0708n],
])('a number of %d bytes, in either order', (size, little, big) => {
  const take = (cursor: Cursor) => cursor.unsigned(size);
  expect(read('010203040506070809', take)).toEqual([little, size]);
  expect(read('010203040506070809', take, 'big')).toEqual([big, size]);
  expect(() => read('0102030405060708'.slice(0, 2 * size - 2), take)).toThrow(InputError);
});

describe('lengths, offsets and counts are of files, which have less than 4 GiB', () => {
  test.each([
    ['a length of 64 bits', 'ffffffff00000000', '0000000001000000', (one: Cursor) => one.size(8)],
    ['a count', 'ffffffff0f', '8080808010', (one: Cursor) => one.count()],
  ])('%s', (_title, most, more, take) => {
    expect(read(most, take)[0]).toBe(0xffff_ffff);
    expect(() => read(more, take)).toThrow('4294967296 is larger than any file read here');
  });
});

test('the length of a unit says where it ends and how wide its offsets are', () => {
  expect(read('030000000102030405', unitLength)).toEqual([{ end: 7, offsetBytes: 4 }, 4]);
  expect(read('ffffffff02000000000000000102', unitLength)).toEqual([
    { end: 14, offsetBytes: 8 },
    12,
  ]);
  expect(() => read('04000000010203', unitLength)).toThrow('a unit needs 4 bytes, 3 are left');
});

test('an address is of the section that its relocation names', () => {
  const cursor = cursorOn('1000000000000000'.repeat(2), 'little', [[8, 3]]);
  const [plain, relocated] = [cursor.address(8), cursor.address(8)];
  expect([plain, relocated]).toEqual([0x10, addressIn(3, 0x10)]);
  expect([sectionOf(relocated), offsetOf(relocated)]).toEqual([3, 0x10]);
});

test('a string ends with its zero, what is behind comes next', () => {
  const cursor = cursorOn('616200630064');
  expect([cursor.string(), cursor.string(), cursor.offset]).toEqual(['ab', 'c', 5]);
  expect(() => cursor.string()).toThrow(InputError);
});
