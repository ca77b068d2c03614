import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError, present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { type GuestMap, valuesPerEntry, wordBytes } from '../maps/map.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';

/** Types that refuse an entry when they are full, and whose values may be zeros. */
const FILLED: ReadonlySet<number> = new Set([
  MAP_TYPE_ID.hash,
  MAP_TYPE_ID.percpu_hash,
  MAP_TYPE_ID.lpm_trie,
  MAP_TYPE_ID.queue,
  MAP_TYPE_ID.stack,
]);

/** Most that is put into a map: each time that the packet is run, it is done anew. */
const MOST_ENTRIES = 65_536;
const MOST_BYTES = 16 * 2 ** 20;

/** Bytes of a key that tell entries apart: in front of those of a prefix stands its length. */
const keyBytes = ({ type, keySize }: MapDefinition): number =>
  type === MAP_TYPE_ID.lpm_trie ? keySize - 4 : keySize;

/** Why a map is not filled; undefined: it is. */
export function whyNotFilled({ definition, problem }: GuestMap, cpus: number): string | undefined {
  if (problem !== undefined) return `cannot be made: ${problem}`;
  if (!FILLED.has(definition.type)) return 'is of a type that is never full, or not by zeros';
  const { maxEntries, keySize, valueSize } = definition;
  if (keyBytes(definition) <= 2 && keySize > 0 && maxEntries > 256 ** keyBytes(definition))
    return `has room for ${maxEntries.toLocaleString('en')}, which is more than it has keys`;
  const bytes = maxEntries * (keySize + valueSize * valuesPerEntry(definition, cpus));
  return maxEntries > MOST_ENTRIES || bytes > MOST_BYTES
    ? `takes ${maxEntries.toLocaleString('en')} entries: that is too many to fill it`
    : undefined;
}

/**
 * Puts entries of zeros into a map, as user space may, until it takes no more: under the highest
 * keys that are not there, which are nobody's as a rule. Entries that are there stay as they are.
 * Throws an InputError where it is not filled.
 */
export function fillMap(machine: Machine, map: GuestMap): void {
  const { name, valueSize } = map.definition;
  const { cpu, cpus } = machine.surroundings;
  const place = `map "${name}"`;
  const why = whyNotFilled(map, cpus);
  if (why !== undefined) throw new InputError(place, why);
  const known = new Set([...map.entries()].map(({ key }) => toHex(key)));
  const value = new Uint8Array(valueSize);
  for (const key of keysOf(map, machine.memory.littleEndian)) {
    if (key !== '' && known.has(key)) continue;
    const result = map.update(present(fromHex(key), key), value, 0n, cpu);
    if (result === -ERRNO.E2BIG || result === -ERRNO.ENOSPC) return;
    if (result < 0) throw new InputError(place, `key ${key} cannot be put in`);
  }
}

/** Keys from the highest one on; at least one more than there is room for, or all there are. */
function* keysOf({ definition }: GuestMap, littleEndian: boolean): Iterable<string> {
  const { type, keySize, maxEntries } = definition;
  // Values that are pushed have none.
  if (keySize === 0) {
    for (let i = 0; i <= maxEntries; i++) yield '';
    return;
  }
  const size = keyBytes(definition);
  const isTrie = type === MAP_TYPE_ID.lpm_trie;
  const prefix = isTrie ? toHex(wordBytes(8 * size, littleEndian)) : '';
  for (let key = (1n << BigInt(8 * size)) - 1n; key >= 0n; key--)
    yield prefix + key.toString(16).padStart(2 * size, '0');
}
