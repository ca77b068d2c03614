import { unreachable } from '../errors.ts';
import type { Work } from '../session/session.ts';
import { FLOW_DIRECTIONS, type FlowDirection } from '../spec/net-filters.ts';
import { BufferFilter } from './buffer-filter.ts';
import { filtersAlong, propertyOf, withProperty } from './chain.ts';
import { stepsBetween, swappedBy } from './changes.ts';
import { type ChainCounts, noChainCounts } from './counters.ts';
import { DeviceFilter, directionsOf, isConnected } from './device-filter.ts';
import type { DirectionOf } from './direction.ts';
import { DropLog } from './drop-log.ts';
import { DumpFilter } from './dump-filter.ts';
import type { Passed, RunningFilter } from './filter.ts';
import { flowCount, flowFrame, ofBoth, type PacketFlow, partOf, someOf } from './flow.ts';
import type { ChainFilter, ChainStep, NetChain } from './types.ts';
import { UbpfFilter, type UbpfParts } from './ubpf-filter.ts';

/** What a chain is run by. */
export interface ChainRunParts {
  readonly chain: NetChain;
  readonly directionOf: DirectionOf;
  /** When the traffic begins, nanoseconds since the epoch. */
  readonly start: bigint;
  /** Whether what dumps write is kept, or counted alone. */
  readonly keepsDumps: boolean;
  /** What a filter's program is run by; called when the filter is put in. */
  readonly partsOf: (filter: ChainFilter) => UbpfParts;
  /** The filter is taken out: what its program was run by is free. */
  readonly free: (filter: UbpfFilter) => void;
}

/** A change of the chain while packets flowed. */
export interface ChainEvent {
  /** The first packet that the chain as it is then judges, from 0 on. */
  readonly packet: number;
  /** Nanoseconds since the traffic began. */
  readonly time: number;
  readonly steps: readonly ChainStep[];
  /** Ids whose filter is another version from here on. */
  readonly swapped: readonly string[];
}

/** Versions of filters that were taken out, and events, that are kept. */
const MOST_ENDED = 100;
const MOST_EVENTS = 200;
/** A copy that comes out of a socket may go into it again: so often, then it is let go. */
const MOST_ROUNDS = 16;

/** Sent to a character device, and on its way to who reads it. */
interface Sent {
  readonly device: string;
  readonly flow: PacketFlow;
  readonly direction: FlowDirection;
}

/**
 * Packets through a chain. Each packet that is taken is judged by every filter on its way in one
 * version: a change of the chain comes between two packets. Where their order does not matter to
 * any filter, those of a piece go through one filter after the other, many in one call.
 */
export class ChainRun {
  readonly counts: ChainCounts = noChainCounts();
  readonly drops = new DropLog();
  private readonly parts: ChainRunParts;
  private chain: NetChain;
  private list: RunningFilter[] = [];
  private readonly over: RunningFilter[] = [];
  private readonly versions = new Map<string, number>();
  private readonly marked: ChainEvent[] = [];
  private eventCount = 0;
  private outbox: Sent[] = [];
  private waiting: NetChain | undefined;
  private taken: Work<void> | undefined;
  private now = 0;
  private packet = 0;
  private stopped = 0;

  /** Throws InputError where a program of it cannot be run. */
  constructor(parts: ChainRunParts) {
    this.parts = parts;
    this.chain = parts.chain;
    this.list = parts.chain.filters.map((filter) => this.made(filter));
  }

  /** In the order of QEMU's list, the head first. */
  get filters(): readonly RunningFilter[] {
    return this.list;
  }

  /** Those that were taken out, the last ones. */
  get ended(): readonly RunningFilter[] {
    return this.over;
  }

  get events(): readonly ChainEvent[] {
    return this.marked;
  }

  /** Events that are not kept any more. */
  get earlierEvents(): number {
    return this.eventCount - this.marked.length;
  }

  /** Copies that went round in circles and were let go. */
  get circling(): number {
    return this.stopped;
  }

  /** Packets of the traffic that were taken. */
  get entered(): number {
    return ofBoth(this.counts.entered);
  }

  /** Virtual time, nanoseconds since the traffic began. */
  get time(): number {
    return this.now;
  }

  /** Packets that were given are under way. */
  get isBusy(): boolean {
    return this.taken !== undefined;
  }

  /** Gives the next packets; those before them are through. */
  take(flow: PacketFlow): void {
    this.taken = this.through(flow);
  }

  /** No packet comes any more: what buffers hold is let go when it is due. */
  end(): void {
    this.taken = this.emptied();
  }

