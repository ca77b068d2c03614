import type { Machine } from '../../machine/machine.ts';
import { lineAt } from '../../program/lines.ts';
import type { Session } from '../session.ts';
import type { Stop } from '../stop.ts';
import type { BreakpointStops } from './breakpoints.ts';
import type { Watches } from './watch.ts';

/** Steps between two looks at the clock by whoever drives a generator. */
export const SLICE = 200_000;
/** Single steps between two looks at the clock. */
export const BREATH = 20_000;

/** A breakpoint stopped here; `untold`: why its condition could not be told. */
export function atBreakpoint({ code, pc }: Machine, untold?: string): Stop {
  const found = lineAt(code, pc);
  const line = found && { file: found.file, line: found.line };
  return { kind: 'breakpoint', pc, ...(line && { line }), ...(untold && { untold }) };
}

/** Looks at every watchpoint after a step; where one has changed, says so. */
export function stopsAtChange(session: Session, watches: Watches): boolean {
  const machine = session.machine!;
  const names = watches.changed();
  if (names.length === 0 || machine.status !== 'running') return false;
  session.stopAt({ kind: 'change', step: machine.steps, names });
  return true;
}

/**
 * Where a user's breakpoint stops, undefined where it goes on; what it writes is kept with its
 * step.
 */
export function reached(session: Session, rules: BreakpointStops): Stop | undefined {
  const machine = session.machine!;
  const { stops, log, untold } = rules.reach(machine);
  if (log !== undefined) session.log(log);
  return stops ? atBreakpoint(machine, untold) : undefined;
}
