import { Bug } from '../errors.ts';
import type { CorePiece, CoreReply, CoreWish } from '../protocol/cores.ts';
import type { SessionInputs } from '../session/types.ts';
import type { FrameChunk } from './frames.ts';
import { type JudgedColumns, MOST_JUDGED } from './judged-columns.ts';

/** A worker that runs pieces of a capture, from outside. */
export interface CorePort {
  post(wish: CoreWish, moved: ArrayBuffer[]): void;
  end(): void;
}

/** What is heard of one. */
export interface CoreListener {
  heard(reply: CoreReply): void;
  broke(words: string): void;
}

/** Makes one; throws where there can be none. */
export type MakeCore = (listener: CoreListener) => CorePort;

/** Bytes of a piece, and pieces that a worker has at a time: one that it runs, and the next. */
const MOST_BYTES = 1024 * 1024;
const MOST_PIECES = 2;

interface Core {
  readonly port: CorePort;
  pieces: number;
  /** Behind the last packet it was given. */
  end: number;
}

/** What became of a piece, with its frames. */
export interface JudgedPiece {
  readonly columns: JudgedColumns;
  readonly chunk: FrameChunk;
}

/**
 * The packets of a capture over several workers: pieces go out in their order, and what became of
 * them comes back in it. A piece that begins at the border of a stretch goes to whoever has least
 * to do, one in the middle of a stretch to who has what is in front of it.
 */
export class Spread {
  private readonly cores: Core[] = [];
  /** Packets of a stretch. */
  private readonly stretch: number;
  /** By the place of their first packet: frames of pieces that are under way. */
  private readonly chunks = new Map<number, FrameChunk>();
  private readonly judged = new Map<number, JudgedColumns>();
  /** The first packet that nobody has, and the first whose outcome was not taken. */
  private handedOut = 0;
  private taken = 0;
  private trouble: string | undefined;
  private wake: (() => void) | undefined;

  /** `warmUp`: what each worker runs in front of all else. */
  constructor(
    make: MakeCore,
    count: number,
    set: { readonly inputs: SessionInputs; readonly engine: string; readonly stretch: number },
    warmUp: readonly CorePiece[],
  ) {
    this.stretch = set.stretch;
    const { inputs, engine } = set;
    while (this.cores.length < count) {
      const core: Core = { port: make(this.listenerOf(this.cores.length)), pieces: 0, end: 0 };
      this.cores.push(core);
      core.port.post({ type: 'begin', inputs, engine }, []);
      for (const piece of warmUp) this.send(core, piece.first, copied(piece.frames));
    }
  }

  /** Whether one of them is through with what each runs first. */
  get isWarm(): boolean {
    return this.trouble !== undefined || this.cores.some(({ pieces }) => pieces === 0);
  }

  /** The first packet that is handed out, at a border. */
  startAt(packet: number): void {
    this.handedOut = packet;
    this.taken = packet;
  }

  /** The first packet that nobody was given. */
  get next(): number {
    return this.handedOut;
  }

  /** Why it cannot go on; undefined: it can. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** Whether somebody can be given the next packets. */
  get hasRoom(): boolean {
    return this.receiver !== undefined;
  }

  /** Hands out the next packets, as many of the chunk as one piece has. */
  handOut(chunk: FrameChunk, behind: number): void {
    const { receiver, handedOut: first } = this;
    if (receiver === undefined) throw new Bug('no worker has room for a piece');
    const end = this.endOf(chunk, first, Math.min(behind, chunk.first + chunk.count));
    this.handedOut = end;
    this.chunks.set(first, chunk);
    const [from, to] = [first - chunk.first, end - chunk.first];
    const starts = chunk.starts.subarray(from, to);
    const lengths = chunk.lengths.subarray(from, to);
    this.send(receiver, first, copied({ bytes: chunk.bytes, starts, lengths }));
  }

  /** What became of the next piece; undefined: it is not there yet. */
  take(): JudgedPiece | undefined {
    const columns = this.judged.get(this.taken);
    const chunk = this.chunks.get(this.taken);
    if (columns === undefined || chunk === undefined) return undefined;
    this.judged.delete(columns.first);
    this.chunks.delete(columns.first);
    this.taken += columns.count;
    return { columns, chunk };
  }

  get hasNews(): boolean {
    return this.judged.has(this.taken) || this.trouble !== undefined;
  }

  /** Until something is heard, at most so many ms. */
  async wait(most: number): Promise<void> {
    if (this.hasNews) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, most);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  end(): void {
    for (const { port } of this.cores) port.end();
    this.cores.length = 0;
  }

  /** Who is given the next packets. */
  private get receiver(): Core | undefined {
    const hasRoom = ({ pieces }: Core): boolean => pieces < MOST_PIECES;
    if (this.handedOut % this.stretch !== 0)
      return this.cores.find((core) => core.end === this.handedOut && hasRoom(core));
    const free = this.cores.filter(hasRoom);
    return free.find(({ pieces }) => pieces === 0) ?? free[0];
  }

  /** Where the piece ends: at a border, where there is one in it. */
  private endOf({ first, lengths }: FrameChunk, from: number, behind: number): number {
    let bytes = 0;
    let end = from;
    while (end < behind && end - from < MOST_JUDGED) {
      bytes += lengths[end - first];
      if (bytes > MOST_BYTES && end > from) break;
      end++;
    }
    const border = end - (end % this.stretch);
    return border > from ? border : end;
  }

  private send(core: Core, first: number, frames: CorePiece['frames']): void {
    core.pieces += 1;
    core.end = first + frames.starts.length;
    const moved = [frames.bytes, frames.starts, frames.lengths].map(({ buffer }) => buffer);
    core.port.post({ type: 'run', piece: { first, frames } }, moved as ArrayBuffer[]);
  }

  private listenerOf(number: number): CoreListener {
    return {
      heard: (reply) => {
        if (reply.kind === 'broke') this.trouble ??= reply.message;
        else {
          this.cores[number].pieces -= 1;
          // Nobody waits for what became of the first packets once more.
          if (this.chunks.has(reply.columns.first))
            this.judged.set(reply.columns.first, reply.columns);
        }
        this.wake?.();
      },
      broke: (words) => {
        this.trouble ??= words;
        this.wake?.();
      },
    };
  }
}

/** The frames in buffers of their own, which can be moved to a worker. */
function copied({ bytes, starts, lengths }: CorePiece['frames']): CorePiece['frames'] {
  let [low, high] = [bytes.length, 0];
  for (let i = 0; i < starts.length; i++) {
    low = Math.min(low, starts[i]);
    high = Math.max(high, starts[i] + lengths[i]);
  }
  return {
    bytes: bytes.slice(low, Math.max(low, high)),
    starts: starts.map((start) => start - low),
    lengths: lengths.slice(),
  };
}
