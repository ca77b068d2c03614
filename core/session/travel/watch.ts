import { fromHex, toHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import type { Machine } from '../../machine/machine.ts';
import { roundUp8, valuesPerEntry } from '../../maps/map.ts';
import { idOfRegion, signedOffset } from '../../memory/memory.ts';
import { isBranch } from '../../program/effects.ts';
import { type RegionId, regionName } from '../../spec/regions.ts';
import type { RegionOffset } from '../../spec/units.ts';
import type { WatchTarget } from '../types.ts';

/**
 * Looks at a thing; answers whether it has changed since the last look. The first answer means
 * nothing.
 */
export type Watch = () => boolean;

/** Entries that are gone through to find a key; bytes that are compared after every step. */
const MOST_ENTRIES = 4096;
export const MOST_WATCHED = 4096;
/** Watchpoints of a session. */
export const MOST_WATCHPOINTS = 64;

/**
 * Compares bytes of linear memory with what they were; `place` says where they are now, -1:
 * nowhere.
 */
function watchBytes({ memory }: Machine, length: number, place: () => number): Watch {
  const before = new Uint8Array(length);
  let there = false;
  return () => {
    const at = place();
    let changed = there !== at >= 0;
    there = at >= 0;
    if (!there) return changed;
    const { bytes } = memory;
    for (let i = 0; i < length; i++) {
      if (before[i] === bytes[at + i]) continue;
      before[i] = bytes[at + i];
      changed = true;
    }
    return changed;
  };
}

function watchRegister(machine: Machine, index: number): Watch {
  let [low, high] = [0, 0];
  return () => {
    const { halves } = machine;
    const changed = low !== halves[2 * index] || high !== halves[2 * index + 1];
    low = halves[2 * index];
    high = halves[2 * index + 1];
    return changed;
  };
}

/**
 * Where something is, looked for anew unless the last step was a plain one: entries and regions
 * come, go and change their names by calls and returns.
 */
function placeKept(machine: Machine, find: () => number): () => number {
  let at = -1;
  let looked = -1;
  return () => {
    const row = machine.code.instructions[machine.recorder?.pc ?? -1]?.row;
    const plain = machine.steps === looked + 1 && row !== undefined && !isBranch(row);
    looked = machine.steps;
    if (!plain) at = find();
    return at;
  };
}

function watchMap(machine: Machine, name: string, keyText: string): Watch {
  const map = machine.mapNamed(name);
  const key = fromHex(keyText);
  if (map === undefined || key === undefined)
    throw new InputError(`map "${name}"`, `has no key ${keyText}`);
  const size =
    roundUp8(map.definition.valueSize) * valuesPerEntry(map.definition, machine.surroundings.cpus);
  const wanted = toHex(key);
  const find = (): number => {
    let seen = 0;
    for (const entry of map.entries()) {
      if (toHex(entry.key) === wanted) return entry.value;
      if (++seen === MOST_ENTRIES) break;
    }
    return -1;
  };
  return watchBytes(machine, size, placeKept(machine, find));
}

/**
 * Linear address of bytes of a region; undefined where there is no such region now.
 */
export function placeOfMemory(
  { memory }: Machine,
  region: RegionId,
  offset: RegionOffset,
  length: number,
): number | undefined {
  const id = idOfRegion(memory, region, (candidate) => {
    const at = offset - memory.info[candidate].origin;
    return at >= 0 && at + length <= memory.length[candidate];
  });
  return id === undefined ? undefined : memory.base[id] + offset - memory.info[id].origin;
}

function watchMemory(
  machine: Machine,
  region: RegionId,
  offset: RegionOffset,
  length: number,
): Watch {
  const find = (): number => placeOfMemory(machine, region, offset, length) ?? -1;
  return watchBytes(machine, length, placeKept(machine, find));
}

export const isRegister = (index: number): boolean => index >= 0 && index <= 10;

/** Throws InputError where there is nothing to watch. */
export function watchOf(machine: Machine, target: WatchTarget): Watch {
  switch (target.kind) {
    case 'register':
      if (!isRegister(target.index)) throw new InputError(`r${target.index}`, 'is no register');
      return watchRegister(machine, target.index);
    case 'memory':
      if (!(target.length > 0 && target.length <= MOST_WATCHED))
        throw new InputError(
          nameOfTarget(target),
          `${target.length} bytes: from 1 to ${MOST_WATCHED} can be watched`,
        );
      return watchMemory(machine, target.region, target.offset, target.length);
    case 'map':
      return watchMap(machine, target.map, target.key);
  }
}

/** Watchpoints of a session; those of maps that its program does not have never change. */
export class Watches {
  private readonly rows: readonly { readonly name: string; readonly changed: Watch }[];

  constructor(machine: Machine, targets: readonly WatchTarget[]) {
    const maps = new Set(machine.maps.map(({ definition }) => definition.name));
    this.rows = targets
      .filter((target) => target.kind !== 'map' || maps.has(target.map))
      .map((target) => ({ name: nameOfTarget(target), changed: watchOf(machine, target) }));
    this.changed();
  }

  get none(): boolean {
    return this.rows.length === 0;
  }

  /** Looks at every one; names of those that have changed since the last look. */
  changed(): string[] {
    return this.rows.filter(({ changed }) => changed()).map(({ name }) => name);
  }
}

/** `r3`, `stack-8`, `ip.ttl`, `map hits[0000]`: for messages. */
export function nameOfTarget(target: WatchTarget): string {
  if (target.kind === 'register') return `r${target.index}`;
  if (target.kind === 'map') return `map ${target.map}[${target.key}]`;
  return target.field ?? `${regionName(target.region)}${signedOffset(target.offset)}`;
}
