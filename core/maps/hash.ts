import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { END_OF_CHAIN, HashTable } from './hash-table.ts';
import { keyHash } from './jhash.ts';
import { Lru } from './lru.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  checkFlags,
  checkPerCpuSize,
  type Element,
  type ElementCursor,
  type GuestMap,
  MAX_ALLOCATION,
  type MapEntry,
  type MapPlace,
  mapHandle,
  refuse,
  takesLock,
} from './map.ts';

/** KMALLOC_MAX_SIZE of x86 less struct htab_elem: what one element may take. */
const MAX_ELEMENT = MAX_ALLOCATION - 48;

/**
 * hash, lru_hash and their per-CPU forms (kernel/bpf/hashtab.c). Keys are spread with seed 0, as
 * the kernel does for BPF_F_ZERO_SEED; without that flag its seed is random. An update puts a new
 * element in place of the old one, whose value stays as it was for who still points at it; per-CPU
 * values are changed in place.
 */
export class HashMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  protected readonly table: HashTable;
  private readonly lru: Lru | undefined;
  private readonly inPlace: boolean;
  private readonly preallocated: boolean;
  private readonly capacity: number;
  /**
   * A preallocated map's spare element, which an update exchanges with the old one
   * (htab->extra_elems).
   */
  private spare = END_OF_CHAIN;

  constructor(memory: Memory, definition: MapDefinition, { cpus }: MapPlace) {
    const { type, flags } = definition;
    checkCreation(definition, {
      flags: [...ACCESS_FLAGS, 'BPF_F_NO_PREALLOC', 'BPF_F_NO_COMMON_LRU', 'BPF_F_ZERO_SEED'],
    });
    const perCpu = type === MAP_TYPE_ID.percpu_hash || type === MAP_TYPE_ID.lru_percpu_hash;
    const lru = type === MAP_TYPE_ID.lru_hash || type === MAP_TYPE_ID.lru_percpu_hash;
    const ownLists = (flags & MAP_FLAGS.BPF_F_NO_COMMON_LRU) !== 0;
    if (!lru && ownLists)
      checkFlags(definition, MAP_FLAGS.BPF_F_NO_COMMON_LRU, 'is only for LRU maps');
    if (lru && flags & MAP_FLAGS.BPF_F_NO_PREALLOC)
      refuse(
        definition,
        'map_flags BPF_F_NO_PREALLOC is not for an LRU map: ' +
          'the kernel refuses the map with ENOTSUPP',
      );
    if (perCpu) checkPerCpuSize(definition);
    if (perCpu || ownLists)
      checkFlags(
        definition,
        flags & MAP_FLAGS.BPF_F_NUMA_NODE,
        'is not for values or lists of each CPU',
      );
    if (definition.keySize + definition.valueSize >= MAX_ELEMENT)
      refuse(definition, 'an element has more than 4 MiB: the kernel refuses the map with E2BIG');
    this.definition = definition;
    this.preallocated = (flags & MAP_FLAGS.BPF_F_NO_PREALLOC) === 0;
    this.inPlace = perCpu || type === MAP_TYPE_ID.hash_of_maps;
    // Every CPU has the same share of an LRU map with lists of its own.
    this.capacity = ownLists
      ? Math.ceil(definition.maxEntries / cpus) * cpus
      : definition.maxEntries;
    this.handle = mapHandle(memory, definition);
    const hash = (key: Uint8Array): number => keyHash(key, 0, memory.littleEndian);
    this.table = new HashTable(memory, { ...definition, maxEntries: this.capacity }, hash, cpus);
    this.lru = lru
      ? new Lru(this.capacity, cpus, ownLists, {
          evict: (element) => this.table.unlink(element),
          make: () => this.table.newElement(),
        })
      : undefined;
  }

  lookup(key: Uint8Array, cpu: number): bigint {
    const element = this.table.find(key);
    if (element === END_OF_CHAIN) return 0n;
    this.lru?.touch(element);
    return this.table.store.pointer(element, cpu);
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    const lock = (flags & BPF_F_LOCK) !== 0n;
    const how = flags & ~BPF_F_LOCK;
    if (
      how > BPF_EXIST ||
      (lock && (this.lru !== undefined || this.inPlace || !takesLock(this.definition)))
    )
      return -ERRNO.EINVAL;
    if (this.lru)
      return this.inPlace
        ? this.updateLruInPlace(this.lru, key, value, how, cpu)
        : this.updateLru(this.lru, key, value, how, cpu);
    const existing = this.table.find(key);
    const problem = unwanted(existing, how);
    if (problem !== 0) return problem;
    if (existing !== END_OF_CHAIN && (this.inPlace || lock)) {
      this.table.store.write(existing, value, cpu, false);
      return 0;
    }
    if (existing === END_OF_CHAIN && this.table.count >= this.capacity) return -ERRNO.E2BIG;
    const element = this.takeFor(existing);
    this.table.store.write(element, value, cpu, true);
    this.table.link(element, key);
    if (existing !== END_OF_CHAIN) this.replace(existing);
    return 0;
  }

  /**
   * An element for a new value. Where a preallocated one is exchanged it is the CPU's extra
   * element, which never was among the free ones (alloc_extra_elems): what was deleted just before
   * keeps its value.
   */
  private takeFor(existing: number): number {
    if (existing !== END_OF_CHAIN && this.preallocated)
      return this.spare === END_OF_CHAIN ? this.table.newElement() : this.spare;
    return this.table.take();
  }

  private replace(existing: number): void {
    if (this.preallocated) {
      this.table.unlink(existing);
      this.spare = existing;
    } else this.table.giveBackNow(existing);
  }

  /**
   * htab_lru_map_update_elem: the new element comes first, which may evict others also where the
   * update then fails.
   */
  private updateLru(
    lru: Lru,
    key: Uint8Array,
    value: Uint8Array,
    how: bigint,
    cpu: number,
  ): number {
    const element = lru.pop(cpu);
    if (element === END_OF_CHAIN) return -ERRNO.ENOMEM;
    this.table.store.write(element, value, cpu, true);
    const existing = this.table.find(key);
    const problem = unwanted(existing, how);
    if (problem !== 0) {
      lru.push(element);
      return problem;
    }
    this.table.link(element, key);
    if (existing !== END_OF_CHAIN) {
      lru.touch(element);
      this.table.unlink(existing);
      lru.push(existing);
    }
    return 0;
  }

  private updateLruInPlace(
    lru: Lru,
    key: Uint8Array,
    value: Uint8Array,
    how: bigint,
    cpu: number,
  ): number {
    const element = how === BPF_EXIST ? END_OF_CHAIN : lru.pop(cpu);
    if (element === END_OF_CHAIN && how !== BPF_EXIST) return -ERRNO.ENOMEM;
    const existing = this.table.find(key);
    const problem = unwanted(existing, how);
    if (problem === 0 && existing !== END_OF_CHAIN) {
      lru.touch(existing);
      this.table.store.write(existing, value, cpu, false);
    } else if (problem === 0) {
      this.table.store.write(element, value, cpu, true);
      this.table.link(element, key);
      return 0;
    }
    if (element !== END_OF_CHAIN) lru.push(element);
    return problem;
  }

  delete(key: Uint8Array): number {
    const element = this.table.find(key);
    if (element === END_OF_CHAIN) return -ERRNO.ENOENT;
    if (this.lru) {
      this.table.unlink(element);
      this.lru.push(element);
    } else this.table.giveBackNow(element);
    return 0;
  }

  get count(): number {
    return this.table.count;
  }

  set moved(told: ((restored?: boolean) => void) | undefined) {
    this.table.moved = told;
  }

  entries(): Iterable<MapEntry> {
    return this.table.entries();
  }

  advance(cursor: ElementCursor, cpu: number): Element | undefined {
    return this.pointers(this.table.advance(cursor), cpu);
  }

  elementAt(linear: number): Element | undefined {
    return this.pointers(this.table.elementAt(linear), 0);
  }

  private pointers(element: number, cpu: number): Element | undefined {
    if (element === END_OF_CHAIN) return undefined;
    return { key: this.table.keyPointer(element), value: this.table.store.pointer(element, cpu) };
  }

  save() {
    return {
      table: this.table.save(),
      lru: this.lru?.save(),
      spare: this.spare,
    };
  }

  restore(image: ReturnType<HashMap['save']>): void {
    this.table.restore(image.table);
    if (image.lru) this.lru!.restore(image.lru);
    this.spare = image.spare;
  }
}

/** Why an update with these flags cannot be (check_flags); 0 where it can. */
function unwanted(existing: number, how: bigint): number {
  if (existing === END_OF_CHAIN && how === BPF_EXIST) return -ERRNO.ENOENT;
  return existing !== END_OF_CHAIN && how === BPF_NOEXIST ? -ERRNO.EEXIST : 0;
}
