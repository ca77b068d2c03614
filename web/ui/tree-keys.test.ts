import type { KeyboardEvent } from 'react';
import { expect, test } from 'vitest';
import { type TreeRow, treeKeys } from './tree-keys.ts';

/** Two open rows, a leaf in the inner one, and a closed row behind them. */
const ROWS: TreeRow[] = [
  { path: 'a', level: 1, expanded: true },
  { path: 'a.0', level: 2, expanded: true },
  { path: 'a.0.0', level: 3, expanded: undefined },
  { path: 'b', level: 1, expanded: false },
];

/** What a key does on a row, and whether the browser still gets it. */
function pressed(key: string, at: number, more: Partial<KeyboardEvent> = {}): string {
  const done: string[] = [];
  const event = { key, preventDefault: () => done.push('taken'), ...more } as KeyboardEvent;
  treeKeys(event, ROWS, at, {
    moveTo: (row) => done.push(`to ${row?.path}`),
    toggle: (path) => done.push(`toggle ${path}`),
    begin: (row) => done.push(`begin ${row.path}`),
  });
  return done.join(', ');
}

test.each([
  ['ArrowDown', 'a', 'to a.0, taken'],
  ['ArrowUp', 'b', 'to a.0.0, taken'],
  ['Home', 'b', 'to a, taken'],
  ['End', 'a', 'to b, taken'],
  ['ArrowRight', 'b', 'toggle b, taken'],
  ['ArrowRight', 'a', 'to a.0, taken'],
  ['ArrowLeft', 'a', 'toggle a, taken'],
  ['ArrowLeft', 'a.0.0', 'to a.0, taken'],
  [' ', 'b', 'toggle b, taken'],
  [' ', 'a.0.0', ''],
  ['Enter', 'a.0.0', 'begin a.0.0, taken'],
  ['x', 'a', ''],
])('in a tree "%s" on row %s: %s', (key, path, done) =>
  expect(
    pressed(
      key,
      ROWS.findIndex((row) => row.path === path),
    ),
  ).toBe(done),
);

test('a key with Ctrl, Alt or Command is not the tree’s', () => {
  for (const held of ['ctrlKey', 'altKey', 'metaKey'])
    expect(pressed('ArrowDown', 0, { [held]: true })).toBe('');
});
