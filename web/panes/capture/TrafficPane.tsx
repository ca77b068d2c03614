import { useEffect, useState } from 'react';
import type { TrafficQuery, TrafficView } from '../../../core/protocol/messages.ts';
import { seekPacket } from '../../actions/packets.ts';
import { granted } from '../../actions/wish.ts';
import { announce, setTrafficQuery, useUi } from '../../stores/ui.ts';
import { count } from '../../ui/format.ts';
import { PacketFilter } from './PacketFilter.tsx';
import { Seek } from './Seek.tsx';
import { TrafficProgress } from './TrafficProgress.tsx';
import { TrafficSums } from './TrafficSums.tsx';
import { TrafficTable } from './TrafficTable.tsx';
import { TrafficTools } from './TrafficTools.tsx';
import { VerdictChips } from './VerdictChips.tsx';

const EVERY: TrafficQuery = { text: '', sort: 'number', descending: false };

/** A capture of any size with the program over all of it. */
export function TrafficPane({ traffic }: { traffic: TrafficView }) {
  const { query, setQuery, problem } = useQuery(`${traffic.name} ${traffic.size}`);
  const { query: state } = traffic;
  const isNarrowed = query.text !== '' || query.verdict !== undefined;
  useEffect(() => {
    if (isNarrowed && state.isDone) announce(`${count(state.matching)} packets`);
  }, [isNarrowed, state.isDone, state.matching]);
  return (
    <section className="pane capture traffic-pane" aria-label="Capture" data-pane="capture">
      <TrafficProgress traffic={traffic} />
      <header className="capture-bar">
        <VerdictChips
          counts={traffic.counts}
          verdict={query.verdict}
          onVerdict={(verdict) => {
            const { verdict: _before, ...rest } = query;
            setQuery({ ...rest, ...(verdict !== undefined && { verdict }) });
          }}
        />
        <PacketFilter
          text={query.text}
          onText={(text) => setQuery({ ...query, text })}
          takenFor={state.takenFor}
          problem={problem}
        />
        <Seek onSeek={seekPacket} />
        <span className="note capture-count">
          {count(state.matching)} of {count(traffic.packets)} packets
          {!state.isDone && isNarrowed && `, looking: ${count(state.scanned)}`}
          {!state.isDone && !isNarrowed && query.sort !== 'number' && ', sorting'}
        </span>
        {!state.isDone && isNarrowed && (
          <button type="button" className="button small" onClick={() => setQuery(EVERY)}>
            Show all
          </button>
        )}
      </header>
      <div className="traffic-upper">
        <TrafficSums
          traffic={traffic}
          onFilter={({ verdict, text = '' }) =>
            setQuery({
              text,
              sort: query.sort,
              descending: query.descending,
              ...(verdict !== undefined && { verdict }),
            })
          }
        />
        <TrafficTools traffic={traffic} />
      </div>
      <TrafficTable traffic={traffic} query={query} onQuery={setQuery} />
    </section>
  );
}

/**
 * What is asked for of a capture, also by a list that was left meanwhile, and why it is refused:
 * the list stays that of the one before then.
 */
function useQuery(of: string) {
  const kept = useUi(({ trafficQuery }) => trafficQuery);
  const query = kept?.of === of ? kept.query : EVERY;
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isCurrent = true;
    granted({ type: 'traffic-query', query }, 'traffic-query').then((reply) => {
      if (isCurrent) setProblem(typeof reply === 'string' && reply !== '' ? reply : undefined);
    });
    return () => {
      isCurrent = false;
    };
  }, [query]);
  const setQuery = (now: TrafficQuery) => setTrafficQuery(of, now);
  return { query, setQuery, problem };
}
