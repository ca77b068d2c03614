import { toHex } from '../bytes/hex.ts';
import { address, type Memory, READ, regionInfo } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import type { RegionId } from '../spec/regions.ts';
import {
  type ElementCursor,
  type MapEntry,
  RetiredSlots,
  roundUpPowerOf2,
  ValueStore,
} from './map.ts';

/** End of a chain, and what is not there. */
export const END_OF_CHAIN = -1;

/**
 * Buckets of chains as in kernel/bpf/hashtab.c, newest first. An element is a slot of the store,
 * its key lies in guest memory beside it. The caller knows how many elements there may be.
 */
export class HashTable {
  readonly store: ValueStore;
  /** Elements in the chains. */
  count = 0;
  /** GuestMap.moved */
  moved: ((restored?: boolean) => void) | undefined;
  private readonly memory: Memory;
  private readonly definition: MapDefinition;
  private readonly hash: (key: Uint8Array) => number;
  private readonly mask: number;
  /** First element by bucket; a bucket without elements is not in it. */
  private heads = new Map<number, number>();
  /**
   * Next element by element. One taken out keeps its own, so that an iteration that stands on it
   * goes on (RCU).
   */
  private links: number[] = [];
  /** Linear address and region of each element's key. */
  private keys: number[] = [];
  private keyRegions = new Map<number, number>();
  private readonly free = new RetiredSlots();
  /** Buckets in use, ascending; undefined when it has to be worked out anew. */
  private order: number[] | undefined;

  constructor(
    memory: Memory,
    definition: MapDefinition,
    hash: (key: Uint8Array) => number,
    cpus: number,
    rights?: number,
  ) {
    this.memory = memory;
    this.definition = definition;
    this.hash = hash;
    this.mask = roundUpPowerOf2(definition.maxEntries) - 1;
    const idOf = (slot: number): RegionId => this.elementId('value', slot);
    this.store = new ValueStore(memory, definition, 0, idOf, cpus, rights);
  }

  private elementId(kind: 'value' | 'key', slot: number): RegionId {
    return { kind, map: this.definition.name, at: toHex(this.keyBytes(slot)) };
  }

  /** An element that is in no chain: the one given back last, or one more. */
  take(): number {
    return this.free.take() ?? this.newElement();
  }

  /** Takes an element out of its chain, to be taken again at once. */
  giveBackNow(element: number): void {
    this.unlink(element);
    this.free.giveBackNow(element);
  }

  /** The same, to be taken again when the next run begins (RCU). */
  giveBack(element: number): void {
    this.unlink(element);
    this.free.giveBack(element);
  }

  beginRun(): void {
    this.free.beginRun();
  }

  /** One more element that is in no chain. */
  newElement(): number {
    this.links.push(END_OF_CHAIN);
    this.keys.push(this.memory.allocate(this.definition.keySize, `map "${this.definition.name}"`));
    return this.store.addSlot();
  }

  keyBytes(element: number): Uint8Array {
    const at = this.keys[element];
    return this.memory.bytes.subarray(at, at + this.definition.keySize);
  }

  /** Guest address of an element's key: a callback may read it. */
  keyPointer(element: number): bigint {
    const known = this.keyRegions.get(element);
    if (known !== undefined) return address(known);
    const region = this.memory.addRegion(
      regionInfo('map-value', () => this.elementId('key', element)),
      this.keys[element],
      this.definition.keySize,
      READ,
    );
    this.keyRegions.set(element, region);
    return address(region);
  }

  private bucketOf(key: Uint8Array): number {
    // `&` gives signed bits, and a table may have 2^31 buckets.
    return (this.hash(key) & this.mask) >>> 0;
  }

  private hasKey(element: number, key: Uint8Array): boolean {
    const { bytes } = this.memory;
    const at = this.keys[element];
    for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
    return true;
  }

  /** NONE where there is no element of that key. */
  find(key: Uint8Array): number {
    let element = this.heads.get(this.bucketOf(key)) ?? END_OF_CHAIN;
    while (element !== END_OF_CHAIN && !this.hasKey(element, key)) element = this.links[element];
    return element;
  }

  /** Puts an element with this key at the head of its bucket. */
  link(element: number, key: Uint8Array): void {
    this.moved?.();
    this.memory.bytes.set(key, this.keys[element]);
    const bucket = this.bucketOf(key);
    const head = this.heads.get(bucket);
    if (head === undefined) this.order = undefined;
    this.links[element] = head ?? END_OF_CHAIN;
    this.heads.set(bucket, element);
    this.count += 1;
  }

  /** Takes an element out of its chain; false where it is in none. */
  unlink(element: number): boolean {
    const bucket = this.bucketOf(this.keyBytes(element));
    let before = END_OF_CHAIN;
    let at = this.heads.get(bucket) ?? END_OF_CHAIN;
    for (; at !== END_OF_CHAIN && at !== element; at = this.links[at]) before = at;
    if (at === END_OF_CHAIN) return false;
    this.moved?.();
    const after = this.links[element];
    if (before !== END_OF_CHAIN) this.links[before] = after;
    else if (after !== END_OF_CHAIN) this.heads.set(bucket, after);
    else {
      this.heads.delete(bucket);
      this.order = undefined;
    }
    this.count -= 1;
    return true;
  }

  /** The element in a chain whose value has the linear address in it. */
  elementAt(linear: number): number {
    const element = this.store.slotAt(linear);
    if (element === undefined) return END_OF_CHAIN;
    let at = this.heads.get(this.bucketOf(this.keyBytes(element))) ?? END_OF_CHAIN;
    while (at !== END_OF_CHAIN && at !== element) at = this.links[at];
    return at;
  }

  /**
   * The next element of an iteration; the one after it is remembered before the caller sees this
   * one.
   */
  advance(cursor: ElementCursor): number {
    if (cursor.next === END_OF_CHAIN) {
      const bucket = this.bucketAfter(cursor.bucket);
      if (bucket === undefined) return END_OF_CHAIN;
      cursor.bucket = bucket;
      cursor.next = this.heads.get(bucket)!;
    }
    const element = cursor.next;
    cursor.next = this.links[element];
    return element;
  }

  /** The first bucket in use behind a bucket. */
  private bucketAfter(bucket: number): number | undefined {
    this.order ??= [...this.heads.keys()].sort((a, b) => a - b);
    const { order } = this;
    let low = 0;
    for (let high = order.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (order[middle] > bucket) high = middle;
      else low = middle + 1;
    }
    return order[low];
  }

  *elements(): Iterable<number> {
    const cursor = { bucket: -1, next: END_OF_CHAIN };
    for (
      let element = this.advance(cursor);
      element !== END_OF_CHAIN;
      element = this.advance(cursor)
    )
      yield element;
  }

  *entries(): Iterable<MapEntry> {
    for (const element of this.elements())
      yield { key: this.keyBytes(element).slice(), value: this.store.linear(element) };
  }

  save() {
    return {
      store: this.store.save(),
      count: this.count,
      heads: new Map(this.heads),
      links: this.links.slice(),
      keys: this.keys.slice(),
      keyRegions: new Map(this.keyRegions),
      free: this.free.save(),
    };
  }

  restore(image: ReturnType<HashTable['save']>): void {
    this.store.restore(image.store);
    this.count = image.count;
    this.heads = new Map(image.heads);
    this.links = image.links.slice();
    this.keys = image.keys.slice();
    this.keyRegions = new Map(image.keyRegions);
    this.free.restore(image.free);
    this.order = undefined;
    this.moved?.(true);
  }
}
