import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_ANY } from '../spec/map-types.ts';
import { keyHash } from './jhash.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  type MapEntry,
  mapHandle,
  type PushMap,
  refuse,
  roundUpPowerOf2,
  wordBytes,
} from './map.ts';

/** Hash functions where map_extra says none, and the most it can say. */
const DEFAULT_HASHES = 5;
const MAX_HASHES = 15;
const WORD_BYTES = 8;

/**
 * bloom_filter (kernel/bpf/bloom_filter.c): bits that pushed values set. Which values are taken for
 * pushed wrongly depends on a seed, random in the kernel unless BPF_F_ZERO_SEED; here it is 0.
 */
export class BloomFilter implements PushMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly memory: Memory;
  private readonly hashes: number;
  private readonly mask: number;
  private readonly bits: number;

  constructor(memory: Memory, definition: MapDefinition) {
    checkCreation(definition, {
      key: [0],
      flags: [...ACCESS_FLAGS, 'BPF_F_ZERO_SEED'],
      extra: true,
    });
    const extra = definition.extra ?? 0;
    if (extra > MAX_HASHES)
      refuse(
        definition,
        `map_extra ${extra} asks for more than ${MAX_HASHES} hash functions: ` +
          `the kernel refuses the map with EINVAL`,
      );
    this.definition = definition;
    this.memory = memory;
    this.hashes = extra || DEFAULT_HASHES;
    // 7/5 bits for each hash of an entry, about 1/ln 2.
    const wanted = Math.floor((definition.maxEntries * this.hashes) / 5) * 7;
    const count = wanted > 2 ** 31 ? 2 ** 32 : roundUpPowerOf2(Math.max(wanted, WORD_BYTES * 8));
    this.mask = count - 1;
    this.handle = mapHandle(memory, definition);
    this.bits = memory.allocate(count / 8, `map "${definition.name}"`);
  }

  /**
   * Where the hashes of a value have their bits. `test_bit` counts in words of 64 bits of the
   * machine's order.
   */
  private *places(value: Uint8Array): Iterable<{ at: number; bit: number }> {
    const { littleEndian } = this.memory;
    for (let i = 0; i < this.hashes; i++) {
      const bit = (keyHash(value, i, littleEndian) & this.mask) >>> 0;
      const byte = bit >>> 3;
      yield {
        at: this.bits + (littleEndian ? byte : byte ^ (WORD_BYTES - 1)),
        bit: 1 << (bit & 7),
      };
    }
  }

  push(value: Uint8Array, flags: bigint): number {
    if (flags !== BPF_ANY) return -ERRNO.EINVAL;
    for (const { at, bit } of this.places(value)) this.memory.bytes[at] |= bit;
    return 0;
  }

  /** Whether a value seems to have been pushed. */
  contains(value: Uint8Array): boolean {
    for (const { at, bit } of this.places(value))
      if ((this.memory.bytes[at] & bit) === 0) return false;
    return true;
  }

  lookup(): bigint {
    return 0n;
  }

  update(_key: Uint8Array, value: Uint8Array, flags: bigint): number {
    return this.push(value, flags);
  }

  delete(): number {
    return -ERRNO.EOPNOTSUPP;
  }

  /** The words of the filter that have a bit set, by number. */
  *entries(): Iterable<MapEntry> {
    const { bytes, littleEndian } = this.memory;
    for (let index = 0; index <= this.mask >>> 6; index++) {
      const at = this.bits + index * WORD_BYTES;
      if (bytes.subarray(at, at + WORD_BYTES).some((byte) => byte !== 0))
        yield { key: wordBytes(index, littleEndian), value: at, size: WORD_BYTES };
    }
  }

  save(): undefined {
    return undefined;
  }

  restore(): void {}
}
