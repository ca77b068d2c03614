import { useEffect, useRef, useState } from 'react';
import type { TrafficView } from '../../../core/protocol/messages.ts';
import { orderTraffic, setTrafficClock } from '../../actions/traffic.ts';
import { wish } from '../../actions/wish.ts';
import { announce } from '../../stores/ui.ts';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ChangesLeftOut } from '../shared/ChangesLeftOut.tsx';
import { coresWords, expectedPackets, type Mark, paceWords, rateOf, withMark } from './progress.ts';

/** How far the program is on the capture, and what can be done about it. */
export function TrafficProgress({ traffic }: { traffic: TrafficView }) {
  const { name, judged, state, problem, isStale, notes } = traffic;
  const pace = usePace(traffic);
  useAnnounced(traffic);
  const total = expectedPackets(traffic);
  return (
    <section className="traffic-progress" aria-label="Run over the capture">
      <div className="traffic-line">
        <b className="clip" title={name}>
          {name}
        </b>
        <progress aria-label="Packets that have run" max={Math.max(1, total)} value={judged} />
        <span className="note traffic-numbers">
          {count(judged)} of {traffic.isWhole ? '' : 'about '}
          {count(total)} packets {problem === undefined && STATES[state]}
          {pace && state === 'running' && `, ${pace}`}
        </span>
        <Orders traffic={traffic} />
        {problem === undefined && <CoresNote traffic={traffic} />}
        <Choices traffic={traffic} />
        <button
          type="button"
          className="icon-button small"
          aria-label="Put the capture away"
          title="Puts the capture away: the packet that is open stays"
          onClick={() => wish({ type: 'traffic-close' })}
        >
          <Icon name="remove" />
        </button>
      </div>
      {problem !== undefined && <p className="field-refusal">{problem}</p>}
      {isStale && problem === undefined && (
        <p className="traffic-note">
          <Icon name="warning" /> The set-up was changed since: verdicts, and states of packets, are
          of the one before.
        </p>
      )}
      <ChangesLeftOut />
      {notes.length > 0 && (
        <details className="traffic-notes">
          <summary>
            {count(notes.length)} {notes.length === 1 ? 'note' : 'notes'} on what was read
          </summary>
          <ul>
            {notes.slice(0, MOST_NOTES).map((note) => (
              <li key={note}>{note}</li>
            ))}
            {notes.length > MOST_NOTES && <li>and {count(notes.length - MOST_NOTES)} others</li>}
          </ul>
        </details>
      )}
    </section>
  );
}

/** How many cores run it, and why it is no more than one. */
function CoresNote({ traffic: { cores } }: { traffic: TrafficView }) {
  return cores && <span className="note traffic-cores">{coresWords(cores)}</span>;
}

const MOST_NOTES = 100;
const STATES = { running: 'run', paused: 'run, paused', cancelled: 'run, stopped', done: 'run' };

/** Packets a second and the time that is left, as the run goes on. */
function usePace(traffic: TrafficView): string {
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const { judged } = traffic;
  useEffect(() => {
    setMarks((before) => withMark(before, { at: performance.now(), judged }));
  }, [judged]);
  return paceWords(traffic, rateOf(marks));
}

/** A screen reader is told of each quarter, and of the end. */
function useAnnounced(traffic: TrafficView): void {
  const told = useRef(0);
  const { judged, state, counts } = traffic;
  const quarter = Math.floor((4 * judged) / Math.max(1, expectedPackets(traffic)));
  const isDone = state === 'done';
  // biome-ignore lint/correctness/useExhaustiveDependencies: said when one of the two changes
  useEffect(() => {
    if (isDone)
      announce(
        `All ${count(judged)} packets have run: ` +
          counts.map(({ name, count: times }) => `${name} ${count(times)}`).join(', '),
      );
    else if (quarter > told.current && quarter < 4) announce(`${25 * quarter} % have run`);
    told.current = quarter;
  }, [quarter, isDone]);
}

function Orders({ traffic: { state, problem, isStale, engine } }: { traffic: TrafficView }) {
  const isOn = state === 'running' || state === 'paused';
  return (
    <span className="traffic-orders">
      {problem === undefined && state === 'running' && (
        <button type="button" className="button small" onClick={() => orderTraffic('pause')}>
          <Icon name="pause" /> Pause
        </button>
      )}
      {problem === undefined && (state === 'paused' || state === 'cancelled') && (
        <button type="button" className="button small" onClick={() => orderTraffic('go-on')}>
          <Icon name="run" /> Go on
        </button>
      )}
      {problem === undefined && isOn && (
        <button type="button" className="button small" onClick={() => orderTraffic('cancel')}>
          Cancel
        </button>
      )}
      {(isStale || !isOn || problem !== undefined) && (
        <button
          type="button"
          className="button small"
          onClick={() => orderTraffic('again', engine)}
        >
          Run again
        </button>
      )}
    </span>
  );
}

const ENGINES = [
  { name: 'jit', label: 'compiled' },
  { name: 'interpreter', label: 'interpreter' },
] as const;

/** What runs the packets, and what their clock goes by. */
function Choices({ traffic: { engine, clock, isTimed } }: { traffic: TrafficView }) {
  return (
    <span className="traffic-choices">
      <label title="What runs the packets: both come to the same">
        Engine{' '}
        <select value={engine} onChange={({ target }) => orderTraffic('again', target.value)}>
          {ENGINES.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {isTimed && (
        <label title="When packets come, as programs see it">
          Clock{' '}
          <select
            value={clock}
            onChange={({ target }) =>
              setTrafficClock(target.value === 'capture' ? 'capture' : 'gap')
            }
          >
            <option value="gap">fixed gap</option>
            <option value="capture">times of the capture</option>
          </select>
        </label>
      )}
    </span>
  );
}
