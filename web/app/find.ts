import type { Example } from '../../core/protocol/example.ts';
import type { SessionView } from '../../core/protocol/messages.ts';
import { openExample } from '../actions/examples.ts';
import { go, wish } from '../actions/wish.ts';
import { goToName } from '../panes/explorer/go-to-name.ts';
import { type NameKind, nameGroups } from '../panes/explorer/names.ts';
import { allFields } from '../panes/packet/fields.ts';
import type { SessionState } from '../stores/session.ts';
import { lookAtFile, pointAtCode, selectBytes, showPlace } from '../stores/ui.ts';
import { COMMANDS } from './commands.ts';

/** Something that Find leads to. */
export interface FindRow {
  readonly id: string;
  /** What it is: `command`, `map`, `line`. */
  readonly kind: string;
  readonly label: string;
  readonly note: string;
  /** A key that does the same. */
  readonly key?: string;
  readonly act: () => unknown;
}

/** Rows of one kind that are listed: a person types on rather than read more. */
const MOST = 40;

type Words = readonly string[];
const has = (words: Words, text: string): boolean => {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
};

/** The first of `rows` that have the words. */
function listed<Row>(
  rows: Iterable<Row>,
  words: Words,
  textOf: (row: Row) => string,
  found: (row: Row) => FindRow,
): FindRow[] {
  const list: FindRow[] = [];
  for (const row of rows) {
    if (list.length === MOST) break;
    if (has(words, textOf(row))) list.push(found(row));
  }
  return list;
}

const commands = (state: SessionState, words: Words): FindRow[] =>
  COMMANDS.filter((row) => row.name !== 'palette' && row.available(state))
    .filter(({ label, doc }) => has(words, `${label} ${doc}`))
    .map(({ name, label, doc, keys, letter, act }) => ({
      id: name,
      kind: 'command',
      label,
      note: doc,
      ...((keys[0] ?? letter) && { key: keys[0] ?? letter }),
      act,
    }));

/** `1487`: the packet, the step and the instruction of that number, where there are such. */
function numbered({ view }: SessionState, text: string): FindRow[] {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  if (!view || number === undefined) return [];
  const { code, outcome, packetNames } = view;
  const instruction = code.rows.find(({ pc }) => pc === number);
  const rows: (FindRow | false)[] = [
    number >= 1 &&
      number <= packetNames.length && {
        id: 'number-packet',
        kind: 'packet',
        label: `Packet ${number}`,
        note: packetNames[number - 1],
        act: () => wish({ type: 'select-packet', index: number - 1 }),
      },
    number <= (outcome?.steps ?? -1) && {
      id: 'number-step',
      kind: 'step',
      label: `Step ${number}`,
      note: 'of this packet’s run',
      act: () => go({ how: 'to-step', step: number }),
    },
    instruction !== undefined && {
      id: 'number-instruction',
      kind: 'instruction',
      label: `Instruction ${number}`,
      note: instruction.text,
      act: () => pointAtCode(number),
    },
  ];
  return rows.filter((row) => row !== false);
}

const KINDS: Record<NameKind, string> = {
  program: 'program',
  function: 'function',
  map: 'map',
  file: 'C file',
  section: 'section',
  symbol: 'symbol',
};

const names = (view: SessionView, words: Words): FindRow[] =>
  nameGroups(view).flatMap(({ kind, rows }) =>
    listed(
      rows.entries(),
      words,
      ([, { name, file }]) => file ?? name,
      ([at, row]) => ({
        id: `${kind}-${at}`,
        kind: KINDS[kind],
        label: row.name,
        note: row.note,
        act: () => goToName(row),
      }),
    ),
  );

const fields = ({ dissection }: SessionView, words: Words): FindRow[] =>
  listed(
    allFields(dissection.layers),
    words,
    ({ name, label, text }) => `${name} ${label} ${text}`,
    ({ name, label, text, offset, length }) => ({
      id: `field-${name}-${offset}`,
      kind: 'field',
      label: `${name} ${text}`,
      note: `${label}, byte ${offset}`,
      act: () => {
        showPlace('packet');
        selectBytes({ start: offset, end: offset + length });
      },
    }),
  );

const packets = ({ packetNames }: SessionView, words: Words): FindRow[] =>
  listed(
    packetNames.entries(),
    words,
    ([, name]) => name,
    ([index, name]) => ({
      id: `packet-${index}`,
      kind: 'packet',
      label: name,
      note: `packet ${index + 1} of ${packetNames.length}`,
      act: () => wish({ type: 'select-packet', index }),
    }),
  );

/** Lines of C that have code: the instruction that begins one is pointed at, too. */
function lines({ code }: SessionView, words: Words): FindRow[] {
  const first = new Map<number, number>();
  for (const { line, pc } of code.rows)
    if (line !== undefined && !first.has(line)) first.set(line, pc);
  return listed(
    [...first].sort(([a], [b]) => a - b),
    words,
    ([line]) => code.lines[line].text,
    ([line, pc]) => ({
      id: `line-${line}`,
      kind: 'C line',
      label: code.lines[line].text.trim(),
      note: `line ${code.lines[line].line}`,
      act: () => {
        lookAtFile(code.lines[line].file);
        pointAtCode(pc);
      },
    }),
  );
}

const instructions = ({ code }: SessionView, words: Words): FindRow[] =>
  listed(
    code.rows,
    words,
    ({ text, comment }) => `${text} ${comment}`,
    ({ pc, text, comment }) => ({
      id: `instruction-${pc}`,
      kind: 'instruction',
      label: text,
      note: `${comment ? `${comment}, ` : ''}at ${pc}`,
      act: () => pointAtCode(pc),
    }),
  );

const gallery = (examples: readonly Example[], words: Words): FindRow[] =>
  listed(
    examples,
    words,
    ({ title, about }) => `${title} ${about}`,
    (example) => ({
      id: `example-${example.name}`,
      kind: 'example',
      label: example.title,
      note: 'opens it; Undo brings this session back',
      act: () => openExample(example),
    }),
  );

/**
 * Everything with the words of a text in it: commands, what the object names, fields, packets,
 * lines, instructions, examples; without a text the commands alone.
 */
export function foundBy(
  state: SessionState,
  examples: readonly Example[],
  typed: string,
): FindRow[] {
  const text = typed.trim().toLowerCase();
  const words = text.split(/\s+/).filter(Boolean);
  const { view } = state;
  if (words.length === 0 || !view) return commands(state, words);
  return [
    ...numbered(state, text),
    ...commands(state, words),
    ...names(view, words),
    ...fields(view, words),
    ...packets(view, words),
    ...lines(view, words),
    ...instructions(view, words),
    ...gallery(examples, words),
  ];
}
