import type { Packet } from '../types.ts';
import { CaptureFrames, captureReader, eachPacket, FORMAT_BYTES, isPlainRun } from './capture.ts';
import type { CapturedPacket } from './capture-file.ts';
import type { CaptureIndex } from './capture-index.ts';
import type { PacketRun } from './packet-run.ts';
import { CaptureWindow } from './window.ts';

/** Packets that are handed on at once: a chunk of small ones holds many. */
const BATCH = 4096;

/**
 * A capture of any size, read as its chunks come: memory holds the chunk in sight and the packets
 * of one batch. Says of the file what `readCapture` says of the same bytes.
 */
export class CaptureStream {
  private readonly frames: CaptureFrames;
  private readonly file: CaptureWindow;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private readonly index: CaptureIndex | undefined;
  private any = false;

  /**
   * `chunks`: the file as it comes, in pieces of any size; `index`: notes where in the file each
   * packet stands.
   */
  constructor(name: string, chunks: AsyncIterable<Uint8Array>, index?: CaptureIndex) {
    this.index = index;
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
    let batch: Packet[] = [];
    let given = 0;
    try {
      await this.bring(FORMAT_BYTES);
      for (const step of captureReader(this.file, this.frames.notes)) {
        for (const captured of typeof step === 'number' ? [] : eachPacket(step)) {
          this.take(captured, batch);
          if (batch.length < BATCH) continue;
          given += batch.length;
          yield batch;
          batch = [];
        }
        if (typeof step !== 'number') continue;
        if (batch.length > 0) {
          given += batch.length;
          yield batch;
          batch = [];
        }
        await this.bring(step);
      }
    } catch (error) {
      this.frames.damaged(error, this.any);
    }
    if (batch.length > 0) yield batch;
    else if (given === 0) throw this.frames.none();
  }

  /**
   * Notes every packet in the index, without making any of them; gives the offset in the file that
   * was reached after each chunk. An InputError where there are none.
   */
  async *places(): AsyncGenerator<number> {
    let given = 0;
    try {
      await this.bring(FORMAT_BYTES);
      for (const step of captureReader(this.file, this.frames.notes)) {
        if (typeof step !== 'number') {
          given += this.note(step);
          continue;
        }
        yield this.file.offset;
        await this.bring(step);
      }
    } catch (error) {
      this.frames.damaged(error, this.any);
    }
    if (given === 0) throw this.frames.none();
  }

  /** Answers how many of them can be frames. */
  private note(step: CapturedPacket | PacketRun): number {
    this.any = true;
    if (isPlainRun(step)) {
      this.index?.addRun(step);
      return step.count;
    }
    let noted = 0;
    for (const captured of eachPacket(step)) {
      if (this.frames.frame(captured) === undefined) continue;
      noted++;
      this.index?.add(captured);
    }
    return noted;
  }

  private take(captured: CapturedPacket, batch: Packet[]): void {
    this.any = true;
    const packet = this.frames.packet(captured);
    if (packet === undefined) return;
    batch.push(packet);
    this.index?.add(captured);
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
