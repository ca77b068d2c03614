import { useEffect, useState } from 'react';
import type { PacketQuery, PacketTable } from '../../../core/protocol/messages.ts';
import { granted } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';

/** Rows that are asked for in front of those in sight, and of all that are asked for at once. */
const IN_FRONT = 60;
const AT_ONCE = 240;

/** What was answered last: of a query that is refused, the table before stays. */
interface Answered {
  readonly table?: PacketTable;
  /** Of which query the table is. */
  readonly key?: string;
  readonly problem?: string;
}

/**
 * The packets of a query around the row in sight, asked anew when one of the three changes,
 * and when more of them have verdicts; and why the query is refused.
 */
export function useTable(query: PacketQuery, first: number, last: number): Answered {
  const run = useSession((state) => state.view?.run);
  const done = useSession((state) => state.view?.packetsRun.done);
  const packets = useSession((state) => state.view?.packetNames);
  const [answer, setAnswer] = useState<Answered>({});
  const key = `${JSON.stringify(query)} ${run}`;
  const [asked, setAsked] = useState(0);
  const { table } = answer;
  const isThere = table && answer.key === key && first >= table.from && last < endOf(table);
  const from = isThere ? asked : Math.max(0, first - IN_FRONT);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key has the query in it
  useEffect(() => {
    let current = true;
    if (run === undefined) return;
    granted({ type: 'list-packets', query, from, count: AT_ONCE }, 'list-packets').then((reply) => {
      if (!current) return;
      if (typeof reply === 'string') {
        if (reply !== '') setAnswer((before) => ({ ...before, problem: reply }));
      } else if (reply.value?.kind === 'packet-table') {
        setAsked(from);
        setAnswer({ key, table: reply.value });
      }
    });
    return () => {
      current = false;
    };
  }, [key, from, packets, done]);
  return answer;
}

/** Behind the last row that was sent; behind all where those are the last ones. */
const endOf = ({ from, rows, matching }: PacketTable): number =>
  from + rows.length >= matching ? Number.POSITIVE_INFINITY : from + rows.length;
