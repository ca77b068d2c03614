/**
 * Which element an LRU map gives up for a new one (kernel/bpf/bpf_lru_list.c). Elements stand in
 * doubly linked lists: active and inactive ones, free ones, and for each CPU the free ones it has
 * set aside and the ones it made lately. A lookup only sets an element's reference bit; lists are
 * turned over when a new element is wanted.
 */
const ACTIVE = 0;
const INACTIVE = 1;
const FREE = 2;
const LOCAL_FREE = 3;
const LOCAL_PENDING = 4;
/** Lists of one LRU list, and of one CPU's local list. */
const SHARED_LISTS = 3;
const LOCAL_LISTS = 2;

/** LOCAL_FREE_TARGET (also the scans of a shared list) and PERCPU_FREE_TARGET. */
const LOCAL_TARGET = 128;
const PER_CPU_TARGET = 4;

const NONE = -1;

/** One set of active, inactive and free elements. */
export interface LruList {
  /** Its first list head; ACTIVE, INACTIVE and FREE follow. */
  readonly base: number;
  /** Elements of the active and of the inactive list. */
  readonly counts: [active: number, inactive: number];
  /** Where the rotation of the inactive list goes on: an element, or the list's head. */
  rotation: number;
  /** Elements not made yet: they stand behind those of the free list. */
  unmade: number;
}

interface LruOwner {
  /** Takes an element out of the map; false where it is not in it. */
  evict(element: number): boolean;
  /** Makes an element; they are numbered from 0. */
  make(): number;
}

/**
 * The lists of one map. `perCpu`: BPF_F_NO_COMMON_LRU, every CPU has its own elements and lists.
 */
export class Lru {
  private readonly perCpu: boolean;
  private readonly cpus: number;
  private readonly owner: LruOwner;
  private readonly scans: number;
  private readonly target: number;
  /** Neighbours by list head, then by element. */
  private before: number[] = [];
  private after: number[] = [];
  private readonly heads: number;
  private lists: LruList[] = [];
  private kind: number[] = [];
  private referenced: boolean[] = [];
  private cpuOf: number[] = [];
  private nextSteal: number[] = [];

  constructor(elements: number, cpus: number, perCpu: boolean, owner: LruOwner) {
    this.perCpu = perCpu;
    this.cpus = cpus;
    this.owner = owner;
    this.scans = perCpu ? PER_CPU_TARGET : LOCAL_TARGET;
    const share = Math.floor(elements / cpus);
    this.target = Math.min(Math.max(Math.floor(share / 2), 1), LOCAL_TARGET);
    const lists = perCpu ? cpus : 1;
    this.heads = lists * SHARED_LISTS + (perCpu ? 0 : cpus * LOCAL_LISTS);
    for (let head = 0; head < this.heads; head++) this.before[head] = this.after[head] = head;
    for (let i = 0; i < lists; i++) {
      const base = i * SHARED_LISTS;
      this.lists.push({
        base,
        counts: [0, 0],
        rotation: base + INACTIVE,
        unmade: perCpu ? share : elements,
      });
    }
    for (let cpu = 0; cpu < cpus; cpu++) this.nextSteal[cpu] = cpu;
  }

  /** A lookup by a program: the element is in use. */
  touch(element: number): void {
    this.referenced[element] = true;
  }

  /**
   * An element for a new key, evicting others where it has to; NONE where there is none to be had.
   */
  pop(cpu: number): number {
    return this.perCpu ? this.popOwn(this.lists[cpu]) : this.popShared(cpu);
  }

  /** Gives an element back that left the map. */
  push(element: number): void {
    if (this.kind[element] !== LOCAL_PENDING) {
      this.move(this.lists[this.perCpu ? this.cpuOf[element] : 0], element, FREE);
      return;
    }
    this.kind[element] = LOCAL_FREE;
    this.referenced[element] = false;
    this.relink(element, this.localHead(this.cpuOf[element], LOCAL_FREE));
  }

