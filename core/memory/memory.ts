import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import { type RegionId, regionName, sameRegion } from '../spec/regions.ts';
import type { GuestAddress, LinearAddress, RegionNumber, RegionOffset } from '../spec/units.ts';

/**
 * The linear memory of a machine. All that interpreter and compiled code work on lies in it:
 * registers, the table of regions, the bytes of every region, and the interpreter's code.
 *
 *     0           r0..r10, 8 bytes each, the low half first
 *     TABLE_AT    address of the table of regions, and how many regions it has room for
 *     RESERVED    what is allocated: stack, packet, maps, code, the table itself
 *
 * A guest pointer names its region and the offset in it, so that an overrun of one byte never
 * reaches a neighbour:
 *
 *     63            32 31                     0
 *     TAG + region id | START + offset in bytes
 *
 * NULL and small integers have no tag, so they are never valid. Nor is the lower half ever 0: a
 * compiler that knows that a context's packet pointers are loaded as 32 bits compares them with
 * NULL by that half alone.
 */
export const REGION_TAG = 0x1000;
export const REGION_START = 0x1_0000;

export const READ = 1;
export const WRITE = 2;

/** What lies in a region: decides how a pointer into it is named and what an error says. */
export type RegionKind =
  | 'packet'
  | 'memory'
  | 'stack'
  | 'context'
  | 'socket'
  | 'kernel'
  | 'map'
  | 'map-value'
  | 'function'
  | 'stale';

export interface RegionInfo {
  kind: RegionKind;
  /** What it is, and what it is called; functions because a hash slot's key changes. */
  id: () => RegionId;
  name: () => string;
  /**
   * Added to an offset when it is shown: a stack counts from r10 (-512), a packet from its first
   * byte.
   */
  origin: number;
  /** Of a stale region: what a pointer into it is. */
  was?: string;
}

/** What there is to know of a region: its name follows from what it is. */
export const regionInfo = (kind: RegionKind, id: () => RegionId, origin = 0): RegionInfo => ({
  kind,
  id,
  name: () => regionName(id()),
  origin,
});

/** A saved copy of memory: plain data, for checkpoints. */
export interface MemoryImage {
  /** All that is allocated but for what never changes: see imageOffset. */
  readonly bytes: Uint8Array;
  readonly base: Int32Array;
  readonly length: Int32Array;
  readonly rights: Uint8Array;
  readonly info: readonly RegionInfo[];
  readonly passing: readonly RegionNumber[];
  readonly resting: readonly RegionNumber[];
}

const REGISTERS = 11;
/** The table moves when it has to grow; these 32-bit words say where it is. */
export const TABLE_AT = REGISTERS * 8;
const TABLE_ROOM = TABLE_AT + 4;
const RESERVED = 256;
/** Bytes of a row of the table: base; length where it may be read, else 0; for writing; unused. */
const ROW = 16;
const FIRST_ROWS = 64;
/**
 * Ids of past runs that are kept back before the oldest is taken again: a pointer that a program
 * kept in a map from one of the last packets is seen to be stale, and the tables stay small.
 */
const RESTING = 256;

/**
 * Of addresses that differ by a multiple of it the processor takes a load to depend on the store in
 * front of it (4 KiB aliasing). Every instruction stores into registers and loads its cell.
 */
const ALIASING = 4096;

const PAGE = 65_536;
/** A session's maps and packet together; a bigger object is refused by name. */
export const MEMORY_LIMIT = 512 * 1024 * 1024;

/** Which memory was the last to be made over, or restored into, each linear one. */
const owners = new WeakMap<WebAssembly.Memory, Memory>();

/**
 * Views change when it grows, which any allocation and any new region may do: nobody keeps one over
 * a call that might.
 */
