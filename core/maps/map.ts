import { InputError } from '../errors.ts';
import { address, type Memory, READ, regionInfo, WRITE } from '../memory/memory.ts';
import type { MapDefinition, SpecialField } from '../object/types.ts';
import { MAP_FLAGS, type MapFlag, mapFlagNames, mapType } from '../spec/map-types.ts';
import type { RegionId } from '../spec/regions.ts';

/** One entry as user space sees it: key bytes, and where its value(s) lie in linear memory. */
export interface MapEntry {
  readonly key: Uint8Array;
  /** Linear address of the value; of CPU 0's for a per-CPU map. */
  readonly value: number;
  /** Bytes of the value where they are not the map's value_size (a ring buffer's record). */
  readonly size?: number;
}

/**
 * Where an iteration over a map's elements stands: plain data, part of the frame that steps through
 * it.
 */
export interface ElementCursor {
  /** Bucket of a hash table, index of an array; -1 before the first. */
  bucket: number;
  /** The element that comes next in the bucket; -1 where it has no more. */
  next: number;
}

/** Guest addresses of an element's key and value. */
export interface Element {
  readonly key: bigint;
  readonly value: bigint;
}

/**
 * A map at run time. Values lie in guest memory, keys and order in plain fields. Keys and values
 * are bytes of exactly keySize and valueSize; what updates return is 0 or a negative error number,
 * as from the kernel (kernel/bpf/*map.c).
 * `update`, `delete` and `entries` are also what user space does and sees.
 */
export interface GuestMap<Image = unknown> {
  readonly definition: MapDefinition;
  /** Address of the map itself, what `lddw` of the map gives. */
  readonly handle: bigint;
  /** Why the kernel would not make it: it is here by name only. */
  readonly problem?: string | undefined;
  /** Address of the value for a key as the program sees it on `cpu`; 0n where there is none. */
  lookup(key: Uint8Array, cpu: number): bigint;
  update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number;
  delete(key: Uint8Array): number;
  entries(): Iterable<MapEntry>;
  /** How many entries there are, where it is known without going through them. */
  readonly count?: number;
  /**
   * Entries whose value is not as in `before`, an image of linear memory: of maps in which every
   * key exists from the start.
   */
  changedSince?(before: Uint8Array): Iterable<MapEntry>;
  /**
   * Moves the cursor of a bpf_for_each_map_elem on; undefined behind the last element. `depth`
   * tells nested ones apart.
   */
  advance?(cursor: ElementCursor, cpu: number, depth: number): Element | undefined;
  /**
   * The element whose value has the linear address in it, where it is in the map: for timers in
   * values.
   */
  elementAt?(linear: number, depth: number): Element | undefined;
  /**
   * A program begins to run: memory that was given back during the one before may be taken again
   * (RCU).
   */
  beginRun?(): void;
  /** Whether it keeps something for what lies at a guest address: that stays what it is. */
  keepsFor?(address: bigint): boolean;
  /**
   * Told when the value of a key may be another one than before, with `restored` when the map is as
   * it was saved, and memory too: for who remembers where values are. Of maps that say nothing of it
   * nobody may.
   */
  moved?: ((restored?: boolean) => void) | undefined;
  /**
   * Plain data for a checkpoint, each type's own; values are in the memory image. A map is given
   * back what it saved itself.
   */
  save(): Image;
  restore(image: Image): void;
}

/** A map that values are pushed into: queue, stack, bloom filter. */
export interface PushMap extends GuestMap {
  push(value: Uint8Array, flags: bigint): number;
}

/**
 * What a map is made in beside memory: the machine's CPUs, and the session's maps, which maps of
 * maps refer to.
 */
export interface MapPlace {
  readonly cpus: number;
  readonly maps: readonly GuestMap[];
  /** Somebody has opened a perf event for each CPU. */
  readonly perfReader?: boolean;
}

export const roundUp8 = (size: number): number => (size + 7) & ~7;
export const roundUpPowerOf2 = (value: number): number => 2 ** Math.ceil(Math.log2(value));

/** Rights of a program over the map's values (BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG, .rodata). */
function programRights(definition: MapDefinition): number {
  if (definition.readOnly || definition.flags & MAP_FLAGS.BPF_F_RDONLY_PROG) return READ;
  return definition.flags & MAP_FLAGS.BPF_F_WRONLY_PROG ? WRITE : READ | WRITE;
}

/** How many values an entry of a map has on a machine of `cpus`. */
export const valuesPerEntry = (definition: MapDefinition, cpus: number): number =>
  mapType(definition.type)?.perCpu ? cpus : 1;

/**
 * Storage for values: numbered slots, one or `cpus` values a slot, each with a region of its own so
 * that an overrun of one byte is seen. Slots come in runs of linear memory; `idOf` says what the
 * value of a slot is.
 */
