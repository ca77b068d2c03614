import { packetRoom } from '../hooks/enter.ts';
import { verdictOf } from '../hooks/verdict.ts';
import { jumpTarget } from '../program/control-flow.ts';
import { endingOf } from '../session/outcome.ts';
import type { Session, Work } from '../session/session.ts';
import type { JumpOp } from '../spec/isa.ts';
import { holds } from '../spec/semantics.ts';
import type { Pc, Step } from '../spec/units.ts';
import { bytesFor, comesFromPacket, isOneToOne, Origins, type WantedBytes } from './origin.ts';
import { lengthCounts, type SlicedBranch, SliceRoom } from './slice.ts';
import type { Trace } from './trace.ts';
import { KIND } from './trace-inputs.ts';

/** Steps that all trials of an explanation may take together, and trials there may be. */
const MOST_STEPS = 4_000_000;
const MOST_TRIALS = 400;
/** Lengths and values tried for one branch. */
const MOST_VALUES = 12;
/** Packets that are tried with bits turned over. */
const MOST_FLIPPED = 16;
/** Bytes that are changed, one after the other, for another value. */
const MOST_VALUE_BYTES = 8;

/** A packet with which a branch goes the other way, tried by running; and what the run comes to. */
export interface Counterfactual {
  readonly frame: Uint8Array;
  /** Bytes that differ; empty where only the length does. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly verdict: string;
  /** The bytes are worked out from what was compared; else they were found by trying. */
  readonly exact: boolean;
}

/** A packet that would turn a branch and goes another way before it: by the branch in this slot. */
export interface EarlierTurn {
  readonly pc: Pc;
  readonly frame: Uint8Array;
  /** Bytes that differ; empty where only the length does. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * Looks for packets that turn branches of a run: by the operations that led to the comparison, else
 * by values next to it.
 */
export class CounterfactualSearch {
  private readonly session: Session;
  private readonly trace: Trace;
  private readonly origins: Origins;
  private readonly room: SliceRoom;
  private steps = MOST_STEPS;
  private trials = MOST_TRIALS;

  constructor(session: Session, trace: Trace) {
    this.session = session;
    this.trace = trace;
    this.room = new SliceRoom(trace);
    this.origins = new Origins(trace, session.machine!);
  }

  /** Stops to breathe after each trial. Changes the machine. */
  find(branch: SlicedBranch): Work<Counterfactual | undefined> {
    return this.session.unrecorded(this.tryPackets(branch));
  }

  private *tryPackets(branch: SlicedBranch): Work<Counterfactual | undefined> {
    const known = this.byOrigin(branch);
    const packets = this.packetsWith(known.length > 0 ? known : this.byNeighbours(branch));
    for (const frame of [...packets, ...this.lengthsFor(branch), ...this.flipped(branch, known)]) {
      const verdict = this.try(branch, frame);
      if (verdict !== undefined)
        return {
          ...difference(this.session.frame, frame),
          frame,
          verdict,
          exact: this.isExact(branch, known),
        };
      yield { what: 'looking for what would change it', done: MOST_TRIALS - this.trials };
    }
    return undefined;
  }

  /**
   * Where a packet that has the length or the bytes with which the branch would turn goes another
   * way before it comes there. Changes the machine.
   */
  parting(branch: SlicedBranch): Work<EarlierTurn | undefined> {
    return this.session.unrecorded(this.partWays(branch));
  }

  private *partWays(branch: SlicedBranch): Work<EarlierTurn | undefined> {
    const { session } = this;
    const lengths = this.lengthsFor(branch).filter((frame) => this.wouldTurn(branch, frame));
    const frames = [...this.packetsWith(this.byOrigin(branch)), ...lengths];
    for (const frame of frames) {
      if (this.steps < branch.step) return undefined;
      if (session.beginWith(frame) !== undefined) continue;
      const pc = this.leavesAt(branch);
      this.steps -= session.machine!.steps;
      if (pc !== undefined) return { pc, frame, ...difference(session.frame, frame) };
      yield { what: 'looking for what would change it', done: MOST_STEPS - this.steps };
    }
    return undefined;
  }

