import type { SessionView, Snapshot } from '../../core/protocol/messages.ts';
import { takenBack } from '../actions/undo.ts';
import { rowAt } from '../stores/code.ts';
import { type SessionState, useSession } from '../stores/session.ts';
import { announce, useUi } from '../stores/ui.ts';
import { editText } from '../ui/edit-text.ts';

/** `instruction 3: r0 = 1; next: exit`: where a run is, in one sentence for a screen reader. */
export function sentence(view: SessionView, snapshot: Snapshot, byLine: boolean): string {
  const { last, verdict, fault, status, step } = snapshot;
  const done = last ? `instruction ${last.pc}: ${last.text}` : `step ${step}`;
  if (fault) return `${done}; fault: ${fault.message}`;
  if (status !== 'paused') return verdict ? `${done}; ${verdict.text}` : done;
  const next = rowAt(view.code.rows, snapshot.pc);
  if (!next) return done;
  const line = next.line === undefined ? undefined : view.code.lines[next.line];
  const place =
    byLine && line ? `line ${line.line}: ${line.text.trim()}` : `${done}; next: ${next.text}`;
  return snapshot.stop.kind === 'breakpoint' ? `${snapshot.stopped}; ${place}` : place;
}

/** `note 2 of 9: the first instruction has run`: what is noted where it stands now. */
export function noted({ notes }: SessionView, { notesHere }: Snapshot): string {
  const here = notesHere?.here ?? [];
  const said = here.map((index) => notes[index].text.replace(/[`*]/g, '').replace(/\s+/g, ' '));
  return here.map((index, i) => `note ${index + 1} of ${notes.length}: ${said[i]}`).join('; ');
}

/**
 * What a change made of the same run where it stands still: what was set, and the verdict where
 * that is another.
 */
function changes({ view, snapshot }: SessionState, before: SessionState): string {
  if (!view || !snapshot || !before.view || snapshot.step !== before.snapshot?.step) return '';
  const same = view.object.name === before.view.object.name && view.program === before.view.program;
  if (!same || view.packet !== before.view.packet) return '';
  const edits =
    view.edits.length > before.view.edits.length ? view.edits.slice(-1).map(editText) : [];
  const verdict = view.outcome?.verdict.text;
  if (verdict !== undefined && verdict !== before.view.outcome?.verdict.text)
    edits.push(`the verdict is now ${verdict}`);
  return edits.join('; ');
}

/** Tells each new place in the run and each change of it, politely and once. */
export function announceSteps(): void {
  useSession.subscribe((state, before) => {
    const { view, snapshot } = state;
    if (!view || !snapshot || snapshot === before.snapshot) return;
    const byLine = useUi.getState().stepBy === 'line';
    const place = sentence(view, snapshot, byLine);
    const moved =
      !before.view || !before.snapshot || place !== sentence(before.view, before.snapshot, byLine);
    const said = changes(state, before) || (moved ? place : '');
    const isThere = moved || view.packet !== before.view?.packet;
    const note = isThere && useUi.getState().notesOpen && noted(view, snapshot);
    const announcement = [takenBack(), said, note].filter(Boolean).join('; ');
    if (announcement) announce(announcement);
  });
}
