import { baseName } from '../../../core/bytes/base-name.ts';
import type { SessionView } from '../../../core/protocol/messages.ts';

/** What a row of the Explorer stands for. */
export type NameKind = 'program' | 'function' | 'map' | 'file' | 'section' | 'symbol';

export interface NameRow {
  readonly kind: NameKind;
  readonly name: string;
  /** Beside the name: where it is, what it is. */
  readonly note: string;
  /** Of a file, as debug information spells it. */
  readonly file?: string;
  /** Of a function, and of the symbol of one: its first slot. */
  readonly slot?: number;
  /** Why it cannot be used. */
  readonly problem?: string;
}

export interface NameGroup {
  readonly kind: NameKind;
  readonly title: string;
  readonly rows: readonly NameRow[];
}

/** A visible row: the head of a group, or a name in it. */
export type ExplorerRow =
  | {
      readonly path: string;
      readonly level: 1;
      readonly expanded: boolean;
      readonly group: NameGroup;
      /** How many of its names are left by the filter. */
      readonly count: number;
    }
  | {
      readonly path: string;
      readonly level: 2;
      readonly expanded: undefined;
      readonly row: NameRow;
    };

type Named = Pick<SessionView, 'object' | 'code' | 'sources'>;

/** All that has a name in what is open; what is looked for most comes first. */
export function nameGroups({ object, code, sources }: Named): NameGroup[] {
  const starts = new Map(code.functions.map(({ name, start }) => [name, start]));
  const groups: NameGroup[] = [
    {
      kind: 'program',
      title: 'Programs',
      rows: object.programs.map(({ name, section, error }) => ({
        kind: 'program',
        name,
        note: section,
        ...(error !== undefined && { problem: error }),
      })),
    },
    {
      kind: 'function',
      title: 'Functions of the program',
      rows: code.functions.map(({ name, start, end }) => ({
        kind: 'function',
        name,
        note: `${start}–${end - 1}`,
        slot: start,
      })),
    },
    {
      kind: 'map',
      title: 'Maps',
      rows: object.maps.map(({ name, type }) => ({ kind: 'map', name, note: type })),
    },
    {
      kind: 'file',
      title: 'C files',
      rows: sources.map(({ file, partial }) => ({
        kind: 'file',
        name: baseName(file),
        file,
        note: partial ? 'lines with code' : '',
      })),
    },
    {
      kind: 'section',
      title: 'Sections',
      rows: object.sections.map(({ name, type }) => ({ kind: 'section', name, note: type })),
    },
    {
      kind: 'symbol',
      title: 'Symbols',
      rows: object.symbols.map(({ name, section, type }) => {
        const slot = starts.get(name);
        return {
          kind: 'symbol',
          name,
          note: `${type} ${section}`,
          ...(slot !== undefined && { slot }),
        };
      }),
    },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}

/** Those that are open from the start: a person wrote them, and they are few. */
const OPEN: ReadonlySet<NameKind> = new Set(['program', 'function', 'map', 'file']);

/**
 * The rows that a filter leaves, under their groups. While there is a filter every group is open;
 * else `toggled` has those where a person chose otherwise.
 */
export function explorerRows(
  groups: readonly NameGroup[],
  filter: string,
  toggled: ReadonlySet<string>,
): ExplorerRow[] {
  const wanted = filter.trim().toLowerCase();
  const rows: ExplorerRow[] = [];
  for (const group of groups) {
    const names =
      wanted === ''
        ? group.rows
        : group.rows.filter(({ name }) => name.toLowerCase().includes(wanted));
    if (names.length === 0) continue;
    const path = group.kind;
    const expanded = wanted !== '' || OPEN.has(group.kind) !== toggled.has(path);
    rows.push({ path, level: 1, expanded, group, count: names.length });
    if (expanded)
      for (const [at, row] of names.entries())
        rows.push({ path: `${path}/${at}`, level: 2, expanded: undefined, row });
  }
  return rows;
}
