import type { ChainView } from '../../../core/protocol/messages.ts';
import { FILTER_KINDS, type FilterKind } from '../../../core/spec/net-filters.ts';
import { changeChain, programFile } from '../../actions/netdev.ts';
import { useSession } from '../../stores/session.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { FileButton } from './FileButton.tsx';
import { FilterBox } from './FilterBox.tsx';

/** The netdev, its filters in the order of QEMU's list, and the guest behind them. */
export function ChainPicture({ chain }: { chain: ChainView }) {
  const { filters, netdev, guest, run } = chain;
  const { counts } = run ?? {};
  const isFlowing = run?.state === 'running';
  return (
    <section className={classes('chain-picture', isFlowing && 'flowing')} aria-label="Chain">
      <div className="chain-drawing">
        <p className="chain-way to">
          <span aria-hidden="true">→</span> tx: what the netdev sends, so what the guest receives,
          goes from the head to the tail
        </p>
        <div className="chain-row">
          <End
            title="netdev"
            name={netdev}
            rows={[
              ['sends (tx)', counts?.entered['to-guest']],
              ['receives (rx)', counts?.delivered['from-guest']],
            ]}
          />
          <Arrows />
          <ol className="chain-filters" aria-label="Filters, the head first">
            {filters.length === 0 && <li className="chain-empty">no filter: all packets pass</li>}
            {filters.map((filter, place) => (
              <FilterBox
                key={filter.id}
                filter={filter}
                place={place}
                among={filters.length}
                run={run?.filters.find(({ id }) => id === filter.id)}
              />
            ))}
          </ol>
          <Arrows />
          <End
            title="guest"
            name={guest}
            rows={[
              ['receives', counts?.delivered['to-guest']],
              ['sends', counts?.entered['from-guest']],
            ]}
          />
        </div>
        <p className="chain-way from">
          rx: what the netdev receives, so what the guest sends, goes from the tail to the head{' '}
          <span aria-hidden="true">←</span>
        </p>
      </div>
      <AddFilter />
    </section>
  );
}

interface EndProps {
  title: string;
  name: string;
  rows: readonly [label: string, packets: number | undefined][];
}

function End({ title, name, rows }: EndProps) {
  return (
    <div className="chain-end">
      <b>{title}</b>
      <code>{name}</code>
      <dl>
        {rows.map(([label, packets = 0]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{count(packets)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Two lanes that move while packets flow. */
const Arrows = () => (
  <span className="chain-arrows" aria-hidden="true">
    <span className="lane to" />
    <span className="lane from" />
  </span>
);

/** Kinds that need no file. */
const OTHERS = FILTER_KINDS.filter(({ kind }) => kind !== 'filter-ubpf');

/** More filters: they go to the tail, as in QEMU where no position is said. */
function AddFilter() {
  const open = useSession(({ view }) => view?.object.name);
  const add = (filter: FilterKind) => changeChain({ kind: 'add', filter }, `${filter} added`);
  const addFile = async (file: File) =>
    changeChain(
      { kind: 'add', filter: 'filter-ubpf', object: await programFile(file) },
      `${file.name} added`,
    );
  return (
    <div className="chain-add">
      <span className="chain-add-word">Add at the tail:</span>
      <FileButton
        label="Program…"
        what="Add a filter with a program of a file"
        icon="add"
        title="filter-ubpf with an object of a file"
        onFile={addFile}
      />
      <button
        type="button"
        className="button small"
        title={`filter-ubpf with ${open}`}
        onClick={() =>
          changeChain({ kind: 'add', filter: 'filter-ubpf', object: 'open' }, `${open} added`)
        }
      >
        <Icon name="add" /> The open one
      </button>
      {OTHERS.map(({ kind, label, doc }) => (
        <button
          key={kind}
          type="button"
          className="button small"
          title={`${kind}: ${doc}`}
          onClick={() => add(kind)}
        >
          <Icon name="add" /> {label}
        </button>
      ))}
    </div>
  );
}
