import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError, present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { firstWord, type GuestMap } from '../maps/map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { lookedUpValue } from '../session/outcome.ts';
import { exactBytes, programValue, putEntry } from '../session/presets.ts';
import type { ValueOffset } from '../spec/units.ts';

/** An entry that user space puts into a map, or takes out, in front of a packet. */
export interface EntryChange {
  readonly map: string;
  /** Hex; without value the entry is taken out. */
  readonly key: string;
  /** Hex; in a map of programs the name of one. */
  readonly value?: string;
  /** The value is a part of it alone, from this byte on: a variable among others. */
  readonly from?: ValueOffset;
  /** What is changed, as the program calls it, where that is more than map and key: `limit`. */
  readonly name?: string;
}

/** A change that was made, with the whole value. */
export interface MadeChange {
  readonly map: string;
  readonly key: string;
  readonly value?: string;
  /** In words, where those say more than key and value: `limit = 0x00000003`. */
  readonly words?: string;
}

/** An entry as it was in front of a change, and as it was made: what puts it back. */
interface Undo {
  readonly map: GuestMap;
  readonly change: EntryChange;
  readonly before: string | undefined;
  readonly made: string | undefined;
}

/** Whether a map takes what is done to it. */
export function isTaken(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** What an entry holds: hex, of a map of programs the name of one. */
function held(machine: Machine, map: GuestMap, key: string): string | undefined {
  const bytes = present(fromHex(key), key);
  if (map instanceof ProgArray) {
    const program = map.program(firstWord(bytes, machine.memory.littleEndian));
    return program === undefined ? undefined : machine.code.programs[program].name;
  }
  const value = lookedUpValue(machine, map, bytes);
  return value && toHex(value);
}

/** A whole value, with the part that a change is about in it. */
function wholeValue(now: string | undefined, { value, from }: EntryChange): string | undefined {
  if (value === undefined || from === undefined) return value;
  // A part of an entry that is not there any more makes none.
  if (now === undefined) return undefined;
  return now.slice(0, 2 * from) + value + now.slice(2 * from + value.length);
}

const put = (machine: Machine, map: GuestMap, key: string, value: string | undefined): boolean =>
  isTaken(() => {
    const bytes =
      value === undefined
        ? undefined
        : map instanceof ProgArray
          ? programValue(machine, map, value)
          : exactBytes(value, map.definition.valueSize, map.definition.name, 'value');
    putEntry(machine, map, { key }, bytes);
  });

/** Changes with one more, which takes the place of another of the same entry. */
export const withChange = (
  changes: readonly EntryChange[],
  added: EntryChange,
): readonly EntryChange[] => [
  ...changes.filter(
    ({ map, key, from }) => map !== added.map || key !== added.key || from !== added.from,
  ),
  added,
];

/**
 * Entries that are changed in front of one packet alone: in front of the next one they are put
 * back, as far as the program has left what it was given.
 */
export class EntryChanges {
  private readonly undo: readonly Undo[];

  constructor(undo: readonly Undo[] = []) {
    this.undo = undo;
  }

  /**
   * In front of the next packet: puts back what these have changed, then makes `changes`. Answers
   * what was done in whole values, and what puts it back; undefined where a map does not take it.
   */
  next(
    machine: Machine,
    changes: readonly EntryChange[],
  ): { readonly done: readonly MadeChange[]; readonly changes: EntryChanges } | undefined {
    const done = new Map<string, MadeChange>();
    const note = (made: MadeChange): void => {
      const entry = `${made.map} ${made.key}`;
      done.set(entry, onTopOf(done.get(entry), made));
    };
    for (const one of this.undo) {
      const isChanged = changes.some(
        ({ map, key, from }) =>
          map === one.change.map && key === one.change.key && from === undefined,
      );
      const back = isChanged ? undefined : putBack(machine, one);
      if (back && put(machine, one.map, back.key, back.value)) note(back);
    }
    const undo: Undo[] = [];
    for (const change of changes) {
      const map = machine.mapNamed(change.map);
      if (map === undefined) return undefined;
      const before = held(machine, map, change.key);
      const made = wholeValue(before, change);
      if (!put(machine, map, change.key, made)) return undefined;
      undo.push({ map, change, before, made });
      note(madeOf(machine, change, made));
    }
    return { done: [...done.values()], changes: new EntryChanges(undo) };
  }
}

/** Of two changes of an entry the later one, whose value has what the other did; both in words. */
function onTopOf(earlier: MadeChange | undefined, later: MadeChange): MadeChange {
  const words = [earlier?.words, later.words].filter((part) => part !== undefined).join('; ');
  return { ...later, ...(words && { words }) };
}

function madeOf(machine: Machine, change: EntryChange, whole: string | undefined): MadeChange {
  const { map, key, name } = change;
  const words = name === undefined ? {} : { words: `${name} = ${shown(machine, change, whole)}` };
  return { map, key, ...(whole !== undefined && { value: whole }), ...words };
}

/** A slot's program, or the number that a variable becomes. */
function shown(
  { memory }: Machine,
  { from, value = '' }: EntryChange,
  whole: string | undefined,
): string {
  if (whole === undefined) return 'none';
  if (from === undefined) return whole;
  const bytes = fromHex(whole.slice(2 * from, 2 * from + value.length)) ?? new Uint8Array();
  return `0x${toHex(memory.littleEndian ? bytes.reverse() : bytes)}`;
}

/** The change that puts an entry back; undefined where the program has made it another one. */
function putBack(machine: Machine, { map, change, before, made }: Undo): MadeChange | undefined {
  const now = held(machine, map, change.key);
  if (before === made) return undefined;
  if (before === undefined || made === undefined || map instanceof ProgArray)
    return now === made ? madeOf(machine, change, before) : undefined;
  if (now === undefined || now.length !== before.length) return undefined;
  let value = '';
  for (let at = 0; at < now.length; at += 2) {
    const [byte, given, old] = [now, made, before].map((hex) => hex.slice(at, at + 2));
    if (given !== old && byte !== given) return undefined;
    value += given === old ? byte : old;
  }
  return madeOf(machine, change, value);
}
