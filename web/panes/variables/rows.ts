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

/** Heads start open, values closed; `toggled` has the paths where a person chose otherwise. */
export function variableRows(view: VariablesView, toggled: ReadonlySet<string>): VariableRow[] {
  const rows: VariableRow[] = [];
  const head = (path: string, name: string): boolean => {
    const expanded = !toggled.has(path);
    rows.push({ path, level: 1, expanded, name });
    return expanded;
  };
  const add = (
    value: ValueView,
    index: number,
    parent: string,
    level: number,
    expression?: string,
  ) => {
    const path = `${parent}/${value.name || index}`;
    const expanded = value.children ? toggled.has(path) : undefined;
    rows.push({
      path,
      level,
      expanded,
      name: value.name || value.type,
      value,
      ...(expression !== undefined && { expression }),
    });
    if (expanded)
      for (const [i, child] of value.children?.entries() ?? []) add(child, i, path, level + 1);
  };
  if (view.expressions.length > 0 && head('watch', 'Watched')) {
    for (const { text, value, error } of view.expressions) {
      if (value) add(value, 0, 'watch', 2, text);
      else
        rows.push({
          path: `watch/${text}`,
          level: 2,
          expanded: undefined,
          name: text,
          expression: text,
          error,
        });
    }
  }
  for (const [index, { name, kind, variables }] of view.scopes.entries()) {
    const path = `${view.scopes.length - index} ${kind} ${name}`;
    if (head(path, `${name}${SCOPES[kind]}`))
      for (const [i, value] of variables.entries()) add(value, i, path, 2);
  }
  return rows;
}

/** The packet's bytes that a value is. */
export const packetBytes = ({ packet, size }: ValueView): Bytes | undefined =>
  packet !== undefined && size > 0 ? { start: packet, end: packet + size } : undefined;
