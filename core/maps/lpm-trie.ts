import { toHex } from '../bytes/hex.ts';
import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_F_NO_PREALLOC, BPF_NOEXIST } from '../spec/map-types.ts';
import { type GuestMap, KeyedSlots, type MapEntry, mapHandle, refuse } from './map.ts';

/** Bytes of the prefix length in front of the data (struct bpf_lpm_trie_key_hdr). */
const HEADER = 4;
const MAX_DATA = 256;

/**
 * lpm_trie (kernel/bpf/lpm_trie.c): a key is a prefix length in host order and data in network order; a lookup finds
 * the longest stored prefix of the data, no longer than the key's own length.
 */
export class LpmTrie implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly littleEndian: boolean;
  private readonly maxPrefix: number;
  private readonly slots: KeyedSlots;

  constructor(memory: Memory, definition: MapDefinition) {
    const data = definition.keySize - HEADER;
    if (data < 1 || data > MAX_DATA)
      refuse(definition, `an LPM trie's key has 5 to ${HEADER + MAX_DATA} bytes, this one ${definition.keySize}`);
    if (definition.valueSize === 0) refuse(definition, 'value_size is 0');
    if (definition.maxEntries === 0) refuse(definition, 'max_entries is 0');
    if ((definition.flags & BPF_F_NO_PREALLOC) === 0)
      refuse(definition, 'an LPM trie needs map_flags BPF_F_NO_PREALLOC, the kernel refuses it with EINVAL');
    this.definition = definition;
    this.littleEndian = memory.littleEndian;
    this.maxPrefix = data * 8;
    this.handle = mapHandle(memory, definition);
    this.slots = new KeyedSlots(memory, definition);
  }

  private prefixLength(key: Uint8Array): number {
    return new DataView(key.buffer, key.byteOffset, HEADER).getUint32(0, this.littleEndian);
  }

  /** The key with this prefix length and every bit behind it zero, in hex. */
  private masked(key: Uint8Array, prefix: number): string {
    const copy = key.slice();
    new DataView(copy.buffer).setUint32(0, prefix, this.littleEndian);
    for (let bit = prefix; bit < this.maxPrefix; bit = (bit | 7) + 1) {
      const index = HEADER + (bit >> 3);
      copy[index] &= bit & 7 ? 0xff00 >> (bit & 7) : 0;
    }
    return toHex(copy);
  }

  lookup(key: Uint8Array, cpu: number): bigint {
    for (let prefix = Math.min(this.prefixLength(key), this.maxPrefix); prefix >= 0; prefix--) {
      const slot = this.slots.find(this.masked(key, prefix));
      if (slot !== undefined) return this.slots.store.pointer(slot, cpu);
    }
    return 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    const prefix = this.prefixLength(key);
    if (flags > BPF_EXIST || prefix > this.maxPrefix) return -ERRNO.EINVAL;
    const name = this.masked(key, prefix);
    const existing = this.slots.find(name);
    if (existing === undefined && this.slots.size >= this.definition.maxEntries) return -ERRNO.ENOSPC;
    if (existing === undefined && flags === BPF_EXIST) return -ERRNO.ENOENT;
    if (existing !== undefined && flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    this.slots.store.write(existing ?? this.slots.take(name), value, cpu, existing === undefined);
    return 0;
  }

  delete(key: Uint8Array): number {
    const prefix = this.prefixLength(key);
    if (prefix > this.maxPrefix) return -ERRNO.EINVAL;
    return this.slots.remove(this.masked(key, prefix)) ? 0 : -ERRNO.ENOENT;
  }

  entries(): Iterable<MapEntry> {
    return this.slots.entries();
  }

  save(): unknown {
    return this.slots.save();
  }

  restore(saved: unknown): void {
    this.slots.restore(saved);
  }
}
