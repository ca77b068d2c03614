import { useEffect } from 'react';
import type { TimelineMarks } from '../../core/protocol/messages.ts';
import { lookForMarks, subjectOfMarks } from '../actions/marks.ts';
import { useSession } from '../stores/session.ts';
import { useUi } from '../stores/ui.ts';

/** Longer runs are gone through only when somebody asks: it takes the worker's time. */
const MOST_UNASKED = 100_000;

/** The marks as they are now; short runs are looked through unasked. */
export function useMarks(): TimelineMarks | undefined {
  const now = useSession(subjectOfMarks);
  const isShort = useSession((state) => (state.view?.outcome?.steps ?? 0) <= MOST_UNASKED);
  const marks = useUi((state) => state.marks);
  const busy = useSession((state) => state.busy !== undefined);
  useEffect(() => {
    if (now !== undefined && isShort && !busy) lookForMarks();
  }, [now, isShort, busy]);
  return marks?.of === now ? marks?.found : undefined;
}
