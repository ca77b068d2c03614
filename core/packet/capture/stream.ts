import { joined } from '../../bytes/joined.ts';
import { present } from '../../errors.ts';
import type { Packet } from '../types.ts';
import { CaptureFrames, captureReader, eachPacket, FORMAT_BYTES, isPlainRun } from './capture.ts';
import type { CapturedPacket } from './capture-file.ts';
import type { CaptureIndex } from './capture-index.ts';
import { type FrameRun, heldTime, NO_TIME, type PacketRun } from './packet-run.ts';
import { CaptureWindow } from './window.ts';

/** Packets that are handed on at once: a chunk of small ones holds many. */
const BATCH = 4096;

/** Packets of a run, with the place of the first of them in the index. */
export interface NotedRun extends PacketRun {
  readonly first: number;
}

/**
 * A capture of any size, read as its chunks come: memory holds the chunk in sight and the packets
 * of one batch. Says of the file what `readCapture` says of the same bytes.
 */
export class CaptureStream {
  readonly name: string;
  private readonly frames: CaptureFrames;
  private readonly file: CaptureWindow;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private any = false;

  /** `chunks`: the file as it comes, in pieces of any size. */
  constructor(name: string, chunks: AsyncIterable<Uint8Array>) {
    this.name = name;
    this.frames = new CaptureFrames(name);
    this.file = new CaptureWindow(name);
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** What was changed and what was left out, so far. */
  get notes(): string[] {
    return this.frames.said();
  }

  /** The packets in their order, a few thousand at once; an InputError where there are none. */
  async *batches(): AsyncGenerator<Packet[]> {
    for await (const run of this.runs())
      for (let from = 0; from < run.count; from += BATCH)
        yield packetsOfRun(this.name, run, from, Math.min(run.count, from + BATCH));
  }

  /** The same as frames in columns: of a capture of millions none is an object of its own. */
  async *runs(): AsyncGenerator<FrameRun> {
    const waiting: CapturedPacket[] = [];
    let given = 0;
    try {
      await this.bring(FORMAT_BYTES);
      for (const step of captureReader(this.file, this.frames.notes)) {
        const isPlain = typeof step !== 'number' && isPlainRun(step);
        if (typeof step !== 'number' && !isPlain) waiting.push(...eachPacket(step));
        if (
          waiting.length >= BATCH ||
          (waiting.length > 0 && (isPlain || typeof step === 'number'))
        ) {
          const run = this.framesOf(waiting.splice(0));
          given += run.count;
          if (run.count > 0) yield run;
        }
        if (isPlain) {
          this.any = true;
          given += step.count;
          yield { ...step, numberOf: (at) => step.number + at };
        }
        if (typeof step === 'number') await this.bring(step);
      }
    } catch (error) {
      this.frames.damaged(error, this.any || waiting.length > 0);
    }
    const run = this.framesOf(waiting);
    if (run.count > 0) yield run;
    else if (given === 0) throw this.frames.none();
  }

  /** Those that can be frames, one behind the other. */
  private framesOf(packets: readonly CapturedPacket[]): FrameRun {
    const made = packets.flatMap((captured) => {
      this.any = true;
      const frame = this.frames.frame(captured);
      return frame ? [{ captured, frame }] : [];
    });
    const starts = new Uint32Array(made.length);
    for (let at = 1; at < made.length; at++)
      starts[at] = (starts[at - 1] ?? 0) + (made[at - 1]?.frame.length ?? 0);
    return {
      count: made.length,
      bytes: joined(made.map(({ frame }) => frame)),
      starts,
      lengths: Uint32Array.from(made, ({ frame }) => frame.length),
      originals: Uint32Array.from(
        made,
        ({ captured: { originalLength, bytes }, frame }) =>
          frame.length + Math.max(0, originalLength - bytes.length),
      ),
      times: BigInt64Array.from(made, ({ captured }) => heldTime(captured.timestamp)),
      numberOf: (at) => present(made[at], 'a packet of a run').captured.number,
    };
  }

  /**
   * Notes every packet in the index, without making any of them. Gives, after each chunk, the runs
   * in it whose packets are their frames, in its bytes. An InputError where there are none.
   */
  async *places(index: CaptureIndex): AsyncGenerator<readonly NotedRun[]> {
    let runs: NotedRun[] = [];
    try {
      await this.bring(FORMAT_BYTES);
      for (const step of captureReader(this.file, this.frames.notes)) {
        if (typeof step !== 'number') {
          if (isPlainRun(step)) runs.push({ ...step, first: index.length });
          this.note(step, index);
          continue;
        }
        yield runs;
        runs = [];
        await this.bring(step);
      }
    } catch (error) {
      this.frames.damaged(error, this.any);
    }
    if (index.length === 0) throw this.frames.none();
  }

  private note(step: CapturedPacket | PacketRun, index: CaptureIndex): void {
    this.any = true;
    if (isPlainRun(step)) index.addRun(step);
    else
      for (const captured of eachPacket(step))
        if (this.frames.frame(captured) !== undefined) index.add(captured);
  }

  /** Chunks until so many bytes are in sight, or the file has ended. */
  private async bring(size: number): Promise<void> {
    const came: Uint8Array[] = [];
    for (let there = this.file.left; there < size; ) {
      const { done, value } = await this.chunks.next();
      if (done) break;
      came.push(value);
      there += value.length;
    }
    if (came.length > 0) this.file.add(came);
  }
}

/** Packets of a run as objects, whose names say their numbers in the file. */
function packetsOfRun(name: string, run: FrameRun, from: number, behind: number): Packet[] {
  const { bytes, starts, lengths, originals, times } = run;
  return Array.from({ length: behind - from }, (_, i) => {
    const at = from + i;
    const [start = 0, length = 0, original = 0] = [starts[at], lengths[at], originals[at]];
    const timestamp = times[at];
    return {
      name: `${name} #${run.numberOf(at)}`,
      bytes: bytes.subarray(start, start + length),
      ...(timestamp !== NO_TIME && { timestamp }),
      ...(original > length && { originalLength: original }),
    };
  });
}
