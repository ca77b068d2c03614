import { address, type Memory, READ, regionInfo } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST, MAP_TYPE_ID } from '../spec/map-types.ts';
import type { RegionId } from '../spec/regions.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  checkPerCpuSize,
  type Element,
  type ElementCursor,
  firstWord,
  type GuestMap,
  indexedValue,
  type MapEntry,
  type MapPlace,
  mapHandle,
  takesLock,
  ValueStore,
  wordBytes,
} from './map.ts';

/**
 * array and percpu_array (kernel/bpf/arraymap.c): every index below max_entries exists, zeroed, and
 * cannot be deleted.
 */
export class ArrayMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly store: ValueStore;
  private readonly memory: Memory;
  private readonly littleEndian: boolean;
  private readonly perCpu: boolean;
  /** Regions of the index an iteration hands its callback, by how deep it is nested. */
  private indexes: number[] = [];
  moved: ((restored?: boolean) => void) | undefined;

  constructor(memory: Memory, definition: MapDefinition, { cpus }: MapPlace) {
    this.perCpu = definition.type === MAP_TYPE_ID.percpu_array;
    checkCreation(definition, {
      key: [4],
      flags: this.perCpu
        ? ACCESS_FLAGS.filter((flag) => flag !== 'BPF_F_NUMA_NODE')
        : [...ACCESS_FLAGS, 'BPF_F_MMAPABLE', 'BPF_F_INNER_MAP'],
    });
    if (this.perCpu) checkPerCpuSize(definition);
    this.definition = definition;
    this.memory = memory;
    this.littleEndian = memory.littleEndian;
    this.handle = mapHandle(memory, definition);
    const idOf =
      definition.origin === 'global'
        ? (): RegionId => ({ kind: 'global', map: definition.name })
        : indexedValue(definition);
    this.store = new ValueStore(memory, definition, definition.maxEntries, idOf, cpus);
    if (definition.initialValue) memory.bytes.set(definition.initialValue, this.store.linear(0));
  }

  lookup(key: Uint8Array, cpu: number): bigint {
    const index = firstWord(key, this.littleEndian);
    return index < this.definition.maxEntries ? this.store.pointer(index, cpu) : 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    const lock = (flags & BPF_F_LOCK) !== 0n;
    if ((flags & ~BPF_F_LOCK) > BPF_EXIST) return -ERRNO.EINVAL;
    const index = firstWord(key, this.littleEndian);
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    if (flags & BPF_NOEXIST) return -ERRNO.EEXIST;
    if (lock && !takesLock(this.definition)) return -ERRNO.EINVAL;
    this.store.write(index, value, cpu, false);
    return 0;
  }

  delete(): number {
    return -ERRNO.EINVAL;
  }

  get count(): number {
    return this.definition.maxEntries;
  }

  *entries(): Iterable<MapEntry> {
    for (let index = 0; index < this.definition.maxEntries; index++)
      yield { key: wordBytes(index, this.littleEndian), value: this.store.linear(index) };
  }

  *changedSince(before: Uint8Array): Iterable<MapEntry> {
    for (const index of this.store.changedSlots(before, this.definition.maxEntries))
      yield { key: wordBytes(index, this.littleEndian), value: this.store.linear(index) };
  }

  advance(cursor: ElementCursor, cpu: number, depth: number): Element | undefined {
    cursor.bucket += 1;
    return cursor.bucket < this.definition.maxEntries
      ? this.element(cursor.bucket, cpu, depth)
      : undefined;
  }

  elementAt(linear: number, depth: number): Element | undefined {
    const index = this.store.slotAt(linear);
    return index === undefined ? undefined : this.element(index, 0, depth);
  }

  private element(index: number, cpu: number, depth: number): Element {
    const region = this.indexRegion(depth);
    this.memory.bytes.set(wordBytes(index, this.littleEndian), this.memory.base[region]);
    return { key: address(region), value: this.store.pointer(index, cpu) };
  }

  private indexRegion(depth: number): number {
    const { name } = this.definition;
    this.indexes[depth] ??= this.memory.addRegion(
      regionInfo('map-value', () => ({ kind: 'index', map: name })),
      this.memory.allocate(4, `map "${name}"`),
      4,
      READ,
    );
    return this.indexes[depth];
  }

  save() {
    return { store: this.store.save(), indexes: this.indexes.slice() };
  }

  restore(image: ReturnType<ArrayMap['save']>): void {
    this.store.restore(image.store);
    this.indexes = image.indexes.slice();
    this.moved?.(true);
  }
}
