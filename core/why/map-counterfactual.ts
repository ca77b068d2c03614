import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { verdictOf } from '../hooks/verdict.ts';
import { firstWord, type GuestMap, wordBytes } from '../maps/map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import type { MapLookup } from '../protocol/messages.ts';
import { endingOf } from '../session/outcome.ts';
import { exactBytes, putEntry } from '../session/presets.ts';
import type { Session, Work } from '../session/session.ts';
import { isMapInMap, MAP_TYPE_ID } from '../spec/map-types.ts';

/** Steps that all trials may take together. */
const MOST_STEPS = 4_000_000;

/** Programs that are tried in a slot. */
const MOST_PROGRAMS = 32;

/** Every index is there for ever. */
export const ALWAYS_THERE: ReadonlySet<number> = new Set([
  MAP_TYPE_ID.array,
  MAP_TYPE_ID.percpu_array,
]);

/** What an entry is tried with: nothing, zeros, a one, all ones. */
function candidates(
  { type, valueSize }: GuestMap['definition'],
  found: boolean,
  little: boolean,
): (Uint8Array | undefined)[] {
  const one = new Uint8Array(valueSize);
  one[little ? 0 : valueSize - 1] = 1;
  const values = [new Uint8Array(valueSize), one, new Uint8Array(valueSize).fill(0xff)];
  return found && !ALWAYS_THERE.has(type) ? [undefined, ...values] : values;
}

/**
 * Looks for contents of an entry, before the packet's run, that give another verdict. Changes the
 * machine.
 */
export class MapCounterfactualSearch {
  private readonly session: Session;
  private steps = MOST_STEPS;

  constructor(session: Session) {
    this.session = session;
  }

  find(lookup: MapLookup): Work<MapLookup['change']> {
    return this.session.unrecorded(this.tryEach(lookup));
  }

  private *tryEach(lookup: MapLookup): Work<MapLookup['change']> {
    const machine = this.session.machine!;
    const map = machine.mapNamed(lookup.map);
    if (map === undefined || isMapInMap(map.definition.type) || lookup.found === undefined)
      return undefined;
    const tried =
      map instanceof ProgArray
        ? this.programs(map, lookup)
        : candidates(map.definition, lookup.found, machine.memory.littleEndian).map((value) => ({
            value,
            text: value === undefined ? '' : toHex(value),
          }));
    for (const { value, text } of tried) {
      const verdict = this.try(map, lookup.key, value);
      if (verdict !== undefined) return { value: text, verdict };
      yield { what: 'looking for what would change it', done: MOST_STEPS - this.steps };
    }
    return undefined;
  }

  /**
   * Programs for an empty slot: first the one whose number it has, then those behind it, since a
   * chain is written in its order.
   */
  private programs(
    map: ProgArray,
    { key, missed }: MapLookup,
  ): { value: Uint8Array; text: string }[] {
    if (missed !== 'empty') return [];
    const { code, memory } = this.session.machine!;
    const { keySize, name } = map.definition;
    const index = firstWord(exactBytes(key, keySize, name, 'key'), memory.littleEndian);
    const inOrder = [...map.takes.slice(index), ...map.takes.slice(0, index)];
    return inOrder.slice(0, MOST_PROGRAMS).map((number) => ({
      value: wordBytes(number + 1, memory.littleEndian),
      text: code.programs[number].name,
    }));
  }

  /** The verdict with the entry so, where it is another. */
  private try(map: GuestMap, key: string, value: Uint8Array | undefined): string | undefined {
    const { session } = this;
    const machine = session.machine!;
    machine.restore(session.history.before(0));
    const before = map.lookup(
      exactBytes(key, map.definition.keySize, map.definition.name, 'key'),
      machine.surroundings.cpu,
    );
    if (value === undefined && before === 0n) return undefined;
    try {
      putEntry(machine, map, { key }, value);
    } catch (error) {
      // A map that is full, or takes no entries, is no answer.
      if (error instanceof InputError) return undefined;
      throw error;
    }
    session.advance(Math.min(this.steps, session.inputs.settings.maxSteps));
    this.steps -= machine.steps;
    if (machine.status === 'running') return undefined;
    const { name, text } = verdictOf(session.hook, endingOf(machine, undefined), session.options);
    return name === session.outcome!.verdict.name ? undefined : text;
  }
}
