import type { Packet } from '../types.ts';
import { CaptureFrames, captureReader, FORMAT_BYTES } from './capture.ts';
import type { CaptureIndex } from './capture-index.ts';
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
  private any = false;

  /** `chunks`: the file as it comes, in pieces of any size. */
  constructor(name: string, chunks: AsyncIterable<Uint8Array>) {
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
        if (typeof step !== 'number') this.take(step, batch);
        if (batch.length >= BATCH || (typeof step === 'number' && batch.length > 0)) {
          given += batch.length;
          yield batch;
          batch = [];
        }
        if (typeof step === 'number') await this.bring(step);
      }
    } catch (error) {
      this.frames.damaged(error, this.any);
    }
    if (batch.length > 0) yield batch;
    else if (given === 0) throw this.frames.none();
  }

  /**
   * Notes every packet in an index, without making any of them; gives the offset in the file that
   * was reached after each chunk. An InputError where there are none.
   */
  async *places(index: CaptureIndex): AsyncGenerator<number> {
    try {
      await this.bring(FORMAT_BYTES);
      for (const step of captureReader(this.file, this.frames.notes, index)) {
        if (typeof step !== 'number') {
          this.any = true;
          if (this.frames.frame(step) !== undefined) index.add(step);
          continue;
        }
        yield this.file.offset;
        await this.bring(step);
      }
    } catch (error) {
      this.frames.damaged(error, this.any || index.length > 0);
    }
    if (index.length === 0) throw this.frames.none();
  }

  private take(captured: Parameters<CaptureFrames['packet']>[0], batch: Packet[]): void {
    this.any = true;
    const packet = this.frames.packet(captured);
    if (packet) batch.push(packet);
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
