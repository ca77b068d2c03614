// biome-ignore-all lint/a11y/useSemanticElements: a table cannot leave rows out of the page
// biome-ignore-all lint/a11y/useFocusableInteractive: its rows are only read
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { count } from '../../ui/format.ts';
import { scaled } from '../../ui/rem.ts';

const ROW_HEIGHT = 22;

interface LongPartProps<Row> {
  title: string;
  heads: readonly string[];
  rows: readonly Row[];
  cellsOf: (row: Row) => readonly string[];
  /** Which cell a row is named by. */
  head: number;
}

/**
 * A table of the object that can be folded away, of which only the rows in sight are on the page:
 * there may be a hundred thousand. Nothing where it has no rows.
 */
export function LongPart<Row>(props: LongPartProps<Row>) {
  const { title, rows } = props;
  const [open, setOpen] = useState(false);
  if (rows.length === 0) return null;
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        {title} <span className="badge">{count(rows.length)}</span>
      </summary>
      {open && <LongTable {...props} />}
    </details>
  );
}

function LongTable<Row>({ title, heads, rows, cellsOf, head }: LongPartProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => scaled(ROW_HEIGHT),
    overscan: 8,
  });
  return (
    <div
      ref={scroller}
      className="long-table"
      data-head={head}
      role="table"
      aria-label={title}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
    >
      <div role="row" aria-rowindex={1} className="long-row long-heads">
        {heads.map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div role="rowgroup" className="long-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            role="row"
            aria-rowindex={index + 2}
            className="long-row"
            style={{ transform: `translateY(${start}px)` }}
          >
            {cellsOf(rows[index]).map((text, at) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
                key={at}
                role={at === head ? 'rowheader' : 'cell'}
                className="clip"
                title={text}
              >
                {text || (at === head ? 'no name' : '')}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
