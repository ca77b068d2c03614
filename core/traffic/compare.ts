import { isEqualBytes } from '../bytes/equal.ts';
import { joined } from '../bytes/joined.ts';
import type { MachineImage } from '../machine/machine.ts';
import { AlikeOutcomes } from '../session/alike-outcomes.ts';
import type { Frames } from '../session/batch-frames.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import type { Work } from '../session/session.ts';
import { Groups } from './groups.ts';
import { type MapDifference, mapDifference } from './map-difference.ts';
import { OtherOutcomes } from './other-outcomes.ts';
import { type Parting, partingOf, type Runner } from './parting.ts';

/** A program as it is set up, with a name that tells it from the other one. */
export interface Side extends Runner {
  readonly name: string;
}

/** In what the runs on one packet differ. */
export type DifferenceKind = 'verdict' | 'fault' | 'packet' | 'r0' | 'steps';

/** What a packet came to on one side. */
export interface Told {
  readonly verdict: string;
  readonly r0: bigint | undefined;
  readonly steps: number;
  /** In words. */
  readonly fault: string | undefined;
  readonly packetOut: Uint8Array;
}

/** A packet on which two programs differ. */
export interface Difference {
  /** Its place among all, from 0 on. */
  readonly packet: number;
  readonly kinds: readonly DifferenceKind[];
  readonly left: Told;
  readonly right: Told;
  /** The first instruction where the two runs part; undefined where none was found. */
  readonly parting: Parting | undefined;
}

/** Where the maps of the two part. */
export interface MapsParted {
  /** The packet behind which they differ, and do so on. */
  readonly packet: number;
  readonly differences: readonly MapDifference[];
}

/** Differences that are kept with all there is to say of them. */
const MOST_KEPT = 64;
/** Pairs of verdicts that are told apart. */
const MOST_PAIRS = 256;

type Images = readonly [left: MachineImage, right: MachineImage];

/** Packets that are judged at once, and the machines in front of them. */
interface Chunk {
  readonly first: number;
  readonly frames: readonly Uint8Array[];
  readonly starts: Images;
}

/** What a packet came to on both sides; `at`: its place in the chunk. */
interface JudgedPair {
  readonly at: number;
  readonly kinds: readonly DifferenceKind[];
  readonly left: RunOutcome;
  readonly right: RunOutcome;
}

