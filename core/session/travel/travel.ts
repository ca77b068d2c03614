import type { Machine } from '../../machine/machine.ts';
import { type Stops, stopsAt } from '../../machine/run.ts';
import type { Step } from '../../spec/units.ts';
import type { Session, Work } from '../session.ts';
import type { Stop } from '../stop.ts';
import type { Go } from '../types.ts';
import { backTo, backToChange, runToChange } from './changes.ts';
import { lineBack, lineBackOut, lineForward } from './line-steps.ts';
import { atBreakpoint, BREATH, reached, SLICE, stopsAtChange } from './stops.ts';

/** Moves a session that runs a program; why it stands there is in `stop`. */
export function* travel(session: Session, machine: Machine, go: Go): Work<void> {
  switch (go.how) {
    case 'into':
      return yield* session.forwardTo(machine.steps + 1);
    case 'back':
      return yield* session.seek(machine.steps - 1);
    case 'reset':
      return yield* session.seek(0);
    case 'to-step':
      return yield* session.seek(go.step);
    case 'end':
      return yield* session.forwardTo(session.inputs.settings.maxSteps);
    case 'run':
      return yield* runUntil(session, breakpoints(session), () => false);
    case 'to-pc':
      return yield* runUntil(session, breakpoints(session, go.pc), () => machine.pc === go.pc);
    case 'over':
      return yield* over(session);
    case 'out':
      return yield* out(session);
    case 'back-over':
      return yield* backOver(session);
    case 'back-out':
      return yield* backOut(session);
    case 'line-back-out':
      return yield* lineBackOut(session);
    case 'back-run':
      return yield* backRun(session);
    case 'line-into':
    case 'line-over':
    case 'line-out':
      return yield* lineForward(session, go.how);
    case 'line-back':
      return yield* lineBack(session);
    case 'back-to-change':
      return yield* backToChange(session, go.target);
    case 'run-to-change':
      return yield* runToChange(session, go.target);
  }
}

/** The user's breakpoints and one more; null: none, so that nothing has to be looked at. */
function breakpoints(session: Session, extra?: number): Stops | null {
  const { breakpoints } = session.inputs;
  const slots = extra === undefined ? breakpoints : [...breakpoints, extra];
  return slots.length > 0 ? stopsAt(session.machine!.code, slots) : null;
}

/**
 * Forward to the first stop where `accept` agrees, a watchpoint's change, or the end; a user's
 * breakpoint counts where its rule says so.
 */
function* runUntil(session: Session, stops: Stops | null, accept: () => boolean): Work<void> {
  const machine = session.machine!;
  const user = new Set(session.inputs.breakpoints);
  const rules = session.rules();
  const watches = session.watches();
  const { maxSteps } = session.inputs.settings;
  let from = machine.steps;
  while (machine.status === 'running' && machine.steps < maxSteps) {
    if (session.slice(watches.none ? maxSteps : machine.steps + 1, true, stops, from)) {
      from = machine.steps;
      const stop = user.has(machine.pc) ? reached(session, rules) : undefined;
      if (stop !== undefined || accept()) {
        session.stopAt(stop ?? { kind: 'pc', pc: machine.pc });
        return;
      }
    } else if (stopsAtChange(session, watches)) return;
    if (machine.status === 'running' && (watches.none || machine.steps % BREATH === 0))
      yield { what: 'running', done: machine.steps };
  }
  session.spendBudget();
  session.stopHere();
}

function* over(session: Session): Work<void> {
  const machine = session.machine!;
  const instruction = machine.code.instructions[machine.pc];
  if (instruction?.row?.kind !== 'call') return yield* session.forwardTo(machine.steps + 1);
  const [depth, next] = [machine.frames.length, machine.pc + 1];
  yield* runUntil(
    session,
    breakpoints(session, next),
    () => machine.pc === next && machine.frames.length <= depth,
  );
}

function* out(session: Session): Work<void> {
  const machine = session.machine!;
  const frame = machine.frames.at(-1);
  if (frame === undefined) return yield* runUntil(session, breakpoints(session), () => false);
  const depth = machine.frames.length;
  const { returnPc } = frame;
  yield* runUntil(
    session,
    breakpoints(session, returnPc),
    () => machine.pc === returnPc && machine.frames.length < depth,
  );
}

/** One instruction back, a call that ended there as a whole. */
function* backOver(session: Session): Work<void> {
  const machine = session.machine!;
  const depth = machine.frames.length;
  yield* backTo(session, () => machine.frames.length <= depth);
}

/** Back to the call of this function. */
function* backOut(session: Session): Work<void> {
  const machine = session.machine!;
  const depth = machine.frames.length;
  yield* backTo(session, () => machine.frames.length < depth);
}

/**
 * Back to the last breakpoint or watchpoint before here, or to the start: interval by interval,
 * from the nearest checkpoint.
 */
function* backRun(session: Session): Work<void> {
  const machine = session.machine!;
  const here = machine.steps;
  for (let end = here; end > 0; ) {
    const image = session.history.before(end);
    machine.restore(image);
    const found = yield* lastStop(session, end, here);
    if (found) {
      yield* session.seek(found.step);
      session.stopAt(found.why);
      return;
    }
    end = image.steps;
  }
  yield* session.seek(0);
}

/**
 * The last stop before `end`, from where the machine stands; a change may be the step to `end`, but
 * not the one to `here`.
 */
function* lastStop(
  session: Session,
  end: Step,
  here: number,
): Work<{ step: Step; why: Stop } | undefined> {
  const machine = session.machine!;
  const stops = breakpoints(session);
  const rules = session.rules(false);
  const watches = session.watches();
  let found: { step: Step; why: Stop } | undefined;
  let seen = -1;
  while (machine.status === 'running' && machine.steps < end) {
    const limit = watches.none ? Math.min(end, machine.steps + SLICE) : machine.steps + 1;
    if (session.advance(limit, stops, seen)) {
      seen = machine.steps;
      const { stops: stopsHere, untold } = rules.reach(machine);
      if (stopsHere) found = { step: seen, why: atBreakpoint(machine, untold) };
    } else {
      const names = watches.changed();
      if (names.length > 0 && machine.steps < here)
        found = { step: machine.steps, why: { kind: 'change', step: machine.steps, names } };
    }
    if (watches.none || machine.steps % BREATH === 0) yield { what: 'running back', done: end };
  }
  return found;
}
