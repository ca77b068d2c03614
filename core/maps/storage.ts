import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { KeyedSlots } from './keyed-slots.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  checkPerCpuSize,
  type GuestMap,
  MAX_ALLOCATION,
  type MapEntry,
  type MapPlace,
  mapHandle,
  refuse,
  type StoreImage,
  ValueStore,
  wordBytes,
} from './map.ts';

/** Id of the one cgroup there is here, to which the program is attached. */
const CGROUP = 1;
/** KMALLOC_MAX_SIZE less struct bpf_storage_buffer. */
const MAX_VALUE = MAX_ALLOCATION - 16;

/**
 * cgroup_storage and percpu_cgroup_storage (kernel/bpf/local_storage.c): the value of the cgroup a
 * program is attached to.
 */
export class CgroupStorage implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly littleEndian: boolean;
  private readonly store: ValueStore;

  constructor(memory: Memory, definition: MapDefinition, { cpus }: MapPlace) {
    // struct bpf_cgroup_storage_key, or the cgroup's id alone.
    checkCreation(definition, { key: [16, 8], entries: 'none', flags: ACCESS_FLAGS });
    if (definition.type === MAP_TYPE_ID.percpu_cgroup_storage) checkPerCpuSize(definition);
    if (definition.valueSize > MAX_VALUE)
      refuse(definition, 'value_size is about 4 MiB: the kernel refuses the map with E2BIG');
    this.definition = definition;
    this.littleEndian = memory.littleEndian;
    this.handle = mapHandle(memory, definition);
    this.store = new ValueStore(
      memory,
      definition,
      1,
      () => ({ kind: 'storage', map: definition.name }),
      cpus,
    );
  }

  /** What bpf_get_local_storage answers: never NULL. */
  local(cpu: number): bigint {
    return this.store.pointer(0, cpu);
  }

  private key(): Uint8Array {
    const key = new Uint8Array(this.definition.keySize);
    new DataView(key.buffer).setBigUint64(0, BigInt(CGROUP), this.littleEndian);
    return key;
  }

  lookup(): bigint {
    return 0n;
  }

  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    if (flags > BPF_EXIST) return -ERRNO.EINVAL;
    if (flags === BPF_NOEXIST) return -ERRNO.EINVAL;
    if (this.key().some((byte, i) => byte !== key[i])) return -ERRNO.ENOENT;
    this.store.write(0, value, cpu, false);
    return 0;
  }

  delete(): number {
    return -ERRNO.EINVAL;
  }

  *entries(): Iterable<MapEntry> {
    yield { key: this.key(), value: this.store.linear(0) };
  }

  save(): StoreImage {
    return this.store.save();
  }

  restore(image: StoreImage): void {
    this.store.restore(image);
  }
}

/**
 * sk_storage (kernel/bpf/bpf_local_storage.c, net/core/bpf_sk_storage.c): a value for each socket,
 * made when a program asks for it. A socket is known by its guest address.
 */
export class SocketStorage implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  private readonly littleEndian: boolean;
  private readonly store: ValueStore;
  private readonly slots: KeyedSlots<bigint>;

  constructor(memory: Memory, definition: MapDefinition) {
    checkCreation(definition, {
      key: [4],
      entries: 'none',
      flags: ['BPF_F_NO_PREALLOC', 'BPF_F_CLONE'],
    });
    if ((definition.flags & MAP_FLAGS.BPF_F_NO_PREALLOC) === 0)
      refuse(
        definition,
        'needs map_flags BPF_F_NO_PREALLOC: the kernel refuses the map with EINVAL',
      );
    if (definition.keyType === undefined || definition.valueType === undefined)
      refuse(
        definition,
        'needs BTF types of key and value: the kernel refuses the map with EINVAL',
      );
    this.definition = definition;
    this.littleEndian = memory.littleEndian;
    this.handle = mapHandle(memory, definition);
    this.store = new ValueStore(memory, definition, 0, () => ({
      kind: 'storage',
      map: definition.name,
    }));
    this.slots = new KeyedSlots(this.store, true);
  }

  /**
   * The value of a socket, with `initial` made where there is none; 0n where there is none and none
   * is made.
   */
  get(socket: bigint, initial: Uint8Array | undefined): bigint {
    let slot = this.slots.get(socket);
    if (slot === undefined) {
      if (initial === undefined) return 0n;
      slot = this.slots.take(socket);
      this.store.write(slot, initial, 0, true);
    }
    return this.store.pointer(slot, 0);
  }

  keepsFor(socket: bigint): boolean {
    return this.slots.get(socket) !== undefined;
  }

  remove(socket: bigint): number {
    return this.slots.remove(socket) ? 0 : -ERRNO.ENOENT;
  }

  lookup(): bigint {
    return 0n;
  }

  /** User space names a socket by its file descriptor: there are none here. */
  update(): number {
    return -ERRNO.EBADF;
  }

  delete(): number {
    return -ERRNO.EBADF;
  }

  *entries(): Iterable<MapEntry> {
    let number = 0;
    for (const slot of this.slots.values())
      yield { key: wordBytes(number++, this.littleEndian), value: this.store.linear(slot) };
  }

  beginRun(): void {
    this.slots.beginRun();
  }

  save() {
    return this.slots.save();
  }

  restore(image: ReturnType<SocketStorage['save']>): void {
    this.slots.restore(image);
  }
}
