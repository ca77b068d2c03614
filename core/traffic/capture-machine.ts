import type { Watched } from '../jit/compiled-code.ts';
import { compiledCodeOf } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import type { Machine, MachineImage } from '../machine/machine.ts';
import type { Recorder } from '../machine/recorder.ts';
import type { LoadedObject } from '../object/types.ts';
import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { type Judged, PacketBatch } from '../session/packet-batch.ts';
import { finish, runnableSession, Session, type Work } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import type { Nanoseconds } from '../spec/units.ts';
import { type Dependence, dependencesOf } from './dependence.ts';
import { type FrameChunk, frameAt } from './frames.ts';
import { FIRST_PACKETS, nextBorder, stretchLength, stretchStart } from './stretches.ts';

/** Packets, and steps of them, that are run before others may want something. */
const PACKETS_AT_ONCE = 512;
const STEPS_AT_ONCE = 250_000;

/** Packets whose steps tell how many others have; and steps that are done in one go. */
const FIRST_ONES = 256;
const STEPS_IN_ONE_GO = 4_000_000;

/** A place along a capture: the machine in front of a packet, or in the middle of its run. */
export interface AlongPlace {
  packet: number;
  isInside: boolean;
  image: MachineImage;
}

/** Of a capture, how many packets were found, and when they came. */
export type CaptureTimes = Pick<CaptureIndex, 'length' | 'timeOf' | 'firstTime'>;

/** Brings a packet's run to its end; its outcome is looked at behind it. */
export type Complete = (packet: number) => Work<void>;

/**
 * Takes packets that the program has left as they are, by r0 (32 bits) and steps alone, where it
 * can; then their outcomes are not made.
 */
