import type { CaptureIndex, ReadAt } from '../packet/capture/capture-index.ts';
import type { SessionPacket } from '../session/types.ts';
import { type FrameChunk, readFrames } from '../traffic/frames.ts';
import type { Flow } from './flow.ts';

/** Where the packets come from that flow through a chain. */
export interface ChainSource {
  readonly name: string;
  /** Packets that are known so far. */
  readonly length: number;
  /** There are no others. */
  readonly isWhole: boolean;
  /** When the first one comes, nanoseconds since the epoch. */
  readonly start: bigint;
  /** When one comes, nanoseconds since the traffic began: never before the one in front of it. */
  timeOf(number: number): number;
  /** Packets from a number on, those in front of `behind` or fewer; at least one. */
  read(from: number, behind: number): Promise<Flow>;
}

/** Times of packets that a capture may have in any order, or not at all. */
class Times {
  private readonly known: number[] = [];
  private readonly asked: (number: number) => bigint | undefined;
  private readonly gap: number;
  readonly start: bigint;

  /** `gap`: nanoseconds to the next packet, where the capture does not say. */
  constructor(start: bigint, gap: number, asked: (number: number) => bigint | undefined) {
    this.start = start;
    this.gap = gap;
    this.asked = asked;
  }

  of(number: number): number {
    for (let at = this.known.length; at <= number; at++) {
      const said = this.asked(at);
      const before = this.known[at - 1] ?? 0;
      const since = said === undefined ? before + (at > 0 ? this.gap : 0) : said - this.start;
      this.known.push(Math.max(before, Number(since)));
    }
    return this.known[number];
  }
}

/** Between packets whose capture does not say when they came: 100,000 a second. */
const GAP = 10_000;

/** A chunk of frames as they flow. */
function flowOfChunk(chunk: FrameChunk, timeOf: (number: number) => number): Flow {
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
function inOrder(frames: Flow['frames']): Flow['frames'] {
  const { bytes, starts, lengths } = frames;
  if (starts.every((start, i) => i === 0 || start >= starts[i - 1] + lengths[i - 1])) return frames;
  return packed(Array.from(starts, (start, i) => bytes.subarray(start, start + lengths[i])));
}

/** Frames one behind the other in bytes of their own. */
export function packed(list: readonly Uint8Array[]): Flow['frames'] {
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
export function sourceOfPackets(name: string, packets: readonly SessionPacket[]): ChainSource {
  const first = packets.find(({ time }) => time !== undefined)?.time;
  const times = new Times(BigInt(first ?? 0), GAP, (number) => {
    const { time } = packets[number];
    return time === undefined ? undefined : BigInt(time);
  });
  return {
    name,
    length: packets.length,
    isWhole: true,
    start: times.start,
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
  const times = new Times(index.firstTime ?? 0n, GAP, (number) => index.timeOf(number));
  const timeOf = (number: number): number => times.of(number);
  return {
    name: file.name,
    get length() {
      return index.length;
    },
    get isWhole() {
      return capture.isFound;
    },
    start: times.start,
    timeOf,
    read: async (from, behind) =>
      flowOfChunk(await readFrames(index, file.read, file.name, from, behind), timeOf),
  };
}
