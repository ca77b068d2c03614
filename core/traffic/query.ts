import { present } from '../errors.ts';
import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import { dissect } from '../packet/dissect.ts';
import { type DisplayFilter, filterOf } from '../packet/filter/filter.ts';
import type { FilterSubject } from '../packet/filter/values.ts';
import type { LinkType } from '../packet/types.ts';
import type { TrafficColumn, TrafficQuery } from '../protocol/traffic.ts';
import type { Work } from '../session/session.ts';
import { type FrameChunk, frameAt } from './frames.ts';
import { inKeyOrder } from './order.ts';
import { type Outcomes, RAN } from './outcomes.ts';
import { PlaceList } from './place-list.ts';
import type { VerdictName } from './verdict-numbers.ts';

/** Packets that are looked at before others may want something. */
const AT_ONCE = 2048;

/** What a query looks at beside the frames. */
export interface WhatIsKnown {
  readonly index: CaptureIndex;
  /** Undefined where the program cannot be run. */
  readonly outcomes: Outcomes | undefined;
  readonly link: LinkType;
}

/** A test of a packet that has what is known of it at hand. */
type Test = (place: number, frame: Uint8Array) => boolean;

/**
 * Which packets a person wants to see, and in which order: found in the background along the
 * capture, so that the first are there before the last are known.
 */
export class Query {
  readonly asked: TrafficQuery;
  /** What the text was taken for. */
  readonly takenFor: 'filter' | 'words' | undefined;
  /** Packets that were looked at. */
  scanned = 0;
  private readonly about: WhatIsKnown;
  private readonly filter: DisplayFilter | undefined;
  private readonly test: Test | undefined = undefined;
  /** Undefined: nothing is left out. */
  private readonly found: PlaceList | undefined;
  private inOrder: Uint32Array | undefined;
  /** How many packets that order is of. */
  private orderedOf = 0;

  /** Throws an InputError where the text is meant as a filter and is none. */
  constructor(asked: TrafficQuery, about: WhatIsKnown) {
    this.asked = asked;
    this.about = about;
    this.filter = filterOf(asked.text);
    const words = asked.text.toLowerCase().split(/\s+/).filter(Boolean);
    this.takenFor = this.filter ? 'filter' : words.length > 0 ? 'words' : undefined;
    if (this.filter) this.test = this.filterTest(this.filter);
    else if (words.length > 0) this.test = this.wordTest(words);
    this.found = this.test || asked.verdict !== undefined ? new PlaceList() : undefined;
  }

  /** Packets that it leaves, of those that were looked at. */
  get matching(): number {
    return this.found?.length ?? this.about.index.length;
  }

  /** Whether it has to look into frames. */
  get needsFrames(): boolean {
    return this.test !== undefined;
  }

  /** How many packets it can look at now: what became of the others is not known yet. */
  get reach(): number {
    const { index, outcomes } = this.about;
    const waits = this.asked.verdict !== undefined || (this.filter?.needsOutcome ?? false);
    return waits && outcomes ? outcomes.length : index.length;
  }

  /** Rows of the list: of one that is sorted those whose order is known. */
  get shown(): number {
    return this.asked.sort === 'number' ? this.matching : (this.inOrder?.length ?? 0);
  }

  /** Whether there are packets to look at. */
  get canScan(): boolean {
    return this.found !== undefined && this.scanned < this.reach;
  }

  /**
   * Whether it is time to sort: when all is known, and on the way as often as there are twice as
   * many as the last time.
   */
  canSort(isAllKnown: boolean): boolean {
    if (this.asked.sort === 'number' || this.orderedOf === this.sortable) return false;
    return (isAllKnown && !this.canScan) || this.sortable > 2 * this.orderedOf;
  }

  /** Looks at packets of a chunk. */
  *scan(chunk: FrameChunk): Work<void> {
    const end = Math.min(chunk.first + chunk.count, this.reach);
    while (this.scanned < end) {
      const place = this.scanned++;
      if (this.leaves(place, frameAt(chunk, place))) this.found?.push(place);
      if (place % AT_ONCE === 0)
        yield { what: 'filtering', done: place, total: this.about.index.length };
    }
  }

  /** The same where frames are not asked for. */
  *scanColumns(): Work<void> {
    const end = this.reach;
    while (this.scanned < end) {
      const place = this.scanned++;
      if (this.hasVerdict(place)) this.found?.push(place);
      if (place % (1 << 18) === 0)
        yield { what: 'filtering', done: place, total: this.about.index.length };
    }
  }

  /** Puts what was found into its order. */
  *sort(): Work<void> {
    const { sort, descending } = this.asked;
    const count = this.sortable;
    const all = this.found?.all ?? new Uint32Array(this.about.index.length).map((_, i) => i);
    const work = inKeyOrder(all, this.key(sort), descending);
    for (let step = work.next(); ; step = work.next()) {
      if (step.done) {
        this.inOrder = step.value;
        this.orderedOf = count;
        return;
      }
      yield { what: 'sorting', done: 0 };
    }
  }

