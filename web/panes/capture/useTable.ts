import { useEffect, useState } from 'react';
import type { PacketQuery, PacketTable } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';

/** Rows that are asked for in front of those in sight, and of all that are asked for at once. */
const IN_FRONT = 60;
const AT_ONCE = 240;

/**
 * The packets of a query around the row in sight, asked anew when one of the three changes,
 * and when more of them have verdicts.
 */
export function useTable(query: PacketQuery, first: number, last: number): PacketTable | undefined {
  const run = useSession((state) => state.view?.run);
  const done = useSession((state) => state.view?.packetsRun.done);
  const packets = useSession((state) => state.view?.packetNames);
  const [answer, setAnswer] = useState<{ key: string; table: PacketTable }>();
  const key = `${JSON.stringify(query)} ${run}`;
  const [asked, setAsked] = useState(0);
  const isThere = answer?.key === key && first >= answer.table.from && last < endOf(answer.table);
  const from = isThere ? asked : Math.max(0, first - IN_FRONT);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key has the query in it
  useEffect(() => {
    let current = true;
    if (run === undefined) return;
    wish({ type: 'list-packets', query, from, count: AT_ONCE }, 'list-packets').then((reply) => {
      if (!current || reply.kind !== 'done' || reply.value?.kind !== 'packet-table') return;
      setAsked(from);
      setAnswer({ key, table: reply.value });
    });
    return () => {
      current = false;
    };
  }, [key, from, packets, done]);
  return answer?.table;
}

/** Behind the last row that was sent; behind all where those are the last ones. */
const endOf = ({ from, rows, matching }: PacketTable): number =>
  from + rows.length >= matching ? Number.POSITIVE_INFINITY : from + rows.length;
