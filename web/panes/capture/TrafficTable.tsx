// biome-ignore-all lint/a11y/useSemanticElements: a table cannot leave rows out of the page
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its row
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type {
  TrafficColumn,
  TrafficQuery,
  TrafficRow,
  TrafficView,
} from '../../../core/protocol/messages.ts';
import { asked, openTrafficPacket } from '../../actions/traffic.ts';
import { setLayout } from '../../stores/ui.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { scaled } from '../../ui/rem.ts';
import { useScaledScroll } from './useScaledScroll.ts';
import { useTrafficRows } from './useTrafficRows.ts';

const ROW_HEIGHT = 24;

interface ColumnRow {
  readonly name: string;
  readonly label: string;
  /** It can be sorted by it. */
  readonly sort?: TrafficColumn;
}
const COLUMNS: readonly ColumnRow[] = [
  { name: 'number', label: 'No.', sort: 'number' },
  { name: 'time', label: 'Time', sort: 'time' },
  { name: 'source', label: 'Source' },
  { name: 'destination', label: 'Destination' },
  { name: 'protocol', label: 'Protocol' },
  { name: 'length', label: 'Length', sort: 'length' },
  { name: 'info', label: 'Info' },
  { name: 'verdict', label: 'Verdict', sort: 'verdict' },
  { name: 'steps', label: 'Steps', sort: 'steps' },
];

interface TrafficTableProps {
  traffic: TrafficView;
  query: TrafficQuery;
  onQuery: (query: TrafficQuery) => void;
}

/**
 * The packets of a capture that a query leaves, however many: those in sight are on the page. The
 * ARIA grid pattern by rows: arrows move, a click opens the packet at its state beside the list,
 * Enter and a double click step through it in Debug.
 */