export class Memory {
  bytes!: Uint8Array;
  /** The same bytes as 32-bit and 64-bit words of the host. */
  words!: Int32Array;
  longs!: BigUint64Array;
  view!: DataView;
  /** r0..r10, and their halves. */
  registers!: BigUint64Array;
  halves!: Uint32Array;
  /** The table of regions by id, four words a row; rows that are not used have no length. */
  regions!: Int32Array;
  /** Its first word among `words`, and how many rows it has room for. */
  table = 0;
  rows = 0;
  readonly littleEndian: boolean;
  /** What the table does not say of a region, indexed by its id; id 0 is never used. */
  base = new Int32Array(FIRST_ROWS);
  length = new Int32Array(FIRST_ROWS);
  rights = new Uint8Array(FIRST_ROWS);
  info: RegionInfo[] = [regionInfo('stale', () => ({ kind: 'other', name: 'nothing' }))];
  /** Ids of the regions that last for a run, and ids of past runs by when they were given back. */
  private passing: RegionNumber[] = [];
  private resting: RegionNumber[] = [];
  /** First free byte. */
  top: LinearAddress = 0;
  /** Told of bytes that a map writes into its values, while a run is traced. */
  noted: ((at: LinearAddress, size: number) => void) | undefined;
  /** All of it, for code that imports it. */
  readonly linear: WebAssembly.Memory;
  /**
   * What no image holds: what never changes, where it lies, and scratch bytes behind it, of which
   * nothing is kept.
   */
  private constants = { start: 0, bytes: new Uint8Array(), scratch: 0 };

  /**
   * `linear` is handed in: a process may hold few of them, so a worker makes one and every session
   * uses it.
   */
  constructor(endian: Endian, linear: WebAssembly.Memory) {
    this.linear = linear;
    this.littleEndian = endian === 'little';
    owners.set(linear, this);
    this.bytes = new Uint8Array(linear.buffer);
    // Zeroed first: an earlier session's table is none of ours.
    this.allocate(RESERVED, 'registers');
    this.makeViews();
    this.placeTable(FIRST_ROWS);
  }

  private makeViews(): void {
    const { buffer } = this.linear;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.longs = new BigUint64Array(buffer);
    this.view = new DataView(buffer);
    this.registers = new BigUint64Array(buffer, 0, REGISTERS);
    this.halves = new Uint32Array(buffer, 0, 2 * REGISTERS);
    this.table = this.words[TABLE_AT >> 2] >> 2;
    this.rows = this.words[TABLE_ROOM >> 2];
    this.regions = this.words.subarray(this.table, this.table + ((this.rows * ROW) >> 2));
  }

  /** Takes `size` zeroed bytes, 8-byte aligned; `what` names them where there is no room. */
  allocate(size: number, what: string): LinearAddress {
    const before = this.bytes.length;
    const start = this.take(size, what);
    // What grew is zero already.
    this.bytes.fill(0, start, Math.min(this.top, before));
    return start;
  }

  /** The same with whatever is in them. */
  private take(size: number, what: string): LinearAddress {
    const start = this.top;
    const end = start + ((size + 7) & ~7);
    if (end > MEMORY_LIMIT || size > MEMORY_LIMIT)
      throw new InputError(
        what,
        `needs ${size} bytes, more than the ${MEMORY_LIMIT} bytes of guest memory left`,
      );
    if (end > this.bytes.length) {
      this.linear.grow(Math.ceil((end - this.bytes.length) / PAGE));
      this.makeViews();
    }
    this.top = end;
    return start;
  }

  /**
   * Takes bytes for what never changes once `fill` has written it, so that no image has to hold it:
   * one block a memory. `fill` gets the words of the block, and the number of the first. Behind it
   * lie `scratch` bytes more, which any image leaves as they are.
   */
  placeConstants(
    size: number,
    what: string,
    fill: (words: Int32Array, first: number) => void,
    scratch = 0,
  ) {
    // Small programs stay clear of the registers' addresses: up to 10 % of the interpreter's speed.
    this.allocate((RESERVED - this.top) & (ALIASING - 1), what);
    const start = this.allocate(size, what);
    const end = this.top;
    this.take(scratch, what);
    fill(this.words.subarray(start >> 2, end >> 2), start >> 2);
    this.constants = { start, bytes: this.bytes.slice(start, end), scratch: this.top - end };
  }

  /** The scratch bytes: where they begin, and how many there are. */
  get scratch(): { readonly start: LinearAddress; readonly size: number } {
    const { start, bytes, scratch } = this.constants;
    return { start: start + bytes.length, size: scratch };
  }

  /** Bytes that no image holds. */
  private get unsaved(): number {
    return this.constants.bytes.length + this.constants.scratch;
  }

  /** Where an address, which is not one of a constant, lies in the bytes of an image. */
  imageOffset(at: LinearAddress): number {
    return at < this.constants.start ? at : at - this.unsaved;
  }

  /** A table with room for so many regions, with the rows of the one before it. */
  private placeTable(rows: number): void {
    const at = this.allocate(rows * ROW, 'the table of regions');
    this.words.set(this.regions, at >> 2);
    this.words[TABLE_AT >> 2] = at;
    this.words[TABLE_ROOM >> 2] = rows;
    this.makeViews();
  }

