import { expect, test } from 'vitest';
import {
  isScaled,
  lastTop,
  scrollHeight,
  scrollTopOf,
  topRowAt,
  topThatShows,
} from './scaled-scroll.ts';

const list = (rows: number) => ({ rows, rowHeight: 24, viewport: 480 });

test('a list that a browser can draw scrolls pixel by pixel', () => {
  expect(isScaled(list(300_000))).toBe(false);
  expect(scrollHeight(list(1000))).toBe(24_000);
  expect(topRowAt(list(1000), 240)).toBeCloseTo(10, 6);
  expect(scrollTopOf(list(1000), 10)).toBeCloseTo(240, 6);
});

test('the first and the last row of any list can be reached', () => {
  for (const rows of [1, 20, 1000, 400_000, 5_000_000]) {
    const place = list(rows);
    expect(scrollHeight(place)).toBeLessThanOrEqual(8_000_000);
    expect(topRowAt(place, 0)).toBe(0);
    expect(topRowAt(place, scrollHeight(place) - 480)).toBe(lastTop(place));
    expect(lastTop(place)).toBe(Math.max(0, rows - 20));
  }
});

test('there and back is the same row', () => {
  for (const row of [0, 1, 12_345, 4_999_980])
    expect(topRowAt(list(5_000_000), scrollTopOf(list(5_000_000), row))).toBeCloseTo(row, 5);
});

test('a row comes into sight with as little moving as can be', () => {
  expect(topThatShows(list(1000), 100, 50)).toBe(50);
  expect(topThatShows(list(1000), 100, 110)).toBe(100);
  expect(topThatShows(list(1000), 100, 130)).toBe(111);
  expect(topThatShows(list(1000), 0, 999)).toBe(980);
});
