import { expect, test } from 'vitest';
import type { Fault } from '../machine/fault.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { XDP_PASSED } from '../testing/outcomes.ts';
import { ColumnWriter } from './judged-columns.ts';

const FRAME = Uint8Array.of(1, 2, 3);
const PASS: RunOutcome = { ...XDP_PASSED, packetOut: FRAME };

/** The columns of packets of one frame. */
function columnsOf(...outcomes: Partial<RunOutcome>[]) {
  const writer = new ColumnWriter(10, outcomes.length);
  for (const [i, outcome] of outcomes.entries()) writer.add(10 + i, FRAME, { ...PASS, ...outcome });
  return writer.columns;
}

test('r0 of 64 bits comes as two halves, of 32 bits as one', () => {
  for (const r0 of [1n << 32n, (1n << 63n) | 7n, 0xffff_ffff_ffff_ffffn]) {
    const { r0Low, r0High } = columnsOf({}, { r0 }, {});
    const read = [...r0Low].map((low, i) => (BigInt(r0High![i]) << 32n) | BigInt(low));
    expect(read).toEqual([2n, r0, 2n]);
  }
  for (const r0 of [undefined, 0n, 0xffff_ffffn]) {
    const { r0Low, r0High } = columnsOf({}, { r0 });
    expect([r0Low[1], r0High]).toEqual([Number(r0 ?? 0n), undefined]);
  }
});

test('what packets come to has a row of its own for each that is different', () => {
  const fault: Fault = { kind: 'bad-pointer', pc: 3, message: 'r1 = 7: no memory' };
  const { first, count, row, rows, steps } = columnsOf(
    {},
    { steps: 6, r0: 1n },
    { packetOut: FRAME.slice() },
    { packetOut: Uint8Array.of(1, 2, 4) },
    { verdict: { ...PASS.verdict, reason: 'why' } },
    { verdict: { ...PASS.verdict, warning: 'look' } },
    { verdict: { ...PASS.verdict, name: 'XDP_TX' } },
    { verdict: { ...PASS.verdict, action: 'drop' } },
    { ran: false },
    { fault },
    { fault: { ...fault, message: 'r1 = 8: no memory' } },
    { fault: { ...fault, pc: 4 } },
    { fault: { ...fault, kind: 'null-pointer' } },
    {},
  );
  expect([first, count]).toEqual([10, 14]);
  expect([...row]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 0]);
  expect([...steps].slice(0, 3)).toEqual([5, 6, 5]);
  const usual = { verdict: { name: 'XDP_PASS', action: 'pass' }, ran: true, isChanged: false };
  expect(rows.slice(0, 4)).toEqual([
    usual,
    { ...usual, isChanged: true },
    { ...usual, verdict: { ...usual.verdict, reason: 'why' } },
    { ...usual, verdict: { ...usual.verdict, warning: 'look' } },
  ]);
  // Of faults at one place the first one speaks for all.
  expect(rows[7]).toEqual({ ...usual, fault });
});
