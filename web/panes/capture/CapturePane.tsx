import { useEffect, useState } from 'react';
import type { PacketQuery, PacketTable } from '../../../core/protocol/messages.ts';
import { seekPacket } from '../../actions/packets.ts';
import { attempt } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { announce } from '../../stores/ui.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import './capture.css';
import { PacketFilter } from './PacketFilter.tsx';
import { PacketTableView } from './PacketTableView.tsx';
import { Statistics } from './Statistics.tsx';
import { useTable } from './useTable.ts';

const NONE_RUN = { done: 0, more: false };
const EVERY: PacketQuery = { text: '', sort: 'number', descending: false };

/** All packets with what became of them: counted by verdict, filtered, sorted. */
export function CapturePane() {
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
        <Verdicts table={table} query={query} onQuery={setQuery} />
        <PacketFilter
          text={query.text}
          onText={(text) => setQuery({ ...query, text })}
          takenFor={table?.takenFor}
          problem={problem}
        />
        <Seek />
        <span className="note capture-count">
          {table && `${count(table.matching)} of ${count(table.total)} packets`}
          {running ?? (table && table.unjudged > 0 && `, ${count(table.unjudged)} not run`)}
        </span>
      </header>
      <Part />
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

/** Which part of a capture that is too large for a session is here, and how to come to another. */
function Part() {
  const capture = useSession((state) => state.view?.capture);
  const here = useSession((state) => state.view?.packetNames.length ?? 0);
  if (!capture) return null;
  const { first, total } = capture;
  const last = Math.min(total, first + here - 1);
  return (
    <div className="capture-part" role="note">
      <Icon name="warning" /> Packets {count(first)} to {count(last)} of {count(total)} are here: a
      session holds so many. Show them from number
      <EditableText
        label="First packet of the capture that is shown"
        text={String(first)}
        onSet={(text) => attempt({ type: 'capture-from', first: Number(text.replaceAll(',', '')) })}
      />
      on.
    </div>
  );
}

/** How far the packets are that have no verdict yet; undefined where none is left to run. */
function useRunning(): string | undefined {
  const total = useSession((state) => state.view?.packetNames.length ?? 0);
  const { done, more } = useSession((state) => state.view?.packetsRun ?? NONE_RUN);
  return more ? `, running: ${count(done)} of ${count(total)}` : undefined;
}

interface QueryProps {
  query: PacketQuery;
  onQuery: (query: PacketQuery) => void;
}

/** How often each verdict was given; one is pressed to see those packets alone. */
function Verdicts({ table, query, onQuery }: QueryProps & { table: PacketTable | undefined }) {
  const choose = (name: string | undefined) => {
    const { verdict: _before, ...rest } = query;
    onQuery({ ...rest, ...(name !== undefined && query.verdict !== name && { verdict: name }) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of a bar
    <div role="group" aria-label="Verdicts" className="capture-verdicts">
      {table?.counts.map(({ name, action, count: times }) => (
        <button
          key={name}
          type="button"
          className={classes('chip', action)}
          aria-pressed={query.verdict === name}
          onClick={() => choose(name)}
        >
          <Icon name={action} /> {name} <b>{count(times)}</b>
        </button>
      ))}
    </div>
  );
}

const SEEK = [
  { what: 'drop', label: 'Next drop', title: 'The next packet that is dropped (;)' },
  { what: 'fault', label: 'Next fault', title: 'The next packet on which the program faults' },
  { what: 'change', label: 'Next change', title: 'The next packet with another verdict' },
] as const;

/** From the selected packet on. */
function Seek() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of a bar
    <div role="group" aria-label="Go to" className="capture-seek">
      {SEEK.map(({ what, label, title }) => (
        <button
          key={what}
          type="button"
          className="button small"
          title={title}
          onClick={() => seekPacket(what)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