  /**
   * Goes on with what was given. Given up at any place it goes on from there the next time: no
   * packet is judged twice for it, and none is left out.
   */
  *advance(): Work<void> {
    while (this.taken) {
      const next = this.taken.next();
      if (next.done) {
        this.taken = undefined;
        this.changeNow();
        return;
      }
      yield next.value;
    }
  }

  /** Nothing flows any more: what programs were run by is free. */
  close(): void {
    this.taken = undefined;
    for (const filter of this.list) if (filter instanceof UbpfFilter) this.parts.free(filter);
    this.list = [];
  }

  /** Another chain from the next packet on; now, where none is under way. */
  change(chain: NetChain): void {
    this.waiting = chain;
    if (!this.isBusy) this.changeNow();
  }

  /** What is released when a buffer is taken out travels through the chain as it was. */
  private changeNow(): void {
    if (this.waiting === undefined) return;
    const work = this.changed(this.waiting);
    this.waiting = undefined;
    this.taken = work;
    const next = work.next();
    if (next.done) this.taken = undefined;
  }

  private *through(flow: PacketFlow): Work<void> {
    const count = flowCount(flow);
    for (let at = 0; at < count; ) {
      if (this.waiting) {
        const chain = this.waiting;
        this.waiting = undefined;
        yield* this.changed(chain);
      }
      this.now = Math.max(this.now, flow.times[at]);
      yield* this.letGo(this.now);
      const behind = this.pieceEnd(flow, at);
      yield* this.piece(partOf(flow, at, behind));
      at = behind;
      yield { what: 'packets through the chain', done: this.packet };
    }
  }

  /** Up to where packets can be taken together. */
  private pieceEnd(flow: PacketFlow, at: number): number {
    const count = flowCount(flow);
    // What is sent out and let in again comes right behind its packet.
    if (this.list.some((filter) => this.readersOf(filter).length > 0)) return at + 1;
    const due = Math.min(...this.buffers.map((buffer) => buffer.due));
    if (due === Number.POSITIVE_INFINITY) return count;
    let behind = at + 1;
    while (behind < count && flow.times[behind] < due) behind++;
    return behind;
  }

  private get buffers(): BufferFilter[] {
    return this.list.filter(
      (filter): filter is BufferFilter =>
        filter instanceof BufferFilter && filter.filter.status === 'on',
    );
  }

  private *piece(flow: PacketFlow): Work<void> {
    const count = flowCount(flow);
    const directions = Array.from({ length: count }, (_, place) =>
      this.parts.directionOf(flowFrame(flow, place)),
    );
    for (const direction of directions) this.counts.entered[direction] += 1;
    this.packet = flow.numbers[count - 1] + 1;
    this.now = Math.max(this.now, flow.times[count - 1]);
    const ordered = this.orderedFilters;
    if (ordered.length === 1) yield* this.around(ordered[0], flow, directions);
    else
      for (const { direction, places } of runsOf(directions, ordered.length > 0))
        yield* this.along(
          places.length === count ? flow : someOf(flow, places),
          direction,
          this.filtersFor(direction),
        );
    yield* this.deliverSent();
    for (const filter of this.list) filter.settle?.();
  }

  /** Filters that see both directions, and for which the order of all packets counts. */
  private get orderedFilters(): UbpfFilter[] {
    return this.list.filter(
      (running): running is UbpfFilter =>
        running instanceof UbpfFilter &&
        running.isOrdered &&
        running.filter.queue === 'all' &&
        running.filter.status === 'on',
    );
  }

  /**
   * Both directions meet at the one filter to which their order matters: those in front of it on
   * the way of either take all their packets first, those behind it come last.
   */
  private *around(
    center: UbpfFilter,
    flow: PacketFlow,
    directions: readonly FlowDirection[],
  ): Work<void> {
    const arrived: { flow: PacketFlow; direction: FlowDirection }[] = [];
    for (const direction of FLOW_DIRECTIONS) {
      const places = directions.flatMap((own, place) => (own === direction ? [place] : []));
      const way = this.filtersFor(direction);
      const front = way.slice(0, way.indexOf(center));
      arrived.push({ direction, flow: yield* this.pass(someOf(flow, places), direction, front) });
    }
    const met = merged(arrived);
    const passed = yield* center.passBoth(met.flow, met.directions);
    for (const direction of FLOW_DIRECTIONS) {
      const { on, dropped } = passed[direction];
      const count = flowCount(on) + (dropped ? flowCount(dropped) : 0);
      this.note(center, passed[direction], count, direction);
      yield* this.along(on, direction, this.filtersBehind(center, direction));
    }
  }