  private localHead(cpu: number, kind: number): number {
    return SHARED_LISTS + cpu * LOCAL_LISTS + (kind - LOCAL_FREE);
  }

  private first(head: number): number {
    return this.after[head] === head ? NONE : this.after[head] - this.heads;
  }

  private unlink(link: number): void {
    this.after[this.before[link]] = this.after[link];
    this.before[this.after[link]] = this.before[link];
  }

  /** Moves an element to the front of a list. */
  private relink(element: number, head: number): void {
    const link = element + this.heads;
    if (this.before[link] !== undefined) this.unlink(link);
    this.before[link] = head;
    this.after[link] = this.after[head];
    this.before[this.after[head]] = link;
    this.after[head] = link;
  }

  /** Counts an element out of where it is, and keeps the rotation off it. */
  private leave(list: LruList, element: number): void {
    if (element + this.heads === list.rotation) list.rotation = this.before[list.rotation];
    const kind = this.kind[element];
    if (kind === ACTIVE || kind === INACTIVE) list.counts[kind] -= 1;
  }

  private move(list: LruList, element: number, kind: number): void {
    this.leave(list, element);
    if (kind === ACTIVE || kind === INACTIVE) list.counts[kind] += 1;
    this.kind[element] = kind;
    this.referenced[element] = false;
    this.relink(element, list.base + kind);
  }

  /** Off to a free list; the reference bit stays until the element is used again. */
  private release(list: LruList, element: number, head: number, kind: number): void {
    this.leave(list, element);
    this.kind[element] = kind;
    this.relink(element, head);
  }

  /**
   * Elements of a list from its oldest on; the one before is looked up first, as the list changes
   * under way.
   */
  private *oldestFirst(head: number): Iterable<number> {
    for (let link = this.before[head]; link !== head; ) {
      const next = this.before[link];
      yield link - this.heads;
      link = next;
    }
  }

  private rotateActive(list: LruList): void {
    const head = list.base + ACTIVE;
    const first = this.first(head);
    let scanned = 0;
    for (const element of this.oldestFirst(head)) {
      this.move(list, element, this.referenced[element] ? ACTIVE : INACTIVE);
      if (++scanned === this.scans || element === first) return;
    }
  }

  private rotateInactive(list: LruList): void {
    const head = list.base + INACTIVE;
    if (this.after[head] === head) return;
    let last = this.after[list.rotation];
    if (last === head) last = this.after[last];
    let at = list.rotation;
    let next = at;
    for (let scanned = 0; scanned < this.scans; ) {
      if (at === head) {
        at = this.before[at];
        continue;
      }
      next = this.before[at];
      const element = at - this.heads;
      if (this.referenced[element]) this.move(list, element, ACTIVE);
      if (at === last) break;
      at = next;
      scanned += 1;
    }
    list.rotation = next;
  }

  private rotate(list: LruList): void {
    if (list.counts[INACTIVE] < list.counts[ACTIVE]) this.rotateActive(list);
    this.rotateInactive(list);
  }

  /**
   * Evicts up to `wanted` unreferenced elements from the tail of the inactive list; one of any kind
   * where there is none.
   */
  private shrink(list: LruList, wanted: number, head: number, kind: number): void {
    let evicted = 0;
    let scanned = 0;
    for (const element of this.oldestFirst(list.base + INACTIVE)) {
      if (this.referenced[element]) this.move(list, element, ACTIVE);
      else if (this.owner.evict(element)) {
        this.release(list, element, head, kind);
        if (++evicted === wanted) break;
      }
      if (++scanned === this.scans) break;
    }
    if (evicted > 0) return;
    const inactive = list.base + INACTIVE;
    for (const element of this.oldestFirst(
      this.after[inactive] === inactive ? list.base + ACTIVE : inactive,
    )) {
      if (!this.owner.evict(element)) continue;
      this.release(list, element, head, kind);
      return;
    }
  }

