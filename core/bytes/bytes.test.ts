import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { deflate, inflate, isGzip } from './compression.ts';
import { fromHex, signedHex, toHex } from './hex.ts';
import { parseInteger } from './integer.ts';
import { jsonObject, jsonText } from './json.ts';
import { Pool } from './pool.ts';
import { ByteReader } from './reader.ts';

describe('reading bytes', () => {
  const bytes = Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0x41, 0);
  const reader = (endian: 'little' | 'big') =>
    new ByteReader(bytes, endian, (offset) => `x+${offset}`);
  test('numbers of every width, in both orders', () => {
    const [little, big] = [reader('little'), reader('big')];
    expect([little.u8(0), little.u16(0), little.u32(0), little.i32(0)]).toEqual([
      0xff, 0xfeff, 0xfcfdfeff, -0x3020101,
    ]);
    expect([big.u8(1), big.u16(0), big.u32(0), big.i32(0)]).toEqual([
      0xfe, 0xfffe, 0xfffefdfc, -0x10204,
    ]);
    expect([little.u64(0), little.i64(0)]).toEqual([
      0xf8f9fafbfcfdfeffn,
      0xf8f9fafbfcfdfeffn - (1n << 64n),
    ]);
    expect([big.u64(0), big.i64(0)]).toEqual([
      0xfffefdfcfbfaf9f8n,
      0xfffefdfcfbfaf9f8n - (1n << 64n),
    ]);
    expect([little.length, little.slice(8, 2, 'x'), little.cString(8)]).toEqual([
      10,
      Uint8Array.of(0x41, 0),
      'A',
    ]);
  });
  test('to the last byte, and not behind it', () => {
    const made = reader('little');
    expect([made.u8(9), made.u16(8), made.slice(10, 0, 'nothing').length]).toEqual([0, 0x41, 0]);
    const said = (what: () => unknown): string => {
      try {
        what();
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return (error as Error).message;
      }
      return 'was read';
    };
    expect(said(() => made.u8(10))).toBe('x+10: a byte needs 1 bytes, 0 are left');
    expect(said(() => made.u16(9))).toBe('x+9: a 16-bit field needs 2 bytes, 1 are left');
    expect(said(() => made.u32(7))).toBe('x+7: a 32-bit field needs 4 bytes, 3 are left');
    expect(said(() => made.i32(7, 'the count'))).toBe('x+7: the count needs 4 bytes, 3 are left');
    expect(said(() => made.u64(3))).toBe('x+3: a 64-bit field needs 8 bytes, 7 are left');
    expect(said(() => made.u8(-1))).toBe('x+-1: a byte needs 1 bytes, 11 are left');
    expect(said(() => made.slice(2, 9, 'the rest'))).toBe(
      'x+2: the rest needs 9 bytes, 8 are left',
    );
    expect(said(() => made.slice(12, 1, 'more'))).toBe('x+12: more needs 1 bytes, 0 are left');
    expect(said(() => new ByteReader(Uint8Array.of(65), 'little', String).cString(0))).toBe(
      '0: a string has no terminating NUL',
    );
    expect(said(() => made.size64(0, 'its size'))).toMatch(
      /^x\+0: its size is \d+, larger than any file read here$/,
    );
  });
  test('a size of 4 GB less one byte is one', () => {
    const size = (high: number) =>
      new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, high, 0, 0, 0), 'little', String).size64(
        0,
        'x',
      );
    expect(size(0)).toBe(0xffff_ffff);
    expect(() => size(1)).toThrow(InputError);
  });
});

describe('text of bytes', () => {
  test('hex, both ways', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(fromHex(toHex(all))).toEqual(all);
    expect(toHex(Uint8Array.of(0, 9, 10, 0x9f, 0xa0, 0xff))).toBe('00090a9fa0ff');
    expect([
      fromHex('0A fF\n00'),
      fromHex(''),
      fromHex('abc'),
      fromHex('0x12'),
      fromHex('gg'),
    ]).toEqual([Uint8Array.of(10, 255, 0), new Uint8Array(), undefined, undefined, undefined]);
    expect([signedHex(0), signedHex(-1), signedHex(-16n), signedHex(255n)]).toEqual([
      '0x0',
      '-0x1',
      '-0x10',
      '0xff',
    ]);
  });
  test('base64', () => {
    expect([toBase64(Uint8Array.of(0, 255, 16)), fromBase64('AP8Q'), fromBase64('A')]).toEqual([
      'AP8Q',
      Uint8Array.of(0, 255, 16),
      undefined,
    ]);
  });
  test.each<[string, bigint | undefined]>([
    ['0', 0n],
    [' 12 ', 12n],
    ['-1', -1n],
    ['0xfF', 255n],
    ['-0x10', -16n],
    ['0xffffffffffffffff', (1n << 64n) - 1n],
    ['0x10000000000000000', undefined],
    ['', undefined],
    ['1.5', undefined],
    ['abc', undefined],
    ['--1', undefined],
  ])('the number "%s"', (text, value) => {
    if (value !== undefined) expect(parseInteger(text, 'x')).toBe(value);
    else
      expect(() => parseInteger(text, 'x')).toThrow(`x: "${text}" is not a number (decimal or 0x)`);
  });
  test('JSON with large numbers and repeated names', () =>
    expect(
      jsonText(jsonObject(['a', 1n << 63n], ['a', [true, 'x"', 2]], ['b', jsonObject()])),
    ).toBe('{"a":9223372036854775808,"a":[true,"x\\"",2],"b":{}}'));
});

describe('packed bytes', () => {
  test('gzip begins with three bytes of its own (RFC 1952)', () => {
    expect(isGzip(Uint8Array.of(0x1f, 0x8b, 8))).toBe(true);
    for (const bytes of [[0x1f, 0x8b, 7], [0x1f, 0, 8], [0, 0x8b, 8], [0x1f, 0x8b], []])
      expect([bytes, isGzip(Uint8Array.from(bytes))]).toEqual([bytes, false]);
  });
  test('come out as they went in, up to the limit', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    const packed = await deflate(bytes);
    expect(await inflate(packed, 'deflate-raw', 100_000, 'x')).toEqual(bytes);
    await expect(inflate(packed, 'deflate-raw', 99_999, 'x')).rejects.toThrow(
      'x: unpacks to more than',
    );
    await expect(inflate(packed.subarray(0, 50), 'deflate-raw', 100_000, 'x')).rejects.toThrow(
      'x: is damaged or cut short: it does not unpack',
    );
  });
});

test('a pool of numbers over the edge of its blocks', () => {
  const pool = new Pool();
  const edge = 1 << 16;
  for (let i = 0; i < edge + 2; i++) pool.push(2 * i);
  expect([pool.length, pool.at(0), pool.at(edge - 1), pool.at(edge), pool.at(edge + 1)]).toEqual([
    edge + 2,
    0,
    2 * (edge - 1),
    2 * edge,
    2 * (edge + 1),
  ]);
  pool.set(edge, -5);
  expect([pool.at(edge - 1), pool.at(edge), pool.at(edge + 1)]).toEqual([
    2 * (edge - 1),
    -5,
    2 * (edge + 1),
  ]);
  pool.set(edge, 2 * edge);
  expect([-1, 0, 1, 2, 3, 2 * edge, 2 * edge + 9].map((value) => pool.lowerBound(value))).toEqual([
    0,
    0,
    1,
    1,
    2,
    edge,
    edge + 2,
  ]);
  expect([pool.lowerBound(5, 2), pool.lowerBound(4, 2)]).toEqual([4, 2]);
  expect(pool.bytes).toBe(2 * edge * 4);
});
