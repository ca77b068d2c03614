import type { CodeView, SessionView } from '../../core/protocol/messages.ts';
import { sameFile } from '../stores/code.ts';
import type { SourcePlace } from '../stores/ui-state.ts';

export interface CodeLine {
  /** Index into CodeView.lines. */
  index: number;
  /** Its instructions. */
  pcs: number[];
}

/** The lines of one file that have instructions, by line number. */
export function codeLinesOf(code: CodeView, file: string): Map<number, CodeLine> {
  const found = new Map<number, CodeLine>();
  for (const { line: index, pc } of code.rows) {
    const line = index === undefined ? undefined : code.lines[index];
    if (index === undefined || !line || !sameFile(line.file, file)) continue;
    const known = found.get(line.line) ?? { index, pcs: [] };
    found.set(line.line, known);
    known.pcs.push(pc);
  }
  return found;
}

/** Whether a line has its breakpoint, or some of its instructions have one of their own. */
export function breakpointOf(
  { breakpoints, breakpointRows }: Pick<SessionView, 'breakpoints' | 'breakpointRows'>,
  place: SourcePlace,
  { pcs }: CodeLine,
): 'set' | 'some' | undefined {
  const isWhole = breakpointRows.some(
    ({ line }) => line?.line === place.line && sameFile(line.file, place.file),
  );
  if (isWhole) return 'set';
  return pcs.some((pc) => breakpoints.includes(pc)) ? 'some' : undefined;
}
