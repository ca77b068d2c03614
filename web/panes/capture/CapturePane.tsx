import { useEffect, useState } from 'react';
import type { PacketQuery } from '../../../core/protocol/messages.ts';
import { seekPacket } from '../../actions/packets.ts';
import { useSession } from '../../stores/session.ts';
import { announce } from '../../stores/ui.ts';
import { count } from '../../ui/format.ts';
import './capture.css';
import { PacketFilter } from './PacketFilter.tsx';
import { PacketTableView } from './PacketTableView.tsx';
import { Seek } from './Seek.tsx';
import { Statistics } from './Statistics.tsx';
import { TrafficPane } from './TrafficPane.tsx';
import { useTable } from './useTable.ts';
import { VerdictChips } from './VerdictChips.tsx';

const NONE_RUN = { done: 0, more: false };
const EVERY: PacketQuery = { text: '', sort: 'number', descending: false };

/** All packets with what became of them; of a capture that is too large for a session, its own. */
export function CapturePane() {
  const traffic = useSession((state) => state.view?.traffic);
  return traffic ? <TrafficPane traffic={traffic} /> : <PacketsPane />;
}

/** The packets of the session: counted by verdict, filtered, sorted. */
function PacketsPane() {
  const [query, setQuery] = useState(EVERY);
  const [sight, setSight] = useState({ first: 0, last: 0 });
  const { table, problem } = useTable(query, sight.first, sight.last);
  const running = useRunning();
  const matching = table?.matching;
  useEffect(() => {
    if (matching !== undefined && (query.text !== '' || query.verdict !== undefined))
      announce(`${count(matching)} packets`);
  }, [matching, query.text, query.verdict]);
  return (
    <section className="pane capture" aria-label="Capture" data-pane="capture">
      <header className="capture-bar">
        <VerdictChips
          counts={table?.counts ?? []}
          verdict={query.verdict}
          onVerdict={(verdict) => {
            const { verdict: _before, ...rest } = query;
            setQuery({ ...rest, ...(verdict !== undefined && { verdict }) });
          }}
        />
        <PacketFilter
          text={query.text}
          onText={(text) => setQuery({ ...query, text })}
          takenFor={table?.takenFor}
          problem={problem}
        />
        <Seek onSeek={seekPacket} />
        <span className="note capture-count">
          {table && `${count(table.matching)} of ${count(table.total)} packets`}
          {running ?? (table && table.unjudged > 0 && `, ${count(table.unjudged)} not run`)}
        </span>
      </header>
      <Statistics
        onFilter={({ verdict, text = '' }) =>
          setQuery({
            text,
            sort: query.sort,
            descending: query.descending,
            ...(verdict !== undefined && { verdict }),
          })
        }
      />
      {table && (
        <PacketTableView table={table} query={query} onQuery={setQuery} onSight={setSight} />
      )}
    </section>
  );
}

/** How far the packets are that have no verdict yet; undefined where none is left to run. */
function useRunning(): string | undefined {
  const total = useSession((state) => state.view?.packetNames.length ?? 0);
  const { done, more } = useSession((state) => state.view?.packetsRun ?? NONE_RUN);
  return more ? `, running: ${count(done)} of ${count(total)}` : undefined;
}
