import { isEqualBytes } from '../bytes/equal.ts';
import type { MachineImage } from '../machine/machine.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Work } from '../session/session.ts';
import { Groups } from './groups.ts';
import { type MapDifference, mapDifference } from './map-difference.ts';
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

/** `at`: the packet's place in its chunk. */
type Differing = Omit<Difference, 'packet' | 'parting'> & { readonly at: number };

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
  maps: MapsParted | undefined;

  constructor(left: Side, right: Side, isSameProgram: boolean) {
    this.left = left;
    this.right = right;
    this.isSameProgram = isSameProgram;
  }

  /** Both sides judge the next packets; gives back between them. */
  *run(frames: readonly Uint8Array[]): Work<void> {
    const chunk = { first: this.packets, frames, starts: this.images() };
    const differing = yield* this.judge(chunk);
    this.packets += frames.length;
    const isMapsNews = this.maps === undefined && this.mapsNow().length > 0;
    if (differing.length === 0 && !isMapsNews) return;
    const ends = this.images();
    yield* this.explain(chunk, differing);
    this.stand(ends);
    if (isMapsNews) yield* this.partMaps(chunk);
    this.stand(ends);
  }

  /** Answers the packets on which they differ, as many as are kept. */
  private *judge({ first, frames }: Chunk): Work<Differing[]> {
    const outcomes: RunOutcome[] = [];
    for (const [at, frame] of frames.entries()) {
      outcomes.push(yield* this.left.session.runFrame(first + at, frame));
      yield { what: `running packet ${first + at + 1}`, done: first + at };
    }
    const differing: Differing[] = [];
    for (const [at, frame] of frames.entries()) {
      const [left, right] = [outcomes[at], yield* this.right.session.runFrame(first + at, frame)];
      this.verdicts.add([left.verdict.name, right.verdict.name], first + at);
      const kinds = this.differ(left, right);
      if (kinds.length > 0) this.count(kinds);
      if (kinds.length > 0 && this.differences.length + differing.length < MOST_KEPT)
        differing.push({ at, kinds, left: told(left), right: told(right) });
      yield { what: `comparing packet ${first + at + 1}`, done: first + at };
    }
    return differing;
  }

  private differ(left: RunOutcome, right: RunOutcome): DifferenceKind[] {
    const kinds: DifferenceKind[] = [];
    if (left.verdict.name !== right.verdict.name || left.verdict.code !== right.verdict.code)
      kinds.push('verdict');
    if (this.isOtherFault(left, right)) kinds.push('fault');
    if (!isEqualBytes(left.packetOut, right.packetOut)) kinds.push('packet');
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

  private count(kinds: readonly DifferenceKind[]): void {
    this.differing += 1;
    for (const kind of kinds) this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }

  /** Runs packets of the chunk once more, from its start, to say where the runs on them part. */
  private *explain(chunk: Chunk, differing: readonly Differing[]): Work<void> {
    let at = 0;
    this.stand(chunk.starts);
    for (const { at: end, ...difference } of differing) {
      yield* this.runBoth(chunk, at, end);
      const packet = chunk.first + end;
      const { left, right, isSameProgram } = this;
      const parting = yield* partingOf(left, right, packet, chunk.frames[end], isSameProgram);
      this.differences.push({ packet, ...difference, parting });
      at = end + 1;
    }
  }

  /**
   * The maps were the same in front of the chunk and are not behind it: looks for the packet behind
   * which they part, by halves.
   */
  private *partMaps(chunk: Chunk): Work<void> {
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
    this.maps = { packet: chunk.first + other - 1, differences };
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
