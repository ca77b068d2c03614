import type { MarkKind, TimelineMarks } from '../../core/protocol/messages.ts';
import { send } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { announce, setMarkKinds, setMarks, useUi } from '../stores/ui.ts';
import { MARK_ROWS } from '../ui/mark-rows.ts';
import { go } from './wish.ts';

/** What the marks belong to: other inputs, breakpoints or watchpoints make them stale. */
export function subjectOfMarks(): string | undefined {
  const { view } = useSession.getState();
  if (!view?.outcome?.ran) return undefined;
  const { packet, run, breakpoints, rules, watchpoints, edits } = view;
  return JSON.stringify([packet, run, breakpoints, rules, watchpoints, edits]);
}

/** Asks for the marks where they are not there. */
export async function lookForMarks(): Promise<TimelineMarks | undefined> {
  const asked = subjectOfMarks();
  const { marks } = useUi.getState();
  if (asked === undefined || marks?.of === asked) return marks?.found;
  const reply = await send({ type: 'marks' }, 'marks');
  if (reply.kind !== 'done' || reply.value?.kind !== 'marks' || subjectOfMarks() !== asked)
    return undefined;
  setMarks(asked, reply.value);
  return reply.value;
}

export function showKind(kind: MarkKind, shown: boolean): void {
  const kinds = useUi.getState().markKinds.filter((other) => other !== kind);
  setMarkKinds(shown ? [...kinds, kind] : kinds);
}

/** To the next mark that is shown, or to the one before; says which it is. */
export async function goToMark(direction: 1 | -1): Promise<void> {
  const found = await lookForMarks();
  const here = useSession.getState().snapshot?.step;
  if (found === undefined || here === undefined) return;
  const marks = useUi
    .getState()
    .markKinds.flatMap((kind) => found.marks[kind].map(({ step }) => ({ kind, step })))
    .filter(({ step }) => (step - here) * direction > 0)
    .sort((a, b) => (a.step - b.step) * direction);
  const [next] = marks;
  if (next === undefined) {
    announce(direction > 0 ? 'No mark behind this step' : 'No mark before this step');
    return;
  }
  await go({ how: 'to-step', step: next.step }, 'to-step');
  const there = marks
    .filter(({ step }) => step === next.step)
    .map(({ kind }) => MARK_ROWS[kind].one);
  announce(`${there.join(', ')}: ${useUi.getState().announcement}`);
}
