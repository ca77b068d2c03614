import { useEffect } from 'react';
import type { MarkKind, TimelineMarks } from '../../core/protocol/messages.ts';
import { send } from '../engine/engine.ts';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';
import { remember } from '../ui/storage.ts';
import { go } from './wish.ts';

/**
 * What a mark is called, and its shape in a box of 8 by 8; below the line stands what a person has
 * set.
 */
export const MARK_ROWS: Record<
  MarkKind,
  { one: string; many: string; path: string; below?: true }
> = {
  call: { one: 'call', many: 'Calls', path: 'M4 0 8 8H0z' },
  jump: { one: 'branch taken', many: 'Branches taken', path: 'M4 0h3L4 8H1z' },
  'packet-write': {
    one: 'write to the packet',
    many: 'Writes to the packet',
    path: 'M.5.5h7v7h-7z',
  },
  'map-write': { one: 'write to a map', many: 'Writes to maps', path: 'M4 0 8 4 4 8 0 4z' },
  output: { one: 'output', many: 'Output', path: 'M0 1h8v2H0zM0 5h8v2H0z' },
  breakpoint: {
    one: 'breakpoint',
    many: 'Breakpoints',
    path: 'M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
    below: true,
  },
  watchpoint: {
    one: 'watchpoint',
    many: 'Watchpoints',
    path: 'M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 2.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3z',
    below: true,
  },
  edit: { one: 'change of yours', many: 'Changes of yours', path: 'M0 0h8L4 8z', below: true },
};
export const KINDS = Object.keys(MARK_ROWS) as MarkKind[];

/** Longer runs are gone through only when somebody asks: it takes the worker's time. */
const MOST_UNASKED = 100_000;

/** What the marks belong to: other inputs, breakpoints or watchpoints make them stale. */
function subject(): string | undefined {
  const { view } = useSession.getState();
  if (!view?.outcome?.ran) return undefined;
  const { packet, run, breakpoints, rules, watchpoints, edits } = view;
  return JSON.stringify([packet, run, breakpoints, rules, watchpoints, edits]);
}

/** Asks for the marks where they are not there. */
export async function lookForMarks(): Promise<TimelineMarks | undefined> {
  const asked = subject();
  const { marks } = useUi.getState();
  if (asked === undefined || marks?.of === asked) return marks?.found;
  const reply = await send({ type: 'marks' }, 'marks');
  if (reply.kind !== 'done' || reply.value?.kind !== 'marks' || subject() !== asked)
    return undefined;
  useUi.setState({ marks: { of: asked, found: reply.value } });
  return reply.value;
}

/** The marks as they are now; short runs are looked through unasked. */
export function useMarks(): TimelineMarks | undefined {
  const now = useSession(subject);
  const isShort = useSession((state) => (state.view?.outcome?.steps ?? 0) <= MOST_UNASKED);
  const marks = useUi((state) => state.marks);
  const busy = useSession((state) => state.busy !== undefined);
  useEffect(() => {
    if (now !== undefined && isShort && !busy) lookForMarks();
  }, [now, isShort, busy]);
  return marks?.of === now ? marks?.found : undefined;
}

export function showKind(kind: MarkKind, shown: boolean): void {
  const kinds = useUi.getState().markKinds.filter((other) => other !== kind);
  const markKinds = shown ? [...kinds, kind] : kinds;
  remember('timeline-marks', markKinds);
  useUi.setState({ markKinds });
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
    useUi.setState({
      announcement: direction > 0 ? 'No mark behind this step' : 'No mark before this step',
    });
    return;
  }
  await go({ how: 'to-step', step: next.step }, 'to-step');
  const there = marks
    .filter(({ step }) => step === next.step)
    .map(({ kind }) => MARK_ROWS[kind].one);
  useUi.setState(({ announcement }) => ({ announcement: `${there.join(', ')}: ${announcement}` }));
}