  private make(list: LruList, cpu: number): number {
    list.unmade -= 1;
    const element = this.owner.make();
    this.kind[element] = FREE;
    this.referenced[element] = false;
    this.cpuOf[element] = cpu;
    return element;
  }

  private popOwn(list: LruList): number {
    const cpu = this.lists.indexOf(list);
    const head = list.base + FREE;
    this.rotate(list);
    if (this.first(head) === NONE && list.unmade > 0) this.relink(this.make(list, cpu), head);
    if (this.first(head) === NONE) this.shrink(list, PER_CPU_TARGET, head, FREE);
    const element = this.first(head);
    if (element !== NONE) this.move(list, element, INACTIVE);
    return element;
  }

  private popShared(cpu: number): number {
    let element = this.takeLocal(cpu);
    if (element === NONE) {
      this.refill(cpu);
      element = this.takeLocal(cpu);
    }
    if (element === NONE) element = this.steal(cpu);
    if (element === NONE) return NONE;
    this.kind[element] = LOCAL_PENDING;
    this.referenced[element] = false;
    this.cpuOf[element] = cpu;
    this.relink(element, this.localHead(cpu, LOCAL_PENDING));
    return element;
  }

  private takeLocal(cpu: number): number {
    return this.first(this.localHead(cpu, LOCAL_FREE));
  }

  /**
   * Sets free elements aside for a CPU: from the shared free list, or by evicting. What it made
   * lately joins the lists.
   */
  private refill(cpu: number): void {
    const [list] = this.lists;
    for (const element of this.oldestFirst(this.localHead(cpu, LOCAL_PENDING)))
      this.move(list, element, this.referenced[element] ? ACTIVE : INACTIVE);
    this.rotate(list);
    const local = this.localHead(cpu, LOCAL_FREE);
    let free = 0;
    for (; free < this.target; free++) {
      const element = this.first(list.base + FREE);
      if (element !== NONE) this.release(list, element, local, LOCAL_FREE);
      else if (list.unmade === 0) break;
      else {
        const made = this.make(list, cpu);
        this.kind[made] = LOCAL_FREE;
        this.relink(made, local);
      }
    }
    if (free < this.target) this.shrink(list, this.target - free, local, LOCAL_FREE);
  }

  /**
   * From the local lists of one CPU after the other, its own too: a free element, else the oldest
   * it made lately.
   */
  private steal(cpu: number): number {
    const first = this.nextSteal[cpu];
    let from = first;
    let element = NONE;
    do {
      element = this.takeLocal(from);
      if (element === NONE) element = this.evictPending(from);
      from = (from + 1) % this.cpus;
    } while (element === NONE && from !== first);
    this.nextSteal[cpu] = from;
    return element;
  }

  private evictPending(cpu: number): number {
    for (const force of [false, true]) {
      for (const element of this.oldestFirst(this.localHead(cpu, LOCAL_PENDING)))
        if ((force || !this.referenced[element]) && this.owner.evict(element)) return element;
    }
    return NONE;
  }

  save() {
    return {
      before: this.before.slice(),
      after: this.after.slice(),
      lists: this.lists.map(copyList),
      kind: this.kind.slice(),
      referenced: this.referenced.slice(),
      cpuOf: this.cpuOf.slice(),
      nextSteal: this.nextSteal.slice(),
    };
  }

  restore(image: ReturnType<Lru['save']>): void {
    this.before = image.before.slice();
    this.after = image.after.slice();
    this.lists = image.lists.map(copyList);
    this.kind = image.kind.slice();
    this.referenced = image.referenced.slice();
    this.cpuOf = image.cpuOf.slice();
    this.nextSteal = image.nextSteal.slice();
  }
}

const copyList = (list: LruList): LruList => ({ ...list, counts: [...list.counts] });
