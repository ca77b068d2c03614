import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { TrafficStatistics as Found, TrafficView } from '../../../core/protocol/messages.ts';
import { asked, openTrafficPacket } from '../../actions/traffic.ts';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Chart } from './Chart.tsx';
import { LinkWord } from './LinkWord.tsx';
import { share } from './statistics.ts';

interface TrafficSumsProps {
  readonly traffic: TrafficView;
  /** Shows the packets of a verdict alone, or those that a filter leaves. */
  readonly onFilter: (only: { verdict?: string; text?: string }) => void;
}

/** The whole capture summed up; what is pressed leads to the packets that it counts. */
export function TrafficSums({ traffic, onFilter }: TrafficSumsProps) {
  const [open, setOpen] = useState(false);
  const found = useStatistics(traffic);
  const total = traffic.packets;
  if (found === undefined) return null;
  return (
    <>
      <div className="traffic-strip">
        <Chart
          found={{ ...found, total }}
          onPart={(part) => onFilter({ text: partFilter(part, found.partSize) })}
        />
      </div>
      <details
        className="capture-statistics"
        open={open}
        onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      >
        <summary>Statistics</summary>
        {open && (
          <div className="statistics">
            <Outcomes found={found} onFilter={onFilter} />
            <Protocols found={found} onFilter={onFilter} />
            <Flows found={found} onFilter={onFilter} />
            <Counts
              title="Fault at"
              rows={found.faults.map((row) => ({ ...row, text: row.place }))}
            />
            <Counts
              title="Not given to the program"
              rows={found.bypassed.map((row) => ({ ...row, text: row.reason }))}
            />
            <Counts title="Notes on verdicts" rows={found.warnings} />
          </div>
        )}
      </details>
    </>
  );
}

/** The filter of a part of the chart. */
const partFilter = (part: number, size: number): string =>
  `frame.number >= ${part * size + 1} and frame.number <= ${(part + 1) * size}`;

/** Between two questions while verdicts come in. */
const REST_MS = 400;

/** Asked for anew when more packets have run. */
function useStatistics({ judged, engine }: TrafficView): Found | undefined {
  const [found, setFound] = useState<Found>();
  const last = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they change what is counted
  useEffect(() => {
    const ask = () => {
      last.current = performance.now();
      asked({ type: 'traffic-statistics' }, 'traffic-statistics', 'traffic-statistics').then(
        (value) => value && setFound(value),
      );
    };
    const rest = setTimeout(ask, Math.max(0, last.current + REST_MS - performance.now()));
    return () => clearTimeout(rest);
  }, [judged, engine]);
  return found;
}

type TableProps = Pick<TrafficSumsProps, 'onFilter'> & { found: Found };

function Head({ children }: { children: readonly string[] }) {
  return (
    <thead>
      <tr>
        {children.map((word) => (
          <th key={word} scope="col">
            {word}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** A packet that can be opened. */
function Packet({ index, children }: { index: number; children: ReactNode }) {
  return (
    <LinkWord title="Opens it at its state" act={() => openTrafficPacket(index)}>
      {children}
    </LinkWord>
  );
}

function Outcomes({ found, onFilter }: TableProps) {
  const rarest = found.outcomes.length > 1 ? found.outcomes.at(-1)?.name : undefined;
  return (
    <table aria-label="By verdict">
      <Head>{['Verdict', 'Packets', 'Share', 'First', 'Most instructions']}</Head>
      <tbody>
        {found.outcomes.map(({ name, action, count: times, first, slowest }) => (
          <tr key={name}>
            <th scope="row">
              <Icon name={action} />{' '}
              <LinkWord title="Shows these alone" act={() => onFilter({ verdict: name })}>
                {name}
              </LinkWord>
              {name === rarest && <small className="note"> rarest</small>}
            </th>
            <td>{count(times)}</td>
            <td>{share(times, found.judged)}</td>
            <td>
              <Packet index={first}>packet {count(first + 1)}</Packet>
            </td>
            <td>
              <Packet index={slowest.index}>
                {count(slowest.steps)} in packet {count(slowest.index + 1)}
              </Packet>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Protocols({ found, onFilter }: TableProps) {
  return (
    <table aria-label="By protocol">
      <Head>{['Protocol', 'Packets', 'Verdicts']}</Head>
      <tbody>
        {found.protocols.map(({ label, filter, count: times, outcomes }) => (
          <tr key={label}>
            <th scope="row">
              <LinkWord title={`Shows ${filter}`} act={() => onFilter({ text: filter })}>
                {label}
              </LinkWord>
            </th>
            <td>{count(times)}</td>
            <td>{outcomes.map((one) => `${one.name} ${count(one.count)}`).join(', ')}</td>
          </tr>
        ))}
        {found.otherProtocols > 0 && (
          <tr>
            <th scope="row">others</th>
            <td>{count(found.otherProtocols)}</td>
            <td />
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Flows({ found, onFilter }: TableProps) {
  const { flows, flowCount, otherFlows } = found;
  if (flowCount === 0) return null;
  const left = flowCount - flows.length;
  return (
    <table aria-label="By flow">
      <Head>{['Flow', 'Packets', 'Stopped']}</Head>
      <tbody>
        {flows.map(({ name, filter, count: times, stopped }) => (
          <tr key={filter}>
            <th scope="row">
              <LinkWord title={`Shows ${filter}`} act={() => onFilter({ text: filter })}>
                {name}
              </LinkWord>
            </th>
            <td>{count(times)}</td>
            <td>{count(stopped)}</td>
          </tr>
        ))}
        {left > 0 && (
          <tr>
            <th scope="row">{count(left)} smaller flows</th>
            <td />
            <td />
          </tr>
        )}
        {otherFlows > 0 && (
          <tr>
            <th scope="row">flows that came when {count(flowCount)} were told apart</th>
            <td>{count(otherFlows)}</td>
            <td />
          </tr>
        )}
      </tbody>
    </table>
  );
}

interface CountsProps {
  title: string;
  rows: readonly { text: string; message?: string; count: number; first: number }[];
}

/** What happened how often, and to which packet first. */
function Counts({ title, rows }: CountsProps) {
  if (rows.length === 0) return null;
  return (
    <table aria-label={title}>
      <Head>{[title, 'Packets', 'First']}</Head>
      <tbody>
        {rows.map(({ text, message = text, count: times, first }) => (
          <tr key={`${text} ${message}`}>
            <th scope="row" title={message}>
              {text}
            </th>
            <td>{count(times)}</td>
            <td>
              <Packet index={first}>packet {count(first + 1)}</Packet>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
