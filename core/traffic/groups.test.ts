import { expect, test } from 'vitest';
import { Groups } from './groups.ts';

test('packets are counted by what they share, the most frequent first, the rest together', () => {
  const groups = new Groups<readonly string[]>(3);
  const keys = [['a'], ['b'], ['a', 'b'], ['c'], ['b'], ['d'], ['c'], ['b']] as const;
  for (const [packet, key] of keys.entries()) groups.add(key, packet);
  expect(groups.inOrder).toEqual([
    { key: ['b'], first: 1, count: 3 },
    { key: ['a'], first: 0, count: 1 },
    { key: ['a', 'b'], first: 2, count: 1 },
    { key: undefined, first: 3, count: 3 },
  ]);
});

test('nothing is left over where all have room', () => {
  const groups = new Groups<readonly [string]>(2);
  groups.add(['a'], 4);
  groups.add(['b'], 5);
  groups.add(['b'], 6);
  expect(groups.inOrder).toEqual([
    { key: ['b'], first: 5, count: 2 },
    { key: ['a'], first: 4, count: 1 },
  ]);
});
