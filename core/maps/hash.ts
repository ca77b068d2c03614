import { toHex } from '../bytes/hex.ts';
import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_TYPE_ID } from '../spec/map-types.ts';
import { type GuestMap, KeyedSlots, type MapEntry, mapHandle, refuse } from './map.ts';

/**
 * hash, lru_hash and their per-CPU forms (kernel/bpf/hashtab.c). Order is the order of insertion; the kernel's depends
 * on a random seed. A deleted element's slot is the next one used, as with the kernel's preallocated elements.
 */
export class HashMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly slots: KeyedSlots;
  /** Then the least recently used key comes first in the order. */
  private readonly lru: boolean;

  constructor(memory: Memory, definition: MapDefinition) {
    if (definition.keySize === 0) refuse(definition, 'key_size is 0');
    if (definition.valueSize === 0) refuse(definition, 'value_size is 0');
    if (definition.maxEntries === 0) refuse(definition, 'max_entries is 0');
    this.definition = definition;
    this.lru = definition.type === MAP_TYPE_ID.lru_hash || definition.type === MAP_TYPE_ID.lru_percpu_hash;
    this.handle = mapHandle(memory, definition);
    this.slots = new KeyedSlots(memory, definition);
  }

  lookup(key: Uint8Array, cpu: number): bigint {
    const name = toHex(key);
    const slot = this.slots.find(name);
    if (slot === undefined) return 0n;
    if (this.lru) this.slots.touch(name);
    return this.slots.store.pointer(slot, cpu);
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    const name = toHex(key);
    const existing = this.slots.find(name);
    if (existing === undefined && flags === BPF_EXIST) return -ERRNO.ENOENT;
    if (existing !== undefined && flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    if (existing === undefined && !this.makeRoom()) return -ERRNO.E2BIG;
    const slot = existing ?? this.slots.take(name);
    this.slots.store.write(slot, value, cpu, existing === undefined);
    if (this.lru) this.slots.touch(name);
    return 0;
  }

  delete(key: Uint8Array): number {
    return this.slots.remove(toHex(key)) ? 0 : -ERRNO.ENOENT;
  }

  entries(): Iterable<MapEntry> {
    return this.slots.entries();
  }

  /** Whether one more key fits; an LRU map drops its oldest for it. */
  private makeRoom(): boolean {
    if (this.slots.size < this.definition.maxEntries) return true;
    if (this.lru) this.slots.remove(this.slots.first()!);
    return this.lru;
  }

  save(): unknown {
    return this.slots.save();
  }

  restore(saved: unknown): void {
    this.slots.restore(saved);
  }
}
