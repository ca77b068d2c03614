import { useSession } from '../stores/session.ts';
import { announce, draftNote, followRunningFrame, setNotesOpen, useUi } from '../stores/ui.ts';
import { attempt, wish } from './wish.ts';

/** To the packet and the step of the next note, or of the one before. */
export async function goToNote(side: 'before' | 'after'): Promise<void> {
  const index = useSession.getState().snapshot?.notesHere?.[side];
  if (index === undefined) return;
  setNotesOpen(true);
  followRunningFrame();
  await wish({ type: 'go-to-note', index }, 'to-step');
}

/** Begins a note at this step, or opens the one that is there; one that is begun stays. */
export function writeNote(): void {
  const { view, snapshot } = useSession.getState();
  if (!view || !snapshot || useUi.getState().noteDraft) return;
  const note = snapshot.notesHere && view.notes[snapshot.notesHere.here[0]];
  draftNote(note ? { ...note } : { packet: view.packet, step: snapshot.step, text: '' });
}

/** Keeps what was written; the answer is why that cannot be. */
export async function saveNote(): Promise<string | undefined> {
  const { noteDraft } = useUi.getState();
  if (!noteDraft) return undefined;
  const problem = await attempt({ type: 'set-note', ...noteDraft });
  if (problem !== undefined) return problem;
  draftNote(undefined);
  announce(noteDraft.text.trim() === '' ? 'Note taken away' : 'Note saved');
  return undefined;
}

export async function removeNote(index: number): Promise<void> {
  const note = useSession.getState().view?.notes[index];
  if (!note) return;
  await wish({ type: 'set-note', ...note, text: '' });
  announce('Note taken away');
}

/** Shows the notes or hides them; where there are none, one is begun. */
export function toggleNotes(): void {
  const isThere = (useSession.getState().view?.notes.length ?? 0) > 0;
  if (!isThere) writeNote();
  else setNotesOpen(!useUi.getState().notesOpen);
}
