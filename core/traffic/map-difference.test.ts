import { describe, expect, test } from 'vitest';
import type { Machine } from '../machine/machine.ts';
import { Session } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { session } from '../testing/run.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { mapDifference } from './map-difference.ts';

/** A machine of its own memory with maps that hold these entries: numbers by numbers. */
function machineWith(maps: object[], ...entries: Record<number, number>[]): Machine {
  const { inputs } = session('r0 = 0; exit');
  const object = objectWithMaps(inputs.object.bytes, maps);
  const made = new Session(inputs, new WebAssembly.Memory({ initial: 1 }), object);
  made.load();
  const machine = made.machine!;
  const bytes = (value: number, size: number) =>
    Uint8Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & (i < 4 ? 255 : 0));
  for (const [i, values] of entries.entries())
    for (const [key, value] of Object.entries(values)) {
      const { keySize, valueSize } = machine.maps[i].definition;
      machine.maps[i].update(bytes(Number(key), keySize), bytes(value, valueSize), 0n, 0);
    }
  return machine;
}
const HASH = { type: MAP_TYPE_ID.hash, maxEntries: 100, valueSize: 4 };
const ARRAY = { maxEntries: 4, valueSize: 4 };

test('maps that hold the same differ in nothing, in whatever order it came', () => {
  expect(mapDifference(machineWith([]), machineWith([]))).toEqual([]);
  const one = machineWith([HASH, ARRAY], { 1: 5, 2: 6 }, { 0: 1 });
  expect(mapDifference(one, machineWith([HASH, ARRAY], { 2: 6, 1: 5 }, { 0: 1 }))).toEqual([]);
});

describe('the first key that differs, and how many do', () => {
  test.each<
    [title: string, left: Record<number, number>, right: Record<number, number>, found: object]
  >([
    [
      'another value',
      { 1: 5 },
      { 1: 6 },
      { key: '01000000', left: '05000000', right: '06000000', count: 1 },
    ],
    [
      'one that the second lacks',
      { 1: 5, 2: 7 },
      { 1: 5 },
      { key: '02000000', left: '07000000', right: undefined, count: 1 },
    ],
    [
      'one that the first lacks',
      {},
      { 3: 5 },
      { key: '03000000', left: undefined, right: '05000000', count: 1 },
    ],
    [
      'several',
      { 1: 5, 2: 6, 3: 7 },
      { 1: 9, 2: 6, 4: 7 },
      { key: '01000000', left: '05000000', right: '09000000', count: 3 },
    ],
  ])('%s', (_title, left, right, found) =>
    expect(mapDifference(machineWith([HASH], left), machineWith([HASH], right))).toEqual([
      { map: 'm0', isCut: false, ...found },
    ]),
  );
});

test('a map with values for each CPU differs in those of any', () => {
  const map = { ...ARRAY, type: MAP_TYPE_ID.percpu_array, maxEntries: 1, valueSize: 8 };
  const [one, other] = [machineWith([map]), machineWith([map])];
  one.maps[0].update(new Uint8Array(4), new Uint8Array(8).fill(3), 0n, 0);
  const [found] = mapDifference(one, other);
  expect(found).toMatchObject({ key: '00000000', count: 1 });
  expect([found.left, found.right]).toEqual([
    expect.stringMatching(/^(03){8}/),
    expect.stringMatching(/^0+$/),
  ]);
  expect(found.left).toHaveLength(16 * one.surroundings.cpus);
});

describe('maps that cannot be compared', () => {
  test.each<[title: string, left: object[], right: object[], problem: string]>([
    ['of the first alone', [ARRAY], [], 'only the first has it'],
    ['of the second alone', [], [ARRAY], 'only the second has it'],
    ['of another type', [ARRAY], [HASH], 'type 2, 4 -> 4 bytes; type 1, 4 -> 4 bytes'],
    [
      'of other keys',
      [HASH],
      [{ ...HASH, keySize: 8 }],
      'type 1, 4 -> 4 bytes; type 1, 8 -> 4 bytes',
    ],
    [
      'of other values',
      [HASH],
      [{ ...HASH, valueSize: 8 }],
      'type 1, 4 -> 4 bytes; type 1, 4 -> 8 bytes',
    ],
  ])('%s', (_title, left, right, problem) =>
    expect(mapDifference(machineWith(left), machineWith(right))).toEqual([
      { map: 'm0', problem, count: 0, isCut: false },
    ]),
  );
});

test('of more entries than are looked at that is said', () => {
  const large = { ...ARRAY, maxEntries: 65_537 };
  const just = { ...ARRAY, maxEntries: 65_535 };
  const cut = ([found]: ReturnType<typeof mapDifference>) => [found.count, found.isCut];
  expect(cut(mapDifference(machineWith([large], { 5: 1 }), machineWith([large])))).toEqual([
    1,
    true,
  ]);
  expect(cut(mapDifference(machineWith([just], { 5: 1 }), machineWith([just])))).toEqual([
    1,
    false,
  ]);
  // Behind the last that is looked at.
  expect(mapDifference(machineWith([large], { 65536: 1 }), machineWith([large]))).toEqual([]);
});
