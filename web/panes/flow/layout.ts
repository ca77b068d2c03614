import type { FlowFunction, FlowSizes } from '../../../core/protocol/messages.ts';
import { scaled } from '../../ui/rem.ts';

/** What graphs are placed by; flow.css has its heights from here. */
export const GRAPH_SIZES: FlowSizes = {
  row: scaled(18),
  head: scaled(24),
  character: scaled(73) / 10,
  side: scaled(20),
};
/** Between blocks one below the other. */
const GAP = scaled(8);

/** The heights for flow.css: the style of what holds blocks. */
export const HEIGHTS = {
  '--flow-row': `${GRAPH_SIZES.row}px`,
  '--flow-head': `${GRAPH_SIZES.head}px`,
  '--flow-gap': `${GAP}px`,
};

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
    tops.set(block.start, y + GRAPH_SIZES.head / 2);
    y += GRAPH_SIZES.head + block.pcs.length * GRAPH_SIZES.row;
    bottoms.set(block.start, y - GRAPH_SIZES.row / 2);
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
