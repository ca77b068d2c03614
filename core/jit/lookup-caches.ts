/**
 * Where values of maps are, as compiled code remembers it from lookups: an entry of words in
 * scratch memory, which it looks at before it asks the map.
 *
 *     UPPER   the upper half of the value's address; 0: there is no such key
 *     BASE    its linear address
 *     TIME    what the map's clock said when this was so; the clock goes on when a value moves
 *     KEY     the bytes of the key
 *
 * The key's bits choose the entry. Of an array, whose values never move, every index has one of its
 * own, UPPER and BASE alone, where UPPER of 0 says that the map has to be asked.
 */
import type { Machine } from '../machine/machine.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import type { LinearAddress } from '../spec/units.ts';
import { BatchLayout, LOOKUP_BYTES } from './batch.ts';
import { WHERE } from './locals.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

const UPPER = 0;
const BASE = 4;
const TIME = 8;
const KEY = 12;

/** Bits of a hash that choose an entry. */
const ENTRY_BITS = 10;
const LONGEST_KEY = 52;
const INDEX_ENTRY_SHIFT = 3;
/** 2^32 by the golden ratio: its products are spread well in their upper bits (Knuth). */
const SPREAD = 0x9e3779b1;

/** What is remembered of a map. */
export interface LookupCache {
  readonly at: LinearAddress;
  readonly entryShift: number;
  /** Its keys are indexes below this number. */
  readonly indexes: number | undefined;
  /** Linear address of the clock. */
  readonly clock: LinearAddress;
  readonly keySize: number;
}

/** LRU maps note every lookup. */
const MOVES: ReadonlySet<number> = new Set([MAP_TYPE_ID.hash, MAP_TYPE_ID.percpu_hash]);
const STAYS: ReadonlySet<number> = new Set([MAP_TYPE_ID.array, MAP_TYPE_ID.percpu_array]);

export class LookupCaches {
  private readonly machine: Machine;
  private readonly caches = new Map<number, LookupCache | undefined>();
  private readonly end: LinearAddress;
  private next: LinearAddress;

  constructor(machine: Machine) {
    this.machine = machine;
    const { start, size } = machine.memory.scratch;
    this.next = new BatchLayout(start).lookups;
    this.end = size > 0 ? this.next + LOOKUP_BYTES : this.next;
  }

  /** Of a map by its number; undefined where nothing can be remembered. */
  of(map: number): LookupCache | undefined {
    if (!this.caches.has(map)) this.caches.set(map, this.made(map));
    return this.caches.get(map);
  }

  private made(map: number): LookupCache | undefined {
    const { type, keySize, maxEntries } = this.machine.maps[map].definition;
    const isFixed = STAYS.has(type);
    if (!isFixed && !MOVES.has(type)) return undefined;
    // An index is a number of the program's machine.
    if (isFixed && !this.machine.memory.littleEndian) return undefined;
    const entryShift = isFixed ? INDEX_ENTRY_SHIFT : Math.ceil(Math.log2(KEY + keySize));
    const entries = isFixed ? maxEntries : 2 ** ENTRY_BITS;
    const clock = this.next;
    const at = clock + 8;
    const end = at + entries * 2 ** entryShift;
    if (keySize > LONGEST_KEY || end > this.end) return undefined;
    this.next = end;
    let time = 1;
    const clear = (): void => {
      const { words } = this.machine.memory;
      words.fill(0, at >> 2, end >> 2);
      words[clock >> 2] = time;
    };
    this.machine.maps[map].moved = (restored = false) => {
      time = (time + 1) & 0x3fff_ffff;
      // Scratch memory is no part of what is restored: another session may have used it since.
      if (restored || time === 0) clear();
      else this.machine.memory.words[clock >> 2] = time;
    };
    clear();
    return { at, entryShift, indexes: isFixed ? maxEntries : undefined, clock, keySize };
  }

  /** Remembers what a map has answered, in an entry that compiled code has chosen. */
  note(entry: LinearAddress, map: number, key: LinearAddress, upper: number, region: number): void {
    const { memory } = this.machine;
    const { words, bytes } = memory;
    words[(entry + UPPER) >> 2] = upper;
    words[(entry + BASE) >> 2] = memory.base[region];
    const cache = this.caches.get(map)!;
    if (cache.indexes !== undefined) return;
    words[(entry + TIME) >> 2] = words[cache.clock >> 2];
    bytes.copyWithin(entry + KEY, key, key + cache.keySize);
  }
}

/** The pieces that a key is loaded in, with their loads. */
function piecesOf(keySize: number): { readonly offset: number; readonly load: number }[] {
  const pieces: { offset: number; load: number }[] = [];
  for (let offset = 0; offset < keySize; ) {
    const left = keySize - offset;
    const [size, load] =
      left >= 4 ? [4, OP.i32Load] : left >= 2 ? [2, OP.i32Load16U] : [1, OP.i32Load8U];
    pieces.push({ offset, load });
    offset += size;
  }
  return pieces;
}

/**
 * The key is at WHERE. Leaves the entry's address in a local, and on the stack whether it has the
 * answer: for an index that there is none of, `absent` writes what is done.
 */
export function findEntry(code: CodeWriter, cache: LookupCache, entry: number, absent: () => void) {
  if (cache.indexes !== undefined) findIndex(code, cache, cache.indexes, entry, absent);
  else findKey(code, cache, entry);
}

function findIndex(
  code: CodeWriter,
  { at, entryShift }: LookupCache,
  indexes: number,
  entry: number,
  absent: () => void,
): void {
  code.get(WHERE);
  code.access(OP.i32Load, 0);
  code.tee(entry);
  code.i32(indexes);
  code.op(OP.i32GeU);
  code.open(OP.if);
  absent();
  code.close();
  code.get(entry);
  code.i32(entryShift);
  code.op(OP.i32Shl);
  code.i32(at);
  code.op(OP.i32Add);
  code.tee(entry);
  code.access(OP.i32Load, UPPER);
  code.i32(0);
  code.op(OP.i32Ne);
}

function findKey(code: CodeWriter, { at, entryShift, clock, keySize }: LookupCache, entry: number) {
  const pieces = piecesOf(keySize);
  for (const [i, { offset, load }] of pieces.entries()) {
    code.get(WHERE);
    code.access(load, offset);
    if (i > 0) code.op(OP.i32Xor);
    code.i32(SPREAD);
    code.op(OP.i32Mul);
  }
  code.i32(32 - ENTRY_BITS);
  code.op(OP.i32ShrU);
  code.i32(entryShift);
  code.op(OP.i32Shl);
  code.i32(at);
  code.op(OP.i32Add);
  code.tee(entry);
  code.access(OP.i32Load, TIME);
  code.i32(0);
  code.access(OP.i32Load, clock);
  code.op(OP.i32Eq);
  for (const { offset, load } of pieces) {
    code.get(WHERE);
    code.access(load, offset);
    code.get(entry);
    code.access(load, KEY + offset);
    code.op(OP.i32Eq, OP.i32And);
  }
}

/** What an entry says of the value. */
export function pushUpper(code: CodeWriter, entry: number): void {
  code.get(entry);
  code.access(OP.i32Load, UPPER);
}

export function pushBase(code: CodeWriter, entry: number): void {
  code.get(entry);
  code.access(OP.i32Load, BASE);
}
