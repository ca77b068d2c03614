import { lineKey } from '../../program/lines.ts';
import type { Session, Work } from '../session.ts';
import { backTo } from './changes.ts';
import { deeperThanNow } from './lines.ts';
import { BREATH, reached, stopsAtChange } from './stops.ts';

/** On to another line: into calls, over them, or out of this one; a breakpoint on the way stops. */
export function* lineForward(
  session: Session,
  how: 'line-into' | 'line-over' | 'line-out',
): Work<void> {
  const machine = session.machine!;
  const deeper = deeperThanNow(machine, session.object);
  const start = lineKey(machine.code, machine.pc);
  const user = new Set(session.inputs.breakpoints);
  const rules = session.rules();
  const watches = session.watches();
  const { maxSteps } = session.inputs.settings;
  while (machine.status === 'running' && machine.steps < maxSteps) {
    session.slice(machine.steps + 1, true);
    if (machine.status !== 'running') break;
    if (stopsAtChange(session, watches)) return;
    const stop = user.has(machine.pc) ? reached(session, rules) : undefined;
    if (stop !== undefined) {
      session.stopAt(stop);
      return;
    }
    const here = lineKey(machine.code, machine.pc);
    const moved = deeper();
    const arrived = how === 'line-out' ? moved < 0 : here !== start || moved > 0;
    if (here !== undefined && arrived && !(how === 'line-over' && moved > 0)) break;
    if (machine.steps % BREATH === 0)
      yield { what: 'running to the next line', done: machine.steps };
  }
  session.spendBudget();
  session.stopHere('line');
}

/** Back to where the line before this one began, functions it called left aside. */
export function* lineBack(session: Session): Work<void> {
  const machine = session.machine!;
  const deeper = deeperThanNow(machine, session.object);
  let line: string | undefined;
  const watch = (): boolean => {
    const before = line;
    if (deeper() <= 0) line = lineKey(machine.code, machine.pc) ?? line;
    return line !== before;
  };
  yield* backTo(session, watch, () => {
    line = undefined;
  });
}

/** Back out of this call, also one that was inlined, to where it was made. */
export function* lineBackOut(session: Session): Work<void> {
  const deeper = deeperThanNow(session.machine!, session.object);
  yield* backTo(session, () => deeper() < 0);
}
