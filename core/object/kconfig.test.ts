// What a kernel's configuration value becomes in a variable (libbpf.c, set_kcfg_value_tri,
// set_kcfg_value_str and set_kcfg_value_num).
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { intType } from '../testing/btf-types.ts';
import type { Btf } from './btf/btf.ts';
import { TypeTable } from './btf/type-table.ts';
import type { BtfType } from './btf/types.ts';
import { kconfigBytes, kconfigKind } from './kconfig.ts';

const int = (id: number, name: string, size: number, bool = false) =>
  intType(id, name, size, { char: size === 1 && !bool, bool });
const tristate = (id: number, name: string): BtfType => ({
  id,
  kind: 'enum',
  name,
  size: 4,
  signed: false,
  values: [
    { name: 'TRI_NO', value: 0n },
    { name: 'TRI_YES', value: 1n },
    { name: 'TRI_MODULE', value: 2n },
  ],
});
const [CHAR, BOOL, SHORT, INT, LONG, TEXT, TRISTATE, OTHER, WIDE_BOOL, NUMBERS, NONE] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
];
const TYPES: readonly BtfType[] = [
  { id: 0, kind: 'void', name: 'void' },
  int(CHAR, 'char', 1),
  int(BOOL, '_Bool', 1, true),
  int(SHORT, 'short', 2),
  int(INT, 'int', 4),
  int(LONG, 'long', 8),
  { id: TEXT, kind: 'array', name: '', type: CHAR, indexType: INT, count: 8 },
  tristate(TRISTATE, 'libbpf_tristate'),
  tristate(OTHER, 'another'),
  int(WIDE_BOOL, '_Bool', 4, true),
  { id: NUMBERS, kind: 'array', name: '', type: INT, indexType: INT, count: 2 },
  { id: NONE, kind: 'array', name: '', type: CHAR, indexType: INT, count: 0 },
];

class Table extends TypeTable {
  readonly pointerSize = 8;
  byId = (id: number) => TYPES[id];
}
const types = new Table() as unknown as Btf;
const bytes = (type: number, text: string, endian: 'little' | 'big' = 'little'): string =>
  toHex(kconfigBytes(types, type, text, endian, 'CONFIG_X'));

test.each([
  [CHAR, 'char'],
  [BOOL, 'bool'],
  [SHORT, 'int'],
  [INT, 'int'],
  [LONG, 'int'],
  [TEXT, 'string'],
  [TRISTATE, 'tristate'],
  [OTHER, undefined],
  [WIDE_BOOL, undefined],
  [NUMBERS, undefined],
  [NONE, undefined],
])('type %i is for a %s', (type, kind) => expect(kconfigKind(types, type)).toBe(kind));

describe('a letter', () => {
  test.each([
    [CHAR, 'y', '79'],
    [CHAR, 'n', '6e'],
    [CHAR, ' m ', '6d'],
    [BOOL, 'y', '01'],
    [BOOL, 'n', '00'],
    [TRISTATE, 'n', '00000000'],
    [TRISTATE, 'y', '01000000'],
    [TRISTATE, 'm', '02000000'],
  ])('in type %i %s is %s', (type, letter, hex) => expect(bytes(type, letter)).toBe(hex));
  test.each([
    [BOOL, 'm', 'm does not fit _Bool'],
    [INT, 'y', 'y does not fit int'],
    [LONG, 'n', 'n does not fit long'],
    [TEXT, 'y', 'y is not text in quotes'],
  ])('does not go into type %i: %s', (type, letter, why) =>
    expect(() => bytes(type, letter)).toThrow(`CONFIG_X: ${why}`),
  );
});

describe('a number', () => {
  test('is as wide as its variable', () => {
    expect(bytes(CHAR, '7')).toBe('07');
    expect(bytes(SHORT, '258')).toBe('0201');
    expect(bytes(INT, '0x102', 'big')).toBe('00000102');
    expect(bytes(LONG, ' 1000 ')).toBe('e803000000000000');
  });
  test('text is none', () =>
    expect(() => bytes(INT, '"7"')).toThrow(
      'CONFIG_X: "7" is text, the variable is no array of char',
    ));
});

describe('text', () => {
  test('is cut to what stands in front of a NUL', () => {
    expect(bytes(TEXT, '"abc"')).toBe('6162630000000000');
    expect(bytes(TEXT, '""')).toBe('0000000000000000');
    expect(bytes(TEXT, '"abcdefg"')).toBe('6162636465666700');
    expect(bytes(TEXT, '"abcdefgh"')).toBe('6162636465666700');
    expect(bytes(TEXT, ' "a\nb" ')).toBe('610a620000000000');
  });
  test('without quotes is refused, of a long one its beginning is said', () => {
    for (const text of ['abc', '"abc', 'abc"'])
      expect(() => bytes(TEXT, text)).toThrow(`CONFIG_X: ${text} is not text in quotes`);
    const long = 'x'.repeat(41);
    expect(() => bytes(TEXT, long)).toThrow(`: ${long.slice(0, 40)} is not text in quotes`);
  });
});

test('other types are refused by name', () => {
  for (const type of [OTHER, WIDE_BOOL, NUMBERS])
    expect(() => bytes(type, '1')).toThrow(/^CONFIG_X: has type .+, which kernel configuration/);
});
