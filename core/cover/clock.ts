import { controlFlowOf } from '../machine/control-flow.ts';
import type { Machine } from '../machine/machine.ts';
import type { Session } from '../session/session.ts';
import type { Nanoseconds } from '../spec/units.ts';
import type { SlicedBranch } from '../why/slice.ts';
import { SlotTable } from '../why/slot-facts.ts';
import { slotsOf } from './ways.ts';

/** Spans that programs wait for: from a microsecond to a day. */
const USUAL_WAITS = [1e3, 1e6, 1e8, 1e9, 1e10, 6e10, 6e11, 3.6e12, 8.64e13].map(BigInt);
/** Waits that are no longer than these are tried: a year. */
const LONGEST: Nanoseconds = 31_536_000_000_000_000n;

/** Whether a program, or one that it calls, asks what time it is. */
export function asksForTime({
  machine,
  hook,
  object,
}: Session & { readonly machine: Machine }): boolean {
  const slots = new SlotTable(machine, controlFlowOf(machine), hook, object.externs);
  return slotsOf(machine).some((pc) => slots.at(pc)?.effect?.asks?.includes('time') === true);
}

/** How long to wait in front of a packet so that a branch that asked for the time may turn. */
export function waitsFor({ left, right, causes }: SlicedBranch): Nanoseconds[] {
  if (!causes.settings.has('time')) return [];
  const apart = BigInt.asIntN(64, left - right);
  const exact = apart < 0n ? -apart : apart;
  return [...new Set([exact, exact + 1n, ...USUAL_WAITS])].filter(
    (wait) => wait > 0n && wait <= LONGEST,
  );
}
