import type { Engine } from '../machine/engine.ts';
import type { Machine, MachineImage } from '../machine/machine.ts';
import type { Recorder } from '../machine/recorder.ts';
import type { LoadedObject } from '../object/types.ts';
import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import { AlikeOutcomes } from '../session/alike-outcomes.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { finish, runnableSession, Session, type Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { type FrameChunk, frameAt } from './frames.ts';

/** Packets, and steps of them, that are run before others may want something. */
const PACKETS_AT_ONCE = 512;
const STEPS_AT_ONCE = 250_000;
/** The same of compiled code. */
const COMPILED_AT_ONCE = 4_000_000;

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
 * The same of packets that compiled code runs by the thousand: the outcome is that of another one,
 * which differs in its steps alone; the packet goes on as it came.
 */
export type VisitAlike = (
  packet: number,
  frame: Uint8Array,
  outcome: RunOutcome,
  steps: number,
) => void;

/** What is done with packets as they run. */
export interface Visitor {
  readonly visit: Visit;
  /**
   * Who gives it looks at outcomes alone: neither it nor `visit` finds the machine as the packet
   * left it. Else packets are run one by one.
   */
  readonly alike?: VisitAlike;
  /** How a packet's run is brought to its end, where that is looked at, too. */
  readonly complete?: Complete;
}

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
  private readonly batch: PacketBatch;
  private readonly known = new AlikeOutcomes();
  /** Steps that a packet takes, as far as it was seen lately. */
  private usualSteps = 1;
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
    this.batch = new PacketBatch(this.session);
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
  *run(place: AlongPlace, chunk: FrameChunk, behind: number, visitor: Visitor): Work<void> {
    this.stand(place);
    const end = Math.min(behind, chunk.first + chunk.count);
    const isMany = visitor.alike !== undefined && !visitor.complete && this.hasFixedGap;
    while (place.packet < end) {
      if (isMany && !place.isInside && this.usualSteps < STEPS_AT_ONCE)
        this.runMany(place, chunk, end, visitor);
      else yield* this.runSome(place, chunk, end, visitor);
      const { packet } = place;
      yield { what: `running packet ${packet}`, done: packet, total: this.index.length };
      // Others may have had the memory meanwhile.
      this.stand(place);
    }
  }

  /** A few packets, one after the other. */
  private *runSome(
    place: AlongPlace,
    chunk: FrameChunk,
    end: number,
    { visit, complete }: Visitor,
  ): Work<void> {
    for (let [packets, steps] = [0, 0]; place.packet < end; ) {
      const { packet } = place;
      const frame = frameAt(chunk, packet);
      const outcome = yield* this.runPacket(place, frame, complete);
      place.packet = packet + 1;
      visit(packet, frame, outcome);
      packets += 1;
      steps += outcome.steps;
      this.usualSteps = Math.max(1, steps / packets);
      if (packets >= PACKETS_AT_ONCE || steps >= STEPS_AT_ONCE) return;
    }
  }

  /** As many as compiled code runs in a blink of an eye. */
  private runMany(place: AlongPlace, chunk: FrameChunk, end: number, visitor: Visitor): void {
    const { first, bytes, starts, lengths } = chunk;
    const from = place.packet;
    const many = Math.ceil(COMPILED_AT_ONCE / this.usualSteps);
    const [at, behind] = [from - first, Math.min(end, from + many) - first];
    const frames = {
      bytes,
      starts: starts.subarray(at, behind),
      lengths: lengths.subarray(at, behind),
    };
    const judged = finish(this.batch.run(from, frames));
    let steps = 0;
    for (let i = 0; i < judged.count; i++) {
      const frame = frameAt(chunk, from + i);
      const alike = visitor.alike && this.known.of(judged, i);
      if (alike) visitor.alike?.(from + i, frame, alike, judged.steps[i]);
      else visitor.visit(from + i, frame, judged.outcome(i));
      steps += judged.steps[i];
    }
    this.usualSteps = Math.max(1, steps / judged.count);
    place.packet = from + judged.count;
  }

  /** Whether packets come at times that do not depend on the capture. */
  private get hasFixedGap(): boolean {
    return this.session.inputs.settings.clock === 'gap';
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
