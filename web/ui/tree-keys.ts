import type { KeyboardEvent } from 'react';

/** A visible row of a tree: its path begins with its parent's. */
export interface TreeRow {
  readonly path: string;
  readonly level: number;
  /** Undefined where there is nothing inside. */
  readonly expanded: boolean | undefined;
}

export interface TreeActions<Row extends TreeRow> {
  readonly moveTo: (row: Row | undefined) => void;
  readonly toggle: (path: string) => void;
  /** Enter. */
  readonly begin: (row: Row) => void;
}

/** The row one level up. */
const parentOf = <Row extends TreeRow>(rows: readonly Row[], at: number): Row | undefined =>
  rows.slice(0, at).findLast((row) => row.level < rows[at].level);

/** Keys of the ARIA tree pattern, on the row `at`. */
export function treeKeys<Row extends TreeRow>(
  event: KeyboardEvent,
  rows: readonly Row[],
  at: number,
  { moveTo, toggle, begin }: TreeActions<Row>,
): void {
  const row = rows[at];
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'ArrowDown') moveTo(rows[at + 1]);
  else if (event.key === 'ArrowUp') moveTo(rows[at - 1]);
  else if (event.key === 'Home') moveTo(rows[0]);
  else if (event.key === 'End') moveTo(rows[rows.length - 1]);
  else if (event.key === 'ArrowRight' && row.expanded === false) toggle(row.path);
  else if (event.key === 'ArrowRight' && row.expanded) moveTo(rows[at + 1]);
  else if (event.key === 'ArrowLeft' && row.expanded) toggle(row.path);
  else if (event.key === 'ArrowLeft') moveTo(parentOf(rows, at));
  else if (event.key === ' ' && row.expanded !== undefined) toggle(row.path);
  else if (event.key === 'Enter') begin(row);
  else return;
  event.preventDefault();
}
