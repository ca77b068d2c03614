import { type ReactNode, useEffect, useState } from 'react';
import type {
  TrafficCoverage,
  TrafficErrand,
  TrafficView,
} from '../../../core/protocol/messages.ts';
import { fetchResult, openTrafficPacket, orderTraffic, sendErrand } from '../../actions/traffic.ts';
import { useSession } from '../../stores/session.ts';
import { markRan, pointAtCode } from '../../stores/ui.ts';
import { count, times } from '../../ui/format.ts';
import { Compare, WhatDiffers } from './Compare.tsx';
import { HistoryOfKey, type KeyHistoryProps } from './KeyHistory.tsx';
import { LinkWord } from './LinkWord.tsx';
import { MapsAlong } from './MapsAlong.tsx';

/** What can be had of a capture beside its verdicts: files, coverage, maps along it. */
export function TrafficTools({ traffic }: { traffic: TrafficView }) {
  const { result, start } = useErrand(traffic);
  const { errand } = traffic;
  const isIdle = errand === undefined && traffic.judged > 0;
  return (
    <section className="traffic-tools" aria-label="Tools">
      <div className="traffic-line">
        <Exports start={start} isIdle={isIdle} />
        <button
          type="button"
          className="button small"
          disabled={!isIdle}
          onClick={() => start({ kind: 'coverage' })}
        >
          Coverage
        </button>
        {errand && (
          <span className="traffic-errand">
            <progress
              aria-label={errand.what}
              max={Math.max(1, errand.total)}
              value={errand.done}
            />
            <span className="note">
              {errand.what}: {count(errand.done)} of {count(errand.total)}
            </span>
            <button
              type="button"
              className="button small"
              onClick={() => orderTraffic('drop-errand')}
            >
              Stop
            </button>
          </span>
        )}
      </div>
      <Compare traffic={traffic} start={start} isIdle={isIdle} />
      {result?.kind === 'traffic-comparison' && <WhatDiffers found={result} open={traffic.open} />}
      {result?.kind === 'traffic-coverage' && <Coverage found={result} />}
      <MapsAlong traffic={traffic}>
        {(map, key) => (
          <button
            type="button"
            className="button small"
            disabled={!isIdle}
            title="What it held behind each packet"
            onClick={() => start({ kind: 'key-history', map, key })}
          >
            History
          </button>
        )}
      </MapsAlong>
      {result?.kind === 'key-history' && (
        <HistoryOfKey found={result as KeyHistoryProps['found']} />
      )}
    </section>
  );
}

type Result = Awaited<ReturnType<typeof fetchResult>>;

/** Starts work along the capture, and fetches what came of it when it is done. */
function useErrand({ errand }: TrafficView) {
  const [result, setResult] = useState<Result>();
  const isDone = errand?.isDone ?? false;
  useEffect(() => {
    if (isDone) fetchResult().then((value) => value && setResult(value));
  }, [isDone]);
  const start = (wanted: TrafficErrand) => {
    setResult(undefined);
    sendErrand(wanted);
  };
  return { result, start };
}

const FILES: readonly { readonly label: string; readonly errand: TrafficErrand }[] = [
  { label: 'Passed packets, pcapng', errand: { kind: 'packets', choice: 'passed' } },
  { label: 'Dropped packets, pcapng', errand: { kind: 'packets', choice: 'dropped' } },
  { label: 'Redirected packets, pcapng', errand: { kind: 'packets', choice: 'redirected' } },
  { label: 'Changed packets, pcapng', errand: { kind: 'packets', choice: 'changed' } },
  { label: 'All packets, pcapng', errand: { kind: 'packets', choice: 'all' } },
  { label: 'Results, CSV', errand: { kind: 'results', format: 'csv' } },
  { label: 'Results, JSON', errand: { kind: 'results', format: 'json' } },
];

interface ExportsProps {
  start: (errand: TrafficErrand) => void;
  isIdle: boolean;
}

function Exports({ start, isIdle }: ExportsProps) {
  const [chosen, setChosen] = useState(1);
  return (
    <span className="traffic-export">
      <label>
        Export{' '}
        <select value={chosen} onChange={({ target }) => setChosen(Number(target.value))}>
          {FILES.map(({ label }, i) => (
            <option key={label} value={i}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="button small"
        disabled={!isIdle}
        onClick={() => {
          const file = FILES[chosen];
          if (file) start(file.errand);
        }}
      >
        Save
      </button>
    </span>
  );
}

/** A part of the tools that is folded away. */
export function Tool({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="traffic-tool" open>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

function Coverage({ found }: { found: TrafficCoverage }) {
  const { packets, instructions, ran, lines, isWhole } = found;
  const missed = lines.filter(({ first }) => first === undefined).length;
  return (
    <Tool
      title={
        `Coverage: ${count(ran)} of ${count(instructions)} instructions ran on ` +
        `${count(packets)} packets${isWhole || ran === instructions ? '' : ', stopped there'}` +
        (lines.length > 0 ? `; ${count(missed)} of ${count(lines.length)} lines never` : '')
      }
    >
      <MarkRan found={found} />
      <div className="traffic-coverage">
        {lines.length > 0 ? <Lines found={found} /> : <Slots found={found} />}
      </div>
    </Tool>
  );
}

/** The numbers beside the instructions. */
function MarkRan({ found }: { found: TrafficCoverage }) {
  const code = useSession((state) => state.view?.code);
  if (code === undefined) return null;
  return (
    <button
      type="button"
      className="button small"
      title="Has the listing say how often each instruction ran"
      onClick={() => markRan(found, code)}
    >
      Show in Program
    </button>
  );
}

function Lines({ found: { lines } }: { found: TrafficCoverage }) {
  return (
    <table aria-label="Coverage by line">
      <tbody>
        {lines.map(({ file, line, text, first, count: ran }) => (
          <tr key={`${file}:${line}`} className={first === undefined ? 'missed' : 'ran'}>
            <td className="number">{line}</td>
            <td>
              {first === undefined ? (
                'never'
              ) : (
                <LinkWord
                  title="Opens the first packet that reached it"
                  act={() => openTrafficPacket(first)}
                >
                  from packet {count(first + 1)}
                </LinkWord>
              )}
            </td>
            <td className="number">{ran > 0 && times(ran)}</td>
            <td>
              <code title={file}>{text}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Slots({ found: { slots } }: { found: TrafficCoverage }) {
  return (
    <table aria-label="Coverage by instruction">
      <tbody>
        {slots.map(({ pc, first, count: ran }) => (
          <tr key={pc}>
            <td>
              <LinkWord title="Shows the instruction" act={() => pointAtCode(pc)}>
                instruction {pc}
              </LinkWord>
            </td>
            <td>
              <LinkWord
                title="Opens the first packet that reached it"
                act={() => openTrafficPacket(first)}
              >
                from packet {count(first + 1)}
              </LinkWord>
            </td>
            <td className="number">{times(ran)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
