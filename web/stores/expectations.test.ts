import { expect, test } from 'vitest';
import type { ExpectationRow } from '../../core/protocol/messages.ts';
import { brokenWords } from './expectations.ts';

const row = (packet: number, met?: boolean): ExpectationRow => ({
  packet,
  verdict: 'drop',
  text: 'drop',
  entries: 0,
  ...(met !== undefined && { met }),
  unmet: met === false ? ['verdict: expected drop, seen pass', 'fault: expected x, seen y'] : [],
});

test('how many broke, and the first of them with all that was not met', () => {
  expect(brokenWords([row(0, true), row(1), row(2, false), row(7, false)])).toEqual({
    text: '2 of 4 expectations broke.',
    lines: ['Packet 3: verdict: expected drop, seen pass; fault: expected x, seen y.'],
  });
});

test('nothing is said while none broke, also of packets that were not run yet', () => {
  expect(brokenWords([row(0, true), row(1)])).toBeUndefined();
  expect(brokenWords([])).toBeUndefined();
});
