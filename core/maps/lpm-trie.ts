import { toHex } from '../bytes/hex.ts';
import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_FLAGS } from '../spec/map-types.ts';
import type { RegionId } from '../spec/regions.ts';
import { KeyedSlots } from './keyed-slots.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  firstWord,
  type GuestMap,
  MAX_ALLOCATION,
  type MapEntry,
  mapHandle,
  refuse,
  ValueStore,
} from './map.ts';

/** Bytes of the prefix length in front of the data (struct bpf_lpm_trie_key_hdr). */
const HEADER = 4;
const MAX_DATA = 256;
/** KMALLOC_MAX_SIZE less the longest data and struct lpm_trie_node. */
const MAX_VALUE = MAX_ALLOCATION - MAX_DATA - 24;

/**
 * lpm_trie (kernel/bpf/lpm_trie.c): a key is a prefix length in host order and data in network
 * order; a lookup finds the longest stored prefix of the data, no longer than the key's own length.
 * An update puts a new node in place.
 */
export class LpmTrie implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly littleEndian: boolean;
  private readonly maxPrefix: number;
  private readonly store: ValueStore;
  /** By length and data with every bit behind the prefix zero, in hex. */
  private readonly slots: KeyedSlots<string>;
  /** Keys as they were given, bits behind the prefix and all, by slot. */
  private given: Uint8Array[] = [];
  /** Those of the prefixes that are in it: others need not be looked for. */
  private readonly lengths = new Lengths();

  constructor(memory: Memory, definition: MapDefinition) {
    const data = definition.keySize - HEADER;
    if (data < 1 || data > MAX_DATA)
      refuse(
        definition,
        `an LPM trie's key has 5 to ${HEADER + MAX_DATA} bytes, this one ${definition.keySize}`,
      );
    checkCreation(definition, { flags: [...ACCESS_FLAGS, 'BPF_F_NO_PREALLOC'] });
    if ((definition.flags & MAP_FLAGS.BPF_F_NO_PREALLOC) === 0)
      refuse(
        definition,
        'an LPM trie needs map_flags BPF_F_NO_PREALLOC, the kernel refuses it with EINVAL',
      );
    if (definition.valueSize > MAX_VALUE)
      refuse(definition, 'value_size is about 4 MiB: the kernel refuses the map with EINVAL');
    this.definition = definition;
    this.littleEndian = memory.littleEndian;
    this.maxPrefix = data * 8;
    this.handle = mapHandle(memory, definition);
    const { name: map } = definition;
    const idOf = (slot: number): RegionId => ({ kind: 'value', map, at: this.slots.keyOf(slot) });
    this.store = new ValueStore(memory, definition, 0, idOf);
    this.slots = new KeyedSlots(this.store, true);
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
    const length = firstWord(key, this.littleEndian);
    if (length > this.maxPrefix) return 0n;
    for (const prefix of this.lengths.longestFirst()) {
      if (prefix > length) continue;
      const slot = this.slots.get(this.masked(key, prefix));
      if (slot !== undefined) return this.store.pointer(slot, cpu);
    }
    return 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    const length = firstWord(key, this.littleEndian);
    if (flags > BPF_EXIST || length > this.maxPrefix) return -ERRNO.EINVAL;
    const name = this.masked(key, length);
    const exists = this.slots.get(name) !== undefined;
    if (!exists && flags === BPF_EXIST) return -ERRNO.ENOENT;
    if (!exists && this.slots.size >= this.definition.maxEntries) return -ERRNO.ENOSPC;
    if (exists && flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    const slot = this.slots.take(name);
    if (!exists) this.lengths.add(length);
    this.given[slot] = key.slice();
    this.store.write(slot, value, cpu, true);
    return 0;
  }

  delete(key: Uint8Array): number {
    const length = firstWord(key, this.littleEndian);
    if (length > this.maxPrefix) return -ERRNO.EINVAL;
    if (!this.slots.remove(this.masked(key, length))) return -ERRNO.ENOENT;
    this.lengths.drop(length);
    return 0;
  }

  get count(): number {
    return this.slots.size;
  }

  /** As get_next_key walks: children before their parent, a 0 bit before a 1 bit. */
  *entries(): Iterable<MapEntry> {
    const prefixes = Array.from(this.slots.values(), (slot): Prefix => {
      const key = this.given[slot];
      return { slot, key, length: firstWord(key, this.littleEndian) };
    });
    for (const { key, slot } of prefixes.sort(postOrder))
      yield { key: key.slice(), value: this.store.linear(slot) };
  }

  beginRun(): void {
    this.slots.beginRun();
  }

  save() {
    return { slots: this.slots.save(), given: this.given.slice() };
  }

  restore(image: ReturnType<LpmTrie['save']>): void {
    this.slots.restore(image.slots);
    this.given = image.given.slice();
    this.lengths.clear();
    for (const slot of this.slots.values())
      this.lengths.add(firstWord(this.given[slot], this.littleEndian));
  }
}

interface Prefix {
  readonly slot: number;
  readonly key: Uint8Array;
  readonly length: number;
}

/**
 * Two prefixes in the trie's post-order: by the first bit in which they differ, else the longer one
 * first.
 */
function postOrder(a: Prefix, b: Prefix): number {
  const common = Math.min(a.length, b.length);
  for (let bit = 0; bit < common; bit++) {
    const shift = 7 - (bit & 7);
    const difference =
      ((a.key[HEADER + (bit >> 3)] >> shift) & 1) - ((b.key[HEADER + (bit >> 3)] >> shift) & 1);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

/** How many prefixes there are of each length. */
class Lengths {
  private readonly counts = new Map<number, number>();
  private sorted: readonly number[] | undefined;

  longestFirst(): readonly number[] {
    this.sorted ??= [...this.counts.keys()].sort((a, b) => b - a);
    return this.sorted;
  }

  add(length: number): void {
    const count = this.counts.get(length) ?? 0;
    this.counts.set(length, count + 1);
    if (count === 0) this.sorted = undefined;
  }

  drop(length: number): void {
    const count = this.counts.get(length)! - 1;
    if (count > 0) this.counts.set(length, count);
    else {
      this.counts.delete(length);
      this.sorted = undefined;
    }
  }

  clear(): void {
    this.counts.clear();
    this.sorted = undefined;
  }
}
