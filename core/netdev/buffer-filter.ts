import type { Work } from '../session/session.ts';
import { type FlowDirection, MOST_HELD } from '../spec/net-filters.ts';
import { propertyOf } from './chain.ts';
import { type FilterCounts, noCounts } from './counters.ts';
import type { Passed, RunningFilter } from './filter.ts';
import { flowCount, flowFrame, type PacketFlow, partOf } from './flow.ts';
import { packed } from './source.ts';
import type { ChainFilter } from './types.ts';

interface Held {
  readonly bytes: Uint8Array;
  readonly number: number;
  readonly time: number;
  readonly rounds: number;
  readonly direction: FlowDirection;
}

/** Packets of one direction that are let go together. */
export interface Released {
  readonly direction: FlowDirection;
  readonly flow: PacketFlow;
}

const MICROSECOND = 1000;

/**
 * filter-buffer: takes all packets and lets them go each interval of virtual time, counted from
 * when it was made or switched on (net/filter-buffer.c).
 */
export class BufferFilter implements RunningFilter {
  filter: ChainFilter;
  readonly version: number;
  readonly counts: FilterCounts = noCounts();
  /** When it lets packets go next, nanoseconds since the traffic began. */
  due: number;
  private held: Held[] = [];

  constructor(filter: ChainFilter, version: number, now: number) {
    this.filter = filter;
    this.version = version;
    this.due = now + this.interval;
  }

  private get interval(): number {
    return MICROSECOND * Number(propertyOf(this.filter, 'interval'));
  }

  get holds(): number {
    return this.held.length;
  }

  /** The timer begins anew. */
  arm(now: number): void {
    this.due = now + this.interval;
  }

  // biome-ignore lint/correctness/useYield: nothing in it takes long
  *pass(flow: PacketFlow, direction: FlowDirection): Work<Passed> {
    const taken = Math.min(flowCount(flow), MOST_HELD - this.held.length);
    for (let place = 0; place < taken; place++)
      this.held.push({
        bytes: flowFrame(flow, place).slice(),
        number: flow.numbers[place],
        time: flow.times[place],
        rounds: flow.rounds,
        direction,
      });
    this.counts.seen[direction] += flowCount(flow);
    this.counts.stolen[direction] += taken;
    this.counts.dropped[direction] += flowCount(flow) - taken;
    const on = partOf(flow, 0, 0);
    return taken === flowCount(flow)
      ? { on }
      : { on, dropped: partOf(flow, taken, flowCount(flow)) };
  }

  /** Lets all of them go, in the order in which they came; those of one direction together. */
  release(now: number): Released[] {
    const held = this.held.sort((one, other) => one.time - other.time || one.number - other.number);
    this.held = [];
    const runs: Released[] = [];
    for (let from = 0; from < held.length; ) {
      const { direction, rounds } = held[from];
      let behind = from;
      while (behind < held.length && isAlike(held[behind], held[from])) behind++;
      const some = held.slice(from, behind);
      this.counts.released[direction] += some.length;
      runs.push({
        direction,
        flow: {
          frames: packed(some.map(({ bytes }) => bytes)),
          numbers: Float64Array.from(some, ({ number }) => number),
          times: new Float64Array(some.length).fill(now),
          rounds,
        },
      });
      from = behind;
    }
    return runs;
  }

  /** Goes on to the first time behind `now` at which it lets packets go. */
  passTime(now: number): void {
    if (this.due > now) return;
    this.due += this.interval * (Math.floor((now - this.due) / this.interval) + 1);
  }
}

const isAlike = (one: Held, other: Held): boolean =>
  one.direction === other.direction && one.rounds === other.rounds;
