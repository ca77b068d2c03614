import { NumberColumn } from '../bytes/number-column.ts';
import type { CaptureIndex, ReadAt } from '../packet/capture/capture-index.ts';
import type { SessionInputs } from '../session/types.ts';
import { type FrameChunk, readFrames } from '../traffic/frames.ts';
import type { PacketFlow } from './flow.ts';

/** Where the packets come from that flow through a chain. */
export interface ChainSource {
  readonly name: string;
  /** Where they are all of a session's. */
  readonly packets?: SessionInputs['packets'];
  /** Of a file that is open. */
  readonly isCapture?: true;
  /** Packets that are known so far. */
  readonly length: number;
  /** There are no others. */
  readonly isWhole: boolean;
  /** When the first one comes, nanoseconds since the epoch. */
  readonly start: bigint;
  /** When one comes, nanoseconds since the traffic began: never before the one in front of it. */
  timeOf(number: number): number;
  /** Packets from a number on, those in front of `behind` or fewer; at least one. */
  read(from: number, behind: number): Promise<PacketFlow>;
}

/** Between packets whose capture does not say when they came: 100,000 a second. */
const GAP = 10_000;

/**
 * When packets come, nanoseconds since the first: a capture may say times in any order, or none,
 * but no packet flows before the one in front of it.
 */
export class ArrivalTimes {
  private start: bigint | undefined;
  private last: number | undefined;

  /** Of the next packet; `said`: nanoseconds since the epoch. */
  next(said: bigint | undefined): number {
    const usual = this.last === undefined ? 0 : this.last + GAP;
    if (said !== undefined) this.start ??= said;
    const since = said === undefined ? usual : Number(said - this.start!);
    this.last = Math.min(Number.MAX_SAFE_INTEGER, Math.max(this.last ?? 0, since));
    return this.last;
  }
}

/** The same for packets by their numbers. */
class KnownTimes {
  private readonly times = new ArrivalTimes();
  private readonly known = new NumberColumn();
  private readonly said: (number: number) => bigint | undefined;

  constructor(said: (number: number) => bigint | undefined) {
    this.said = said;
  }

  of(number: number): number {
    for (let at = this.known.length; at <= number; at++)
      this.known.push(this.times.next(this.said(at)));
    return this.known.at(number);
  }
}

/** A chunk of frames as they flow. */
function flowOfChunk(chunk: FrameChunk, timeOf: (number: number) => number): PacketFlow {
  const { first, count, bytes, starts, lengths } = chunk;
  const numbers = Float64Array.from({ length: count }, (_, i) => first + i);
  return {
    frames: inOrder({ bytes, starts, lengths }),
    numbers,
    times: numbers.map(timeOf),
    rounds: 0,
  };
}

/** Frames that lie in the order in which they come: what runs them takes them so. */
function inOrder(frames: PacketFlow['frames']): PacketFlow['frames'] {
  const { bytes, starts, lengths } = frames;
  if (starts.every((start, i) => i === 0 || start >= starts[i - 1] + lengths[i - 1])) return frames;
  return packed(Array.from(starts, (start, i) => bytes.subarray(start, start + lengths[i])));
}

/** Frames one behind the other in bytes of their own. */
export function packed(list: readonly Uint8Array[]): PacketFlow['frames'] {
  const lengths = Uint32Array.from(list, ({ length }) => length);
  const starts = new Uint32Array(list.length);
  let size = 0;
  for (let i = 0; i < list.length; i++) {
    starts[i] = size;
    size += lengths[i];
  }
  const bytes = new Uint8Array(size);
  for (let i = 0; i < list.length; i++) bytes.set(list[i], starts[i]);
  return { bytes, starts, lengths };
}

/** Packets of a session. */
export function sourceOfPackets(name: string, packets: SessionInputs['packets']): ChainSource {
  const first = packets.find(({ time }) => time !== undefined)?.time;
  const times = new KnownTimes((number) => {
    const { time } = packets[number];
    return time === undefined ? undefined : BigInt(time);
  });
  return {
    name,
    packets,
    length: packets.length,
    isWhole: true,
    start: BigInt(first ?? 0),
    timeOf: (number) => times.of(number),
    read: async (from, behind) => {
      const some = packets.slice(from, behind);
      return {
        frames: packed(some.map(({ bytes }) => bytes)),
        numbers: Float64Array.from(some, (_, i) => from + i),
        times: Float64Array.from(some, (_, i) => times.of(from + i)),
        rounds: 0,
      };
    },
  };
}

/** A capture of any size as far as it was found. */
export interface FoundCapture {
  readonly file: { readonly name: string; readonly read: ReadAt };
  readonly index: CaptureIndex;
  readonly isFound: boolean;
}

export function sourceOfCapture(capture: FoundCapture): ChainSource {
  const { file, index } = capture;
  const times = new KnownTimes((number) => index.timeOf(number));
  const timeOf = (number: number): number => times.of(number);
  return {
    name: file.name,
    isCapture: true,
    get length() {
      return index.length;
    },
    get isWhole() {
      return capture.isFound;
    },
    start: index.firstTime ?? 0n,
    timeOf,
    read: async (from, behind) => {
      const end = Math.min(behind, index.length);
      return flowOfChunk(await readFrames(index, file.read, file.name, from, end), timeOf);
    },
  };
}
