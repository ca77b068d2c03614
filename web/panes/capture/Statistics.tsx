import { useEffect, useState } from 'react';
import type { PacketStatistics } from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Chart } from './Chart.tsx';
import { LinkWord } from './LinkWord.tsx';
import { share } from './statistics.ts';

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
          <Chart found={found} onPart={(part) => select(part * found.partSize)} />
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
              <LinkWord title="Shows these alone" act={() => onFilter({ verdict: name })}>
                {name}
              </LinkWord>
            </th>
            <td>{count(times)}</td>
            <td>{share(times, found.judged)}</td>
            <td>
              <LinkWord title="Selects it" act={() => select(first)}>
                packet {count(first + 1)}
              </LinkWord>
            </td>
            <td>
              <LinkWord title="Selects it" act={() => select(slowest.index)}>
                {count(slowest.steps)} in packet {count(slowest.index + 1)}
              </LinkWord>
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
              <LinkWord
                title="Shows the packets that have this word"
                act={() => onFilter({ text: protocol })}
              >
                {protocol || 'none'}
              </LinkWord>
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
              <LinkWord title={message} act={() => select(first)}>
                packet {count(first + 1)}
              </LinkWord>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
