import type { ValueView, VariablesView } from '../../../core/protocol/messages.ts';
import type { Bytes } from '../../ui/byte-range.ts';
import type { TreeRow } from '../../ui/tree-keys.ts';

/** A visible row: the head of a scope, or a value in it. */
export interface VariableRow extends TreeRow {
  readonly name: string;
  /** Undefined for a head. */
  readonly value?: ValueView;
  /** Of a watched expression, its text. */
  readonly expression?: string;
  /** Why it has no value. */
  readonly error?: string;
}

const SCOPES = { function: '', inlined: ' (inlined)', global: 'Global variables' } as const;

/** A value and, where it is open, what is in it. */
function valueRows(
  value: ValueView,
  index: number,
  parent: string,
  level: number,
  toggled: ReadonlySet<string>,
): VariableRow[] {
  const path = `${parent}/${value.name || index}`;
  const expanded = value.children ? toggled.has(path) : undefined;
  const children = expanded ? (value.children ?? []) : [];
  return [
    { path, level, expanded, name: value.name || value.type, value },
    ...children.flatMap((child, i) => valueRows(child, i, path, level + 1, toggled)),
  ];
}

/** Heads start open, values closed; `toggled` has the paths where a person chose otherwise. */
export function scopeRows(
  scopes: VariablesView['scopes'],
  toggled: ReadonlySet<string>,
): VariableRow[] {
  return scopes.flatMap(({ name, kind, variables }, index) => {
    const path = `${scopes.length - index} ${kind} ${name}`;
    const expanded = !toggled.has(path);
    const head: VariableRow = { path, level: 1, expanded, name: `${name}${SCOPES[kind]}` };
    if (!expanded) return [head];
    return [head, ...variables.flatMap((value, i) => valueRows(value, i, path, 2, toggled))];
  });
}

/** What is watched, each with its value or why it has none. */
export function watchRows(
  expressions: VariablesView['expressions'],
  toggled: ReadonlySet<string>,
): VariableRow[] {
  return expressions.flatMap(({ text, value, error }): VariableRow[] => {
    if (!value)
      return [
        {
          path: `watch/${text}`,
          level: 1,
          expanded: undefined,
          name: text,
          expression: text,
          ...(error !== undefined && { error }),
        },
      ];
    const [first, ...inside] = valueRows(value, 0, 'watch', 1, toggled);
    return [{ ...first, expression: text }, ...inside];
  });
}

/** The packet's bytes that a value is. */
export const packetBytes = ({ packet, size }: ValueView): Bytes | undefined =>
  packet !== undefined && size > 0 ? { start: packet, end: packet + size } : undefined;

/** One value, open from the start, without a head: what a map holds under a key. */
export const partRows = (value: ValueView, toggled: ReadonlySet<string>): VariableRow[] =>
  valueRows(value, 0, '', 1, opened(value, toggled));

/** The paths of `toggled`, with that of the outermost value the other way round. */
function opened({ name }: ValueView, toggled: ReadonlySet<string>): ReadonlySet<string> {
  const path = `/${name}`;
  const paths = new Set(toggled);
  if (!paths.delete(path)) paths.add(path);
  return paths;
}
