import { fromHex, toHex } from '../bytes/hex.ts';
import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_TYPE_ID } from '../spec/map-types.ts';
import type { RegionId } from '../spec/regions.ts';
import { KeyedSlots } from './keyed-slots.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  firstWord,
  type GuestMap,
  type MapEntry,
  mapHandle,
  refuse,
  ValueStore,
} from './map.ts';

/** A sockhash's key comes from the stack (MAX_BPF_STACK). */
const MAX_KEY = 512;

/**
 * sockmap, sockhash (net/core/sock_map.c) and reuseport_sockarray (kernel/bpf/reuseport_array.c):
 * sockets by index or key. A value is the number of a socket of the session, never 0; `addressOf`
 * finds where programs see it.
 */
export class SocketMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  /** Guest address of a socket by its number; the session that has sockets sets it. */
  addressOf: (socket: number) => bigint = () => 0n;
  private readonly memory: Memory;
  private readonly indexed: boolean;
  private readonly store: ValueStore;
  /** By key in hex. */
  private readonly slots: KeyedSlots<string>;

  constructor(memory: Memory, definition: MapDefinition) {
    this.indexed = definition.type !== MAP_TYPE_ID.sockhash;
    checkCreation(definition, {
      ...(this.indexed && { key: [4] }),
      value: [4, 8],
      flags:
        definition.type === MAP_TYPE_ID.reuseport_sockarray
          ? ACCESS_FLAGS
          : ['BPF_F_NUMA_NODE', 'BPF_F_RDONLY', 'BPF_F_WRONLY'],
    });
    if (definition.keySize > MAX_KEY)
      refuse(definition, `key_size is more than ${MAX_KEY}: the kernel refuses the map with E2BIG`);
    this.definition = definition;
    this.memory = memory;
    this.handle = mapHandle(memory, definition);
    const { name: map } = definition;
    const idOf = (slot: number): RegionId => ({ kind: 'value', map, at: this.slots.keyOf(slot) });
    this.store = new ValueStore(memory, definition, 0, idOf);
    this.slots = new KeyedSlots(this.store, false);
  }

  /** Number of the socket for a key; undefined where there is none. */
  socket(key: Uint8Array): number | undefined {
    const slot = this.slots.get(toHex(key));
    return slot === undefined
      ? undefined
      : this.memory.view.getUint32(this.store.linear(slot), this.memory.littleEndian);
  }

  lookup(key: Uint8Array): bigint {
    const socket = this.socket(key);
    return socket === undefined ? 0n : this.addressOf(socket);
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    if (flags > BPF_EXIST || firstWord(value, this.memory.littleEndian) === 0) return -ERRNO.EINVAL;
    if (this.indexed && firstWord(key, this.memory.littleEndian) >= this.definition.maxEntries)
      return -ERRNO.E2BIG;
    const name = toHex(key);
    const existing = this.slots.get(name);
    if (existing !== undefined && flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    if (existing === undefined && flags === BPF_EXIST) return -ERRNO.ENOENT;
    if (existing === undefined && this.slots.size >= this.definition.maxEntries)
      return -ERRNO.E2BIG;
    this.store.write(existing ?? this.slots.take(name), value, 0, true);
    return 0;
  }

  delete(key: Uint8Array): number {
    if (this.slots.remove(toHex(key))) return 0;
    return this.indexed ? -ERRNO.EINVAL : -ERRNO.ENOENT;
  }

  *entries(): Iterable<MapEntry> {
    for (const slot of this.slots.values())
      yield { key: fromHex(this.slots.keyOf(slot))!, value: this.store.linear(slot) };
  }

  save() {
    return this.slots.save();
  }

  restore(image: ReturnType<SocketMap['save']>): void {
    this.slots.restore(image);
  }
}