  /** Whether a branch turns where the side that grows with the packet is that of another length. */
  private wouldTurn({ step, pc, taken, left, right }: SlicedBranch, frame: Uint8Array): boolean {
    const jump = this.operator({ pc });
    if (jump === undefined) return false;
    const by = BigInt(frame.length - this.session.frame.length);
    const [grownLeft, grownRight] = [KIND.dst, KIND.src].map((kind) => this.hasLength(step, kind));
    const { op, width } = jump;
    const cut = (value: bigint): bigint => BigInt.asUintN(width, value);
    return (
      holds(op, width, cut(left + (grownLeft ? by : 0n)), cut(right + (grownRight ? by : 0n))) !==
      taken
    );
  }

  private hasLength(step: Step, kind: number): boolean {
    return lengthCounts(this.trace, this.room, step, kind);
  }

  /** The slot behind which a run that has begun is not the one that was traced. */
  private leavesAt({ step }: SlicedBranch): Pc | undefined {
    const { session, trace } = this;
    const machine = session.machine!;
    for (let at = 0; at < step; at++) {
      session.advance(at + 1);
      if (machine.status !== 'running' || machine.pc !== trace.pcs.at(at + 1))
        return trace.pcs.at(at);
    }
    return undefined;
  }

  /**
   * A packet with which the run comes to another verdict, by bits of it that its value is made of.
   */
  findForValue(bits: ReadonlyMap<number, number>): Work<Counterfactual | undefined> {
    return this.session.unrecorded(this.tryValues(bits));
  }

  private *tryValues(bits: ReadonlyMap<number, number>): Work<Counterfactual | undefined> {
    for (const frame of this.packetsOf(bits)) {
      const verdict = this.tryVerdict(frame);
      if (verdict !== undefined)
        return { ...difference(this.session.frame, frame), frame, verdict, exact: false };
      yield { what: 'looking for what would change it', done: MOST_TRIALS - this.trials };
    }
    return undefined;
  }

  /** Where nothing else is known: a few with bits that were compared turned over. */
  private flipped({ causes }: SlicedBranch, known: readonly WantedBytes[]): Uint8Array[] {
    return known.length > 0 ? [] : [...this.packetsOf(causes.packet)].slice(0, MOST_FLIPPED);
  }

  /** Packets that differ in a bit that counts, or in a byte's few values. */
  private *packetsOf(bits: ReadonlyMap<number, number>): Iterable<Uint8Array> {
    const { frame } = this.session;
    for (const [at, mask] of [...bits].sort(([a], [b]) => a - b).slice(0, MOST_VALUE_BYTES)) {
      const flips = [1, 2, 4, 8, 16, 32, 64, 128, 0xff, 3, 5, 6, 7].map((flip) => flip & mask);
      for (const flip of new Set(flips)) {
        if (flip === 0) continue;
        const made = frame.slice();
        made[at] ^= flip;
        yield made;
      }
    }
  }

  /** What the run with a packet comes to, where that is another verdict. */
  private tryVerdict(frame: Uint8Array): string | undefined {
    const { session } = this;
    const machine = session.machine!;
    if (this.trials === 0 || this.steps <= 0) return undefined;
    this.trials -= 1;
    if (session.beginWith(frame) !== undefined) return undefined;
    session.advance(Math.min(this.steps, session.inputs.settings.maxSteps));
    this.steps -= machine.steps;
    if (machine.status === 'running') return undefined;
    const { text } = verdictOf(session.hook, endingOf(machine, undefined), session.options);
    return text === session.outcome!.verdict.text ? undefined : text;
  }

  /** Whether the bits that were compared have one value for each of what they were compared as. */
  private isExact(branch: SlicedBranch, known: readonly WantedBytes[]): boolean {
    if (known.length === 0) return false;
    const origins = this.origins.ofBranch(branch.step).filter(comesFromPacket);
    return origins.length === 1 && isOneToOne(origins[0]);
  }

  /** What the run with a packet comes to, where the very branch goes the other way in it. */
  private try(branch: SlicedBranch, frame: Uint8Array): string | undefined {
    const { session } = this;
    const machine = session.machine!;
    if (this.trials === 0 || this.steps < branch.step) return undefined;
    this.trials -= 1;
    if (session.beginWith(frame) !== undefined) return undefined;
    session.advance(branch.step);
    this.steps -= machine.steps;
    if (machine.steps !== branch.step || machine.pc !== branch.pc || machine.status !== 'running')
      return undefined;
    const target = jumpTarget(machine.code.instructions[branch.pc], branch.pc);
    session.advance(branch.step + 1);
    if ((machine.pc === target) === branch.taken) return undefined;
    session.advance(Math.min(branch.step + this.steps, session.inputs.settings.maxSteps));
    this.steps -= machine.steps - branch.step;
    if (machine.status === 'running') return 'it runs on for longer than is tried here';
    return verdictOf(session.hook, endingOf(machine, undefined), session.options).text;
  }

