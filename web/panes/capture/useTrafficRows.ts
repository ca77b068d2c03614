import { useEffect, useRef, useState } from 'react';
import type {
  TrafficQueryState,
  TrafficRow,
  TrafficRows,
  TrafficView,
} from '../../../core/protocol/messages.ts';
import { asked } from '../../actions/traffic.ts';

/** Rows that are asked for in front of those in sight, and of all that are asked for at once. */
const IN_FRONT = 60;
const AT_ONCE = 200;

type Answered = Pick<TrafficRows, 'query' | 'from' | 'rows'>;
const NONE: Answered = { query: -1, from: 0, rows: [] };

/**
 * The rows of the list around those in sight, asked anew as verdicts come in; what is on the way is
 * undefined.
 */
export function useTrafficRows(
  { id, shown }: TrafficQueryState,
  { judged, compared }: Pick<TrafficView, 'judged' | 'compared'>,
  first: number,
  last: number,
): (row: number) => TrafficRow | undefined {
  const [answer, setAnswer] = useState<Answered>(NONE);
  const waiting = useRef(false);
  const end = Math.min(last, shown - 1);
  const isThere =
    answer.query === id && first >= answer.from && end < answer.from + answer.rows.length;
  const isFresh =
    isThere &&
    answer.rows
      .slice(first - answer.from, end - answer.from + 1)
      .every(
        ({ verdict, other, index }) =>
          (verdict !== undefined || index >= judged) && (other !== undefined || index >= compared),
      );
  const from = Math.max(0, first - IN_FRONT);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came may be old already
  useEffect(() => {
    if (isFresh || shown === 0 || waiting.current) return;
    waiting.current = true;
    asked({ type: 'traffic-rows', from, count: AT_ONCE }, 'traffic-rows', 'traffic-rows').then(
      (found) => {
        waiting.current = false;
        if (found) setAnswer(found);
      },
    );
  }, [isFresh, shown, from, judged, compared, answer]);
  return (row) => (answer.query === id ? answer.rows[row - answer.from] : undefined);
}
