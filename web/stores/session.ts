import { create, type StoreApi, type UseBoundStore } from 'zustand';
import type { SessionParts, SessionView, Snapshot } from '../../core/protocol/messages.ts';
import { sideBySide } from '../../core/protocol/view.ts';

/** What the worker last said; panes select from it and draw. */
export interface SessionState {
  /** The set-up as it came, and the same put together. */
  parts?: SessionParts;
  view?: SessionView;
  snapshot?: Snapshot;
  /** Set while a wish has been under way for longer than a blink. */
  busy?: { what: string; done: number; total?: number };
  /** The verdict that is shown is the one of before a change that is under way. */
  isStale?: boolean;
  /** Seconds for which the worker has not said a word while it was at work. */
  stuck?: number;
  /** The worker broke: our own mistake, in its words. */
  crash?: string;
}

const session = create<SessionState>(() => ({}));
type Readable = Omit<StoreApi<SessionState>, 'setState'>;
export const useSession: UseBoundStore<Readable> = session;

/** For web/engine alone: what the worker said is nobody else's to change. */
export const setSession = session.setState;

/** The set-up with parts of it made anew; the first reply brings all of them. */
export function merged(
  { parts }: SessionState,
  changed: Partial<SessionParts>,
): Pick<SessionState, 'parts' | 'view'> {
  const now = { ...parts, ...changed } as SessionParts;
  return { parts: now, view: sideBySide(now) };
}
