import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { roundUp8, valuesPerEntry } from '../maps/map.ts';
import type { WatchTarget } from '../protocol/messages.ts';

/** What a thing holds now, as text that is the same while it does not change. */
export type Watch = () => string;

/** Entries that are gone through to find a key. */
const MOST_ENTRIES = 4096;

function watchMap(machine: Machine, name: string, keyText: string): Watch {
  const map = machine.maps.find(({ definition }) => definition.name === name);
  const key = fromHex(keyText);
  if (map === undefined || key === undefined) throw new InputError(`map "${name}"`, `has no key ${keyText}`);
  const size = roundUp8(map.definition.valueSize) * valuesPerEntry(map.definition, machine.surroundings.cpus);
  const wanted = toHex(key);
  return () => {
    let seen = 0;
    for (const entry of map.entries()) {
      if (toHex(entry.key) === wanted) return toHex(machine.memory.bytes.subarray(entry.value, entry.value + size));
      if (++seen === MOST_ENTRIES) break;
    }
    return 'none';
  };
}

/** Linear address of bytes of a region, by the name it has now; undefined where there is none of that name. */
export function placeOfMemory({ memory }: Machine, region: string, offset: number, length: number): number | undefined {
  for (let id = memory.info.length - 1; id > 0; id--) {
    const { kind, name, origin } = memory.info[id];
    const at = offset - origin;
    if (kind === 'stale' || name() !== region || at < 0 || at + length > memory.length[id]) continue;
    return memory.base[id] + at;
  }
  return undefined;
}

const watchMemory = (machine: Machine, region: string, offset: number, length: number): Watch => {
  return () => {
    const at = placeOfMemory(machine, region, offset, length);
    return at === undefined ? 'gone' : toHex(machine.memory.bytes.subarray(at, at + length));
  };
};

export function watchOf(machine: Machine, target: WatchTarget): Watch {
  switch (target.kind) {
    case 'register':
      return () => machine.registers[target.index].toString();
    case 'memory':
      return watchMemory(machine, target.region, target.offset, target.length);
    case 'map':
      return watchMap(machine, target.map, target.key);
  }
}

/** `r3`, `stack-8`, `map hits[0000]`: for messages. */
export function nameOfTarget(target: WatchTarget): string {
  if (target.kind === 'register') return `r${target.index}`;
  if (target.kind === 'map') return `map ${target.map}[${target.key}]`;
  return `${target.region}${target.offset < 0 ? target.offset : `+${target.offset}`}`;
}
