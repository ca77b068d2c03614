import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { address, type Memory, READ, WRITE } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG, CPU_COUNT, mapType } from '../spec/map-types.ts';

/** One entry as user space sees it: key bytes, and where its value(s) lie in linear memory. */
export interface MapEntry {
  readonly key: Uint8Array;
  /** Linear address of the value; of CPU 0's for a per-CPU map. */
  readonly value: number;
}

/**
 * A map at run time. Values lie in guest memory, keys and order in plain fields. Keys and values are bytes of exactly
 * keySize and valueSize; what updates return is 0 or a negative error number, as from the kernel (kernel/bpf/*map.c).
 */
export interface GuestMap {
  readonly definition: MapDefinition;
  /** Address of the map itself, what `lddw` of the map gives. */
  readonly handle: bigint;
  /** Address of the value for a key as the program sees it on `cpu`; 0n where there is none. */
  lookup(key: Uint8Array, cpu: number): bigint;
  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number;
  delete(key: Uint8Array): number;
  entries(): Iterable<MapEntry>;
  /** Plain data for a checkpoint; values are in the memory image. */
  save(): unknown;
  restore(saved: unknown): void;
}

export const roundUp8 = (size: number): number => (size + 7) & ~7;

/** Rights of a program over the map's values (BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG, .rodata). */
export function programRights(definition: MapDefinition): number {
  if (definition.readOnly || definition.flags & BPF_F_RDONLY_PROG) return READ;
  return definition.flags & BPF_F_WRONLY_PROG ? WRITE : READ | WRITE;
}

/**
 * Storage for values: numbered slots, one or CPU_COUNT values a slot, each with a region of its own so that an overrun
 * of one byte is seen. Slots come in runs of linear memory; `label` names a slot for people.
 */
export class ValueStore {
  /** Bytes from one value to the next. */
  readonly stride: number;
  readonly cpus: number;
  readonly size: number;
  private readonly memory: Memory;
  private readonly rights: number;
  private readonly label: (slot: number) => string;
  private readonly what: string;
  /** Linear address of each slot added one by one; empty for an array, whose slots follow `base`. */
  private addresses: number[] = [];
  private readonly base: number;
  /** Region id by slot * cpus + cpu, made when a pointer to it is first given out. */
  private regions = new Map<number, number>();

  /** `preallocated`: that many slots exist from the start, one after the other. */
  constructor(memory: Memory, definition: MapDefinition, preallocated: number, label: (slot: number) => string) {
    this.memory = memory;
    this.size = definition.valueSize;
    this.stride = roundUp8(definition.valueSize);
    this.cpus = mapType(definition.type)?.perCpu ? CPU_COUNT : 1;
    this.rights = programRights(definition);
    this.label = label;
    this.what = `map "${definition.name}"`;
    this.base = memory.allocate(preallocated * this.slotSize, this.what);
  }

  private get slotSize(): number {
    return this.stride * this.cpus;
  }

  /** Takes memory for one more slot; answers its number. */
  addSlot(): number {
    this.addresses.push(this.memory.allocate(this.slotSize, this.what));
    return this.addresses.length - 1;
  }

  linear(slot: number, cpu = 0): number {
    const start = this.addresses.length > 0 ? this.addresses[slot] : this.base + slot * this.slotSize;
    return this.cpus === 1 ? start : start + cpu * this.stride;
  }

  /** The guest address of a slot's value on a CPU. */
  pointer(slot: number, cpu: number): bigint {
    const copy = this.cpus === 1 ? 0 : cpu;
    const index = slot * this.cpus + copy;
    const known = this.regions.get(index);
    if (known !== undefined) return address(known);
    const suffix = this.cpus === 1 ? '' : ` on cpu ${copy}`;
    const region = this.memory.addRegion(
      { kind: 'map-value', name: () => this.label(slot) + suffix, origin: 0 },
      this.linear(slot, copy),
      this.size,
      this.rights,
    );
    this.regions.set(index, region);
    return address(region);
  }

  /** Writes a value on one CPU and, for a new element, zeroes it on the others (kernel/bpf/hashtab.c, pcpu_init_value). */
  write(slot: number, value: Uint8Array, cpu: number, fresh: boolean): void {
    if (fresh) this.memory.bytes.fill(0, this.linear(slot), this.linear(slot) + this.slotSize);
    this.memory.bytes.set(value, this.linear(slot, this.cpus === 1 ? 0 : cpu));
  }

  save(): StoreImage {
    return { addresses: this.addresses.slice(), regions: new Map(this.regions) };
  }

  restore(saved: StoreImage): void {
    this.addresses = saved.addresses.slice();
    this.regions = new Map(saved.regions);
  }
}

export interface StoreImage {
  readonly addresses: number[];
  readonly regions: ReadonlyMap<number, number>;
}

/** Keys (in hex) to slots of a ValueStore, with the slots that deleted keys left; in order of insertion. */
export class KeyedSlots {
  readonly store: ValueStore;
  private slots = new Map<string, number>();
  private keys: string[] = [];
  private free: number[] = [];

  constructor(memory: Memory, definition: MapDefinition) {
    this.store = new ValueStore(memory, definition, 0, (slot) => `map ${definition.name}[${this.keys[slot]}]`);
  }

  get size(): number {
    return this.slots.size;
  }

  find(key: string): number | undefined {
    return this.slots.get(key);
  }

  /** A slot for a key that has none: the last one freed, or a new one. */
  take(key: string): number {
    const slot = this.free.pop() ?? this.store.addSlot();
    this.slots.set(key, slot);
    this.keys[slot] = key;
    return slot;
  }

  /** False where there was none. */
  remove(key: string): boolean {
    const slot = this.slots.get(key);
    if (slot === undefined) return false;
    this.slots.delete(key);
    this.free.push(slot);
    return true;
  }

  /** Moves a key to the end of the order. */
  touch(key: string): void {
    const slot = this.slots.get(key)!;
    this.slots.delete(key);
    this.slots.set(key, slot);
  }

  first(): string | undefined {
    return this.slots.keys().next().value;
  }

  *entries(): Iterable<MapEntry> {
    for (const [key, slot] of this.slots) yield { key: fromHex(key)!, value: this.store.linear(slot) };
  }

  save() {
    return { store: this.store.save(), slots: new Map(this.slots), free: this.free.slice(), keys: this.keys.slice() };
  }

  restore(saved: unknown): void {
    const image = saved as ReturnType<KeyedSlots['save']>;
    this.store.restore(image.store);
    this.slots = new Map(image.slots);
    this.free = image.free.slice();
    this.keys = image.keys.slice();
  }
}

/** The region that stands for the map itself: nothing in it can be read, its name is what counts. */
export const mapHandle = (memory: Memory, definition: MapDefinition): bigint =>
  address(memory.addRegion({ kind: 'map', name: () => `map ${definition.name}`, origin: 0 }, 0, 0, 0));

/** A map the kernel would not make: BPF_MAP_CREATE fails. */
export function refuse(definition: MapDefinition, fact: string): never {
  throw new InputError(`map "${definition.name}"`, fact);
}
