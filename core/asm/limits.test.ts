import { expect, test } from 'vitest';
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
