import { describe, expect, test } from 'vitest';
import type { Fault } from '../machine/fault.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { ARP, ICMP4, TCP4, TCP6, UDP4 } from '../testing/frames.ts';
import { session } from '../testing/run.ts';
import { isChanged, isStop, Summary } from './summary.ts';
import { trafficStatistics } from './traffic-statistics.ts';

const verdict = (name: string, action: RunOutcome['verdict']['action'], more: object = {}) => ({
  name,
  action,
  text: name,
  ...more,
});
const PASS = verdict('XDP_PASS', 'pass');
const DROP = verdict('XDP_DROP', 'drop');
const outcome = (change: Partial<RunOutcome> = {}, packetOut = TCP4): RunOutcome => ({
  ran: true,
  verdict: PASS,
  r0: 2n,
  steps: 5,
  fault: undefined,
  packetOut,
  ...change,
});
const { code } = session('r0 = 2; exit').machine!;
const told = (summary: Summary) => trafficStatistics(summary, code);

test('a packet is stopped by a drop and by a fault, by nothing else', () => {
  const actions = ['pass', 'drop', 'redirect', 'tx', 'aborted', 'truncate', 'other'] as const;
  expect(actions.filter((action) => isStop({ action }))).toEqual(['drop', 'aborted']);
});

test('a packet is another one where a byte or its length is', () => {
  expect(isChanged(TCP4, TCP4)).toBe(false);
  expect(isChanged(TCP4, TCP4.slice())).toBe(false);
  expect(isChanged(TCP4, TCP4.with(30, TCP4[30] ^ 1))).toBe(true);
  expect(isChanged(TCP4, TCP4.subarray(0, -1))).toBe(true);
  expect(isChanged(TCP4, TCP4.subarray(1))).toBe(true);
});

describe('the parts of a capture that a chart draws', () => {
  const counted = (packets: number) => {
    const summary = new Summary();
    for (let packet = 0; packet < packets; packet++)
      summary.add(packet, TCP4, outcome({ verdict: packet % 3 === 0 ? DROP : PASS }));
    return summary;
  };
  test.each([
    [1, 64],
    [8192, 64],
    [8193, 128],
    [16_384, 128],
    [16_385, 256],
    [40_000, 512],
  ])('of %d packets have %d each', (packets, size) => {
    const summary = counted(packets);
    const { partSize, outcomes } = told(summary);
    expect(partSize).toBe(size);
    for (const { name, parts, count } of outcomes) {
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(count);
      expect(parts.length).toBeLessThanOrEqual(128);
      for (const [part, times] of parts.entries()) {
        const numbers = Array.from({ length: size }, (_, i) => part * size + i);
        const mine = numbers.filter((i) => i < packets && (i % 3 === 0) === (name === 'XDP_DROP'));
        expect(times).toBe(mine.length);
      }
    }
  });
});

describe('sums', () => {
  const summary = new Summary();
  const fault = (pc: number): Fault => ({ kind: 'bad-pointer', pc, message: `at ${pc}` });
  const packets: [frame: Uint8Array, Partial<RunOutcome>][] = [
    [TCP4, {}],
    [TCP4, { verdict: DROP, steps: 9 }],
    [UDP4, { steps: 12 }],
    [
      ARP,
      {
        ran: false,
        r0: undefined,
        steps: 0,
        verdict: verdict('XDP_PASS', 'pass', { reason: 'no IP' }),
      },
    ],
    [TCP6, { packetOut: TCP6.with(20, 7), steps: 12 }],
    [ICMP4, { fault: fault(3), verdict: verdict('XDP_ABORTED', 'aborted') }],
    [ICMP4, { fault: fault(3), verdict: verdict('XDP_ABORTED', 'aborted') }],
    [TCP4, { fault: fault(5), verdict: verdict('XDP_ABORTED', 'aborted'), steps: 1 }],
    [TCP4, { verdict: verdict('XDP_REDIRECT', 'redirect', { warning: 'nowhere' }) }],
  ];
  for (const [packet, [frame, change]] of packets.entries())
    summary.add(packet, frame, outcome(change, frame));
  const found = told(summary);

  test('of steps, and of packets that go on as others', () =>
    expect([found.judged, found.steps, found.changed]).toEqual([
      9,
      5 + 9 + 12 + 12 + 5 + 5 + 1 + 5,
      1,
    ]));
  test('by verdict, the most frequent first, each with its first and its slowest', () =>
    expect(
      found.outcomes.map(({ name, count, first, slowest }) => [name, count, first, slowest]),
    ).toEqual([
      ['XDP_PASS', 4, 0, { index: 2, steps: 12 }],
      ['XDP_ABORTED', 3, 5, { index: 5, steps: 5 }],
      ['XDP_DROP', 1, 1, { index: 1, steps: 9 }],
      ['XDP_REDIRECT', 1, 8, { index: 8, steps: 5 }],
    ]));
  test('by place of a fault', () =>
    expect(found.faults).toEqual([
      { place: 'instruction 3', message: 'at 3', count: 2, first: 5 },
      { place: 'instruction 5', message: 'at 5', count: 1, first: 7 },
    ]));
  test('by why the program was not asked, and by what to look out for', () => {
    expect(found.bypassed).toEqual([{ reason: 'no IP', first: 3, count: 1 }]);
    expect(found.warnings).toEqual([{ text: 'nowhere', first: 8, count: 1 }]);
  });
  test('by header, with the verdicts of each', () => {
    expect(found.protocols.map(({ label, count }) => [label, count])).toEqual([
      ['TCP', 5],
      ['ICMP', 2],
      ['UDP', 1],
      ['ARP', 1],
    ]);
    expect(found.protocols[0].outcomes.filter(({ count }) => count > 0)).toEqual([
      { name: 'XDP_PASS', count: 2 },
      { name: 'XDP_DROP', count: 1 },
      { name: 'XDP_ABORTED', count: 1 },
      { name: 'XDP_REDIRECT', count: 1 },
    ]);
  });
  test('by flow, those that were stopped among them', () => {
    expect(
      found.flows.slice(0, 2).map(({ count, stopped, first }) => [count, stopped, first]),
    ).toEqual([
      [4, 2, 0],
      [2, 2, 5],
    ]);
  });
});
