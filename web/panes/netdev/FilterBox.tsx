import type { DragEvent, KeyboardEvent } from 'react';
import type { ChainFilterView, FilterRunView } from '../../../core/protocol/messages.ts';
import { FILTER_QUEUES, filterKind } from '../../../core/spec/net-filters.ts';
import { changeChain, programFile, saveDump, tellFilter } from '../../actions/netdev.ts';
import { useSession } from '../../stores/session.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes, count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { FileButton } from './FileButton.tsx';
import { countersOf, QUEUES } from './words.ts';

/** What a filter carries while it is dragged: no file and no text that the page would open. */
const DRAGGED = 'application/x-netdev-filter';

interface FilterBoxProps {
  filter: ChainFilterView;
  place: number;
  /** How many there are. */
  among: number;
  run: FilterRunView | undefined;
}

/** A filter of the chain: what it is, what it is told, what it did. */
export function FilterBox({ filter, place, among, run }: FilterBoxProps) {
  const { id, kind, status } = filter;
  const row = filterKind(kind);
  const move = (to: number) => {
    if (to < 0 || to >= among) return;
    changeChain({ kind: 'move', id, to }, `${id} is filter ${to + 1} of ${among}`);
  };
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(place + by);
  };
  return (
    <li
      className={classes('filter-box', kind, status === 'off' && 'off')}
      aria-label={`Filter ${place + 1}: ${id}, ${kind}${status === 'off' ? ', switched off' : ''}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, id)}
      onDragOver={acceptDrag}
      onDrop={(event) => {
        const dragged = event.dataTransfer.getData(DRAGGED);
        if (dragged === '') return;
        event.preventDefault();
        event.stopPropagation();
        if (dragged !== id) changeChain({ kind: 'move', id: dragged, to: place });
      }}
      onKeyDown={keys}
    >
      <header>
        <b>{id}</b>
        <span className="filter-kind" title={row.doc}>
          {kind}
        </span>
        {run && run.version > 1 && (
          <span className="filter-version" title="It was made anew while packets flowed">
            version {run.version}
          </span>
        )}
        <FilterButtons filter={filter} place={place} among={among} move={move} />
      </header>
      {filter.object && <Program filter={filter} />}
      <Told filter={filter} />
      {filter.notes.map((note) => (
        <p key={note} className="note filter-note">
          {note}
        </p>
      ))}
      <Counters kind={kind} run={run} />
    </li>
  );
}

function acceptDrag(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(DRAGGED)) return;
  event.preventDefault();
  event.stopPropagation();
}

interface FilterButtonsProps extends Pick<FilterBoxProps, 'filter' | 'place' | 'among'> {
  move: (to: number) => void;
}

function FilterButtons({ filter: { id, status }, place, among, move }: FilterButtonsProps) {
  return (
    <span className="filter-buttons">
      <button
        type="button"
        className="icon-button small"
        disabled={place === 0}
        aria-label={`Move ${id} toward the netdev`}
        title="Toward the netdev, the head of the list (Alt+←)"
        onClick={() => move(place - 1)}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        className="icon-button small"
        disabled={place === among - 1}
        aria-label={`Move ${id} toward the guest`}
        title="Toward the guest, the tail of the list (Alt+→)"
        onClick={() => move(place + 1)}
      >
        <Icon name="right" />
      </button>
      <label className="check" title="status: switched off, packets pass by it">
        <input
          type="checkbox"
          aria-label={`${id} on`}
          checked={status === 'on'}
          onChange={({ target }) => tellFilter(id, 'status', target.checked ? 'on' : 'off')}
        />
        on
      </label>
      <button
        type="button"
        className="icon-button small"
        aria-label={`Take ${id} out`}
        title="Takes the filter out"
        onClick={() => changeChain({ kind: 'remove', id }, `${id} taken out`)}
      >
        <Icon name="remove" />
      </button>
    </span>
  );
}

/** Which program runs, and another in its place while packets flow. */
function Program({ filter: { id, object, program, programs } }: { filter: ChainFilterView }) {
  const open = useSession(({ view }) => view?.object.name);
  const swap = async (file: File) =>
    changeChain({ kind: 'swap', id, object: await programFile(file) }, `${id} swapped`);
  return (
    <div className="filter-program">
      <code className="clip" title={object?.name}>
        {object?.name}
      </code>
      {programs.length > 0 && (
        <select
          aria-label={`Program of ${id}`}
          value={program ?? programs[0]}
          onChange={({ target }) => changeChain({ kind: 'program', id, program: target.value })}
        >
          {programs.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <FileButton
        label="Swap…"
        what={`Swap the program of ${id}`}
        icon="redirect"
        title="Another object in its place, while packets flow: object_del and object_add"
        onFile={swap}
      />
      {object && !object.isOpen && (
        <button
          type="button"
          className="button small"
          title={`${open}, which is open, in its place`}
          onClick={() => changeChain({ kind: 'swap', id, object: 'open' }, `${id} swapped`)}
        >
          Swap to the open one
        </button>
      )}
    </div>
  );
}

/** What a filter is told: its queue, and what its kind has beside that. */
function Told({ filter: { id, kind, queue, properties } }: { filter: ChainFilterView }) {
  return (
    <div className="filter-told">
      <label>
        queue{' '}
        <select
          aria-label={`Queue of ${id}`}
          value={queue}
          onChange={({ target }) => tellFilter(id, 'queue', target.value)}
        >
          {FILTER_QUEUES.map((name) => (
            <option key={name} value={name}>
              {QUEUES[name]}
            </option>
          ))}
        </select>
      </label>
      {properties.map(({ name, value }) => {
        const row = filterKind(kind).properties.find((property) => property.name === name);
        return row?.kind === 'switch' ? (
          <label key={name} className="check" title={row.doc}>
            <input
              type="checkbox"
              aria-label={`${name} of ${id}`}
              checked={value === 'on'}
              onChange={({ target }) => tellFilter(id, name, target.checked ? 'on' : 'off')}
            />
            {name}
          </label>
        ) : (
          <span key={name} className="filter-property" title={row?.doc}>
            {name}{' '}
            <EditableText
              label={`${name} of ${id}`}
              text={value}
              onSet={(text) => tellFilter(id, name, text)}
            />
          </span>
        );
      })}
    </div>
  );
}

function Counters({ kind, run }: { kind: ChainFilterView['kind']; run?: FilterRunView }) {
  return (
    <>
      <table className="filter-counters">
        <thead>
          <tr>
            <th>
              <span className="hidden">packets</span>
            </th>
            <th scope="col">to guest</th>
            <th scope="col">from guest</th>
          </tr>
        </thead>
        <tbody>
          {countersOf(kind, run?.counts).map(({ name, label, to, from }) => (
            <tr key={name} className={name}>
              <th scope="row">{label}</th>
              <td>{count(to)}</td>
              <td>{count(from)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {run?.written && (
        <button
          type="button"
          className="button small"
          title="What it has written so far, as a pcap file"
          onClick={() => saveDump(run.id)}
        >
          <Icon name="download" /> Save {plural(run.written.packets, 'packet')}
        </button>
      )}
    </>
  );
}
