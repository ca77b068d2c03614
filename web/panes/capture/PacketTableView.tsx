// biome-ignore-all lint/a11y/useSemanticElements: a table cannot leave rows out of the page
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its row
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type {
  PacketColumn,
  PacketQuery,
  PacketTable,
  PacketTableRow,
} from '../../../core/protocol/messages.ts';
import { wish } from '../../actions/wish.ts';
import { useSession } from '../../stores/session.ts';
import { setLayout } from '../../stores/ui.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { scaled } from '../../ui/rem.ts';
import { VerdictChip } from '../../ui/VerdictChip.tsx';
import { TestMark } from '../shared/TestMark.tsx';

const ROW_HEIGHT = 24;

const COLUMNS: readonly { name: PacketColumn; label: string }[] = [
  { name: 'number', label: 'No.' },
  { name: 'time', label: 'Time' },
  { name: 'summary', label: 'Packet' },
  { name: 'protocol', label: 'Protocol' },
  { name: 'length', label: 'Length' },
  { name: 'verdict', label: 'Verdict' },
  { name: 'steps', label: 'Steps' },
  { name: 'name', label: 'Name' },
];

interface PacketTableViewProps {
  table: PacketTable;
  query: PacketQuery;
  onQuery: (query: PacketQuery) => void;
  /** Which rows are in sight. */
  onSight: (sight: { first: number; last: number }) => void;
}

/**
 * The packets of a query, those in sight on the page. The ARIA grid pattern by rows: arrows move,
 * a click or Space selects, Enter and a double click open the packet in Debug.
 */
export function PacketTableView({ table, query, onQuery, onSight }: PacketTableViewProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const selected = useSession((state) => state.view?.packet);
  const [row, setRow] = useState(0);
  const at = Math.min(row, Math.max(0, table.matching - 1));
  const virtual = useVirtualizer({
    count: table.matching,
    getScrollElement: () => scroller.current,
    estimateSize: () => scaled(ROW_HEIGHT),
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => onSight({ first, last }), [first, last, onSight]);
  const rowOf = (index: number): PacketTableRow | undefined => table.rows[index - table.from];
  const place = table.rows.findIndex(({ index }) => index === selected);
  const shown = place < 0 ? undefined : table.from + place;
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows a selection made elsewhere
  useEffect(() => {
    if (shown === undefined) return;
    setRow(shown);
    virtual.scrollToIndex(shown, { align: 'auto' });
  }, [selected, query]);

  const select = (index: number) => {
    const packet = rowOf(index)?.index;
    setRow(index);
    if (packet !== undefined && packet !== selected)
      wish({ type: 'select-packet', index: packet }, 'select-packet');
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || table.matching === 0) return;
    const page = Math.max(
      1,
      Math.floor((scroller.current?.clientHeight ?? 0) / scaled(ROW_HEIGHT)) - 2,
    );
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: table.matching - 1,
    }[event.key];
    if (to !== undefined) {
      const next = Math.min(table.matching - 1, Math.max(0, to));
      virtual.scrollToIndex(next, { align: 'auto' });
      select(next);
    } else if (event.key === 'Enter') {
      select(at);
      setLayout('debug');
    } else if (event.key === 'Delete' && table.total > 1) {
      const packet = rowOf(at);
      if (packet) wish({ type: 'remove-packet', index: packet.index });
    } else return;
    event.preventDefault();
  };
  const sortBy = (name: PacketColumn) =>
    onQuery({ ...query, sort: name, descending: query.sort === name && !query.descending });

  return (
    <div
      ref={scroller}
      className={classes('packet-table', table.timed && 'timed')}
      role="grid"
      aria-label="All packets"
      aria-rowcount={table.matching + 1}
      aria-activedescendant={table.matching > 0 ? `${id}-${at}` : undefined}
      tabIndex={0}
      data-focus
      onKeyDown={keys}
    >
      <div role="row" aria-rowindex={1} className="table-row table-heads">
        {COLUMNS.map(({ name, label }) => (
          <span key={name} role="columnheader" data-column={name} aria-sort={sortOf(query, name)}>
            <button type="button" onClick={() => sortBy(name)}>
              {label}
              {query.sort === name && (
                <span aria-hidden="true">{query.descending ? ' ▾' : ' ▴'}</span>
              )}
            </button>
          </span>
        ))}
        <span role="columnheader">
          <span className="hidden">Remove</span>
        </span>
      </div>
      <div role="rowgroup" className="table-rows" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const packet = rowOf(index);
          // Its row is on the way.
          if (packet === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
            <div
              key={index}
              id={`${id}-${index}`}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={packet.index === selected}
              className={classes(
                'table-row',
                packet.index === selected && 'selected',
                index === at && 'focus',
              )}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => select(index)}
              onDoubleClick={() => setLayout('debug')}
            >
              <Cells packet={packet} total={table.total} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

const sortOf = ({ sort, descending }: PacketQuery, name: PacketColumn) => {
  if (sort !== name) return 'none';
  return descending ? 'descending' : 'ascending';
};

function Cells({ packet, total }: { packet: PacketTableRow; total: number }) {
  const { index, time, name, summary, protocol, length, verdict, steps } = packet;
  return (
    <>
      <span role="gridcell" className="number">
        {count(index + 1)}
      </span>
      <span role="gridcell" className="number" data-column="time">
        {time?.toFixed(6)}
      </span>
      <span role="gridcell" className="clip" title={summary}>
        {summary}
      </span>
      <span role="gridcell" className="clip">
        {protocol}
      </span>
      <span role="gridcell" className="number">
        {count(length)}
      </span>
      <span role="gridcell" className="verdict-cell">
        <TestMark packet={index} />
        {verdict && <VerdictChip verdict={verdict} small />}
      </span>
      <span role="gridcell" className="number">
        {steps === undefined ? '' : count(steps)}
      </span>
      <span role="gridcell" className="clip note" title={name}>
        {name}
      </span>
      <span role="gridcell">
        <button
          type="button"
          className="icon-button small"
          tabIndex={-1}
          aria-label={`Remove packet ${index + 1}`}
          title="Remove this packet (Delete)"
          disabled={total < 2}
          onClick={(event) => {
            event.stopPropagation();
            wish({ type: 'remove-packet', index });
          }}
        >
          <Icon name="remove" />
        </button>
      </span>
    </>
  );
}