export class ValueStore {
  /** Bytes from one value to the next. */
  readonly stride: number;
  readonly cpus: number;
  readonly size: number;
  private readonly memory: Memory;
  private readonly rights: number;
  private readonly idOf: (slot: number) => RegionId;
  private readonly what: string;
  private readonly special: readonly SpecialField[];
  /**
   * Linear address of each slot added one by one; empty for an array, whose slots follow `base`.
   */
  private addresses: number[] = [];
  private readonly base: number;
  /** Region id by slot * cpus + cpu, made when a pointer to it is first given out. */
  private regions = new Map<number, number>();

  /** `preallocated`: that many slots exist from the start, one after the other. */
  constructor(
    memory: Memory,
    definition: MapDefinition,
    preallocated: number,
    idOf: (slot: number) => RegionId,
    cpus = 1,
    rights = programRights(definition),
  ) {
    this.memory = memory;
    this.size = definition.valueSize;
    this.stride = roundUp8(definition.valueSize);
    this.cpus = valuesPerEntry(definition, cpus);
    this.rights = rights;
    this.idOf = idOf;
    this.what = `map "${definition.name}"`;
    this.special = definition.special ?? [];
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

  /** Slots, all preallocated, whose bytes are not as in an image of linear memory; ascending. */
  *changedSlots(before: Uint8Array, slots: number): Iterable<number> {
    // Slots are whole 8-byte words, so that most of a big map is compared four bytes at a time.
    const words = this.slotSize / 4;
    const now = this.memory.words.subarray(this.base / 4, this.base / 4 + slots * words);
    const start = before.byteOffset + this.memory.imageOffset(this.base);
    const then = new Int32Array(before.buffer, start, slots * words);
    for (let word = 0; word < now.length; word++) {
      if (now[word] === then[word]) continue;
      const slot = Math.floor(word / words);
      yield slot;
      word = (slot + 1) * words - 1;
    }
  }

  linear(slot: number, cpu = 0): number {
    const start =
      this.addresses.length > 0 ? this.addresses[slot] : this.base + slot * this.slotSize;
    return this.cpus === 1 ? start : start + cpu * this.stride;
  }

  /** The slot whose values have the linear address in them; undefined where there is none. */
  slotAt(linear: number): number | undefined {
    if (this.addresses.length === 0)
      return linear < this.base ? undefined : Math.floor((linear - this.base) / this.slotSize);
    // Each slot lies behind those that were added before it.
    let [low, high] = [0, this.addresses.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.addresses[middle] <= linear) low = middle + 1;
      else high = middle;
    }
    return low > 0 && linear < this.addresses[low - 1] + this.slotSize ? low - 1 : undefined;
  }

  /** The guest address of a slot's value on a CPU. */
  pointer(slot: number, cpu: number): bigint {
    const copy = this.cpus === 1 ? 0 : cpu;
    const index = slot * this.cpus + copy;
    const known = this.regions.get(index);
    if (known !== undefined) return address(known);
    const cpuOf = this.cpus === 1 ? {} : { cpu: copy };
    const region = this.memory.addRegion(
      regionInfo('map-value', () => ({ ...this.idOf(slot), ...cpuOf })),
      this.linear(slot, copy),
      this.size,
      this.rights,
    );
    this.regions.set(index, region);
    return address(region);
  }

  /**
   * Writes a value on one CPU and, for a new element, zeroes it on the others
   * (kernel/bpf/hashtab.c, pcpu_init_value). Fields that are the kernel's own stay as they are
   * (copy_map_value), and are zero in a new element.
   */
  write(slot: number, value: Uint8Array, cpu: number, fresh: boolean): void {
    const { bytes } = this.memory;
    const start = this.linear(slot, this.cpus === 1 ? 0 : cpu);
    if (fresh) {
      bytes.fill(0, this.linear(slot), this.linear(slot) + this.slotSize);
      this.memory.noted?.(this.linear(slot), this.slotSize);
    }
    this.memory.noted?.(start, value.length);
    let from = 0;
    for (const { offset, size } of this.special) {
      bytes.set(value.subarray(from, offset), start + from);
      from = offset + size;
    }
    bytes.set(value.subarray(from), start + from);
  }

  save(): StoreImage {
    return { addresses: this.addresses.slice(), regions: new Map(this.regions) };
  }

  restore(saved: StoreImage): void {
    this.addresses = saved.addresses.slice();
    this.regions = new Map(saved.regions);
  }
}

/** Values that are known by their index. */
export const indexedValue =
  ({ name: map }: MapDefinition) =>
  (slot: number): RegionId => ({ kind: 'value', map, at: String(slot) });

export interface StoreImage {
  readonly addresses: number[];
  readonly regions: ReadonlyMap<number, number>;
}

/** Whether values have a bpf_spin_lock, so that BPF_F_LOCK may be said. */
export const takesLock = (definition: MapDefinition): boolean =>
  definition.special?.some(({ kind }) => kind === 'bpf_spin_lock') ?? false;

/**
 * Slots of a map that frees by RCU: during a run a pointer that a program kept still reads what was
 * there, so a slot that was given back is taken again only when the next run begins.
 */
export class RetiredSlots {
  private free: number[] = [];
  private retired: number[] = [];

  take = (): number | undefined => this.free.pop();