export function TrafficTable({ traffic, query, onQuery }: TrafficTableProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = scaled(ROW_HEIGHT);
  const { shown } = traffic.query;
  const scroll = useScaledScroll(scroller, shown, rowHeight, rowHeight);
  const first = Math.floor(scroll.top);
  const last = Math.min(shown - 1, Math.ceil(scroll.top + scroll.viewport / rowHeight));
  const rowOf = useTrafficRows(traffic.query, traffic, first, last);
  const [focus, setFocus] = useFollowed(traffic, scroll.show);
  const at = Math.min(focus, Math.max(0, shown - 1));

  const [wanted, setWanted] = useState<number>();
  const open = (row: number) => {
    setFocus(row);
    const packet = rowOf(row)?.index;
    if (packet !== undefined && packet !== traffic.open) openTrafficPacket(packet);
    // Its row is on the way.
    setWanted(packet === undefined ? row : undefined);
  };
  const isHere = wanted !== undefined && rowOf(wanted) !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is there
  useEffect(() => {
    if (isHere) open(wanted);
  }, [isHere]);
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || shown === 0) return;
    const page = Math.max(1, Math.floor(scroll.viewport / rowHeight) - 1);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: shown - 1,
    }[event.key];
    if (to !== undefined) {
      const next = Math.min(shown - 1, Math.max(0, to));
      scroll.show(next);
      open(next);
    } else if (event.key === 'Enter') {
      open(at);
      setLayout('debug');
    } else if (event.key === ' ') open(at);
    else return;
    event.preventDefault();
  };
  const sortBy = (name: TrafficColumn) =>
    onQuery({ ...query, sort: name, descending: query.sort === name && !query.descending });

  return (
    <div
      ref={scroller}
      className={classes('packet-table traffic-table', traffic.isTimed && 'timed')}
      role="grid"
      aria-label="All packets"
      aria-rowcount={shown + 1}
      aria-activedescendant={shown > 0 ? `${id}-${at}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
    >
      <div role="row" aria-rowindex={1} className="table-row table-heads">
        {COLUMNS.map(({ name, label, sort }) => (
          <Head key={name} name={name} query={query} sort={sort} onSort={sortBy}>
            {label}
          </Head>
        ))}
      </div>
      <div role="rowgroup" style={{ height: scroll.height }}>
        <div className="traffic-rows" style={{ top: rowHeight, height: scroll.viewport }}>
          {Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
            const row = first + i;
            const packet = rowOf(row);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
              <div
                key={row}
                id={`${id}-${row}`}
                role="row"
                aria-rowindex={row + 2}
                aria-selected={packet !== undefined && packet.index === traffic.open}
                className={classes(
                  'table-row',
                  packet !== undefined && packet.index === traffic.open && 'selected',
                  row === at && 'focus',
                )}
                style={{ transform: `translateY(${(row - scroll.top) * rowHeight}px)` }}
                onClick={() => open(row)}
                onDoubleClick={() => setLayout('debug')}
              >
                {packet ? <Cells packet={packet} /> : <span role="gridcell">…</span>}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The focused row: that of the packet that is open, wherever it was opened. */
function useFollowed({ open, query: { id, isDone } }: TrafficView, show: (row: number) => void) {
  const [focus, setFocus] = useState(0);
  const focused = useRef(focus);
  focused.current = focus;
  const list = useRef({ id, isDone });
  useEffect(() => {
    let isCurrent = true;
    const isSameList = list.current.id === id && list.current.isDone === isDone;
    list.current = { id, isDone };
    if (open === undefined) return;
    asked({ type: 'traffic-place', packet: open }, 'traffic-place', 'traffic-place').then(
      (place) => {
        if (!isCurrent || place?.row === undefined) return;
        // Opened from the list it was in sight; since then it may have been scrolled away.
        if (isSameList && place.row === focused.current) return;
        setFocus(place.row);
        show(place.row);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [open, id, isDone, show]);
  return [focus, setFocus] as const;
}

interface HeadProps {
  name: string;
  children: string;
  query: TrafficQuery;
  sort: TrafficColumn | undefined;
  onSort: (column: TrafficColumn) => void;
}

function Head({ name, children, query, sort, onSort }: HeadProps) {
  const isSorted = sort !== undefined && query.sort === sort;
  const order = query.descending ? 'descending' : 'ascending';
  return (
    <span
      role="columnheader"
      data-column={name}
      {...(sort && { 'aria-sort': isSorted ? order : ('none' as const) })}
    >
      {sort ? (
        <button type="button" onClick={() => onSort(sort)}>
          {children}
          {isSorted && <span aria-hidden="true">{query.descending ? ' ▾' : ' ▴'}</span>}
        </button>
      ) : (
        children
      )}
    </span>
  );
}

function Cells({ packet }: { packet: TrafficRow }) {
  const { index, time, source, destination, protocol, length, info, verdict, steps } = packet;
  return (
    <>
      <span role="gridcell" className="number" data-column="number">
        {count(index + 1)}
      </span>
      <span role="gridcell" className="number" data-column="time">
        {time?.toFixed(6)}
      </span>
      <span role="gridcell" className="clip" data-column="source" title={source}>
        {source}
      </span>
      <span role="gridcell" className="clip" data-column="destination" title={destination}>
        {destination}
      </span>
      <span role="gridcell" className="clip" data-column="protocol">
        {protocol}
      </span>
      <span role="gridcell" className="number" data-column="length">
        {count(length)}
      </span>
      <span role="gridcell" className="clip" data-column="info" title={info}>
        {packet.other?.differs && (
          <span
            className="other-verdict"
            title="What it comes to on the other side, where it differs"
          >
            ≠ {packet.other.name === verdict?.name ? 'otherwise' : packet.other.name}
          </span>
        )}
        {info}
      </span>
      <span role="gridcell" data-column="verdict">
        {verdict && (
          <span className={`chip small ${verdict.action}`}>
            <Icon name={verdict.action} />
            <span className="clip">{verdict.name}</span>
            {packet.faulted && <Icon name="warning" />}
            {packet.changed && <span title="It goes on as another than it came">✎</span>}
          </span>
        )}
      </span>
      <span role="gridcell" className="number" data-column="steps">
        {steps === undefined ? '' : count(steps)}
      </span>
    </>
  );
}
