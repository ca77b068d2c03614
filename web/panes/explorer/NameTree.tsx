import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useMemo, useRef, useState } from 'react';
import { useSession } from '../../stores/session.ts';
import { classes, count } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { scaled } from '../../ui/rem.ts';
import { treeKeys } from '../../ui/tree-keys.ts';
import { goToName } from './go-to-name.ts';
import { type ExplorerRow, explorerRows, type NameGroup, type NameRow } from './names.ts';

const ROW_HEIGHT = 22;

/**
 * Names under their groups, of which only those in sight are on the page. The ARIA tree pattern:
 * arrows move and fold, Enter shows what a name stands for.
 */
export function NameTree({ groups, filter }: { groups: readonly NameGroup[]; filter: string }) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState<string>();
  const program = useSession((state) => state.view?.program);
  const rows = useMemo(() => explorerRows(groups, filter, toggled), [groups, filter, toggled]);
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === focus),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => scaled(ROW_HEIGHT),
    overscan: 10,
  });
  const moveTo = (row: ExplorerRow | undefined) => {
    if (!row) return;
    setFocus(row.path);
    virtual.scrollToIndex(rows.indexOf(row), { align: 'auto' });
  };
  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
  };
  const begin = (row: ExplorerRow) => (row.level === 1 ? toggle(row.path) : goToName(row.row));
  if (rows.length === 0) return <p className="nothing">No name has this in it.</p>;
  return (
    <div
      ref={scroller}
      className="name-tree"
      role="tree"
      aria-label="Names"
      aria-activedescendant={`${id}-${at}`}
      tabIndex={0}
      onKeyDown={(event) => treeKeys(event, rows, at, { moveTo, toggle, begin })}
    >
      <div role="presentation" className="name-rows" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          const isCurrent =
            row.level === 2 && row.row.kind === 'program' && row.row.name === program;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys
            <div
              key={row.path}
              id={`${id}-${index}`}
              role="treeitem"
              tabIndex={-1}
              aria-level={row.level}
              aria-expanded={row.expanded}
              aria-selected={index === at}
              aria-current={isCurrent ? 'true' : undefined}
              className={classes('name-row', row.level === 1 && 'head', index === at && 'focus')}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => {
                setFocus(row.path);
                begin(row);
              }}
            >
              {row.level === 1 ? <Head row={row} /> : <Name row={row.row} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head({ row }: { row: Extract<ExplorerRow, { level: 1 }> }) {
  return (
    <>
      <Icon name={row.expanded ? 'down' : 'right'} />
      <span className="clip">{row.group.title}</span>
      <span className="badge">{count(row.count)}</span>
    </>
  );
}

function Name({ row: { name, note, problem } }: { row: NameRow }) {
  return (
    <>
      <bdi className="clip" title={problem ?? `${name} ${note}`}>
        {name || 'no name'}
      </bdi>
      {problem ? <Icon name="warning" /> : <small className="clip">{note}</small>}
    </>
  );
}
