import { expect, test } from 'vitest';
import type { Batch } from './batch.ts';
import { Cores } from './cores.ts';
import type { Dependence } from './dependence.ts';

const MB = 1_000_000;

/** What is said of a capture's cores in front of the first packet. */
function words(count: number, bytes: number, ...dependences: Dependence[]) {
  const machine = { dependences, start: { memory: { bytes: { length: bytes } } } };
  const there = { count, make: () => expect.unreachable(), pays: () => undefined };
  return new Cores({ machine } as unknown as Batch, there).words;
}

test.each([
  ['memory that two have room for', 2, 256 * 1024 * 1024, undefined],
  ['memory that one has room for', 2, 300 * MB, 'each would need 300 MB for the maps'],
  ['that of the most maps', 8, 1_499_600_000, 'each would need 1500 MB for the maps'],
  ['no other core, which is said first', 1, 300 * MB, 'this machine has no other'],
])('%s', (_title, count, bytes, why) =>
  expect(words(count, bytes)).toEqual(why && { count: 1, why }),
);

test('of the reasons why packets stay on one core the program is the first', () =>
  expect(words(1, 300 * MB, { kind: 'stack' }, { kind: 'random' })).toEqual({
    count: 1,
    why: 'it may read bytes of its stack that it has not written',
  }));