/** Frames in one piece of memory, as they are judged together. */
function inOnePiece(frames: readonly Uint8Array[]): Frames {
  const starts = new Uint32Array(frames.length);
  const lengths = Uint32Array.from(frames, ({ length }) => length);
  for (let i = 1; i < frames.length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
  return { bytes: joined(frames), starts, lengths };
}

/** What the packets of a chunk come to on one side. */
function* outcomesOf(batch: PacketBatch, { first, frames }: Chunk): Work<RunOutcome[]> {
  const outcomes: RunOutcome[] = [];
  const alike = new AlikeOutcomes();
  const { bytes, starts, lengths } = inOnePiece(frames);
  while (outcomes.length < frames.length) {
    const from = outcomes.length;
    const left = { bytes, starts: starts.subarray(from), lengths: lengths.subarray(from) };
    const judged = yield* batch.run(first + from, left);
    for (let i = 0; i < judged.count; i++) {
      const usual = alike.of(judged, i);
      const own = usual && { steps: judged.steps[i], packetOut: frames[from + i] };
      outcomes.push(usual ? { ...usual, ...own } : judged.outcome(i));
    }
  }
  return outcomes;
}

const told = ({ verdict, r0, steps, fault, packetOut }: RunOutcome): Told => ({
  verdict: verdict.name,
  r0,
  steps,
  fault: fault?.message,
  packetOut,
});

/**
 * The same packets judged by two programs, two versions of one, or two engines. Packets come a
 * chunk at a time, so a capture may have any length; each side has a memory of its own.
 */
export class Comparison {
  readonly left: Side;
  readonly right: Side;
  /** The same program on both: then r0 and steps have to be equal, too. */
  readonly isSameProgram: boolean;
  /** Packets that were looked at, and on how many the two differ. */
  packets = 0;
  differing = 0;
  readonly kinds = new Map<DifferenceKind, number>();
  /** How many packets came to which verdicts, the left one first. */
  readonly verdicts = new Groups(MOST_PAIRS);
  readonly differences: Difference[] = [];
  /** What each packet came to on the right side. */
  readonly others = new OtherOutcomes();
  maps: MapsParted | undefined;
  private readonly batches: { readonly left: PacketBatch; readonly right: PacketBatch };

  constructor(left: Side, right: Side, isSameProgram: boolean) {
    this.left = left;
    this.right = right;
    this.isSameProgram = isSameProgram;
    this.batches = {
      left: new PacketBatch(left.session),
      right: new PacketBatch(right.session),
    };
  }

  /**
   * Both sides judge the next packets; gives back between them. Given up on the way, it stands in
   * front of them as if nothing had been.
   */
  *run(frames: readonly Uint8Array[]): Work<void> {
    const chunk = { first: this.packets, frames, starts: this.images() };
    let isDone = false;
    try {
      const judged = yield* this.judge(chunk);
      const ends = this.images();
      const isMapsNews = this.maps === undefined && this.mapsNow().length > 0;
      const explained = yield* this.explain(chunk, judged);
      this.stand(ends);
      const maps = isMapsNews ? yield* this.partMaps(chunk) : this.maps;
      this.stand(ends);
      this.note(judged);
      this.differences.push(...explained);
      this.maps = maps;
      isDone = true;
    } finally {
      if (!isDone) this.stand(chunk.starts);
    }
  }

  private *judge(chunk: Chunk): Work<JudgedPair[]> {
    const [left, right] = [
      yield* outcomesOf(this.batches.left, chunk),
      yield* outcomesOf(this.batches.right, chunk),
    ];
    return left.map((outcome, at) => ({
      at,
      left: outcome,
      right: right[at],
      kinds: this.differ(outcome, right[at]),
    }));
  }

  private note(judged: readonly JudgedPair[]): void {
    for (const { kinds, left, right } of judged) {
      this.verdicts.add([left.verdict.name, right.verdict.name], this.packets);
      this.packets += 1;
      this.others.add(right.verdict, kinds.length > 0);
      if (kinds.length > 0) this.differing += 1;
      for (const kind of kinds) this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    }
  }

  private differ(left: RunOutcome, right: RunOutcome): DifferenceKind[] {
    const kinds: DifferenceKind[] = [];
    if (left.verdict.name !== right.verdict.name || left.verdict.code !== right.verdict.code)
      kinds.push('verdict');
    if (this.isOtherFault(left, right)) kinds.push('fault');
    if (left.packetOut !== right.packetOut && !isEqualBytes(left.packetOut, right.packetOut))
      kinds.push('packet');
    if (!this.isSameProgram) return kinds;
    if (left.r0 !== right.r0) kinds.push('r0');
    if (left.steps !== right.steps) kinds.push('steps');
    return kinds;
  }

  /** Of two programs the same fault may stand elsewhere. */
  private isOtherFault({ fault: left }: RunOutcome, { fault: right }: RunOutcome): boolean {
    if (left?.kind !== right?.kind) return true;
    return this.isSameProgram && (left?.pc !== right?.pc || left?.message !== right?.message);
  }

  /** Runs packets of the chunk once more, from its start, to say where the runs on them part. */
  private *explain(chunk: Chunk, judged: readonly JudgedPair[]): Work<Difference[]> {
    const room = MOST_KEPT - this.differences.length;
    const differing = judged.filter(({ kinds }) => kinds.length > 0).slice(0, Math.max(0, room));
    const differences: Difference[] = [];
    let next = 0;
    if (differing.length > 0) this.stand(chunk.starts);
    for (const { at, kinds, left, right } of differing) {
      yield* this.runBoth(chunk, next, at);
      next = at + 1;
      const packet = chunk.first + at;
      const { left: one, right: other, isSameProgram } = this;
      const parting = yield* partingOf(one, other, packet, chunk.frames[at], isSameProgram);
      differences.push({ packet, kinds, left: told(left), right: told(right), parting });
    }
    return differences;
  }

  /**
   * The maps were the same in front of the chunk and are not behind it: looks for the packet behind
   * which they part, by halves.
   */
  private *partMaps(chunk: Chunk): Work<MapsParted> {
    let [same, images] = [0, chunk.starts];
    let other = chunk.frames.length;
    let differences = this.mapsNow();
    while (other - same > 1) {
      const middle = (same + other) >> 1;
      this.stand(images);
      yield* this.runBoth(chunk, same, middle);
      const found = this.mapsNow();
      if (found.length === 0) [same, images] = [middle, this.images()];
      else [other, differences] = [middle, found];
    }
    return { packet: chunk.first + other - 1, differences };
  }

  private *runBoth({ first, frames }: Chunk, from: number, to: number): Work<void> {
    for (let at = from; at < to; at++) {
      for (const { session } of [this.left, this.right])
        yield* session.runFrame(first + at, frames[at]);
      yield { what: `looking at packet ${first + at + 1}`, done: first + at };
    }
  }

  private images(): Images {
    return [this.left.session.machine.save(), this.right.session.machine.save()];
  }

  private stand([left, right]: Images): void {
    this.left.session.machine.restore(left);
    this.right.session.machine.restore(right);
  }

  private mapsNow(): MapDifference[] {
    return mapDifference(this.left.session.machine, this.right.session.machine);
  }
}
