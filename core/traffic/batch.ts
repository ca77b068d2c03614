import type { Engine } from '../machine/engine.ts';
import type { LoadedObject } from '../object/types.ts';
import type { CaptureIndex, ReadAt } from '../packet/capture/capture-index.ts';
import { PacketCheckpoints } from '../session/packet-checkpoints.ts';
import type { Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { type AlongPlace, CaptureMachine, type Complete, type Visit } from './capture-machine.ts';
import { type FrameChunk, readFrames } from './frames.ts';
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
  /** In front of the first packet that has no outcome. */
  private readonly place: AlongPlace;
  private chunk: FrameChunk | undefined;

  /** Throws an InputError where the program cannot be run. */
  constructor(parts: BatchParts) {
    const { inputs, linear, object, index, engine } = parts;
    this.parts = parts;
    this.inputs = inputs;
    this.engine = engine;
    this.machine = new CaptureMachine(inputs, linear, object, index, engine);
    this.states = new PacketCheckpoints(this.machine.start, MOST_STATES);
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
    if (packet >= behind) return undefined;
    if (!isIn(this.chunk, packet))
      this.chunk =
        found.find((chunk) => isIn(chunk, packet)) ?? (await this.frames(packet, behind));
    return this.chunk;
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
    const state = this.states.before(packet);
    return CaptureMachine.placeAt(state.packet, state.image);
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
