import type { ChainFilterView, FilterRunView } from '../../../core/protocol/messages.ts';
import type { ProgramFile } from '../../../core/protocol/netdev.ts';
import { FILTER_QUEUES, filterKind } from '../../../core/spec/net-filters.ts';
import { changeChain, saveDump, tellFilter } from '../../actions/netdev.ts';
import { EditableText } from '../../ui/EditableText.tsx';
import { classes, count, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ListedBox, ListedButtons, ListedProgram } from './ListedBox.tsx';
import { countersOf, QUEUES } from './words.ts';

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
  const move = (moved: string, to: number) => {
    if (to < 0 || to >= among) return;
    changeChain({ kind: 'move', id: moved, to }, `${moved} is filter ${to + 1} of ${among}`);
  };
  const swap = (object: ProgramFile) => changeChain({ kind: 'swap', id, object }, `${id} swapped`);
  return (
    <ListedBox
      {...{ id, place }}
      label={`Filter ${place + 1}: ${id}, ${kind}${status === 'off' ? ', switched off' : ''}`}
      className={classes('filter-box', kind, status === 'off' && 'off')}
      dragged="application/x-netdev-filter"
      onMove={move}
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
        <ListedButtons
          {...{ id, place, among }}
          isOn={status === 'on'}
          said={{
            earlier: [
              `Move ${id} toward the netdev`,
              'Toward the netdev, the head of the list (Alt+←)',
            ],
            later: [
              `Move ${id} toward the guest`,
              'Toward the guest, the tail of the list (Alt+→)',
            ],
            on: 'status: switched off, packets pass by it',
            out: 'Takes the filter out',
          }}
          onMove={move}
          onStatus={(value) => tellFilter(id, 'status', value)}
          onOut={() => changeChain({ kind: 'remove', id }, `${id} taken out`)}
        />
      </header>
      {filter.object && (
        <ListedProgram
          {...{ id }}
          object={filter.object}
          program={filter.program ?? filter.programs[0]}
          programs={filter.programs}
          swapTitle="Another object in its place, while packets flow: object_del and object_add"
          onProgram={(program) => changeChain({ kind: 'program', id, program })}
          onSwap={swap}
        />
      )}
      <Told filter={filter} />
      {filter.notes.map((note) => (
        <p key={note} className="note filter-note">
          {note}
        </p>
      ))}
      <Counters kind={kind} run={run} />
    </ListedBox>
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
