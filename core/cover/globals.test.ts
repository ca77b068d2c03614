// Which variables bytes of global data are.
import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { regionOf } from '../memory/memory.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { withMaps } from '../testing/with-maps.ts';
import { globalsAt, numbersIn } from './globals.ts';

const SIZE = 31;
const variables = [
  { name: 'number', offset: 0, size: 8 },
  { name: 'small', offset: 8, size: 2 },
  { name: 'table', offset: 12, size: 19 },
];
const initialValue = Uint8Array.from({ length: SIZE }, (_, i) => i);

/** Of bytes at offsets: where the variable's bytes begin, its name and what it holds. */
function found(offsets: readonly number[], map: object = {}): string[] {
  const global = { name: '.data', origin: 'global', valueSize: SIZE, maxEntries: 1, initialValue };
  const { machine } = withMaps('r0 = 0; exit', [{ ...global, variables, ...map } as never, {}]);
  const [{ memory, maps }] = [machine!];
  const start = memory.base[regionOf(memory, Number(maps[0].lookup(new Uint8Array(4), 0) >> 32n))];
  const addresses = new Map(offsets.map((offset, i) => [start + offset, i]));
  return globalsAt(machine!, addresses).map(
    ({ name, from, bytes }) => `${from} ${name} ${toHex(bytes)}`,
  );
}

test('a number is told as a whole, of anything larger four bytes', () => {
  expect(found([0])).toEqual(['0 number 0001020304050607']);
  expect(found([7])).toEqual(['0 number 0001020304050607']);
  expect(found([9])).toEqual(['8 small 0809']);
  expect(found([12])).toEqual(['12 table+0 0c0d0e0f']);
  expect(found([18])).toEqual(['16 table+4 10111213']);
  // The last of them may be fewer.
  expect(found([30])).toEqual(['28 table+16 1c1d1e']);
});

test('each once, in their order', () => {
  expect(found([17, 3, 16, 8, 0])).toEqual([
    '0 number 0001020304050607',
    '8 small 0809',
    '16 table+4 10111213',
  ]);
});

test('where the object does not say they are bytes of the map', () => {
  expect(found([5, 10], { variables: [] })).toEqual(['4 .data+4 04050607', '8 .data+8 08090a0b']);
});

test('other memory, other maps and very large values are none', () => {
  expect(found([])).toEqual([]);
  expect(found([-1, SIZE])).toEqual([]);
  expect(found([0], { origin: 'legacy' })).toEqual([]);
  expect(found([0], { valueSize: 16_384, initialValue: new Uint8Array(16_384) })).toHaveLength(1);
  expect(found([0], { valueSize: 16_392, initialValue: new Uint8Array(16_392) })).toEqual([]);
});

test('bytes of a value that follow each other are a number, of eight at most', () => {
  const map = { type: MAP_TYPE_ID.hash, valueSize: 20, maxEntries: 2 };
  const { machine } = withMaps('r0 = 0; exit', [map, {}], {
    presets: [{ map: 'm0', key: '01000000', value: '00'.repeat(20) }],
  });
  const [{ memory, maps }] = [machine!];
  const key = (first: number) => Uint8Array.of(first, 0, 0, 0);
  const start = memory.base[regionOf(memory, Number(maps[0].lookup(key(1), 0) >> 32n))];
  const numbers = (offsets: readonly number[], first = 1) =>
    numbersIn(
      machine!,
      maps[0],
      key(first),
      new Map(offsets.map((offset, i) => [start + offset, i])),
    ).map(({ from, size }) => [from, size]);
  expect(numbers([])).toEqual([]);
  expect(numbers([5, 4])).toEqual([[4, 2]]);
  expect(numbers([0, 2, 3, 19])).toEqual([
    [0, 1],
    [2, 2],
    [19, 1],
  ]);
  expect(numbers([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toEqual([
    [0, 8],
    [8, 2],
  ]);
  expect(numbers([-1, 20])).toEqual([]);
  // Of a key without a value none is.
  expect(numbers([0, 1], 2)).toEqual([]);
});
