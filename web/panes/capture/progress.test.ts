import { expect, test } from 'vitest';
import type { TrafficView } from '../../../core/protocol/messages.ts';
import {
  coresWords,
  durationWords,
  expectedPackets,
  paceWords,
  rateOf,
  withMark,
} from './progress.ts';

const traffic = (part: Partial<TrafficView>) => part as TrafficView;

test('the rate is that of the last seconds', () => {
  const marks = [0, 1000, 2000, 5000].reduce(
    (all: ReturnType<typeof withMark>, at) => withMark(all, { at, judged: at * 10 }),
    [],
  );
  expect(marks.map(({ at }) => at)).toEqual([2000, 5000]);
  expect(rateOf(marks)).toBe(10_000);
});

test('a run that stands still adds no mark, one that begins anew has no rate', () => {
  const one = withMark([], { at: 0, judged: 5 });
  expect(withMark(one, { at: 900, judged: 5 })).toBe(one);
  expect(rateOf(withMark(one, { at: 900, judged: 0 }))).toBeUndefined();
});

test('of a file that is half read twice as many packets are expected', () => {
  expect(expectedPackets(traffic({ packets: 10, isWhole: false, read: 5, size: 10 }))).toBe(20);
  expect(expectedPackets(traffic({ packets: 10, isWhole: true, read: 9, size: 10 }))).toBe(10);
});

test('how many cores run it is said, and why it is one', () => {
  expect(coresWords({ count: 4 })).toBe('on 4 cores');
  expect(coresWords({ count: 1, why: 'its timers go on' })).toBe('on one core: its timers go on');
});

test('what is left is said in seconds and minutes', () => {
  expect([0.2, 59.5, 61, 3600].map(durationWords)).toEqual([
    '1 s',
    '1 min 0 s',
    '1 min 1 s',
    '60 min 0 s',
  ]);
  const half = traffic({ packets: 4000, isWhole: true, judged: 1000 });
  expect(paceWords(half, 1500)).toBe('1,500 packets/s, 2 s left');
  expect(paceWords(half, undefined)).toBe('');
});
