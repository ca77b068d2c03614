import { isEqualBytes } from '../bytes/equal.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import type { GuestMap } from '../maps/map.ts';
import { isMapOfMaps } from '../maps/map-in-map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { SocketMap } from '../maps/sockets.ts';
import { entryValue, lookedUpValue } from '../session/outcome.ts';
import { putEntry } from '../session/presets.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import type { FilterMap } from './types.ts';

/** Maps that a lookup leaves as they are, whose values begin regions. */
const LOOKED_UP: ReadonlySet<number> = new Set([
  MAP_TYPE_ID.array,
  MAP_TYPE_ID.percpu_array,
  MAP_TYPE_ID.hash,
  MAP_TYPE_ID.percpu_hash,
]);

/** Their values stand for something of this machine. */
const holdsReferences = (map: GuestMap): boolean =>
  map instanceof ProgArray || map instanceof SocketMap || isMapOfMaps(map);

/** A map of a machine; `changed` is told before user space changes it. */
export class LibraryMap implements FilterMap {
  private readonly machine: Machine;
  private readonly index: number;
  private readonly changed: () => void;

  constructor(machine: Machine, index: number, changed: () => void) {
    this.machine = machine;
    this.index = index;
    this.changed = changed;
  }

  private get map(): GuestMap {
    return this.machine.maps[this.index];
  }

  get name(): string {
    return this.map.definition.name;
  }

  get type(): number {
    return this.map.definition.type;
  }

  get keySize(): number {
    return this.map.definition.keySize;
  }

  get valueSize(): number {
    return this.map.definition.valueSize;
  }

  get maxEntries(): number {
    return this.map.definition.maxEntries;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.checkKey(key);
    if (this.keySize > 0 && LOOKED_UP.has(this.type))
      return lookedUpValue(this.machine, this.map, key);
    for (const [known, value] of this.entries()) if (isEqualBytes(known, key)) return value;
    return undefined;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.checkKey(key);
    this.refuse(
      value.length !== this.valueSize,
      `a value has ${this.valueSize} bytes, this one ${value.length}`,
    );
    this.refuse(holdsReferences(this.map), 'what it holds cannot be set from here');
    this.changed();
    putEntry(this.machine, this.map, { key: toHex(key) }, value);
  }

  delete(key: Uint8Array): boolean {
    this.checkKey(key);
    this.changed();
    return this.map.delete(key) === 0;
  }

  *entries(): IterableIterator<readonly [Uint8Array, Uint8Array]> {
    for (const entry of this.map.entries())
      yield [entry.key.slice(), entryValue(this.machine, this.index, entry)];
  }

  private checkKey(key: Uint8Array): void {
    this.refuse(this.map.problem !== undefined, `it cannot be made: ${this.map.problem}`);
    this.refuse(
      key.length !== this.keySize,
      `a key has ${this.keySize} bytes, this one ${key.length}`,
    );
  }

  private refuse(is: boolean, reason: string): void {
    if (is) throw new InputError(`map "${this.name}"`, reason);
  }
}
