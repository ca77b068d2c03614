import { sameFile } from '../stores/code.ts';
import { useSession } from '../stores/session.ts';
import { announce, useUi } from '../stores/ui.ts';
import type { SourcePlace } from '../stores/ui-state.ts';
import { go, wish } from './wish.ts';

/** The row a person means: the focused one, else the one that runs next. */
const cursor = () => useUi.getState().cursor ?? useSession.getState().snapshot?.pc;

export async function toggleBreakpoint(pc = cursor()): Promise<void> {
  if (pc === undefined) return;
  const reply = await wish({ type: 'toggle-breakpoint', pc });
  if (reply.kind === 'done' && reply.view?.stops)
    tellBreakpoint(`instruction ${pc}`, reply.view.stops.breakpoints.includes(pc));
}

/** A screen reader does not see the gutter. */
const tellBreakpoint = (place: string, isSet: boolean): void =>
  announce(`Breakpoint at ${place} ${isSet ? 'set' : 'taken away'}`);

/** Sets the breakpoint of a C line, or of the next one with code, or takes it away. */
export async function toggleLine(place: SourcePlace): Promise<void> {
  const reply = await wish({ type: 'toggle-line', ...place });
  if (reply.kind !== 'done' || reply.notice !== undefined || !reply.view?.stops) return;
  const isSet = reply.view.stops.breakpointRows.some(
    ({ line }) => line?.line === place.line && sameFile(line.file, place.file),
  );
  tellBreakpoint(`line ${place.line}`, isSet);
}

export function toggleAtCursor(): Promise<void> {
  const { sourceCursor } = useUi.getState();
  return sourceCursor ? toggleLine(sourceCursor) : toggleBreakpoint();
}

export const shownBreakpoints = () => useSession.getState().view?.breakpointRows ?? [];

/** Where the breakpoint at the focused instruction or C line stands in their list. */
export function breakpointAtCursor(): number {
  const { sourceCursor } = useUi.getState();
  const pc = cursor();
  return shownBreakpoints().findIndex(({ pcs, line }) =>
    sourceCursor
      ? line?.line === sourceCursor.line && sameFile(line.file, sourceCursor.file)
      : pc !== undefined && pcs.includes(pc),
  );
}

export function runToCursor(pc = cursor()): void {
  if (pc !== undefined) go({ how: 'to-pc', pc });
}
