import { type Memory, READ } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_TYPE_ID } from '../spec/map-types.ts';
import { END_OF_CHAIN, HashTable } from './hash-table.ts';
import {
  checkCreation,
  firstWord,
  type GuestMap,
  indexedValue,
  type MapEntry,
  type MapPlace,
  mapHandle,
  refuse,
  type StoreImage,
  ValueStore,
  wordBytes,
} from './map.ts';

/** Where a redirection goes: `interface 3`, with its number where it is an interface. */
export interface RedirectTarget {
  readonly text: string;
  readonly ifindex?: number;
}

/** A map bpf_redirect_map takes. User space fills it; a program can look at most of them. */
export interface RedirectMap extends GuestMap {
  /**
   * Whether packets may go to all of its entries at once (BPF_F_BROADCAST, BPF_F_EXCLUDE_INGRESS).
   */
  readonly broadcasts: boolean;
  target(key: number): RedirectTarget | undefined;
}

/** NR_CPUS and the longest queue of a cpumap's CPU (kernel/bpf/cpumap.c). */
const NR_CPUS = 8192;
const MAX_QUEUE = 16384;

/**
 * Programs see struct bpf_devmap_val read-only; user space writes 4 bytes (the interface) or 8 (and
 * a program).
 */
const VALUE_SIZES = [4, 8];

/** devmap, cpumap and xskmap: slots by index, empty where the first word of the value is 0. */
export class RedirectArray implements RedirectMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  readonly broadcasts: boolean;
  private readonly memory: Memory;
  private readonly store: ValueStore;
  private readonly cpus: number;

  constructor(memory: Memory, definition: MapDefinition, { cpus }: MapPlace) {
    const { type, maxEntries } = definition;
    checkCreation(definition, {
      key: [4],
      value: type === MAP_TYPE_ID.xskmap ? [4] : VALUE_SIZES,
      flags:
        type === MAP_TYPE_ID.cpumap
          ? ['BPF_F_NUMA_NODE']
          : ['BPF_F_NUMA_NODE', 'BPF_F_RDONLY', 'BPF_F_WRONLY'],
    });
    if (type === MAP_TYPE_ID.cpumap && maxEntries > NR_CPUS)
      refuse(
        definition,
        `max_entries is more than ${NR_CPUS} CPUs: the kernel refuses the map with E2BIG`,
      );
    this.definition = definition;
    this.memory = memory;
    this.cpus = cpus;
    this.broadcasts = type === MAP_TYPE_ID.devmap;
    this.handle = mapHandle(memory, definition);
    this.store = new ValueStore(memory, definition, maxEntries, indexedValue(definition), 1, READ);
  }

  private first(index: number): number {
    return this.memory.view.getUint32(this.store.linear(index), this.memory.littleEndian);
  }

  target(key: number): RedirectTarget | undefined {
    const value = key < this.definition.maxEntries ? this.first(key) : 0;
    if (value === 0) return undefined;
    if (this.definition.type === MAP_TYPE_ID.cpumap) return { text: `CPU ${key}` };
    return this.broadcasts
      ? { text: `interface ${value}`, ifindex: value }
      : { text: `the AF_XDP socket at ${key}` };
  }

  lookup(key: Uint8Array): bigint {
    const index = firstWord(key, this.memory.littleEndian);
    return this.target(index) ? this.store.pointer(index, 0) : 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    const index = firstWord(key, this.memory.littleEndian);
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    if (flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    const problem = this.valueProblem(index, firstWord(value, this.memory.littleEndian));
    if (problem !== 0) return problem;
    this.store.write(index, value, 0, false);
    return 0;
  }

  private valueProblem(index: number, first: number): number {
    if (this.definition.type !== MAP_TYPE_ID.cpumap) return 0;
    if (first > MAX_QUEUE) return -ERRNO.EOVERFLOW;
    return index >= this.cpus ? -ERRNO.ENODEV : 0;
  }

  delete(key: Uint8Array): number {
    const index = firstWord(key, this.memory.littleEndian);
    if (index >= this.definition.maxEntries) return -ERRNO.EINVAL;
    this.store.write(index, new Uint8Array(this.definition.valueSize), 0, false);
    return 0;
  }

  *entries(): Iterable<MapEntry> {
    for (let index = 0; index < this.definition.maxEntries; index++)
      if (this.first(index) !== 0)
        yield { key: wordBytes(index, this.memory.littleEndian), value: this.store.linear(index) };
  }

  save(): StoreImage {
    return this.store.save();
  }

  restore(image: StoreImage): void {
    this.store.restore(image);
  }
}

/** devmap_hash: interfaces by any 32-bit key, spread by its low bits. */
export class DevmapHash implements RedirectMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  readonly broadcasts = true;
  private readonly memory: Memory;
  private readonly table: HashTable;

  constructor(memory: Memory, definition: MapDefinition) {
    checkCreation(definition, {
      key: [4],
      value: VALUE_SIZES,
      flags: ['BPF_F_NUMA_NODE', 'BPF_F_RDONLY', 'BPF_F_WRONLY'],
    });
    this.definition = definition;
    this.memory = memory;
    this.handle = mapHandle(memory, definition);
    this.table = new HashTable(
      memory,
      definition,
      (key) => firstWord(key, memory.littleEndian),
      1,
      READ,
    );
  }

  target(key: number): RedirectTarget | undefined {
    const element = this.table.find(wordBytes(key, this.memory.littleEndian));
    if (element === END_OF_CHAIN) return undefined;
    const ifindex = this.memory.view.getUint32(
      this.table.store.linear(element),
      this.memory.littleEndian,
    );
    return { text: `interface ${ifindex}`, ifindex };
  }

  lookup(key: Uint8Array): bigint {
    const element = this.table.find(key);
    return element === END_OF_CHAIN ? 0n : this.table.store.pointer(element, 0);
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    if (flags > BPF_EXIST || firstWord(value, this.memory.littleEndian) === 0) return -ERRNO.EINVAL;
    const existing = this.table.find(key);
    if (existing !== END_OF_CHAIN && flags & BPF_NOEXIST) return -ERRNO.EEXIST;
    if (existing === END_OF_CHAIN && this.table.count >= this.definition.maxEntries)
      return -ERRNO.E2BIG;
    if (existing !== END_OF_CHAIN) this.table.giveBack(existing);
    const element = this.table.take();
    this.table.store.write(element, value, 0, true);
    this.table.link(element, key);
    return 0;
  }

  delete(key: Uint8Array): number {
    const element = this.table.find(key);
    if (element === END_OF_CHAIN) return -ERRNO.ENOENT;
    this.table.giveBack(element);
    return 0;
  }

  entries(): Iterable<MapEntry> {
    return this.table.entries();
  }

  beginRun(): void {
    this.table.beginRun();
  }

  save() {
    return this.table.save();
  }

  restore(image: ReturnType<DevmapHash['save']>): void {
    this.table.restore(image);
  }
}
