import { jumpTarget } from '../program/control-flow.ts';
import { leadsAnywhere } from '../program/effects.ts';
import type { Pc, Step } from '../spec/units.ts';
import type { CodeSpace } from './code-space.ts';
import type { Machine } from './machine.ts';
import { recordAccess } from './slow.ts';

/** Steps a run can have at all; a session's own limit lies below. */
export const MOST_STEPS = 0x7fff_ffff;

/** Slots to stop before. */
export interface Stops {
  /** A 1 at each of them. */
  readonly at: Uint8Array;
  /** A 1 at each slot from which one step may lead there, and perhaps at others. */
  readonly before: Uint8Array;
}

export function stopsAt(code: CodeSpace, slots: readonly Pc[]): Stops {
  const at = new Uint8Array(code.slots + 1);
  for (const pc of slots) at[pc] = 1;
  const before = new Uint8Array(code.slots);
  for (const [pc, instruction] of code.instructions.entries()) {
    const row = instruction?.row;
    const behind = pc + (instruction?.slots ?? 1);
    // Where a return or a tail call leads the machine knows, not the code.
    const anywhere = row !== undefined && leadsAnywhere(row);
    if (anywhere || at[behind] === 1 || at[jumpTarget(instruction, pc) ?? behind] === 1)
      before[pc] = 1;
  }
  return { at, before };
}

/**
 * Runs up to `limit` steps in all (machine.steps counts from the start of the packet), or to one of
 * the `stops`, but not at step `from`: where a journey begins it does not end. Answers whether it
 * came to a stop.
 */
export function run(
  machine: Machine,
  limit: Step,
  stops: Stops | null = null,
  from: Step = -1,
): boolean {
  const end = Math.min(limit, MOST_STEPS) | 0;
  if (machine.recorder === null && stops === null) {
    advance(machine, end, null);
    return false;
  }
  const before = stops === null ? null : stops.before;
  while (machine.status === 'running' && machine.steps < end) {
    if (stops !== null && stops.at[machine.pc] === 1 && machine.steps !== from) return true;
    // A step that may be the last is taken alone.
    advance(machine, end - 1, before);
    if (machine.status === 'running') step(machine);
  }
  return false;
}

/** Many steps, as many at once as the engine likes. */
function advance(machine: Machine, end: Step, before: Uint8Array | null): void {
  let next = machine.steps;
  while (machine.steps === next && next < end) {
    next = Math.min(end, next + machine.engine.stepsAtOnce);
    machine.engine.run(machine, next, before);
  }
}

/** One step, with what it touches on record. */
function step(machine: Machine): void {
  const { recorder } = machine;
  if (recorder !== null) {
    recorder.last(machine.pc, machine.steps, machine.halves);
    recordAccess(machine, recorder);
  }
  machine.engine.run(machine, machine.steps + 1, null);
}
