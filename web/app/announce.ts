import type { SessionView, Snapshot } from '../../core/protocol/messages.ts';
import { rowAt, useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';

/** `instruction 3: r0 = 1; next: exit`: where a run is, in one sentence for a screen reader. */
export function sentence(view: SessionView, snapshot: Snapshot): string {
  const { last, verdict, fault, status, step } = snapshot;
  const done = last ? `instruction ${last.pc}: ${last.text}` : `step ${step}`;
  if (fault) return `${done}; fault: ${fault.message}`;
  if (status !== 'paused') return verdict ? `${done}; ${verdict.text}` : done;
  const next = rowAt(view.code.rows, snapshot.pc);
  return next ? `${done}; next: ${next.text}` : done;
}

/** Tells each new place in the run, politely. */
export function announceSteps(): void {
  useSession.subscribe(({ view, snapshot }, before) => {
    if (view && snapshot && snapshot !== before.snapshot) useUi.setState({ announcement: sentence(view, snapshot) });
  });
}
