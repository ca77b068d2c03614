import { expect, test } from 'vitest';
import { PlaceList } from './place-list.ts';

test('places of any number of packets are kept, each with its row', () => {
  const list = new PlaceList();
  expect([list.length, [...list.all], list.rowOf(0)]).toEqual([0, [], -1]);
  // More than twice the room that there is at first.
  const places = Array.from({ length: 9000 }, (_, row) => 3 * row + 1);
  for (const place of places) list.push(place);
  expect(list.length).toBe(places.length);
  expect([...list.all]).toEqual(places);
  for (const row of [0, 1, 4095, 4096, 4097, 8191, 8192, 8999]) {
    expect(list.at(row)).toBe(places[row]);
    expect([-1, 0, 1].map((beside) => list.rowOf(places[row] + beside))).toEqual([-1, row, -1]);
  }
  // Those that are behind all.
  expect([list.rowOf(30_000), list.rowOf(0)]).toEqual([-1, -1]);
});
