import { toHex } from '../bytes/hex.ts';
import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_FLAGS } from '../spec/map-types.ts';
import type { RegionId } from '../spec/regions.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  firstWord,
  type GuestMap,
  MAX_ALLOCATION,
  type MapEntry,
  mapHandle,
  RetiredSlots,
  refuse,
  type StoreImage,
  ValueStore,
} from './map.ts';

/** Bytes of the prefix length in front of the data (struct bpf_lpm_trie_key_hdr). */
const HEADER = 4;
const MAX_DATA = 256;
/** KMALLOC_MAX_SIZE less the longest data and struct lpm_trie_node. */
const MAX_VALUE = MAX_ALLOCATION - MAX_DATA - 24;

/** A stored prefix: the key as it was given, bits behind the prefix and all. */
interface Prefix {
  readonly key: Uint8Array;
  readonly length: number;
  readonly slot: number;
}

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
  private prefixes = new Map<string, Prefix>();
  private readonly free = new RetiredSlots();
  private names: string[] = [];

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
    const idOf = (slot: number): RegionId => ({ kind: 'value', map, at: this.names[slot] });
    this.store = new ValueStore(memory, definition, 0, idOf);
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
    for (let prefix = length; prefix >= 0; prefix--) {
      const found = this.prefixes.get(this.masked(key, prefix));
      if (found !== undefined) return this.store.pointer(found.slot, cpu);
    }
    return 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    const length = firstWord(key, this.littleEndian);
    if (flags > BPF_EXIST || length > this.maxPrefix) return -ERRNO.EINVAL;
    const name = this.masked(key, length);
    const existing = this.prefixes.get(name);
    if (existing === undefined && flags === BPF_EXIST) return -ERRNO.ENOENT;
    if (existing === undefined && this.prefixes.size >= this.definition.maxEntries)
      return -ERRNO.ENOSPC;
    if (existing !== undefined && flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    const slot = this.free.take() ?? this.store.addSlot();
    this.names[slot] = name;
    this.store.write(slot, value, cpu, true);
    this.prefixes.set(name, { key: key.slice(), length, slot });
    if (existing) this.free.giveBack(existing.slot);
    return 0;
  }

  delete(key: Uint8Array): number {
    const length = firstWord(key, this.littleEndian);
    if (length > this.maxPrefix) return -ERRNO.EINVAL;
    const name = this.masked(key, length);
    const existing = this.prefixes.get(name);
    if (existing === undefined) return -ERRNO.ENOENT;
    this.prefixes.delete(name);
    this.free.giveBack(existing.slot);
    return 0;
  }

  get count(): number {
    return this.prefixes.size;
  }

  /** As get_next_key walks: children before their parent, a 0 bit before a 1 bit. */
  *entries(): Iterable<MapEntry> {
    for (const { key, slot } of [...this.prefixes.values()].sort(postOrder))
      yield { key: key.slice(), value: this.store.linear(slot) };
  }

  beginRun(): void {
    this.free.beginRun();
  }

  save(): unknown {
    return {
      store: this.store.save(),
      prefixes: new Map(this.prefixes),
      free: this.free.save(),
      names: this.names.slice(),
    };
  }

  restore(saved: unknown): void {
    const image = saved as {
      store: StoreImage;
      prefixes: ReadonlyMap<string, Prefix>;
      free: ReturnType<RetiredSlots['save']>;
      names: readonly string[];
    };
    this.store.restore(image.store);
    this.prefixes = new Map(image.prefixes);
    this.free.restore(image.free);
    this.names = image.names.slice();
  }
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
