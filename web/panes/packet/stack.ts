import type { StackItem, StackRow } from '../../../core/packet/types.ts';
import { canFollow, MADE_HEADERS, PROTOCOLS } from '../../../core/spec/layers.ts';
import { OPTION_LISTS } from '../../../core/spec/option-lists.ts';
import type { HeaderName } from '../../../core/spec/protocol-row.ts';

/** Something that can be put behind a header: what it is called, and what the core is asked for. */
export interface Addition {
  readonly label: string;
  readonly item: StackItem;
}

/** Data that is put behind a header: a few bytes that are seen at once. */
const NEW_DATA: Addition = { label: 'Data', item: { payload: new TextEncoder().encode('data') } };

const formsOf = (header: HeaderName): Addition[] =>
  (PROTOCOLS[header].fresh ?? []).map(({ label }, variant) => ({
    label: [PROTOCOLS[header].label, label].filter(Boolean).join(', '),
    item: { header, variant },
  }));

/** What can stand behind a header; in front of all where it is undefined. */
export function additionsBehind(rows: readonly StackRow[], index: number): readonly Addition[] {
  const front = index < 0 ? undefined : rows[index]?.header;
  if (front === 'padding' || front === 'data') return [];
  const headers = MADE_HEADERS.filter((header) =>
    front === undefined ? header === 'ethernet' : canFollow(front, header),
  );
  const behind = rows[index + 1]?.header;
  const isLast = behind === undefined || behind === 'padding';
  return [...headers.flatMap(formsOf), ...(isLast && front !== undefined ? [NEW_DATA] : [])];
}

const kept = (rows: readonly StackRow[]): StackItem[] => rows.map((_, keep) => ({ keep }));

export const withAddition = (
  rows: readonly StackRow[],
  index: number,
  { item }: Addition,
): readonly StackItem[] => kept(rows).toSpliced(index + 1, 0, item);

export const without = (rows: readonly StackRow[], index: number): readonly StackItem[] =>
  kept(rows).toSpliced(index, 1);

/** Padding stays where it is: at the end. */
export const canMove = (rows: readonly StackRow[], index: number, by: 1 | -1): boolean =>
  [rows[index], rows[index + by]].every((row) => row !== undefined && row.header !== 'padding');

export function moved(rows: readonly StackRow[], index: number, by: 1 | -1): readonly StackItem[] {
  const stack = kept(rows);
  const [item] = stack.splice(index, 1);
  return item ? stack.toSpliced(index + by, 0, item) : stack;
}

export const withPayload = (
  rows: readonly StackRow[],
  index: number,
  payload: Uint8Array,
): readonly StackItem[] => kept(rows).with(index, { payload });

/** Options that a header can have more of, by type. */
export const optionsFor = (
  header: StackRow['header'],
): readonly { readonly type: number; readonly label: string }[] => {
  const list = header === 'padding' ? undefined : OPTION_LISTS[header];
  return [...(list?.fresh.keys() ?? [])].map((type) => ({
    type,
    label: list?.options.get(type)?.label ?? String(type),
  }));
};

const keptOptions = ({ options = [] }: StackRow) => options.map((_, keep) => ({ keep }));

export const withOption = (
  rows: readonly StackRow[],
  index: number,
  type: number,
): readonly StackItem[] => {
  const row = rows[index];
  const options = row ? [...keptOptions(row), { type }] : [];
  return kept(rows).with(index, { keep: index, options });
};

export const withoutOption = (
  rows: readonly StackRow[],
  index: number,
  option: number,
): readonly StackItem[] => {
  const row = rows[index];
  const options = row ? keptOptions(row).toSpliced(option, 1) : [];
  return kept(rows).with(index, { keep: index, options });
};