  /** Places of rows in the order that is asked for. */
  places(from: number, count: number): number[] {
    const last = Math.min(this.shown, from + count);
    return Array.from({ length: Math.max(0, last - from) }, (_, i) => this.placeAt(from + i));
  }

  /** Row of a packet; undefined where it is not among them. */
  rowOf(place: number): number | undefined {
    const { sort, descending } = this.asked;
    const row =
      sort !== 'number' && this.inOrder
        ? this.inOrder.indexOf(place)
        : this.found
          ? this.found.rowOf(place)
          : place;
    if (row < 0) return undefined;
    return sort === 'number' && descending ? this.matching - 1 - row : row;
  }

  private placeAt(row: number): number {
    const { sort, descending } = this.asked;
    if (sort !== 'number') return present(this.inOrder, 'an order of rows')[row];
    const at = descending ? this.matching - 1 - row : row;
    return this.found ? this.found.at(at) : at;
  }

  /** Packets whose order can be known: those of verdicts change as packets run. */
  private get sortable(): number {
    const byOutcome = this.asked.sort === 'verdict' || this.asked.sort === 'steps';
    const known = this.about.outcomes?.length ?? 0;
    return byOutcome ? this.matching + known : this.matching;
  }

  private key(column: TrafficColumn): (place: number) => number {
    const { index, outcomes } = this.about;
    const known = outcomes?.length ?? 0;
    const first = index.firstTime ?? 0n;
    switch (column) {
      case 'number':
        return (place) => place;
      case 'time':
        return (place) => sinceFirst(index.timeOf(place), first);
      case 'length':
        return (place) => index.sizeOf(place);
      case 'verdict': {
        const names = outcomes?.verdicts.map(({ name }) => name) ?? [];
        const ranks = names.map((name) => 1 + names.filter((other) => other < name).length);
        return (place) => (place < known ? ranks[outcomes!.verdictOf(place)] : 0);
      }
      case 'steps':
        return (place) => (place < known ? 1 + outcomes!.stepsOf(place) : 0);
    }
  }

  private leaves(place: number, frame: Uint8Array): boolean {
    return this.hasVerdict(place) && (this.test === undefined || this.test(place, frame));
  }

  private hasVerdict(place: number): boolean {
    const { verdict } = this.asked;
    const { outcomes } = this.about;
    if (verdict === undefined) return true;
    if (!outcomes || place >= outcomes.length) return false;
    return outcomes.verdicts[outcomes.verdictOf(place)].name === verdict;
  }

  private filterTest({ matches }: DisplayFilter): Test {
    const subject = new Subject(this.about);
    return (place, frame) => matches(subject.of(place, frame));
  }

  private wordTest(words: readonly string[]): Test {
    const { link } = this.about;
    return (place, frame) => {
      const { summary, layers } = dissect(frame, link);
      const labels = layers.map(({ label }) => label).join(' ');
      const text = `${place + 1} ${summary} ${labels}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
  }
}

/** A capture of several interfaces may go back in time: by up to an hour it is still sorted. */
const HOUR_BEFORE = 3_600_000_000_000n;
const sinceFirst = (time: bigint | undefined, first: bigint): number =>
  time === undefined || time < first - HOUR_BEFORE ? 0 : Number(time - first + HOUR_BEFORE);

/** A packet as a filter looks at it: what it asks for is looked up then, and is not for most. */
class Subject implements FilterSubject {
  readonly link: LinkType;
  bytes: Uint8Array = new Uint8Array();
  private place = 0;
  private readonly about: WhatIsKnown;

  constructor(about: WhatIsKnown) {
    this.about = about;
    this.link = about.link;
  }

  of(place: number, bytes: Uint8Array): this {
    this.place = place;
    this.bytes = bytes;
    return this;
  }

  get number(): number {
    return this.place + 1;
  }

  get length(): number {
    return this.about.index.wireLengthOf(this.place, this.bytes.length);
  }

  get timestamp(): bigint | undefined {
    return this.about.index.timeOf(this.place);
  }

  get firstTimestamp(): bigint | undefined {
    return this.about.index.firstTime;
  }

  get verdict(): VerdictName | undefined {
    return this.known?.verdicts[this.known.verdictOf(this.place)];
  }

  get steps(): number | undefined {
    return this.known?.has(this.place, RAN) ? this.known.stepsOf(this.place) : undefined;
  }

  get fault(): string | undefined {
    const fault = this.known?.faultOf(this.place);
    return fault === undefined ? undefined : this.known?.faults[fault].message;
  }

  private get known(): Outcomes | undefined {
    const { outcomes } = this.about;
    return outcomes && this.place < outcomes.length ? outcomes : undefined;
  }
}
