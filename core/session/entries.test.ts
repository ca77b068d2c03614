import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { parseExpression } from '../source/expression.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { withMaps } from '../testing/with-maps.ts';
import { mapBytes } from '../view/map-text.ts';
import { exactBytes, withPreset } from './presets.ts';
import type { MapPreset } from './types.ts';

const said = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
};

describe('a key or value as a person types it', () => {
  test.each<[text: string, size: number, bytes: string]>([
    ['0a 00 00 42', 4, '0a000042'],
    ['0a000042', 4, '0a000042'],
    ['1', 4, '01000000'],
    ['258', 2, '0201'],
    ['0x102', 8, '0201000000000000'],
    ['-1', 2, 'ffff'],
    ['-128', 1, '80'],
    ['255', 1, 'ff'],
    ['10', 1, '10'],
    ['7', 1, '07'],
    ['65535', 2, 'ffff'],
    ['-32768', 2, '0080'],
    ['01 02 03', 3, '010203'],
    ['-129', 1, 'key: -129 does not fit in 1 bytes'],
    ['256', 1, 'key: 256 does not fit in 1 bytes'],
    [' 65536 ', 2, 'key: 65536 does not fit in 2 bytes'],
    ['01 02', 3, 'key: wants 3 bytes in hex (6 digits)'],
    ['1', 16, 'key: wants 16 bytes in hex (32 digits)'],
    ['x', 4, 'key: "x" is not a number (decimal or 0x)'],
  ])('%j in %i bytes', (text, size, bytes) =>
    expect(said(() => mapBytes(text, size, true, 'key'))).toBe(bytes),
  );
  test('numbers stand in the order of the object, bytes as they are', () => {
    expect(mapBytes('258', 4, false, 'key')).toBe('00000102');
    expect(mapBytes('-2', 8, false, 'key')).toBe('fffffffffffffffe');
    expect(mapBytes('01 02 03 04', 4, false, 'key')).toBe('01020304');
  });
  test('just so many bytes', () => {
    expect(exactBytes('0a0b', 2, 'map "m"', 'key')).toEqual(Uint8Array.of(10, 11));
    expect(said(() => exactBytes('0a0', 2, 'map "m"', 'key'))).toBe(
      'map "m": key "0a0" is not hex',
    );
    expect(said(() => exactBytes('0a', 2, 'map "m"', 'value'))).toBe(
      'map "m": value has 2 bytes, "0a" has 1',
    );
  });
});

describe('entries in a row', () => {
  const entry = (key: string, value?: string, cpu?: number): MapPreset => ({
    map: 'm',
    key,
    ...(value !== undefined && { value }),
    ...(cpu !== undefined && { cpu }),
  });
  const other: MapPreset = { map: 'n', key: '00', value: '01' };
  test.each<[what: string, before: MapPreset[], added: MapPreset, after: MapPreset[]]>([
    ['the first', [], entry('00', '01'), [entry('00', '01')]],
    ['another key', [entry('00', '01')], entry('02', '01'), [entry('00', '01'), entry('02', '01')]],
    ['another map', [other], entry('00', '01'), [other, entry('00', '01')]],
    [
      'the same key stays where it was',
      [entry('00', '01'), other],
      entry('00', '02'),
      [entry('00', '02'), other],
    ],
    [
      'the value of another CPU is another',
      [entry('00', '01', 0)],
      entry('00', '02', 1),
      [entry('00', '01', 0), entry('00', '02', 1)],
    ],
    [
      'taken out for every CPU',
      [entry('00', '01', 0), other, entry('00', '02', 1)],
      entry('00'),
      [entry('00'), other],
    ],
    [
      'maps without keys take what comes',
      [entry('', '01')],
      entry('', '01'),
      [entry('', '01'), entry('', '01')],
    ],
  ])('%s', (_, before, added, after) => expect(withPreset(before, added)).toEqual(after));
});

describe('entries that a map does not take', () => {
  /** r0, or why there is no session. */
  function put(more: object, ...presets: MapPreset[]): unknown {
    try {
      return withMaps('r0 = 0; exit', [more], { presets }).outcome!.r0;
    } catch (error) {
      return (error as Error).message;
    }
  }
  const preset = (key: string, value?: string, cpu?: number): MapPreset => ({
    map: 'm0',
    key,
    ...(value !== undefined && { value }),
    ...(cpu !== undefined && { cpu }),
  });
  const word = '0000000000000000';
  const hash = { type: MAP_TYPE_ID.hash, maxEntries: 1 };
  test.each<[what: string, more: object, presets: MapPreset[], answer: string]>([
    ['beyond its end', {}, [preset('04000000', word)], 'map "m0": has no room for key 04000000'],
    [
      'one more than it has room for',
      hash,
      [preset('01000000', word), preset('02000000', word)],
      'map "m0": has no room for key 02000000',
    ],
    [
      'more than a queue holds',
      { type: MAP_TYPE_ID.queue, keySize: 0, maxEntries: 1 },
      [preset('', word), preset('', word)],
      'map "m0": has no room for more',
    ],
    [
      'taken out of an array',
      {},
      [preset('00000000')],
      'map "m0": key 00000000 cannot be taken out',
    ],
    ['a key of another size', {}, [preset('00', word)], 'map "m0": key has 4 bytes, "00" has 1'],
    [
      'a value of another size',
      {},
      [preset('00000000', '00')],
      'map "m0": value has 8 bytes, "00" has 1',
    ],
    [
      'a CPU that is not there',
      { type: MAP_TYPE_ID.percpu_array },
      [preset('00000000', word, 9)],
      'map "m0": there is no CPU 9, the machine has 4',
    ],
    [
      'a map that is not there',
      {},
      [{ map: 'other', key: '00', value: '00' }],
      'map "other": the object has no map of that name',
    ],
    [
      'a program that is not there',
      { type: MAP_TYPE_ID.prog_array, valueSize: 4 },
      [preset('00000000', 'nobody')],
      'map "m0": there is no program "nobody" that could be called from here',
    ],
  ])('%s', (_, more, presets, answer) => {
    expect(put(more, ...presets)).toBe(answer);
  });
  test('what is not there may be taken out', () => expect(put(hash, preset('01000000'))).toBe(0n));
});

test('an expression has 256 words at most', () => {
  const sum = (words: number) => `1${'+1'.repeat((words - 1) / 2)}`;
  expect(said(() => typeof parseExpression(sum(255)))).toBe('object');
  expect(said(() => parseExpression(sum(257)))).toBe('expression: is longer than 256 words');
});