  /** Makes a region over bytes of linear memory; answers its id. */
  addRegion(info: RegionInfo, base: LinearAddress, length: number, rights: number): RegionNumber {
    return this.fillRow(this.info.length, info, base, length, rights);
  }

  /** The same for a region that lasts until `endRun`. */
  addPassing(info: RegionInfo, base: LinearAddress, length: number, rights: number): RegionNumber {
    const id = this.resting.length > RESTING ? this.resting.shift()! : this.info.length;
    this.passing.push(id);
    return this.fillRow(id, info, base, length, rights);
  }

  private fillRow(
    id: RegionNumber,
    info: RegionInfo,
    base: LinearAddress,
    length: number,
    rights: number,
  ): RegionNumber {
    if (id === this.base.length) this.growColumns();
    if (id === this.rows) this.placeTable(2 * id);
    this.info[id] = info;
    this.base[id] = base;
    this.length[id] = length;
    this.allow(id, rights);
    return id;
  }

  /**
   * Gives back the regions that were made for a run, but those that something still holds; answers
   * the ids. Pointers into them are stale.
   */
  endRun(isHeld: (id: RegionNumber) => boolean): RegionNumber[] {
    const ended = this.passing.filter((id) => !isHeld(id));
    for (const id of ended) {
      const { was = `the ${this.info[id].name()} of an earlier run` } = this.info[id];
      this.retire(id, was);
      this.resting.push(id);
    }
    this.passing = [];
    return ended;
  }

  /**
   * The region's bytes may no longer be reached through it; its name stays for errors, which say
   * what it was.
   */
  retire(id: RegionNumber, was = 'a pointer from before the packet was moved'): void {
    this.allow(id, 0);
    // Field by field: this is done for each packet of a capture.
    const { id: what, name, origin } = this.info[id];
    this.info[id] = { kind: 'stale', id: what, name, origin, was };
  }

  /** How many regions were made for the present run. */
  get passingRegions(): number {
    return this.passing.length;
  }

  /**
   * Ids that runs to come take one after the other, where each takes so many; undefined while there
   * are too few, and new ones are made.
   */
  idsToCome(each: number): readonly RegionNumber[] | undefined {
    const ids = [...this.resting, ...this.passing];
    return ids.length - (each - 1) > RESTING ? ids : undefined;
  }

  /**
   * As behind runs that have taken ids of those in turn, up to `next`: the last `open` of them are
   * the last run's.
   */
  takeIds(ids: readonly RegionNumber[], next: number, open: number): void {
    const inTurn = [...ids.slice(next), ...ids.slice(0, next)];
    this.passing = open === 0 ? [] : inTurn.slice(-open);
    this.resting = inTurn.slice(0, ids.length - open);
  }

  /** Nothing that was made for the present run can be reached, until it is made or lent anew. */
  hidePassing(): void {
    for (const id of this.passing) this.allow(id, 0);
  }

  /** Makes bytes those of a region that a run to come has an id for, until they are taken back. */
  lend(
    id: RegionNumber,
    info: RegionInfo,
    base: LinearAddress,
    length: number,
    rights: number,
  ): void {
    this.fillRow(id, info, base, length, rights);
  }

  takeBack(id: RegionNumber): void {
    this.allow(id, 0);
  }

  /** An id that a run had which is over: what `info` says it was. */
  noteRetired(id: RegionNumber, info: RegionInfo, base: LinearAddress, length: number): void {
    this.info[id] = info;
    this.base[id] = base;
    this.length[id] = length;
    this.allow(id, 0);
  }

  private allow(id: RegionNumber, rights: number): void {
    this.rights[id] = rights;
    this.regions[4 * id] = this.base[id];
    this.regions[4 * id + 1] = (rights & READ) === 0 ? 0 : this.length[id];
    this.regions[4 * id + 2] = (rights & WRITE) === 0 ? 0 : this.length[id];
  }

  private growColumns(): void {
    const size = this.base.length * 2;
    this.base = grown(new Int32Array(size), this.base);
    this.length = grown(new Int32Array(size), this.length);
    this.rights = grown(new Uint8Array(size), this.rights);
  }

