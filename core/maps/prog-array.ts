import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import {
  checkCreation,
  firstWord,
  type GuestMap,
  indexedValue,
  type MapEntry,
  mapHandle,
  type StoreImage,
  ValueStore,
  wordBytes,
} from './map.ts';

/**
 * prog_array: programs by index. A value is the number of a program of the object plus one, 0 for
 * an empty slot; programs cannot read or write it (kernel/bpf/verifier.c,
 * check_map_func_compatibility), only tail-call through it.
 */
export class ProgArray implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  /** Numbers of the programs it takes, in the order of their sections; set once there is code. */
  takes: readonly number[] = [];
  private readonly memory: Memory;
  private readonly store: ValueStore;

  constructor(memory: Memory, definition: MapDefinition) {
    checkCreation(definition, {
      key: [4],
      value: [4],
      flags: ['BPF_F_NUMA_NODE', 'BPF_F_RDONLY', 'BPF_F_WRONLY'],
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
  }

  /** Number of the program at an index; undefined for an empty slot or past the end. */
  program(index: number): number | undefined {
    if (index >= this.definition.maxEntries) return undefined;
    const value = this.memory.view.getUint32(this.store.linear(index), this.memory.littleEndian);
    return value === 0 ? undefined : value - 1;
  }

  private set(key: Uint8Array, value: number): number {
    const index = firstWord(key, this.memory.littleEndian);
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    this.memory.view.setUint32(this.store.linear(index), value, this.memory.littleEndian);
    return 0;
  }

  lookup(): bigint {
    return 0n;
  }

  update(key: Uint8Array, value: Uint8Array): number {
    return this.set(key, firstWord(value, this.memory.littleEndian));
  }

  delete(key: Uint8Array): number {
    return this.set(key, 0);
  }

  *entries(): Iterable<MapEntry> {
    for (let index = 0; index < this.definition.maxEntries; index++) {
      if (this.program(index) === undefined) continue;
      yield { key: wordBytes(index, this.memory.littleEndian), value: this.store.linear(index) };
    }
  }

  save(): StoreImage {
    return this.store.save();
  }

  restore(image: StoreImage): void {
    this.store.restore(image);
  }
}