  giveBack(slot: number): void {
    this.retired.push(slot);
  }

  /** The same of a slot that nothing points at. */
  giveBackNow(slot: number): void {
    this.free.push(slot);
  }

  beginRun(): void {
    this.free = this.free.concat(this.retired);
    this.retired = [];
  }

  save(): { free: readonly number[]; retired: readonly number[] } {
    return { free: this.free.slice(), retired: this.retired.slice() };
  }

  restore({ free, retired }: ReturnType<RetiredSlots['save']>): void {
    this.free = free.slice();
    this.retired = retired.slice();
  }
}

/**
 * The region that stands for the map itself: nothing in it can be read, its name is what counts.
 */
export const mapHandle = (memory: Memory, definition: MapDefinition): bigint =>
  address(
    memory.addRegion(
      regionInfo('map', () => ({ kind: 'other', name: `map ${definition.name}` })),
      0,
      0,
      0,
    ),
  );

/** A number of 32 bits as a key or a value. */
export function wordBytes(value: number, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, littleEndian);
  return bytes;
}

/** The 32 bits a key or value starts with. */
export const firstWord = (bytes: Uint8Array, littleEndian: boolean): number =>
  new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, littleEndian);

/** A map the kernel would not make: BPF_MAP_CREATE fails. */
export function refuse(definition: MapDefinition, fact: string): never {
  throw new InputError(`map "${definition.name}"`, fact);
}

/** KMALLOC_MAX_SIZE of x86. */
export const MAX_ALLOCATION = 4 * 1024 * 1024;

/** What BPF_MAP_CREATE checks of most types (map_alloc_check of each); undefined: any but 0. */
interface CreationRules {
  readonly key?: readonly number[];
  readonly value?: readonly number[];
  /** none: max_entries has to be 0 */
  readonly entries?: 'none';
  readonly flags: readonly MapFlag[];
  /** map_extra means something. */
  readonly extra?: true;
}

/** BPF_F_ACCESS_MASK (include/linux/bpf.h) and NUMA_NODE: what many types allow. */
export const ACCESS_FLAGS: readonly MapFlag[] = [
  'BPF_F_NUMA_NODE',
  'BPF_F_RDONLY',
  'BPF_F_WRONLY',
  'BPF_F_RDONLY_PROG',
  'BPF_F_WRONLY_PROG',
];

function checkSize(
  definition: MapDefinition,
  what: string,
  size: number,
  allowed: readonly number[] | undefined,
) {
  if (allowed === undefined && size === 0)
    refuse(
      definition,
      `${what} is 0, which the kernel refuses: whoever loads the object sets it first, ` +
        `give it here with --map ${definition.name}:${what}=N or on the page's Maps tab`,
    );
  if (allowed !== undefined && !allowed.includes(size))
    refuse(
      definition,
      `${what} is ${size}, of a ${mapType(definition.type)?.name} it is ` +
        `${allowed.join(' or ')}: the kernel refuses the map with EINVAL`,
    );
}

const BOTH_WAYS = [
  MAP_FLAGS.BPF_F_RDONLY | MAP_FLAGS.BPF_F_WRONLY,
  MAP_FLAGS.BPF_F_RDONLY_PROG | MAP_FLAGS.BPF_F_WRONLY_PROG,
];

/** Throws the InputError that says what the kernel would refuse the map for. */
export function checkCreation(
  definition: MapDefinition,
  { key, value, entries, flags, extra }: CreationRules,
): void {
  checkSize(definition, 'key_size', definition.keySize, key);
  checkSize(definition, 'value_size', definition.valueSize, value);
  checkSize(definition, 'max_entries', definition.maxEntries, entries === 'none' ? [0] : undefined);
  const allowed = flags.reduce((bits, name) => bits | MAP_FLAGS[name], 0);
  checkFlags(
    definition,
    definition.flags & ~allowed,
    `is not for a ${mapType(definition.type)?.name}`,
  );
  for (const both of BOTH_WAYS)
    if ((definition.flags & both) === both) checkFlags(definition, both, 'exclude each other');
  if (definition.extra && !extra)
    refuse(
      definition,
      `map_extra is ${definition.extra}, it is only for a bloom_filter: ` +
        `the kernel refuses the map with EINVAL`,
    );
}

/** PCPU_MIN_UNIT_SIZE (include/linux/percpu.h): the biggest value of each CPU. */
const MAX_PER_CPU_VALUE = 32 * 1024;

/** Refuses values of each CPU that are too big. */
export function checkPerCpuSize(definition: MapDefinition): void {
  if (roundUp8(definition.valueSize) > MAX_PER_CPU_VALUE)
    refuse(
      definition,
      `a value of each CPU has more than ${MAX_PER_CPU_VALUE} bytes: ` +
        `the kernel refuses the map with E2BIG`,
    );
}

/** Refuses a map for flags that are set. */
export function checkFlags(definition: MapDefinition, set: number, why: string): void {
  if (set !== 0)
    refuse(
      definition,
      `map_flags ${mapFlagNames(set)} ${why}: the kernel refuses the map with EINVAL`,
    );
}
