import { describe, expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { readObject } from '../../testing/corpus.ts';
import { loadObject } from '../load.ts';
import { valueJson } from './json.ts';
import { parseValue } from './value.ts';

const name = 'types.clang-19-v3-g.o';
const btf = loadObject(name, readObject(name)).btf!;
const node = btf.types.find((row) => row.kind === 'struct' && row.name === 'node')!;
const inner = btf.types.find((row) => row.kind === 'struct' && row.members[0]?.name === 'mac')!;
/** The type of a member of struct node, or of the structure in it. */
function typeOf(member: string): number {
  for (const one of [node, inner])
    if (one.kind === 'struct') {
      const found = one.members.find((candidate) => candidate.name === member);
      if (found) return found.type;
    }
  throw new Error(`no ${member}`);
}

const parsed = (
  text: string,
  member: string | undefined,
  size: number,
  endian: 'little' | 'big' = 'little',
) => {
  const type = member === undefined ? undefined : typeOf(member);
  return toHex(parseValue(text, { btf, type, size, endian }, 'x'));
};

describe('what a person types for a value', () => {
  test.each<[text: string, member: string | undefined, size: number, bytes: string]>([
    ['0', 'grid', 24, '00'.repeat(24)],
    ['0', undefined, 3, '000000'],
    ['5', 'number', 8, '0500000000000000'],
    ['-1', 'number', 8, 'ffffffffffffffff'],
    ['0x7fffffffffffffff', 'number', 8, 'ffffffffffffff7f'],
    ['9223372036854775808', 'number', 8, '0000000000000080'],
    ["'A'", 'letter', 1, '41'],
    ['65', 'letter', 1, '41'],
    ['true', 'valid', 1, '01'],
    ['false', 'valid', 1, '00'],
    ['1', 'valid', 1, '01'],
    ['WIDE_TOP', 'wide', 8, '0000000000000080'],
    ['WIDE_LOW', 'wide_signed', 8, '0100000000000080'],
    ['UNSIGNED_MAX', 'unsigned_value', 4, 'ffffffff'],
    ['"hello"', 'text', 8, '68656c6c6f000000'],
    ['"12345678"', 'text', 8, '3132333435363738'],
    ['""', 'text', 8, '0000000000000000'],
    ['[1, 2]', 'mac', 6, '010200000000'],
    ['01 02 03 04 05 06', 'mac', 6, '010203040506'],
    ['010203040506', 'mac', 6, '010203040506'],
    ['2', 'twice', 8, '0000000000000040'],
    ['01 00 00 00', undefined, 4, '01000000'],
    ['10', undefined, 1, '0a'],
    ['0102', undefined, 2, '6600'],
    ['01 02', undefined, 2, '0102'],
    ['010203', undefined, 3, '010203'],
  ])('%s for %s, %d bytes', (text, member, size, bytes) =>
    expect(parsed(text, member, size)).toBe(bytes),
  );
  test('numbers go by the byte order of the object', () => {
    expect(parsed('5', 'number', 8, 'big')).toBe('0000000000000005');
    expect(parsed('0x1234', undefined, 4, 'big')).toBe('00001234');
    expect(parsed('2', 'twice', 8, 'big')).toBe('4000000000000000');
  });
  test.each<[text: string, member: string | undefined, size: number, message: string]>([
    ['18446744073709551616', 'number', 8, 'x: 18446744073709551616 does not fit in 8 bytes'],
    ['-9223372036854775809', 'number', 8, 'x: -9223372036854775809 does not fit in 8 bytes'],
    ['256', 'letter', 1, 'x: 256 does not fit in 1 bytes'],
    ['2', 'valid', 1, 'x: 2 does not fit in a bool'],
    ['-1', 'valid', 1, 'x: -1 does not fit in a bool'],
    ['"123456789"', 'text', 8, 'x: has room for 8 bytes, the text has 9'],
    ['"abc', 'text', 8, 'x: "abc is not text in quotes'],
    ['[1,2,3,4,5,6,7]', 'mac', 6, 'x: is not a list of at most 6 values'],
    ['[1', 'mac', 6, 'x: is not a list of at most 6 values'],
    ['[1, 256]', 'mac', 6, 'x[1]: 256 does not fit in 1 bytes'],
    ['7', 'mac', 6, 'x: wants 6 bytes in hex, or text in quotes'],
    ['7', 'grid', 24, 'x: wants 24 bytes in hex, or a list such as [1, 2]'],
    ['7', undefined, 3, 'x: wants 3 bytes in hex'],
    ['WIDE_NONE', 'wide', 8, 'x: '],
  ])('%s does not fit %s, %d bytes', (text, member, size, message) =>
    expect(() => parsed(text, member, size)).toThrow(message),
  );
});

// tools/bpf/bpftool/btf_dumper.c.
describe('a value as bpftool writes it in JSON', () => {
  const json = (member: string, hex: string, endian: 'little' | 'big' = 'little') =>
    valueJson(btf, typeOf(member), Uint8Array.from(Buffer.from(hex, 'hex')), endian);
  test.each<[member: string, hex: string, value: unknown]>([
    ['number', 'feffffffffffffff', -2n],
    ['letter', '41', 65n],
    ['valid', '02', true],
    ['valid', '00', false],
    ['wide', '0100000000000000', 'WIDE_ONE'],
    ['wide', '0000000000000080', 'WIDE_TOP'],
    ['wide', '0500000000000000', 5n],
    ['wide_signed', '0100000000000080', 'WIDE_LOW'],
    ['wide_signed', 'feffffffffffffff', -2n],
    ['unsigned_value', 'ffffffff', 'UNSIGNED_MAX'],
    ['twice', '0000000000000440', 2.5],
    ['text', '68656c6c6f000000', 'hello'],
    ['anything', '0001000000000000', 256n],
  ])('%s of %s', (member, hex, value) => expect(json(member, hex)).toEqual(value));
  test('text that has no end, or is none, is a list', () => {
    expect(json('text', '6162636465666768')).toHaveLength(8);
    expect(json('text', '6101000000000000')).toHaveLength(8);
    expect(json('mac', '010203040506')).toHaveLength(6);
  });
  test('bit fields are hexadecimal, without a sign', () => {
    const text = JSON.stringify(json('flags', 'ff'.repeat(16)), (_, value) =>
      typeof value === 'bigint' ? Number(value) : value,
    );
    expect(text).toContain('0x1f');
  });
  test('by the byte order of the object', () => {
    expect(json('number', '00000000000000fe', 'big')).toBe(254n);
    expect(json('twice', '4004000000000000', 'big')).toBe(2.5);
  });
});
