import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_TYPE_ID } from '../spec/map-types.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  indexedValue,
  MAX_ALLOCATION,
  type MapEntry,
  mapHandle,
  type PushMap,
  refuse,
  ValueStore,
  wordBytes,
} from './map.ts';

/**
 * queue and stack (kernel/bpf/queue_stack_maps.c): values without keys, in a ring of max_entries.
 */
export class QueueStack implements PushMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly memory: Memory;
  private readonly store: ValueStore;
  private readonly newestFirst: boolean;
  /** Slot of the oldest value, and how many there are. */
  private oldest = 0;
  count = 0;

  constructor(memory: Memory, definition: MapDefinition) {
    checkCreation(definition, { key: [0], flags: ACCESS_FLAGS });
    if (definition.valueSize > MAX_ALLOCATION)
      refuse(definition, 'value_size is more than 4 MiB: the kernel refuses the map with E2BIG');
    this.definition = definition;
    this.memory = memory;
    this.newestFirst = definition.type === MAP_TYPE_ID.stack;
    this.handle = mapHandle(memory, definition);
    this.store = new ValueStore(
      memory,
      definition,
      definition.maxEntries,
      indexedValue(definition),
    );
  }

  private slot(position: number): number {
    return (this.oldest + position) % this.definition.maxEntries;
  }

  /** BPF_EXIST: a full one drops its oldest value, a stack too. */
  push(value: Uint8Array, flags: bigint): number {
    if (flags & BPF_NOEXIST || flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (this.count === this.definition.maxEntries) {
      if (flags !== BPF_EXIST) return -ERRNO.E2BIG;
      this.drop(0);
    }
    this.store.write(this.slot(this.count), value, 0, true);
    this.count += 1;
    return 0;
  }

  /** Takes the value out at a position from the oldest: only the first and the last can go. */
  private drop(position: number): void {
    if (position === 0) this.oldest = this.slot(1);
    this.count -= 1;
  }

  /** The value that is next; undefined where there is none. */
  peek(): Uint8Array | undefined {
    if (this.count === 0) return undefined;
    const at = this.store.linear(this.slot(this.newestFirst ? this.count - 1 : 0));
    return this.memory.bytes.slice(at, at + this.definition.valueSize);
  }

  pop(): Uint8Array | undefined {
    const value = this.peek();
    if (value !== undefined) this.drop(this.newestFirst ? this.count - 1 : 0);
    return value;
  }

  lookup(): bigint {
    return 0n;
  }

  /** BPF_MAP_UPDATE_ELEM pushes. */
  update(_key: Uint8Array, value: Uint8Array, flags: bigint): number {
    return this.push(value, flags);
  }

  delete(): number {
    return -ERRNO.EINVAL;
  }

  /** In the order in which they will be popped; the key is the place in that order. */
  *entries(): Iterable<MapEntry> {
    for (let i = 0; i < this.count; i++) {
      const position = this.newestFirst ? this.count - 1 - i : i;
      yield {
        key: wordBytes(i, this.memory.littleEndian),
        value: this.store.linear(this.slot(position)),
      };
    }
  }

  save() {
    return { store: this.store.save(), oldest: this.oldest, count: this.count };
  }

  restore(image: ReturnType<QueueStack['save']>): void {
    this.store.restore(image.store);
    this.oldest = image.oldest;
    this.count = image.count;
  }
}
