import { useSession } from '../stores/session.ts';
import { announce } from '../stores/ui.ts';
import { wish } from './wish.ts';

/** What is being taken back, until somebody says it. */
let taken: string | undefined;

/** Says what was taken back, once: for whoever tells what became of it. */
export function takenBack(): string | undefined {
  const words = taken;
  taken = undefined;
  return words;
}

/** Takes the last change back, or makes it again, and says which it was. */
export async function takeBack(way: 'undo' | 'redo'): Promise<void> {
  const name = useSession.getState().view?.[way];
  taken = name && `${way === 'undo' ? 'Undone' : 'Made again'}: ${name}`;
  const reply = await wish({ type: way });
  const words = takenBack();
  if (reply.kind === 'done' && words !== undefined) announce(words);
}
