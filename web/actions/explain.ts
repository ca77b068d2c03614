import type { WatchTarget } from '../../core/protocol/messages.ts';
import { useSession } from '../stores/session.ts';
import { setAnswer, setQuestion, showPlace, useUi } from '../stores/ui.ts';
import type { Question } from '../stores/ui-state.ts';
import { wish } from './wish.ts';

/** What an explanation belongs to: other inputs make it stale. */
const subject = (): string | undefined => {
  const { view } = useSession.getState();
  return view?.outcome && `${view.packet} ${view.run}`;
};

/**
 * Asks why the verdict is what it is, or why something holds what it holds; shows the answer and
 * its marks.
 */
export async function explain(target?: WatchTarget, name = ''): Promise<void> {
  const question: Question = {
    ...(target && { target }),
    name,
    step: useSession.getState().snapshot?.step ?? 0,
  };
  const asked = subject();
  setQuestion(question);
  const reply = await wish({ type: 'explain', ...(target && { target }) }, 'explain');
  if (useUi.getState().question !== question || subject() !== asked) return;
  if (reply.kind === 'done' && reply.value?.kind === 'why')
    setAnswer({ question, why: reply.value });
}

/** The same from another pane. */
export function explainThere(target: WatchTarget, name: string): void {
  explain(target, name);
  showPlace('why');
}

/** An explanation goes with what it belongs to. */
export function forgetStaleAnswers(): void {
  let before = subject();
  useSession.subscribe(() => {
    const now = subject();
    if (now === before) return;
    before = now;
    setQuestion(undefined);
  });
}
