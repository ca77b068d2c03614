import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import type { PacketStatistics } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { partInWords, share } from './statistics.ts';

interface StatisticsProps {
  /** Shows the packets of a verdict alone, or those with a word in them. */
  readonly onFilter: (only: { verdict?: string; text?: string }) => void;
}

const select = (index: number) => wish({ type: 'select-packet', index });

/** All packets summed up; what is pressed leads to the packets that it counts. */
export function Statistics({ onFilter }: StatisticsProps) {
  const [open, setOpen] = useState(false);
  const found = useStatistics(open);
  return (
    <details
      className="capture-statistics"
      open={open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>Statistics</summary>
      {found && (
        <div className="statistics">
          <Chart found={found} />
          <Outcomes found={found} onFilter={onFilter} />
          <Protocols found={found} onFilter={onFilter} />
          {found.faults.length > 0 && <Faults faults={found.faults} />}
        </div>
      )}
    </details>
  );
}

/** Asked for while they are looked at, anew when more packets have run. */
function useStatistics(isOpen: boolean): PacketStatistics | undefined {
  const run = useSession((state) => state.view?.run);
  const done = useSession((state) => state.view?.packetsRun.done);
  const [found, setFound] = useState<PacketStatistics>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: they change what is counted
  useEffect(() => {
    if (!isOpen) return;
    let isCurrent = true;
    wish({ type: 'packet-statistics' }, 'packet-statistics').then((reply) => {
      const value = reply.kind === 'done' ? reply.value : undefined;
      if (isCurrent && value?.kind === 'packet-statistics') setFound(value);
    });
    return () => {
      isCurrent = false;
    };
  }, [isOpen, run, done]);
  return found;
}

/** The verdicts along the capture: a column a part, its height is how many packets have run. */
function Chart({ found }: { found: PacketStatistics }) {
  const [at, setAt] = useState(0);
  const { outcomes, partSize } = found;
  const columns = outcomes[0]?.parts.length ?? 0;
  const keys = (event: KeyboardEvent<HTMLDivElement>) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: columns - 1 }[event.key];
    if (to === undefined || to < 0 || to >= columns) return;
    event.preventDefault();
    setAt(to);
    event.currentTarget.querySelectorAll('button')[to]?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of columns
    <div role="group" aria-label="Verdicts along the capture" className="chart" onKeyDown={keys}>
      {Array.from({ length: columns }, (_, part) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
          key={part}
          type="button"
          className="chart-column"
          tabIndex={part === at ? 0 : -1}
          aria-label={partInWords(found, part)}
          title={partInWords(found, part)}
          onClick={() => {
            setAt(part);
            select(part * partSize);
          }}
        >
          {outcomes.map(({ name, action, parts }) => (
            <span
              key={name}
              className={classes('chart-piece', action)}
              style={{ height: `${(100 * (parts[part] ?? 0)) / partSize}%` }}
            />
          ))}
        </button>
      ))}
    </div>
  );
}

/** A word of a table that leads somewhere. */
function Way({ children, title, act }: { children: ReactNode; title: string; act: () => unknown }) {
  return (
    <button type="button" className="link-button" title={title} onClick={act}>
      {children}
    </button>
  );
}

function Outcomes({ found, onFilter }: StatisticsProps & { found: PacketStatistics }) {
  return (
    <table aria-label="By verdict">
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Packets</th>
          <th scope="col">Share</th>
          <th scope="col">First</th>
          <th scope="col">Most instructions</th>
        </tr>
      </thead>
      <tbody>
        {found.outcomes.map(({ name, action, count: times, first, slowest }) => (
          <tr key={name}>
            <th scope="row">
              <Icon name={action} />{' '}
              <Way title="Shows these alone" act={() => onFilter({ verdict: name })}>
                {name}
              </Way>
            </th>
            <td>{count(times)}</td>
            <td>{share(times, found.judged)}</td>
            <td>
              <Way title="Selects it" act={() => select(first)}>
                packet {count(first + 1)}
              </Way>
            </td>
            <td>
              <Way title="Selects it" act={() => select(slowest.index)}>
                {count(slowest.steps)} in packet {count(slowest.index + 1)}
              </Way>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Protocols({ found, onFilter }: StatisticsProps & { found: PacketStatistics }) {
  const { protocols, otherProtocols } = found;
  return (
    <table aria-label="By protocol">
      <thead>
        <tr>
          <th scope="col">Protocol</th>
          <th scope="col">Packets</th>
          <th scope="col">Verdicts</th>
        </tr>
      </thead>
      <tbody>
        {protocols.map(({ protocol, count: times, outcomes }) => (
          <tr key={protocol}>
            <th scope="row">
              <Way
                title="Shows the packets that have this word"
                act={() => onFilter({ text: protocol })}
              >
                {protocol || 'none'}
              </Way>
            </th>
            <td>{count(times)}</td>
            <td>{outcomes.map((one) => `${one.name} ${count(one.count)}`).join(', ')}</td>
          </tr>
        ))}
        {otherProtocols > 0 && (
          <tr>
            <th scope="row">others</th>
            <td>{count(otherProtocols)}</td>
            <td />
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Faults({ faults }: Pick<PacketStatistics, 'faults'>) {
  return (
    <table aria-label="Faults by place">
      <thead>
        <tr>
          <th scope="col">Fault at</th>
          <th scope="col">Packets</th>
          <th scope="col">First</th>
        </tr>
      </thead>
      <tbody>
        {faults.map(({ place, message, count: times, first }) => (
          <tr key={`${place} ${message}`}>
            <th scope="row" title={message}>
              {place}
            </th>
            <td>{count(times)}</td>
            <td>
              <Way title={message} act={() => select(first)}>
                packet {count(first + 1)}
              </Way>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
