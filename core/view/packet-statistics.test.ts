import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { TCP4, UDP4, UDP6 } from '../testing/frames.ts';
import { packetStatistics } from './packet-statistics.ts';

const read = (path: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../..', path)));

function statisticsOf(inputs: SessionInputs, run = Number.POSITIVE_INFINITY) {
  const session = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
  finish(session.prepareSelected());
  if (run > 0) finish(session.runOthers(run));
  return packetStatistics(session);
}

/** Packets of a program that looks at the byte behind the Ethernet header. */
const inputs = (code: string, frames: readonly Uint8Array[]): SessionInputs => ({
  ...inputsFor('p.bin', assemble(code)),
  hook: 'socket_filter',
  packets: frames.map((bytes, i) => ({ name: `packet ${i}`, bytes })),
});
/** Drops IPv6, keeps IPv4 after a few instructions more. */
const BY_VERSION =
  'r6 = r1; r0 = *(u8 *)skb[14]; r0 >>= 4; if r0 == 6 goto drop; r1 = 0; r1 = 0; r0 = -1; exit; ' +
  'drop: r0 = 0; exit';

test('outcomes, the first and the slowest of each, and protocols by what became of them', () => {
  const found = statisticsOf(inputs(BY_VERSION, [TCP4, UDP6, UDP4, UDP4, TCP4, UDP6]));
  expect(found).toMatchObject({ total: 6, judged: 6, partSize: 1, faults: [], otherProtocols: 0 });
  expect(found.outcomes.map(({ count, first, slowest }) => [count, first, slowest])).toEqual([
    [4, 0, { index: 0, steps: 8 }],
    [2, 1, { index: 1, steps: 6 }],
  ]);
  expect(found.outcomes.map(({ parts }) => parts)).toEqual([
    [1, 0, 1, 1, 1, 0],
    [0, 1, 0, 0, 0, 1],
  ]);
  const [kept, dropped] = found.outcomes.map(({ name }) => name);
  expect(found.protocols).toEqual([
    {
      protocol: 'DNS',
      count: 4,
      outcomes: [
        { name: dropped, count: 2 },
        { name: kept, count: 2 },
      ],
    },
    { protocol: 'TCP', count: 2, outcomes: [{ name: kept, count: 2 }] },
  ]);
});

test('a part of the chart holds so many packets that there are at most sixty', () => {
  const frames = Array.from({ length: 130 }, (_, i) => (i < 100 ? TCP4 : UDP6));
  const { partSize, outcomes } = statisticsOf(inputs(BY_VERSION, frames));
  expect(partSize).toBe(3);
  expect(outcomes.map(({ parts }) => parts.length)).toEqual([44, 44]);
  expect(outcomes.map(({ parts }) => parts.reduce((sum, count) => sum + count))).toEqual([100, 30]);
  expect(outcomes[0].parts.slice(32, 35)).toEqual([3, 1, 0]);
});

test('faults are summed up by their place, with the first packet of each', () => {
  const program = read('public/examples/out-of-bounds/program.o');
  const frames = [TCP4, TCP4.slice(0, 20), TCP4.slice(0, 30), TCP4];
  const found = statisticsOf({
    ...inputsFor('program.o', program),
    packets: frames.map((bytes, i) => ({ name: `packet ${i}`, bytes })),
  });
  const faulted = found.faults.reduce((sum, { count }) => sum + count, 0);
  expect(faulted).toBeGreaterThan(0);
  for (const { place, first } of found.faults) {
    expect(place).toMatch(/^program\.c:\d+$/);
    expect(frames[first]).toBeDefined();
  }
});

test('each fault is counted once a packet, at its place', () => {
  const faulty =
    'r6 = r1; r0 = *(u8 *)skb[14]; r0 >>= 4; if r0 == 6 goto bad; exit; ' +
    'bad: r0 = *(u8 *)(r0 + 0); exit';
  const { faults } = statisticsOf(inputs(faulty, [TCP4, UDP6, UDP4, UDP6, UDP6]));
  expect(faults).toEqual([
    {
      place: 'instruction 5',
      message: expect.stringContaining('reads 1 byte'),
      count: 3,
      first: 1,
    },
  ]);
});

test('what has not run is in no sum', () => {
  const found = statisticsOf(inputs(BY_VERSION, [TCP4, UDP6, UDP4]), 0);
  expect(found).toMatchObject({ total: 3, judged: 1 });
  expect(found.protocols.map(({ count }) => count)).toEqual([1]);
});
