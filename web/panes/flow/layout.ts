import type { FlowFunction } from '../../../core/protocol/messages.ts';

/**
 * Heights of a row of code, of a block's head, and of the room between blocks; flow.css has the
 * same.
 */
export const ROW = 18;
const HEAD = 24;
const GAP = 8;

/** A jump drawn beside the blocks, in a lane of its own where others are in the way. */
export interface Way {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly fromY: number;
  readonly toY: number;
  readonly lane: number;
}

export interface FlowLayout {
  readonly ways: readonly Way[];
  readonly height: number;
  readonly lanes: number;
}

const MOST_LANES = 12;

/**
 * Places every jump that does not simply go on to the next block: short ones inside, each lane free
 * of overlaps.
 */
export function layoutOf({ blocks }: Pick<FlowFunction, 'blocks'>): FlowLayout {
  const tops = new Map<number, number>();
  const bottoms = new Map<number, number>();
  let y = 0;
  for (const block of blocks) {
    tops.set(block.start, y + HEAD / 2);
    y += HEAD + block.pcs.length * ROW;
    bottoms.set(block.start, y - ROW / 2);
    y += GAP;
  }
  const jumps = blocks.flatMap((block, i) =>
    block.ways
      .filter((way) => way.to !== blocks[i + 1]?.start && tops.has(way.to))
      .map((way) => ({
        from: block.start,
        to: way.to,
        count: way.count,
        fromY: bottoms.get(block.start)!,
        toY: tops.get(way.to)!,
      })),
  );
  const lanes: { top: number; bottom: number }[][] = [];
  const ways = jumps
    .sort((a, b) => Math.abs(a.fromY - a.toY) - Math.abs(b.fromY - b.toY))
    .map((jump) => {
      const span = { top: Math.min(jump.fromY, jump.toY), bottom: Math.max(jump.fromY, jump.toY) };
      const free = lanes.findIndex((lane) =>
        lane.every((other) => span.top > other.bottom || span.bottom < other.top),
      );
      const lane = free >= 0 ? free : Math.min(lanes.length, MOST_LANES - 1);
      lanes[lane] = [...(lanes[lane] ?? []), span];
      return { ...jump, lane };
    });
  return { ways, height: y, lanes: lanes.length };
}
