import { RetiredSlots, type ValueStore } from './map.ts';

/** Slots of a store by the keys of the elements in them. */
export class KeyedSlots<Key> {
  private readonly store: ValueStore;
  private readonly retires: boolean;
  private readonly free = new RetiredSlots();
  private slots = new Map<Key, number>();
  /** By slot: one that was given back keeps its key, for who still points at it. */
  private keys: Key[] = [];

  /** `retires`: a slot is taken again only when the next run begins (RCU), else at once. */
  constructor(store: ValueStore, retires: boolean) {
    this.store = store;
    this.retires = retires;
  }

  get size(): number {
    return this.slots.size;
  }

  get(key: Key): number | undefined {
    return this.slots.get(key);
  }

  keyOf(slot: number): Key {
    return this.keys[slot];
  }

  /** Another slot for a key; the one it had is given back. */
  take(key: Key): number {
    const before = this.slots.get(key);
    const slot = this.free.take() ?? this.store.addSlot();
    this.slots.set(key, slot);
    this.keys[slot] = key;
    if (before !== undefined) this.giveBack(before);
    return slot;
  }

  /** False: there is no such key. */
  remove(key: Key): boolean {
    const slot = this.slots.get(key);
    if (slot === undefined) return false;
    this.slots.delete(key);
    this.giveBack(slot);
    return true;
  }

  private giveBack(slot: number): void {
    if (this.retires) this.free.giveBack(slot);
    else this.free.giveBackNow(slot);
  }

  /** In the order in which keys came. */
  values(): Iterable<number> {
    return this.slots.values();
  }

  beginRun(): void {
    this.free.beginRun();
  }

  /** With the store. */
  save() {
    return {
      store: this.store.save(),
      slots: new Map(this.slots),
      keys: this.keys.slice(),
      free: this.free.save(),
    };
  }

  restore(image: ReturnType<KeyedSlots<Key>['save']>): void {
    this.store.restore(image.store);
    this.slots = new Map(image.slots);
    this.keys = image.keys.slice();
    this.free.restore(image.free);
  }
}
