import { present } from '../../errors.ts';
import type { CapturedPacket } from './capture-file.ts';

/** Stands for a time that the file does not say, or says as one behind the year 2262. */
export const NO_TIME = -(2n ** 63n);

/** A time as columns hold it. */
export const heldTime = (time: bigint | undefined): bigint =>
  time !== undefined && BigInt.asIntN(64, time) === time ? time : NO_TIME;

/**
 * Packets of one interface that stand one behind the other in a file, in columns: of a capture of
 * millions none has to be an object of its own.
 *
 *     bytes   | ... | packet 0 | ... | packet 1 | ...
 *                    ^ starts[0]      ^ starts[1]       lengths[0], lengths[1]
 */
export interface PacketRun {
  /** In the file, of the first of them; the others follow it. */
  readonly number: number;
  readonly count: number;
  readonly linkType: number;
  readonly checkSequence: number;
  readonly bytes: Uint8Array;
  /** Of `bytes`, in the file. */
  readonly offset: number;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
  /** Bytes on the wire. */
  readonly originals: Uint32Array;
  /** Nanoseconds since the epoch, or NO_TIME. */
  readonly times: BigInt64Array;
}

/** Frames that programs are given, of packets that need not be neighbours in their file. */
export interface FrameRun
  extends Pick<PacketRun, 'count' | 'bytes' | 'starts' | 'lengths' | 'originals' | 'times'> {
  /** In the file, from 1 on. */
  numberOf(at: number): number;
}

/** One packet of a run. */
export function packetOfRun(run: PacketRun, at: number): CapturedPacket {
  const start = present(run.starts[at], 'a packet of a run');
  const length = present(run.lengths[at], 'a packet of a run');
  const time = run.times[at];
  return {
    number: run.number + at,
    linkType: run.linkType,
    offset: run.offset + start,
    bytes: run.bytes.subarray(start, start + length),
    timestamp: time === NO_TIME ? undefined : time,
    originalLength: present(run.originals[at], 'a packet of a run'),
    checkSequence: run.checkSequence,
  };
}

/** Columns that are filled packet by packet; `taken` copies what is in them. */
export class RunColumns {
  private readonly starts: Uint32Array;
  private readonly lengths: Uint32Array;
  private readonly originals: Uint32Array;
  private readonly times: BigInt64Array;
  /** The same as halves, the low one first: a BigInt a packet would take most of the time. */
  private readonly halves: Uint32Array;
  count = 0;

  constructor(most: number) {
    this.starts = new Uint32Array(most);
    this.lengths = new Uint32Array(most);
    this.originals = new Uint32Array(most);
    this.times = new BigInt64Array(most);
    this.halves = new Uint32Array(this.times.buffer);
  }

  get isFull(): boolean {
    return this.count === this.starts.length;
  }

  /** Time as whole seconds below 2^32 and nanoseconds below 2^43. */
  add(start: number, length: number, original: number, seconds: number, nanoseconds: number): void {
    const at = this.count++;
    this.starts[at] = start;
    this.lengths[at] = length;
    this.originals[at] = original;
    // Seconds times 10^9 in two parts, each of which a double holds exactly.
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    const lower = (seconds % 0x1_0000) * 1e9 + nanoseconds + (upper % 0x1_0000) * 0x1_0000;
    const low = lower % 0x1_0000_0000;
    this.halves[2 * at] = low;
    this.halves[2 * at + 1] = Math.floor(upper / 0x1_0000) + (lower - low) / 0x1_0000_0000;
  }

  /** What was added, and nothing is left. */
  taken(): Pick<PacketRun, 'count' | 'starts' | 'lengths' | 'originals' | 'times'> {
    const { count } = this;
    this.count = 0;
    return {
      count,
      starts: this.starts.slice(0, count),
      lengths: this.lengths.slice(0, count),
      originals: this.originals.slice(0, count),
      times: this.times.slice(0, count),
    };
  }
}
