import { expect, test } from 'vitest';
import { countersOf, nameOfSpeed, paceOf, SPEEDS, timeWords } from './words.ts';

const way = (to: number, from: number) => ({ 'to-guest': to, 'from-guest': from });
const counts = {
  seen: way(3, 1),
  passed: way(0, 0),
  dropped: way(0, 0),
  stolen: way(3, 1),
  bypassed: way(0, 0),
  faulted: way(0, 0),
  copied: way(0, 0),
  released: way(2, 0),
};

test('a buffer holds and lets go, a redirector takes out; what is 0 is not told', () => {
  const labels = (kind: 'filter-buffer' | 'filter-redirector') =>
    countersOf(kind, counts).map(({ label, to, from }) => `${label} ${to} ${from}`);
  expect(labels('filter-buffer')).toEqual([
    'came 3 1',
    'passed 0 0',
    'dropped 0 0',
    'held 3 1',
    'let go 2 0',
  ]);
  expect(labels('filter-redirector')).toContain('taken out 3 1');
  expect(countersOf('filter-ubpf', undefined).map(({ to }) => to)).toEqual([0, 0, 0]);
});

test.each([
  [0, '0 ns'],
  [999, '999 ns'],
  [10_000, '10 µs'],
  [2_500_000, '2.5 ms'],
  [1_234_000_000_000, '1,234 s'],
])('%s nanoseconds are %s', (time, words) => expect(timeWords(time)).toBe(words));

test('a pace is that of the last part', () => {
  const part = { at: 0, dropped: 0, changes: 0 };
  expect(paceOf([])).toBe('');
  expect(
    paceOf([
      { ...part, length: 250, packets: 10 },
      { ...part, length: 500, packets: 1000 },
    ]),
  ).toBe('2,000 packets/s');
});

test('every speed that is offered is found again', () => {
  expect(SPEEDS.map(({ speed }) => nameOfSpeed(speed))).toEqual(SPEEDS.map(({ name }) => name));
});
