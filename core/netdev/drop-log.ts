import type { FlowDirection } from '../spec/net-filters.ts';
import { flowCount, type PacketFlow } from './flow.ts';

/** A packet that a filter dropped. */
export interface Drop {
  /** Counts all drops of the run, from 0 on. */
  readonly index: number;
  /** Of the traffic, from 0 on. */
  readonly packet: number;
  readonly id: string;
  readonly version: number;
  readonly direction: FlowDirection;
  /** Nanoseconds since the traffic began. */
  readonly time: number;
}

/** Drops that are kept. */
export const MOST_DROPS = 1000;

/** The last drops of a run; what is not kept any more is counted. */
export class DropLog {
  private readonly kept: Drop[] = [];
  private all = 0;

  get count(): number {
    return this.all;
  }

  get notKept(): number {
    return this.all - this.kept.length;
  }

  add(flow: PacketFlow, id: string, version: number, direction: FlowDirection): void {
    const count = flowCount(flow);
    const left = Math.max(0, count - MOST_DROPS);
    for (let place = left; place < count; place++) {
      const index = this.all + place;
      const drop = {
        index,
        packet: flow.numbers[place],
        id,
        version,
        direction,
        time: flow.times[place],
      };
      this.kept[index % MOST_DROPS] = drop;
    }
    this.all += count;
  }

  /** One that is kept still. */
  at(index: number): Drop | undefined {
    const drop = this.kept[index % MOST_DROPS];
    return drop?.index === index ? drop : undefined;
  }

  /** The last ones, at most so many, the last first. */
  last(most: number): Drop[] {
    const drops: Drop[] = [];
    for (let index = this.all - 1; index >= 0 && drops.length < most; index--) {
      const drop = this.at(index);
      if (drop === undefined) break;
      drops.push(drop);
    }
    return drops;
  }
}
