import type { Step } from '../../spec/units.ts';
import type { Session, Work } from '../session.ts';
import type { WatchTarget } from '../types.ts';
import { BREATH } from './stops.ts';
import { nameOfTarget, type Watch, watchOf } from './watch.ts';

/**
 * The last step up to `end`, and before `below`, at which the watched thing changes, from where the
 * machine stands; -1 where none does.
 */
function* changes(
  session: Session,
  watch: Watch,
  end: Step,
  first: boolean,
  below = Number.POSITIVE_INFINITY,
): Work<number> {
  const machine = session.machine!;
  let found = -1;
  watch();
  while (machine.status === 'running' && machine.steps < end) {
    session.advance(machine.steps + 1);
    if (watch() && machine.steps < below) found = machine.steps;
    if (first && found >= 0) break;
    if (machine.steps % BREATH === 0) yield { what: 'looking for a change', done: machine.steps };
  }
  return found;
}

/**
 * Back to the last step before this one at which `watch` says so: interval by interval, from the
 * nearest checkpoint. Answers the step; -1 where there is none, and the session stands where it
 * began. `begin`: before each interval.
 */
export function* backTo(
  session: Session,
  watch: Watch,
  begin: () => void = () => {},
): Work<number> {
  const machine = session.machine!;
  const here = machine.steps;
  for (let end = here; end > 0; ) {
    const image = session.history.before(end);
    machine.restore(image);
    begin();
    // The step that led here is where the search began: one before it is wanted.
    const found = yield* changes(session, watch, end, false, here);
    if (found >= 0) {
      yield* session.seek(found);
      return found;
    }
    end = image.steps;
  }
  yield* session.seek(0);
  return -1;
}

/** Back to the step that last changed something, or to the start. */
export function* backToChange(session: Session, target: WatchTarget): Work<void> {
  const machine = session.machine!;
  const here = machine.steps;
  const found = yield* backTo(session, watchOf(machine, target));
  const name = nameOfTarget(target);
  session.stopAt(
    found >= 0
      ? { kind: 'change', step: found, names: [name] }
      : { kind: 'no-change', step: here, name },
  );
}

export function* runToChange(session: Session, target: WatchTarget): Work<void> {
  const machine = session.machine!;
  const found = yield* changes(
    session,
    watchOf(machine, target),
    session.inputs.settings.maxSteps,
    true,
  );
  // Once more from a checkpoint, so that checkpoints on the way are kept.
  if (found >= 0) yield* session.seek(found);
  session.spendBudget();
  session.stopHere();
  if (found >= 0 && machine.status === 'running')
    session.stopAt({ kind: 'change', step: found, names: [nameOfTarget(target)] });
}
