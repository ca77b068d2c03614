import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST } from '../spec/map-types.ts';
import { type GuestMap, type MapEntry, mapHandle, refuse, type StoreImage, ValueStore } from './map.ts';

/** array and percpu_array (kernel/bpf/arraymap.c): every index below max_entries exists, zeroed, and cannot be deleted. */
export class ArrayMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly store: ValueStore;
  private readonly littleEndian: boolean;

  constructor(memory: Memory, definition: MapDefinition) {
    if (definition.keySize !== 4) refuse(definition, `an array's key has 4 bytes, this one ${definition.keySize}`);
    if (definition.valueSize === 0) refuse(definition, 'value_size is 0');
    if (definition.maxEntries === 0) refuse(definition, 'max_entries is 0');
    this.definition = definition;
    this.littleEndian = memory.littleEndian;
    this.handle = mapHandle(memory, definition);
    const label = (slot: number) =>
      definition.origin === 'global' ? definition.name : `map ${definition.name}[${slot}]`;
    this.store = new ValueStore(memory, definition, definition.maxEntries, label);
    if (definition.initialValue) memory.bytes.set(definition.initialValue, this.store.linear(0));
  }

  private index(key: Uint8Array): number {
    return new DataView(key.buffer, key.byteOffset, 4).getUint32(0, this.littleEndian);
  }

  lookup(key: Uint8Array, cpu: number): bigint {
    const index = this.index(key);
    return index < this.definition.maxEntries ? this.store.pointer(index, cpu) : 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    const index = this.index(key);
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    if (flags === BPF_NOEXIST) return -ERRNO.EEXIST;
    this.store.write(index, value, cpu, false);
    return 0;
  }

  delete(): number {
    return -ERRNO.EINVAL;
  }

  *entries(): Iterable<MapEntry> {
    for (let index = 0; index < this.definition.maxEntries; index++) {
      const key = new Uint8Array(4);
      new DataView(key.buffer).setUint32(0, index, this.littleEndian);
      yield { key, value: this.store.linear(index) };
    }
  }

  save(): unknown {
    return this.store.save();
  }

  restore(saved: unknown): void {
    this.store.restore(saved as StoreImage);
  }
}
