import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import type { CaptureIndex, ReadAt } from '../packet/capture/capture-index.ts';
import type { CorePiece } from '../protocol/cores.ts';
import { PacketCheckpoints } from '../session/packet-checkpoints.ts';
import type { Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { CaptureClock } from './capture-clock.ts';
import { type AlongPlace, CaptureMachine, type Complete, type Visit } from './capture-machine.ts';
import { type FrameChunk, readFrames } from './frames.ts';
import type { JudgedPiece } from './spread.ts';
import { Summary } from './summary.ts';

/** What the states along a capture may take together. */
const MOST_STATES = 24 * 1024 * 1024;

/** What a batch is made of. */
export interface BatchParts {
  readonly inputs: SessionInputs;
  readonly object: LoadedObject;
  readonly linear: WebAssembly.Memory;
  readonly engine: Engine;
  readonly index: CaptureIndex;
  readonly read: ReadAt;
  readonly name: string;
}

/**
 * A program over the packets of a capture, in their order: what became of each, sums, and states on
 * the way, so that the machine can be had as it was in front of any of them. The caller owns the
 * loop: it asks for a chunk at a time, and may leave it in the middle of one.
 */
export class Batch {
  readonly inputs: SessionInputs;
  readonly engine: Engine;
  readonly machine: CaptureMachine;
  readonly summary = new Summary();
  private readonly parts: BatchParts;
  private readonly states: PacketCheckpoints;
  private readonly clock: CaptureClock;
  /** In front of the first packet that has no outcome, or where it last was that. */
  private place: AlongPlace;
  private chunk: FrameChunk | undefined;

  /** Throws an InputError where the program cannot be run. */
  constructor(parts: BatchParts) {
    const { inputs, linear, object, index, engine } = parts;
    this.parts = parts;
    this.inputs = inputs;
    this.engine = engine;
    this.machine = new CaptureMachine(inputs, linear, object, index, engine);
    this.states = new PacketCheckpoints(this.machine.start, MOST_STATES);
    this.clock = new CaptureClock(this.machine);
    this.place = CaptureMachine.placeAt(0, this.machine.start);
  }

  /** Packets that have an outcome. */
  get done(): number {
    return this.summary.outcomes.length;
  }

  /**
   * The next packets that are to be run, read from the file where they are not among those that
   * were just found; undefined where there are none.
   */
  async next(behind: number, found: readonly FrameChunk[]): Promise<FrameChunk | undefined> {
    const { packet } = this.place;
    return packet >= behind ? undefined : this.framesAt(packet, behind, found);
  }

  /** Frames with that of a packet among them, read where they are not among those. */
  async framesAt(
    packet: number,
    behind: number,
    found: readonly FrameChunk[],
  ): Promise<FrameChunk> {
    const isThere = (chunk: FrameChunk) => isIn(chunk, packet);
    const near = this.chunk && isThere(this.chunk) ? this.chunk : found.find(isThere);
    this.chunk = near ?? (await this.frames(packet, behind));
    return this.chunk;
  }

  /** The first packets, in as many pieces as are read at once. */
  async pieces(behind: number): Promise<CorePiece[]> {
    const pieces: CorePiece[] = [];
    for (let first = 0; first < behind; ) {
      const { count, bytes, starts, lengths } = await this.frames(first, behind);
      pieces.push({ first, frames: { bytes, starts, lengths } });
      first += count;
    }
    return pieces;
  }

  /** What became of the next packets elsewhere. */
  takeJudged({ columns, chunk }: JudgedPiece): void {
    this.summary.addJudged(columns, chunk, this.done - columns.first);
  }

  /**
   * Brings the machine behind the packets that ran elsewhere, so that the next ones run here;
   * answers whether it was stopped on the way.
   */
  async catchUp(drive: (work: Work<void>) => Promise<boolean>): Promise<boolean> {
    if (this.place.packet >= this.done) return false;
    const near = this.near(this.done);
    if (near.packet > this.place.packet) this.place = near;
    return !(await this.again(this.place, this.done, drive));
  }

  /** Runs them, or those of them that are left from the last time. */
  *run(chunk: FrameChunk, behind: number): Work<void> {
    const { place, machine, summary } = this;
    if (!place.isInside && this.states.isDue(place.packet, summary.steps)) {
      machine.stand(place);
      this.states.add(place.packet, summary.steps, machine.session.machine.save());
    }
    const add: Visit = (packet, frame, outcome) => summary.add(packet, frame, outcome);
    yield* machine.run(place, chunk, behind, add, undefined, summary);
  }

  /** A place of its own in front of a packet, or the nearest in front of that that is known. */
  near(packet: number): AlongPlace {
    const { clock, machine } = this;
    // What is in front of the last one before it left no trace.
    if (machine.isFresh) return CaptureMachine.placeAt(Math.max(0, packet - 1), machine.start);
    const state = this.states.before(packet);
    const border = machine.borderOf(packet, (before) => clock.at(before, this.summary.outcomes));
    return border && border.packet > state.packet
      ? border
      : CaptureMachine.placeAt(state.packet, state.image);
  }

  /**
   * Runs the packets in front of `behind` once more, from a place on: `drive` does the work of each
   * chunk, and answers whether it was stopped. Answers whether it came to the end.
   */
  async again(
    place: AlongPlace,
    behind: number,
    drive: (work: Work<void>) => Promise<boolean>,
    visit: Visit = () => {},
    complete?: Complete,
  ): Promise<boolean> {
    while (place.packet < behind) {
      const chunk = await this.frames(place.packet, behind);
      if (await drive(this.machine.run(place, chunk, behind, visit, complete))) return false;
    }
    return true;
  }

  private frames(first: number, behind: number): Promise<FrameChunk> {
    const { index, read, name } = this.parts;
    return readFrames(index, read, name, first, behind);
  }
}

const isIn = (chunk: FrameChunk | undefined, packet: number): chunk is FrameChunk =>
  chunk !== undefined && packet >= chunk.first && packet < chunk.first + chunk.count;
