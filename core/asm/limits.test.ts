import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { assemble } from './assemble.ts';

const words = (source: string): string => toHex(assemble(source));

test.each([
  ['r1 = -0x8000000000000000 ll', '18010000000000000000000000000080'],
  ['r1 = 0xffffffffffffffff ll', '18010000ffffffff00000000ffffffff'],
  ['r1 = 0 ll', '18010000000000000000000000000000'],
  ['ld_pseudo r1, 0x1, 5', '18110000050000000000000000000000'],
])('%s', (source, bytes) => expect(words(source)).toBe(bytes));

test.each(['r1 = -0x8000000000000001 ll', 'r1 = 0x10000000000000000 ll'])(
  '%s does not fit',
  (source) =>
    expect(() => assemble(source)).toThrow(
      /^line 1: immediate -?0x[0-9]+ does not fit in 64 bits$/,
    ),
);

/** Both ends of each field (RFC 9669 section 3), and one beyond. */
describe('a field has room for', () => {
  test.each([
    ['r10 = 0', 'b70a000000000000', 'r11 = 0', 'register 11 does not fit (0 to 10)'],
    ['r0 = r10', 'bfa0000000000000', 'r0 = r11', 'register 11 does not fit (0 to 10)'],
    [
      'r0 = 0xffffffff',
      'b7000000ffffffff',
      'r0 = 0x100000000',
      'immediate 0x100000000 does not fit (-2147483648 to 4294967295)',
    ],
    [
      'r0 = -2147483648',
      'b700000000000080',
      'r0 = -2147483649',
      'immediate -2147483649 does not fit (-2147483648 to 4294967295)',
    ],
    [
      'r0 = *(u8 *)(r1 + 32767)',
      '7110ff7f00000000',
      'r0 = *(u8 *)(r1 + 32768)',
      'offset + 32768 does not fit (-32768 to 32767)',
    ],
    [
      'r0 = *(u8 *)(r1 - 0x8000)',
      '7110008000000000',
      'r0 = *(u8 *)(r1 - 0x8001)',
      'offset - 0x8001 does not fit (-32768 to 32767)',
    ],
    [
      'goto +0x7fff',
      '0500ff7f00000000',
      'goto +0x8000',
      'jump distance 32768 does not fit (-32768 to 32767)',
    ],
    [
      'goto -32768',
      '0500008000000000',
      'goto -32769',
      'jump distance -32769 does not fit (-32768 to 32767)',
    ],
  ])('%s, and not for more', (good, bytes, bad, reason) => {
    expect(words(good)).toBe(bytes);
    expect(() => assemble(`\n${bad}`)).toThrow(`line 2: ${reason}`);
  });
  test('a label is as far as its jump', () => {
    const far = (count: number) => `goto end; ${'r0 = 0; '.repeat(count)}end: exit`;
    expect(words(far(0x7fff)).slice(0, 16)).toBe('0500ff7f00000000');
    expect(() => assemble(far(0x8000))).toThrow('line 1: jump distance 32768 does not fit');
    expect(words('a: r0 = 1 ll; goto a').slice(32)).toBe('0500fdff00000000');
    expect(words('a: goto a')).toBe('0500ffff00000000');
  });
});
