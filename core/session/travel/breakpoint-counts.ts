import { stopsAt } from '../../machine/run.ts';
import type { BreakpointCounts } from '../../protocol/messages.ts';
import type { Step } from '../../spec/units.ts';
import type { Session, Work } from '../session.ts';

/** Steps that are looked at, and arrivals at breakpoints on the way: what takes a second, about. */
const MOST_STEPS = 20_000_000;
const MOST_ARRIVALS = 1_000_000;
const SLICE = 200_000;

/**
 * How often the selected packet's run reaches each breakpoint, and finds its condition true; the
 * session stands where it stood.
 */
export const countBreakpoints = (session: Session): Work<BreakpointCounts> =>
  session.replay(counted(session));

function* counted(session: Session): Work<BreakpointCounts> {
  const machine = session.machine!;
  const { bypass, inputs } = session;
  const stops = stopsAt(machine.code, inputs.breakpoints);
  const rules = session.rules();
  const counts = new Map(
    inputs.breakpoints.map((pc) => [
      pc,
      { pc, reached: 0, held: 0 } as BreakpointCounts['counts'][number],
    ]),
  );
  const limit = Math.min(inputs.settings.maxSteps, MOST_STEPS);
  let arrivals = 0;
  let from: Step = -1;
  while (bypass === undefined && machine.status === 'running' && machine.steps < limit) {
    if (arrivals === MOST_ARRIVALS) break;
    if (session.advance(Math.min(limit, machine.steps + SLICE), stops, from)) {
      from = machine.steps;
      arrivals += 1;
      const count = counts.get(machine.pc)!;
      count.reached += 1;
      const holds = rules.holds(machine);
      if (holds === true) count.held += 1;
      else if (holds !== false) {
        count.untold = (count.untold ?? 0) + 1;
        count.why ??= holds;
      }
    }
    yield { what: 'counting at breakpoints', done: machine.steps };
  }
  const { steps, status } = machine;
  const isWhole = status !== 'running' || steps >= inputs.settings.maxSteps;
  return { kind: 'breakpoint-counts', counts: [...counts.values()], steps, isWhole };
}