export interface PlainVisitor {
  /**
   * From the place `from` of those that were judged on, the first of which is `packet`; answers how
   * many it took.
   */
  addPlain(packet: number, chunk: FrameChunk, judged: Judged, from: number): number;
  /** What came of one with such an r0. */
  notePlain(r0: number, outcome: RunOutcome, packet: number): void;
}

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
  /** Why the run of a packet may depend on those in front of it; none: it does not. */
  readonly dependences: readonly Dependence[];
  private readonly index: CaptureTimes;
  private readonly recorder: Recorder | null;
  /** What the machine is at the border of a stretch, and how long stretches are. */
  private border: { readonly image: MachineImage; readonly length: number } | undefined;
  /** Of the first packets, those that ran once, and their steps. */
  private readonly first = { packets: 0, steps: 0 };
  private at: AlongPlace | undefined;
  private isMany = false;
  private batch: PacketBatch | undefined;
  /** What is watched of runs at a place, and what compiled code watches now. */
  private along: { readonly place: AlongPlace; readonly watched: Watched } | undefined;
  private watched: Watched | undefined;
  /** Packets that ran, at any place, and their steps. */
  private ran = 0;
  private steps = 0;

  /** Throws an InputError where the program cannot be run. */
  constructor(
    inputs: SessionInputs,
    linear: WebAssembly.Memory,
    object: LoadedObject,
    index: CaptureTimes,
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
    this.dependences = dependencesOf(this.session);
  }

  /** Packets of a stretch; undefined: there are none, or the first packets have not run yet. */
  get stretch(): number | undefined {
    return this.border?.length;
  }

  /** A place of its own in front of a packet, where the machine is as in the image. */
  static placeAt(packet: number, image: MachineImage): AlongPlace {
    return { packet, isInside: false, image };
  }

  /**
   * While the machine stands at a place, compiled code tells of what it comes to
   * (`CompiledCode.watch`); undefined: of nothing any more.
   */
  watch(along: { readonly place: AlongPlace; readonly watched: Watched } | undefined): void {
    this.along = along;
    this.tellWatched();
  }

  private tellWatched(): void {
    const { along, at } = this;
    const watched = along !== undefined && along.place === at ? along.watched : undefined;
    if (watched === this.watched) return;
    this.watched = watched;
    compiledCodeOf(this.session.machine).watch(watched);
    // Whether it can be compiled depends on them.
    this.batch = undefined;
  }

  /** The packet that runs where the machine stands. */
  get packet(): number | undefined {
    return this.isMany && this.batch ? this.batch.packet : this.at?.packet;
  }

  /** Makes the machine what it is at a place. */
  stand(place: AlongPlace): void {
    if (this.at === place) return;
    this.leave();
    const { machine } = this.session;
    machine.recorder = null;
    machine.restore(place.image);
    this.at = place;
    this.tellWatched();
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
    plain?: PlainVisitor,
  ): Work<void> {
    this.stand(place);
    const end = Math.min(behind, chunk.first + chunk.count);
    for (let [packets, steps] = [0, 0]; place.packet < end; ) {
      this.standAtBorder(place);
      const there = Math.min(end, this.borderBehind(place.packet)) - place.packet;
      const many = complete || place.isInside ? 1 : this.manyAt(there);
      const ran =
        many > 1
          ? this.runMany(place, chunk, many, visit, plain)
          : yield* this.runOne(place, chunk, visit, complete);
      this.noteBorder(place);
      packets += many;
      steps += ran;
      if (packets < PACKETS_AT_ONCE && steps < STEPS_AT_ONCE) continue;
      [packets, steps] = [0, 0];
      yield {
        what: `running packet ${place.packet}`,
        done: place.packet,
        total: this.index.length,
      };
      // Others may have had the memory meanwhile.
      this.stand(place);
    }
  }

  /**
   * How many packets are run in one go, of so many that are there: where it does not matter when
   * each comes, and as many as have not too many steps together, going by those before them.
   */
  private manyAt(there: number): number {
    const { clock, each } = this.session.inputs.settings;
    if (this.ran < FIRST_ONES || clock === 'capture' || each === 'fresh') return 1;
    const most = Math.floor((STEPS_IN_ONE_GO * this.ran) / Math.max(1, this.steps));
    return Math.min(there, Math.max(1, most));
  }

  /** Packets that nothing interrupts; answers their steps. */
  private runMany(
    place: AlongPlace,
    chunk: FrameChunk,
    many: number,
    visit: Visit,
    plain?: PlainVisitor,
  ): number {
    this.batch ??= new PacketBatch(this.session);
    const from = place.packet - chunk.first;
    this.isMany = true;
    const judged = finish(
      this.batch.run(place.packet, {
        bytes: chunk.bytes,
        starts: chunk.starts.subarray(from, from + many),
        lengths: chunk.lengths.subarray(from, from + many),
      }),
    );
    this.isMany = false;
    const { r0Low, r0High, steps, count } = judged;
    for (let i = 0; i < count; ) {
      i += plain?.addPlain(place.packet, chunk, judged, i) ?? 0;
      if (i === count) break;
      const packet = place.packet + i;
      const outcome = judged.outcome(i);
      visit(packet, frameAt(chunk, packet), outcome);
      if (judged.isUsual(i) && r0High[i] === 0) plain?.notePlain(r0Low[i], outcome, packet);
      i++;
    }
    const all = steps.reduce((sum, some) => sum + some, 0);
    this.countFirst(place.packet, count, all);
    place.packet += count;
    this.ran += count;
    this.steps += all;
    return all;
  }

  /** One packet; answers its steps. */
  private *runOne(
    place: AlongPlace,
    chunk: FrameChunk,
    visit: Visit,
    complete?: Complete,
  ): Work<number> {
    const { packet } = place;
    const frame = frameAt(chunk, packet);
    const outcome = yield* this.runPacket(place, frame, complete);
    place.packet = packet + 1;
    visit(packet, frame, outcome);
    this.countFirst(packet, 1, outcome.steps);
    this.ran += 1;
    this.steps += outcome.steps;
    return outcome.steps;
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

  /** Each packet is run as if it were the first one. */
  get isFresh(): boolean {
    return this.session.inputs.settings.each === 'fresh';
  }

  private get hasStretches(): boolean {
    return this.dependences.length === 0 && !this.isFresh;
  }

  /** Notes the steps of packets of the first ones, each once. */
  private countFirst(packet: number, count: number, steps: number): void {
    const { first } = this;
    if (packet !== first.packets || packet >= FIRST_PACKETS) return;
    first.packets += count;
    first.steps += steps;
  }

  /** Behind the first packets: what the machine is then it is at each border. */
  private noteBorder({ packet }: AlongPlace): void {
    if (packet !== FIRST_PACKETS || this.border !== undefined || !this.hasStretches) return;
    const length = stretchLength(this.first.steps);
    this.border = { image: this.session.machine.save(), length };
  }

  /** At a border the machine becomes what it is at each, but for time and chance. */
  private standAtBorder({ packet, isInside }: AlongPlace): void {
    const { border, session } = this;
    if (border === undefined || isInside || packet === 0) return;
    if (stretchStart(packet, border.length) === packet)
      session.machine.leaveAs(border.image, session.build!.room);
  }

  /** Packets up to there are run without a look at the machine. */
  private borderBehind(packet: number): number {
    if (!this.hasStretches) return Number.POSITIVE_INFINITY;
    if (packet < FIRST_PACKETS || this.border === undefined) return FIRST_PACKETS;
    return nextBorder(packet, this.border.length);
  }

  /**
   * The machine at the border where the stretch of a packet begins; undefined where it has none.
   * `clock`: the time of the run in front of it, and its steps.
   */
  borderOf(
    packet: number,
    clock: (packet: number) => Pick<MachineImage, 'steps'> & { readonly time: Nanoseconds },
  ): AlongPlace | undefined {
    const { border } = this;
    const start = border ? stretchStart(packet, border.length) : 0;
    if (border === undefined || start === 0) return undefined;
    const { time, steps } = clock(start - 1);
    const next = this.arrivalBehind(start - 1);
    const surroundings = { ...border.image.surroundings, time, next };
    return CaptureMachine.placeAt(start, { ...border.image, steps, surroundings });
  }

  /** When the packet behind one comes. */
  arrivalBehind(packet: number): Nanoseconds | undefined {
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
