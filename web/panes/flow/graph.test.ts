import { expect, test } from 'vitest';
import { arrowHead, curve, neighbour } from './graph.ts';

const box = (id: number, x: number, y: number) => ({ id, x, y, width: 40, height: 20 });
const GRAPH = {
  width: 200,
  height: 200,
  boxes: [box(0, 50, 0), box(2, 0, 60), box(5, 100, 60), box(9, 50, 120)],
  edges: [
    { from: 0, to: 2, points: [] },
    { from: 0, to: 5, points: [] },
    { from: 2, to: 9, points: [] },
    { from: 5, to: 9, points: [] },
  ],
};

test.each([
  ['ArrowDown', 0, 2],
  ['ArrowRight', 2, 5],
  ['ArrowLeft', 5, 2],
  ['ArrowDown', 5, 9],
  ['ArrowUp', 9, 2],
  ['End', 0, 9],
  ['ArrowLeft', 2, undefined],
  ['x', 0, undefined],
])('%s leads from block %s to %s', (key, from, to) => expect(neighbour(GRAPH, from, key)).toBe(to));

test('a line ends where its last point is, with the tip there', () => {
  expect(
    curve([
      [0, 0],
      [0, 10],
      [20, 30],
    ]),
  ).toBe('M0 0Q0 10 10 20L20 30');
  expect(
    arrowHead([
      [0, 0],
      [0, 10],
    ]),
  ).toMatch(/^M0 10L/);
});