  private filtersFor(direction: FlowDirection): RunningFilter[] {
    return acting(this.list, direction);
  }

  /** The filters that come behind one on the way of a packet. */
  private filtersBehind(filter: RunningFilter, direction: FlowDirection): RunningFilter[] {
    const at = this.list.indexOf(filter);
    const rest = direction === 'to-guest' ? this.list.slice(at + 1) : this.list.slice(0, at);
    return acting(rest, direction);
  }

  /** Past filters to the receiver. */
  private *along(
    flow: PacketFlow,
    direction: FlowDirection,
    filters: readonly RunningFilter[],
  ): Work<void> {
    this.counts.delivered[direction] += flowCount(yield* this.pass(flow, direction, filters));
  }

  /** Answers what is left behind the filters. */
  private *pass(
    flow: PacketFlow,
    direction: FlowDirection,
    filters: readonly RunningFilter[],
  ): Work<PacketFlow> {
    let there = flow;
    for (const filter of filters) {
      const count = flowCount(there);
      if (count === 0) break;
      const passed = yield* filter.pass(there, direction);
      this.note(filter, passed, count, direction);
      there = passed.on;
    }
    return there;
  }

  /** Where packets went that a filter did not let pass. */
  private note(
    filter: RunningFilter,
    { on, dropped, sent }: Passed,
    count: number,
    direction: FlowDirection,
  ): void {
    const { counts } = this;
    const lost = dropped ? flowCount(dropped) : 0;
    if (dropped) {
      this.drops.add(dropped, filter.filter.id, filter.version, direction);
      counts.dropped[direction] += lost;
    }
    if (sent) this.outbox.push({ device: sent.device, flow: sent.flow, direction });
    const gone = count - flowCount(on) - lost;
    if (gone > 0) counts[sent ? 'redirected' : 'held'][direction] += gone;
  }

  /** Redirectors that let in what a filter sends out. */
  private readersOf({ filter }: RunningFilter): RunningFilter[] {
    const outdev = propertyOf(filter, 'outdev');
    return outdev === undefined ? [] : this.readersAt(outdev);
  }

  private readersAt(outdev: string): RunningFilter[] {
    return this.list.filter(({ filter }) => {
      const indev = propertyOf(filter, 'indev');
      return indev !== undefined && isConnected(this.chain, outdev, indev);
    });
  }

  /** What was sent to a device of which a redirector reads is let in there. */
  private *deliverSent(): Work<void> {
    while (this.outbox.length > 0) {
      const { device, flow } = this.outbox.shift()!;
      for (const reader of this.readersAt(device))
        for (const direction of directionsOf(reader.filter)) {
          const count = flowCount(flow);
          if (flow.rounds >= MOST_ROUNDS) {
            this.stopped += count;
            continue;
          }
          this.counts.injected[direction] += count;
          const again = { ...flow, rounds: flow.rounds + 1 };
          yield* this.along(again, direction, this.filtersBehind(reader, direction));
        }
    }
  }

  /** Buffers let go what is due up to a time, in the order in which it is. */
  private *letGo(until: number): Work<void> {
    for (;;) {
      const [first] = this.buffers
        .filter(({ holds, due }) => holds > 0 && due <= until)
        .sort((one, other) => one.due - other.due);
      if (first === undefined) break;
      const now = first.due;
      yield* this.empty(first, now);
      first.passTime(now);
    }
    for (const buffer of this.buffers) buffer.passTime(until);
  }

  private *empty(buffer: BufferFilter, now: number): Work<void> {
    for (const { flow, direction } of buffer.release(now)) {
      this.counts.held[direction] -= flowCount(flow);
      yield* this.along(flow, direction, this.filtersBehind(buffer, direction));
    }
    yield* this.deliverSent();
    for (const filter of this.list) filter.settle?.();
  }

  private *emptied(): Work<void> {
    for (;;) {
      const due = this.buffers.filter(({ holds }) => holds > 0).map((buffer) => buffer.due);
      if (due.length === 0) return;
      this.now = Math.max(this.now, Math.min(...due));
      yield* this.letGo(this.now);
    }
  }

  private *changed(chain: NetChain): Work<void> {
    const steps = stepsBetween(this.chain.filters, chain.filters);
    this.chain = chain;
    if (steps.length === 0) return;
    for (const step of steps) yield* this.takeStep(step);
    const order = new Map(chain.filters.map(({ id }, place) => [id, place]));
    this.list.sort((one, other) => order.get(one.filter.id)! - order.get(other.filter.id)!);
    this.mark({
      packet: this.packet,
      time: this.now,
      steps,
      swapped: [...swappedBy(steps)],
    });
  }

