import type { Engine } from '../machine/engine.ts';
import type { Machine, MachineImage } from '../machine/machine.ts';
import type { Recorder } from '../machine/recorder.ts';
import type { LoadedObject } from '../object/types.ts';
import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { runnableSession, Session, type Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { type FrameChunk, frameAt } from './frames.ts';

/** Packets, and steps of them, that are run before others may want something. */
const PACKETS_AT_ONCE = 512;
const STEPS_AT_ONCE = 250_000;

/** A place along a capture: the machine in front of a packet, or in the middle of its run. */
export interface AlongPlace {
  packet: number;
  isInside: boolean;
  image: MachineImage;
}

/** Brings a packet's run to its end; its outcome is looked at behind it. */
export type Complete = (packet: number) => Work<void>;

/** What is told of each packet that has run. */
export type Visit = (packet: number, frame: Uint8Array, outcome: RunOutcome) => void;

/**
 * The machine that runs the packets of a capture one after the other: what each leaves in maps,
 * clock and chance is there for the next. It stands at one of several places at a time, since one
 * linear memory has room for one machine; so does whoever uses the memory beside it.
 */
export class CaptureMachine {
  readonly session: Session & { readonly machine: Machine };
  /** In front of the first packet. */
  readonly start: MachineImage;
  private readonly index: CaptureIndex;
  private readonly recorder: Recorder | null;
  private at: AlongPlace | undefined;

  /** Throws an InputError where the program cannot be run. */
  constructor(
    inputs: SessionInputs,
    linear: WebAssembly.Memory,
    object: LoadedObject,
    index: CaptureIndex,
    engine: Engine,
  ) {
    const { edits: _edits, capture: _capture, ...others } = inputs;
    const session = new Session({ ...others, packets: [], packet: 0, step: 0 }, linear, object);
    session.runBy(engine);
    session.load(MAX_PACKET);
    this.session = runnableSession(session);
    this.index = index;
    this.start = this.session.machine.save();
    this.recorder = this.session.machine.recorder;
  }

  /** A place of its own in front of a packet, where the machine is as in the image. */
  static placeAt(packet: number, image: MachineImage): AlongPlace {
    return { packet, isInside: false, image };
  }

  /** Makes the machine what it is at a place. */
  stand(place: AlongPlace): void {
    if (this.at === place) return;
    this.leave();
    const { machine } = this.session;
    machine.recorder = null;
    machine.restore(place.image);
    this.at = place;
  }

  /** Others may use the linear memory: the place that it stands at can be taken up again. */
  leave(): void {
    const { machine } = this.session;
    if (this.at) this.at.image = machine.save();
    this.at = undefined;
    machine.recorder = this.recorder;
  }

  /**
   * Runs the packets of a chunk from the place on, up to `behind`; gives back between packets, and
   * in the middle of a long run. Given up anywhere, it goes on from there the next time.
   */
  *run(
    place: AlongPlace,
    chunk: FrameChunk,
    behind: number,
    visit: Visit,
    complete?: Complete,
  ): Work<void> {
    this.stand(place);
    const end = Math.min(behind, chunk.first + chunk.count);
    for (let [packets, steps] = [0, 0]; place.packet < end; ) {
      const { packet } = place;
      const frame = frameAt(chunk, packet);
      const outcome = yield* this.runPacket(place, frame, complete);
      place.packet = packet + 1;
      visit(packet, frame, outcome);
      packets += 1;
      steps += outcome.steps;
      if (packets < PACKETS_AT_ONCE && steps < STEPS_AT_ONCE) continue;
      [packets, steps] = [0, 0];
      yield { what: `running packet ${packet + 1}`, done: packet + 1, total: this.index.length };
      // Others may have had the memory meanwhile.
      this.stand(place);
    }
  }

  private *runPacket(place: AlongPlace, frame: Uint8Array, complete?: Complete): Work<RunOutcome> {
    const { session } = this;
    if (place.isInside) session.resumeFrame();
    else session.beginFrame(place.packet, frame, this.arrivalBehind(place.packet));
    place.isInside = true;
    if (complete && session.bypass === undefined) yield* complete(place.packet);
    const outcome = yield* session.completeFrame(place.packet, frame);
    place.isInside = false;
    return outcome;
  }

  /** When the packet behind one comes. */
  private arrivalBehind(packet: number) {
    const { index, session } = this;
    const next = packet + 1 < index.length ? index.timeOf(packet + 1) : undefined;
    return session.arrivalOf(next, index.firstTime);
  }

  /** The machine at a place, with the time passed that lies between the packets. */
  arriveAt(place: AlongPlace): MachineImage {
    this.stand(place);
    const { machine } = this.session;
    const here = machine.save();
    if (place.packet > 0) machine.passTime();
    machine.surroundings.next = this.arrivalBehind(place.packet);
    const there = machine.save();
    machine.restore(here);
    return there;
  }
}