  save(): MemoryImage {
    const count = this.info.length;
    const { start } = this.constants;
    const bytes = new Uint8Array(this.top - this.unsaved);
    bytes.set(this.bytes.subarray(0, start));
    bytes.set(this.bytes.subarray(start + this.unsaved, this.top), start);
    return {
      bytes,
      base: this.base.slice(0, count),
      length: this.length.slice(0, count),
      rights: this.rights.slice(0, count),
      info: this.info.slice(),
      passing: this.passing.slice(),
      resting: this.resting.slice(),
    };
  }

  restore(image: MemoryImage): void {
    const { start, bytes: constants } = this.constants;
    if (owners.get(this.linear) !== this) {
      // Another session has used the linear memory since, and has perhaps let it grow.
      owners.set(this.linear, this);
      this.makeViews();
      this.bytes.set(constants, start);
    }
    this.bytes.set(image.bytes.subarray(0, start));
    this.bytes.set(image.bytes.subarray(start), start + this.unsaved);
    this.top = image.bytes.length + this.unsaved;
    // The table came with the bytes, perhaps from another place.
    this.makeViews();
    this.base.set(image.base);
    this.length.set(image.length);
    this.rights.fill(0).set(image.rights);
    this.info = image.info.slice();
    this.passing = image.passing.slice();
    this.resting = image.resting.slice();
  }
}

function grown<T extends Int32Array | Uint8Array>(larger: T, smaller: T): T {
  larger.set(smaller);
  return larger;
}

/** The latest region that is so known and fits; undefined where there is none. */
export function idOfRegion(
  { info }: Memory,
  region: RegionId,
  fits: (id: RegionNumber) => boolean,
): RegionNumber | undefined {
  for (let id = info.length - 1; id > 0; id--)
    if (info[id].kind !== 'stale' && sameRegion(info[id].id(), region) && fits(id)) return id;
  return undefined;
}

/** The address of `offset` bytes into a region. */
export const address = (region: RegionNumber, offset: RegionOffset = 0): GuestAddress =>
  (BigInt(REGION_TAG + region) << 32n) | BigInt((REGION_START + offset) >>> 0);

/** The region id in an address's upper half; 0 where there is none. */
export function regionOf(memory: Memory, high: number): RegionNumber {
  const id = high - REGION_TAG;
  return id > 0 && id < memory.info.length ? id : 0;
}

/**
 * Where `size` bytes at an address lie in linear memory, or -1 where not all of them may be
 * accessed.
 * `low` may lie outside 32 bits (a register's low half plus an offset): it carries into `high`.
 */
export function locate(
  memory: Memory,
  high: number,
  low: number,
  size: number,
  right: number,
): LinearAddress {
  let id = high - REGION_TAG;
  let half = low;
  if (half < 0) {
    half += 0x1_0000_0000;
    id -= 1;
  } else if (half > 0xffff_ffff) {
    half -= 0x1_0000_0000;
    id += 1;
  }
  const offset = half - REGION_START;
  if (id <= 0 || id >= memory.info.length || offset < 0) return -1;
  if (offset + size > memory.length[id] || (memory.rights[id] & right) === 0) return -1;
  return memory.base[id] + offset;
}

/** `+14`, `-8` */
export const signedOffset = (value: number): string => (value < 0 ? String(value) : `+${value}`);

/**
 * The name of an address, `packet+14`, `stack-8`, `map hits[3]+0`; undefined where it is not a
 * pointer.
 */
export function nameAddress(memory: Memory, value: GuestAddress): string | undefined {
  const near = nearestRegion(memory, value);
  if (near === undefined) return undefined;
  const info = memory.info[near.id];
  const offset = near.offset + info.origin;
  // A map and a function are one thing each: the address of it needs no offset.
  const whole = offset === 0 && (info.kind === 'map' || info.kind === 'function');
  return whole ? info.name() : `${info.name()}${signedOffset(offset)}`;
}

/** How far before a region's start an address still counts as being near that region. */
const REACH = 1 << 20;

/**
 * The region an address belongs to, also when it lies a little before its start (a negative
 * offset).
 */
export function nearestRegion(
  memory: Memory,
  value: GuestAddress,
): { id: RegionNumber; offset: RegionOffset } | undefined {
  const high = Number(value >> 32n);
  const low = Number(value & 0xffff_ffffn);
  if (low >= 0x1_0000_0000 - REACH) {
    const next = regionOf(memory, high + 1);
    if (next !== 0) return { id: next, offset: low - 0x1_0000_0000 - REGION_START };
  }
  const id = regionOf(memory, high);
  return id === 0 ? undefined : { id, offset: low - REGION_START };
}
