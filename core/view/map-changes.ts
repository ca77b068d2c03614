import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import type { MapEntry } from '../maps/map.ts';
import { entryValue } from '../session/outcome.ts';

/** Which entries of the maps an account of a run lists. */
export const MAP_LISTINGS = ['changed', 'all', 'none'] as const;
export type MapListing = (typeof MAP_LISTINGS)[number];

/** Entries of a map that are listed where not all are asked for. */
const MOST_LISTED = 1024;

/** One entry: `value` is null where the entry of the start is gone. */
export interface ListedEntry {
  readonly key: string;
  readonly value: string | null;
}

export interface ListedMap {
  readonly entries: ListedEntry[];
  /** How many there would be without the bound. */
  readonly total: number;
}

/** What the maps held before the first packet, so that what became different can be told. */
export class MapStart {
  private readonly machine: Machine;
  /** Linear memory of then: an array's values are compared in place, however many there are. */
  private readonly memory: Uint8Array;
  /** The other maps' entries; undefined for arrays. */
  private readonly entries: readonly (ReadonlyMap<string, string> | undefined)[];

  /** `memory`: linear memory as it is now, kept. */
  constructor(machine: Machine, memory: Uint8Array) {
    this.machine = machine;
    this.memory = memory;
    this.entries = machine.maps.map((map, i) =>
      map.changedSince
        ? undefined
        : new Map(this.list(i, map.entries()).map(({ key, value }) => [key, value!])),
    );
  }

  /**
   * What a map holds now: all of it, or what is not as it was at the start, at most MOST_LISTED of
   * that.
   */
  listed(index: number, listing: MapListing): ListedMap {
    if (listing === 'none') return { entries: [], total: 0 };
    // A map that a program made of a template during the session is not among those of the start.
    const map = this.machine.maps[index];
    if (listing === 'all') {
      const entries = this.list(index, map.entries());
      return { entries, total: entries.length };
    }
    const changed = map.changedSince
      ? this.list(index, map.changedSince(this.memory), MOST_LISTED)
      : this.differing(index, this.list(index, map.entries()));
    const total = map.changedSince ? count(map.changedSince(this.memory)) : changed.length;
    return { entries: changed.slice(0, MOST_LISTED), total };
  }

  private differing(index: number, now: readonly ListedEntry[]): ListedEntry[] {
    const start = this.entries[index] ?? new Map<string, string>();
    const keys = new Set(now.map(({ key }) => key));
    const gone = [...start.keys()]
      .filter((key) => !keys.has(key))
      .map((key) => ({ key, value: null }));
    return [...now.filter(({ key, value }) => start.get(key) !== value), ...gone];
  }

  private list(
    index: number,
    entries: Iterable<MapEntry>,
    limit = Number.POSITIVE_INFINITY,
  ): ListedEntry[] {
    const listed: ListedEntry[] = [];
    for (const entry of entries) {
      if (listed.length >= limit) break;
      listed.push({ key: toHex(entry.key), value: toHex(entryValue(this.machine, index, entry)) });
    }
    return listed;
  }
}

function count(entries: Iterable<unknown>): number {
  let total = 0;
  for (const _ of entries) total += 1;
  return total;
}
