import { useEffect, useRef } from 'react';
import type { ChainRunView, ChainView } from '../../../core/protocol/messages.ts';
import { orderChain, setChainSpeed } from '../../actions/netdev.ts';
import { announce } from '../../stores/ui.ts';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ChangesLeftOut } from '../shared/ChangesLeftOut.tsx';
import { TrafficForm } from './TrafficForm.tsx';
import { nameOfSpeed, paceOf, progressWords, SPEEDS } from './words.ts';

/** What flows, how fast, and how far it is. */
export function FlowBar({ chain }: { chain: ChainView }) {
  const { run, problem, speed } = chain;
  useAnnounced(run);
  return (
    <section className="flow-bar" aria-label="Traffic">
      <div className="flow-line">
        <Orders run={run} />
        <label>
          Speed{' '}
          <select
            value={nameOfSpeed(speed)}
            onChange={({ target }) => {
              const row = SPEEDS.find(({ name }) => name === target.value);
              if (row) setChainSpeed(row.speed);
            }}
          >
            {SPEEDS.map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {run && (
          <>
            <progress
              aria-label="Packets that have flowed"
              max={Math.max(1, run.packets)}
              value={run.entered}
            />
            <span className="note flow-numbers">
              {progressWords(run)}
              {run.state === 'running' && `, ${paceOf(run.rate)}`}
            </span>
          </>
        )}
      </div>
      {problem !== undefined && <p className="field-refusal">{problem}</p>}
      <ChangesLeftOut />
      <TrafficForm chain={chain} />
    </section>
  );
}

function Orders({ run }: { run: ChainRunView | undefined }) {
  if (run?.state === 'running')
    return (
      <button type="button" className="button primary" onClick={() => orderChain('pause')}>
        <Icon name="pause" /> Pause
      </button>
    );
  const label = run === undefined ? 'Start' : run.state === 'paused' ? 'Go on' : 'Start anew';
  return (
    <>
      <button type="button" className="button primary" onClick={() => orderChain('start')}>
        <Icon name="run" /> {label}
      </button>
      {run && (
        <button
          type="button"
          className="button"
          title="Away with what was counted"
          onClick={() => orderChain('stop')}
        >
          <Icon name="reset" /> Reset
        </button>
      )}
    </>
  );
}

/** A screen reader is told of the end, and of each change of the chain. */
function useAnnounced(run: ChainRunView | undefined): void {
  const isDone = run?.state === 'done';
  const told = useRef(isDone);
  const [event] = run?.events ?? [];
  const words = event && `From packet ${count(event.packet)} on: ${event.words.join(', ')}`;
  useEffect(() => {
    if (words) announce(words);
  }, [words]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: said once, when all are through
  useEffect(() => {
    if (isDone && !told.current && run) {
      const { delivered } = run.counts;
      const through = delivered['to-guest'] + delivered['from-guest'];
      announce(
        `All ${count(run.entered)} packets have flowed: ` +
          `${count(through)} arrived, ${count(run.drops.count)} were dropped`,
      );
    }
    told.current = isDone;
  }, [isDone]);
}
