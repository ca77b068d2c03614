import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import {
  checkCreation,
  firstWord,
  type GuestMap,
  indexedValue,
  type MapEntry,
  type MapPlace,
  mapHandle,
  type StoreImage,
  ValueStore,
  wordBytes,
} from './map.ts';

/**
 * perf_event_array: perf events by index (kernel/bpf/arraymap.c). A value is the CPU whose event
 * stands there plus one, 0 for an empty slot. They are empty until user space opens events, one for
 * each CPU as libbpf's perf_buffer does.
 */
export class PerfEventArray implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly memory: Memory;
  private readonly store: ValueStore;

  constructor(memory: Memory, definition: MapDefinition, { cpus, perfReader = false }: MapPlace) {
    checkCreation(definition, {
      key: [4],
      value: [4],
      flags: ['BPF_F_NUMA_NODE', 'BPF_F_RDONLY', 'BPF_F_WRONLY', 'BPF_F_PRESERVE_ELEMS'],
    });
    this.definition = definition;
    this.memory = memory;
    this.handle = mapHandle(memory, definition);
    this.store = new ValueStore(
      memory,
      definition,
      definition.maxEntries,
      indexedValue(definition),
    );
    for (let cpu = 0; perfReader && cpu < Math.min(cpus, definition.maxEntries); cpu++)
      this.store.write(cpu, wordBytes(cpu + 1, memory.littleEndian), 0, false);
  }

  /** The CPU whose event stands at an index. */
  eventCpu(index: number): number | undefined {
    const value = this.memory.view.getUint32(this.store.linear(index), this.memory.littleEndian);
    return value === 0 ? undefined : value - 1;
  }

  private put(key: Uint8Array, value: Uint8Array): number {
    const index = firstWord(key, this.memory.littleEndian);
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    this.store.write(index, value, 0, false);
    return 0;
  }

  lookup(): bigint {
    return 0n;
  }

  update(key: Uint8Array, value: Uint8Array): number {
    return this.put(key, value);
  }

  delete(key: Uint8Array): number {
    return this.put(key, new Uint8Array(4));
  }

  *entries(): Iterable<MapEntry> {
    for (let index = 0; index < this.definition.maxEntries; index++)
      if (this.eventCpu(index) !== undefined)
        yield { key: wordBytes(index, this.memory.littleEndian), value: this.store.linear(index) };
  }

  save(): StoreImage {
    return this.store.save();
  }

  restore(image: StoreImage): void {
    this.store.restore(image);
  }
}
