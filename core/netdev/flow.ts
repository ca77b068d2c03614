import type { Frames } from '../session/batch-frames.ts';
import { FLOW_DIRECTIONS, type FlowDirection } from '../spec/net-filters.ts';

/**
 * Packets that travel one behind the other. `frames`: where their bytes are; `numbers`: which of
 * the traffic they are, from 0 on; `times`: nanoseconds since the traffic began.
 */
export interface PacketFlow {
  readonly frames: Frames;
  readonly numbers: Float64Array;
  readonly times: Float64Array;
  /** How often they have come out of a character device and into the chain again. */
  readonly rounds: number;
}

export const flowCount = ({ numbers }: PacketFlow): number => numbers.length;

/** Some of them: by places, or those from one to another. */
export function someOf(
  { frames, numbers, times, rounds }: PacketFlow,
  places: readonly number[],
): PacketFlow {
  const count = places.length;
  const starts = new Uint32Array(count);
  const lengths = new Uint32Array(count);
  const itsNumbers = new Float64Array(count);
  const itsTimes = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const place = places[i];
    starts[i] = frames.starts[place];
    lengths[i] = frames.lengths[place];
    itsNumbers[i] = numbers[place];
    itsTimes[i] = times[place];
  }
  return {
    frames: { bytes: frames.bytes, starts, lengths },
    numbers: itsNumbers,
    times: itsTimes,
    rounds,
  };
}

export const partOf = (flow: PacketFlow, from: number, behind: number): PacketFlow => ({
  frames: {
    bytes: flow.frames.bytes,
    starts: flow.frames.starts.subarray(from, behind),
    lengths: flow.frames.lengths.subarray(from, behind),
  },
  numbers: flow.numbers.subarray(from, behind),
  times: flow.times.subarray(from, behind),
  rounds: flow.rounds,
});

/** The bytes of one. */
export function flowFrame(
  { frames: { bytes, starts, lengths } }: PacketFlow,
  place: number,
): Uint8Array {
  return bytes.subarray(starts[place], starts[place] + lengths[place]);
}

/** A number for each direction. */
export type PerDirection = Record<FlowDirection, number>;

export const perDirection = (): PerDirection => ({ 'to-guest': 0, 'from-guest': 0 });

export const ofBoth = (counts: PerDirection): number =>
  FLOW_DIRECTIONS.reduce((sum, direction) => sum + counts[direction], 0);
