import { expect, test } from 'vitest';
import { layoutOf } from './layout.ts';

const block = (start: number, size: number, ...to: number[]) => ({
  start,
  end: start + size,
  pcs: Array.from({ length: size }, (_, i) => start + i),
  count: 1,
  ways: to.map((slot) => ({ to: slot, count: 1 })),
});

test(
  'going on to the next block is not drawn, jumps are, ' +
    'and those that overlap have lanes of their own',
  () => {
    const { ways, lanes } = layoutOf({
      blocks: [block(0, 2, 2, 6), block(2, 2, 4, 6), block(4, 2, 6), block(6, 1)],
    });
    expect(ways.map(({ from, to, lane }) => [from, to, lane])).toEqual([
      [2, 6, 0],
      [0, 6, 1],
    ]);
    expect(lanes).toBe(2);
  },
);

test('a loop goes up', () => {
  const [way] = layoutOf({ blocks: [block(0, 1, 1), block(1, 3, 4, 1), block(4, 1)] }).ways;
  expect(way.toY).toBeLessThan(way.fromY);
});
