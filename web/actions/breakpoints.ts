import { sameFile } from '../stores/code.ts';
import { useSession } from '../stores/session.ts';
import { announce, showInspect, useUi } from '../stores/ui.ts';
import type { BreakpointPlace, SourcePlace } from '../stores/ui-state.ts';
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

/** Sets or takes away the breakpoint of a place. */
export const toggleAt = (place: BreakpointPlace): Promise<void> =>
  'pc' in place ? toggleBreakpoint(place.pc) : toggleLine(place);

/** The place a person means: the C line that has the focus, else the instruction. */
function placeAtCursor(): BreakpointPlace | undefined {
  const { sourceCursor } = useUi.getState();
  const pc = cursor();
  return sourceCursor ?? (pc === undefined ? undefined : { pc });
}

export async function toggleAtCursor(): Promise<void> {
  const place = placeAtCursor();
  if (place) await toggleAt(place);
}

const shownBreakpoints = () => useSession.getState().view?.breakpointRows ?? [];

/** Where the breakpoint of a place stands in their list. */
const breakpointAt = (place: BreakpointPlace): number =>
  shownBreakpoints().findIndex(({ pcs, line }) =>
    'pc' in place
      ? pcs.includes(place.pc)
      : line?.line === place.line && sameFile(line.file, place.file),
  );

/**
 * Shows what the breakpoint of a place asks for, and where it stands in the list. Sets one where
 * there is none; that of a line without code is the one that came up elsewhere.
 */
export async function askBreakpoint(place = placeAtCursor()): Promise<number> {
  if (place === undefined) return -1;
  let at = breakpointAt(place);
  if (at < 0) {
    const before = new Set(shownBreakpoints().map(({ pcs }) => pcs.join()));
    await toggleAt(place);
    at = shownBreakpoints().findIndex(({ pcs }) => !before.has(pcs.join()));
  }
  if (at >= 0) showInspect('breakpoints');
  return at;
}

export function runToCursor(pc = cursor()): void {
  if (pc !== undefined) go({ how: 'to-pc', pc });
}
