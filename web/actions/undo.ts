import { useSession } from '../stores/session.ts';
import { announce, useUi } from '../stores/ui.ts';
import { wish } from './wish.ts';

/** Takes the last change back, or makes it again, and says which it was. */
export async function takeBack(way: 'undo' | 'redo'): Promise<void> {
  const name = useSession.getState().view?.[way];
  const before = useUi.getState().announcement;
  const reply = await wish({ type: way });
  if (reply.kind !== 'done' || name === undefined) return;
  const { announcement } = useUi.getState();
  const what = `${way === 'undo' ? 'Undone' : 'Made again'}: ${name}`;
  announce(announcement === before ? what : `${what}; ${announcement}`);
}
