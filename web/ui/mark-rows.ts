import type { MarkKind } from '../../core/protocol/messages.ts';

/**
 * What a mark is called, and its shape in a box of 8 by 8; below the line stands what a person has
 * set.
 */
export const MARK_ROWS: Record<
  MarkKind,
  { one: string; many: string; path: string; below?: true }
> = {
  call: { one: 'call', many: 'Calls', path: 'M4 0 8 8H0z' },
  jump: { one: 'branch taken', many: 'Branches taken', path: 'M4 0h3L4 8H1z' },
  'packet-write': {
    one: 'write to the packet',
    many: 'Writes to the packet',
    path: 'M.5.5h7v7h-7z',
  },
  'map-write': { one: 'write to a map', many: 'Writes to maps', path: 'M4 0 8 4 4 8 0 4z' },
  output: { one: 'output', many: 'Output', path: 'M0 1h8v2H0zM0 5h8v2H0z' },
  breakpoint: {
    one: 'breakpoint',
    many: 'Breakpoints',
    path: 'M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8z',
    below: true,
  },
  watchpoint: {
    one: 'watchpoint',
    many: 'Watchpoints',
    path: 'M4 0a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 2.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3z',
    below: true,
  },
  edit: { one: 'change of yours', many: 'Changes of yours', path: 'M0 0h8L4 8z', below: true },
};

export const MARK_KINDS = Object.keys(MARK_ROWS) as MarkKind[];