  private packetsWith(changes: readonly WantedBytes[]): Uint8Array[] {
    const { frame } = this.session;
    const changed = (bytes: WantedBytes): Uint8Array | undefined => {
      if ([...bytes].every(([at, byte]) => frame[at] === byte)) return undefined;
      const made = frame.slice();
      for (const [at, byte] of bytes) made[at] = byte;
      return made;
    };
    return changes.map(changed).filter((made) => made !== undefined);
  }

  private operator(branch: Pick<SlicedBranch, 'pc'>): { op: JumpOp; width: 32 | 64 } | undefined {
    const row = this.session.machine!.code.instructions[branch.pc]?.row;
    return row?.kind === 'jump' ? row : undefined;
  }

  private byOrigin(branch: SlicedBranch): WantedBytes[] {
    const jump = this.operator(branch);
    if (jump === undefined) return [];
    const { op, width } = jump;
    const cut = (value: bigint): bigint => BigInt.asUintN(width, value);
    const found: WantedBytes[] = [];
    for (const [side, origin] of this.origins.ofBranch(branch.step).entries()) {
      if (!comesFromPacket(origin)) continue;
      const other = cut(side === 0 ? branch.right : branch.left);
      const turns = (value: bigint): boolean => {
        const [left, right] = side === 0 ? [value, other] : [other, value];
        return holds(op, width, left, right) !== branch.taken;
      };
      const values = [...new Set(nearby(other, width).map(cut))]
        .filter(turns)
        .slice(0, MOST_VALUES);
      for (const value of values) {
        const bytes = bytesFor(origin, value, this.session.frame);
        if (bytes !== undefined) found.push(bytes);
      }
    }
    return found;
  }

  /**
   * Where the way to the comparison is not known: the last bytes read for it become what they are
   * compared with.
   */
  private byNeighbours({ causes, right }: SlicedBranch): WantedBytes[] {
    const packetBytes = [...causes.packet.keys()].sort((a, b) => a - b);
    const end = (packetBytes.at(-1) ?? -1) + 1;
    let offset = end - 1;
    while (packetBytes.includes(offset - 1) && end - offset < 8) offset -= 1;
    const size = end - offset;
    if (end === 0) return [];
    const littleEndian = this.session.machine!.memory.littleEndian;
    return [!littleEndian, littleEndian].flatMap((big) =>
      nearby(right, size * 8)
        .map(
          (value) =>
            bytesFor(
              { kind: 'bytes', offset, size, big },
              BigInt.asUintN(size * 8, value),
              this.session.frame,
            )!,
        )
        .slice(0, 5),
    );
  }

  /** Packets cut off or filled up, so that the two sides come to be equal or next to it. */
  private lengthsFor({ causes, left, right }: SlicedBranch): Uint8Array[] {
    if (!causes.length) return [];
    const { frame, inputs } = this.session;
    const most = packetRoom(Math.max(...inputs.packets.map(({ bytes }) => bytes.length)));
    const apart = Number(BigInt.asIntN(32, left - right));
    const lengths = [apart, -apart, apart - 1, apart + 1, -apart - 1, 1 - apart].map(
      (by) => frame.length + by,
    );
    return [...new Set(lengths)]
      .filter((to) => to >= 0 && to !== frame.length && to <= MOST_LENGTH && packetRoom(to) <= most)
      .map((to) => {
        const made = new Uint8Array(to);
        made.set(frame.subarray(0, to));
        return made;
      });
  }
}

const MOST_LENGTH = 65_535;

/** Values at a comparison's edges, and a few that differ from it in a bit. */
const nearby = (value: bigint, width: number): bigint[] => [
  value,
  value + 1n,
  value - 1n,
  0n,
  1n,
  value ^ 1n,
  value & -value,
  ~value,
  (1n << BigInt(width - 1)) - 1n,
  (1n << BigInt(width)) - 1n,
];

function difference(before: Uint8Array, after: Uint8Array): { offset: number; bytes: Uint8Array } {
  const shared = Math.min(before.length, after.length);
  let start = 0;
  while (start < shared && before[start] === after[start]) start += 1;
  let end = shared;
  while (end > start && before[end - 1] === after[end - 1]) end -= 1;
  return { offset: start, bytes: after.slice(start, end) };
}
