// Which packets are told by r0 alone, and which have to be looked at.
import { expect, test } from 'vitest';
import type { RunOutcome } from '../session/outcome.ts';
import type { Judged } from '../session/packet-batch.ts';
import { XDP_PASSED } from '../testing/outcomes.ts';
import { PlainVerdicts } from './plain-verdicts.ts';

/** Packets by r0; those of `unusual` are to be looked at. */
function judged(r0s: readonly bigint[], unusual: readonly number[] = []): Judged {
  const half = (shift: bigint) =>
    Uint32Array.from(r0s, (r0) => Number((r0 >> shift) & 0xffff_ffffn));
  return {
    count: r0s.length,
    r0Low: half(0n),
    r0High: half(32n),
    steps: new Uint32Array(r0s.length),
    ended: new Uint8Array(r0s.length),
    isUsual: (index) => !unusual.includes(index),
    outcome: () => XDP_PASSED,
  };
}

test('packets are taken up to the first whose r0 is not known, or that is unlike others', () => {
  const plain = new PlainVerdicts();
  plain.note(2, XDP_PASSED, 7);
  plain.note(1, XDP_PASSED, 4);
  expect(plain.upTo(judged([2n, 1n, 1n, 2n]), 0)).toBe(4);
  expect([...plain.numbers.subarray(0, 4)]).toEqual([7, 4, 4, 7]);
  expect(plain.upTo(judged([2n, 3n, 2n]), 0)).toBe(1);
  expect(plain.upTo(judged([3n, 2n, 2n]), 1)).toBe(3);
  expect(plain.upTo(judged([2n, 2n, 2n], [1]), 0)).toBe(1);
  // Its low half alone is known.
  expect(plain.upTo(judged([2n, (1n << 32n) | 2n]), 0)).toBe(1);
  expect(plain.upTo(judged([]), 0)).toBe(0);
});

test.each<[string, Partial<RunOutcome>]>([
  ['did not run', { ran: false }],
  ['faulted', { fault: { kind: 'bad-pointer', pc: 3, message: 'r1 = 7: no memory' } }],
  ['has a warning', { verdict: { ...XDP_PASSED.verdict, warning: 'no such code' } }],
  ['goes where the program has said', { verdict: { ...XDP_PASSED.verdict, action: 'redirect' } }],
])('of a packet that %s r0 does not say all', (_title, outcome) => {
  const plain = new PlainVerdicts();
  plain.note(2, { ...XDP_PASSED, ...outcome }, 7);
  expect(plain.upTo(judged([2n]), 0)).toBe(0);
});

test('256 values are told apart', () => {
  const plain = new PlainVerdicts();
  for (let r0 = 0; r0 < 257; r0++) plain.note(r0, XDP_PASSED, r0);
  expect(plain.upTo(judged([0n, 255n, 256n]), 0)).toBe(2);
});
