// RFC 1071: the one's complement of the one's complement sum of 16-bit words.
import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import { expectedChecksum, sumWords } from './checksum.ts';

const of = (hex: string, more: { pseudo?: number; zeroMeansNone?: boolean } = {}): string => {
  // The field stands in front, what it covers is all of it.
  const bytes = fromHex(`0000${hex}`)!;
  const checksum = { offset: 0, covers: { start: 0, end: bytes.length }, pseudo: 0, ...more };
  const value = expectedChecksum(bytes, checksum);
  // Whatever stands in the field, which does not cover itself.
  const other = bytes.slice().fill(0xab, 0, 2);
  expect(expectedChecksum(other, checksum)).toBe(value);
  return value.toString(16).padStart(4, '0');
};

test.each([
  ['', 'ffff'],
  ['0000', 'ffff'],
  ['0001', 'fffe'],
  ['0002', 'fffd'],
  ['ffff', '0000'],
  ['fffe', '0001'],
  ['ffff0001', 'fffe'],
  ['fffe0001', '0000'],
  ['fffe0002', 'fffe'],
  ['ffffffff', '0000'],
  ['80008000', 'fffe'],
  ['01', 'feff'],
  ['000101', 'fefe'],
  // The example of section 3.
  ['0001f203f4f5f6f7', '220d'],
])('the checksum of %s is %s', (hex, checksum) => expect(of(hex)).toBe(checksum));

describe('with a pseudo header', () => {
  test('its sum is a part of it', () => {
    expect(of('0001', { pseudo: 1 })).toBe('fffd');
    expect(of('0001', { pseudo: 0x1_fffe })).toBe('fffe');
    expect(of('', { pseudo: 1 })).toBe('fffe');
  });
  test('of UDP 0 is sent as ffff, since 0 says that there is none', () => {
    expect(of('ffff', { zeroMeansNone: true })).toBe('ffff');
    expect(of('fffe', { zeroMeansNone: true })).toBe('0001');
  });
});

test('words are summed between two places, an odd last byte in front of its word', () => {
  const bytes = fromHex('0102030405')!;
  expect(sumWords(bytes, { start: 0, end: 4 })).toBe(0x0102 + 0x0304);
  expect(sumWords(bytes, { start: 1, end: 4 })).toBe(0x0203 + 0x0400);
  expect(sumWords(bytes, { start: 4, end: 5 })).toBe(0x0500);
  expect([2, 5, 9].map((place) => sumWords(bytes, { start: place, end: place }))).toEqual([
    0, 0, 0,
  ]);
  expect(() => sumWords(bytes, { start: 4, end: 6 })).toThrow('no byte 5 of 5');
});
