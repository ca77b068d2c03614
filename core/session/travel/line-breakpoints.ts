import type { Code } from '../../program/code.ts';
import { linePlaces } from '../../program/line-places.ts';
import type { BreakpointRow } from '../../protocol/messages.ts';
import type { Pc } from '../../spec/units.ts';

/** Breakpoints as a person sets them: those of every place where a line begins are one. */
export function breakpointRows(code: Code, breakpoints: readonly Pc[]): BreakpointRow[] {
  if (breakpoints.length === 0) return [];
  const set = new Set(breakpoints);
  const whole = linePlaces(code).filter(({ pcs }) => pcs.every((pc) => set.has(pc)));
  const covered = new Set(whole.flatMap(({ pcs }) => pcs));
  const alone = breakpoints.filter((pc) => !covered.has(pc)).map((pc) => ({ pcs: [pc] }));
  const rows: BreakpointRow[] = [
    ...whole.map(({ file, line, pcs }) => ({ pcs, line: { file, line } })),
    ...alone,
  ];
  return rows.sort((a, b) => a.pcs[0] - b.pcs[0]);
}