  private mark(event: ChainEvent): void {
    this.eventCount += 1;
    this.marked.push(event);
    if (this.marked.length > MOST_EVENTS) this.marked.shift();
  }

  private *takeStep(step: ChainStep): Work<void> {
    switch (step.kind) {
      case 'remove': {
        const filter = this.list.find(({ filter: { id } }) => id === step.id)!;
        // A buffer that goes lets go what it holds (filter_buffer_cleanup).
        if (filter instanceof BufferFilter) yield* this.empty(filter, this.now);
        this.list = this.list.filter((other) => other !== filter);
        if (filter instanceof UbpfFilter) this.parts.free(filter);
        this.over.push(filter);
        if (this.over.length > MOST_ENDED) this.over.shift();
        return;
      }
      case 'add': {
        const filter = this.made(step.filter);
        const at = this.list.findIndex(({ filter: { id } }) => step.position === `id=${id}`);
        if (step.position === 'head') this.list.unshift(filter);
        else if (at >= 0) this.list.splice(step.insert === 'before' ? at : at + 1, 0, filter);
        else this.list.push(filter);
        return;
      }
      case 'set': {
        const filter = this.list.find(({ filter: { id } }) => id === step.id)!;
        const told = withProperty(filter.filter, step.property, step.value);
        if (filter instanceof UbpfFilter) {
          filter.retell(told);
          return;
        }
        // Switched off, a buffer lets go what it holds; switched on, its timer begins.
        if (filter instanceof BufferFilter && step.property === 'status') {
          if (step.value === 'off') yield* this.empty(filter, this.now);
          else filter.arm(this.now);
        }
        filter.filter = told;
        return;
      }
      default:
        unreachable(step);
    }
  }

  private made(filter: ChainFilter): RunningFilter {
    const version = (this.versions.get(filter.id) ?? 0) + 1;
    this.versions.set(filter.id, version);
    switch (filter.kind) {
      case 'filter-ubpf':
        return new UbpfFilter(filter, version, this.parts.partsOf(filter));
      case 'filter-dump':
        return new DumpFilter(filter, version, this.parts);
      case 'filter-buffer':
        return new BufferFilter(filter, version, this.now);
      case 'filter-mirror':
      case 'filter-redirector':
        return new DeviceFilter(filter, version);
      default:
        return unreachable(filter.kind);
    }
  }
}

/** Packets that go together: by direction, or in their order where it counts. */
function runsOf(directions: readonly FlowDirection[], isOrdered: boolean) {
  const runs: { direction: FlowDirection; places: number[] }[] = [];
  if (!isOrdered) {
    for (const direction of FLOW_DIRECTIONS) {
      const places = directions.flatMap((own, place) => (own === direction ? [place] : []));
      if (places.length > 0) runs.push({ direction, places });
    }
    return runs;
  }
  for (const [place, direction] of directions.entries()) {
    const last = runs.at(-1);
    if (last?.direction === direction) last.places.push(place);
    else runs.push({ direction, places: [place] });
  }
  return runs;
}

/** Packets of two flows of the same frames, in the order in which they came. */
function merged(flows: readonly { flow: PacketFlow; direction: FlowDirection }[]) {
  const all = flows.flatMap(({ flow, direction }) =>
    Array.from(flow.numbers, (number, place) => ({ number, place, flow, direction })),
  );
  all.sort((one, other) => one.number - other.number);
  const starts = Uint32Array.from(all, ({ flow, place }) => flow.frames.starts[place]);
  const lengths = Uint32Array.from(all, ({ flow, place }) => flow.frames.lengths[place]);
  return {
    directions: all.map(({ direction }) => direction),
    flow: {
      frames: { bytes: flows[0].flow.frames.bytes, starts, lengths },
      numbers: Float64Array.from(all, ({ number }) => number),
      times: Float64Array.from(all, ({ flow, place }) => flow.times[place]),
      rounds: 0,
    },
  };
}

/** Those of a list that act on a direction, in the order in which packets come to them. */
function acting(list: readonly RunningFilter[], direction: FlowDirection): RunningFilter[] {
  const rows = list.map((running) => {
    const { queue, status } = running.filter;
    return { queue, status, running };
  });
  return filtersAlong(rows, direction).map(({ running }) => running);
}
