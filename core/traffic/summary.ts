import { isEqualBytes } from '../bytes/equal.ts';
import { present } from '../errors.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Judged } from '../session/packet-batch.ts';
import type { Action } from '../spec/program-types.ts';
import { type Flow, kindWords, readFlow } from './flow-of.ts';
import { type FlowRow, FlowTable } from './flow-table.ts';
import type { FrameChunk } from './frames.ts';
import { Groups } from './groups.ts';
import type { JudgedColumns, JudgedRow } from './judged-columns.ts';
import { type OutcomeNumbers, Outcomes } from './outcomes.ts';
import { PlainVerdicts } from './plain-verdicts.ts';
import type { VerdictName } from './verdict-numbers.ts';

/** Parts of a capture that a chart draws: the number is halved when there are so many. */
const MOST_PARTS = 128;
const FIRST_PART = 64;
/** Kinds, and reasons, that are told apart. */
const MOST_NAMED = 256;
/** Flows that are listed. */
const MOST_LISTED = 20;

/** Verdicts behind which a packet does not go on. */
const STOPS: ReadonlySet<Action> = new Set<Action>(['drop', 'aborted']);
export const isStop = ({ action }: Pick<VerdictName, 'action'>): boolean => STOPS.has(action);

/** Packets of one verdict. */
export interface VerdictSum extends VerdictName {
  count: number;
  readonly first: number;
  /** The packet that took most instructions. */
  slowest: { packet: number; steps: number };
  /** How many there are in each part. */
  parts: number[];
}

/** How often something was, and the first packet of it. */
export interface Counted {
  readonly name: string;
  count: number;
  readonly first: number;
}

/** Packets of a kind of header. */
export interface KindSum {
  readonly label: string;
  readonly filter: string;
  count: number;
  /** By the number of the verdict. */
  readonly verdicts: number[];
}

/** What became of the packets of a capture, kept as they run: columns, and sums over them. */
export class Summary {
  readonly outcomes = new Outcomes();
  /** By the number of the verdict. */
  readonly sums: VerdictSum[] = [];
  private readonly stops: boolean[] = [];
  /** Packets in a part. */
  partSize = FIRST_PART;
  readonly kinds = new Map<number, KindSum>();
  readonly flows = new FlowTable();
  /** By the number of the place. */
  readonly faults: Counted[] = [];
  /** Why packets were not given to the program, and what to watch out for in verdicts. */
  readonly bypassed = new Groups<readonly [string]>(MOST_NAMED);
  readonly warnings = new Groups<readonly [string]>(MOST_NAMED);
  steps = 0;
  changed = 0;
  /** Numbers of verdicts by r0. */
  private readonly plain = new PlainVerdicts();
  private lastKind: KindSum | undefined;
  private lastKindIs = 0;
  private readonly flow: Flow = { kind: 0, version: 0, source: 0, destination: 0, ports: -1 };

  /** What became of the next packet. */
  add(packet: number, frame: Uint8Array, outcome: RunOutcome): void {
    const changed = isChanged(frame, outcome.packetOut);
    const number = this.outcomes.add(outcome, changed);
    this.count(packet, number, outcome.steps, frame, 0, frame.length);
    this.addRare(packet, { ...outcome, isChanged: changed });
  }

  /** What few packets are. */
  private addRare(packet: number, { verdict, ran, isChanged: changed, fault }: Rare): void {
    if (changed) this.changed++;
    if (fault) this.addFault(packet, present(this.outcomes.faultOf(packet), 'the fault'));
    if (!ran) this.bypassed.add([verdict.reason ?? ''], packet);
    if (verdict.warning !== undefined) this.warnings.add([verdict.warning], packet);
  }

  /** The same of packets that ran elsewhere, whose frames are in the chunk, from one of them on. */
  addJudged(judged: JudgedColumns, chunk: FrameChunk, from: number): void {
    const { first, count, rows, row, steps, r0Low, r0High } = judged;
    const { bytes, starts, lengths } = chunk;
    const numbers: OutcomeNumbers[] = [];
    for (let i = from; i < count; i++) {
      const packet = first + i;
      const what = rows[row[i]];
      // In the order of packets: numbers are given as what they stand for is first seen.
      numbers[row[i]] ??= this.outcomes.rowOf(what, what.isChanged);
      const number = numbers[row[i]];
      this.outcomes.push(number, steps[i], r0Low[i], r0High?.[i] ?? 0);
      const start = starts[packet - chunk.first];
      const end = start + lengths[packet - chunk.first];
      this.count(packet, number.verdict, steps[i], bytes, start, end);
      if (isRare(what)) this.addRare(packet, what);
    }
  }

  /**
   * The same of packets that went through the program as they are, with an r0 that was seen before
   * and says all: answers how many of those from the place `from` on are.
   */
  addPlain(first: number, chunk: FrameChunk, judged: Judged, from: number): number {
    const to = this.plain.upTo(judged, from);
    if (to === from) return 0;
    const { r0Low, steps } = judged;
    const { numbers } = this.plain;
    this.outcomes.addPlain(
      numbers.subarray(from, to),
      r0Low.subarray(from, to),
      steps.subarray(from, to),
    );
    const { bytes, starts, lengths } = chunk;
    for (let i = from; i < to; i++) {
      const packet = first + i;
      const start = starts[packet - chunk.first];
      this.count(packet, numbers[i], steps[i], bytes, start, start + lengths[packet - chunk.first]);
    }
    return to - from;
  }

  /** From now on such an r0 means a verdict, whatever the packet is. */
  notePlain(r0: number, outcome: RunOutcome, packet: number): void {
    this.plain.note(r0, outcome, this.outcomes.verdictOf(packet));
  }

  private count(
    packet: number,
    verdict: number,
    steps: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.steps += steps;
    this.addVerdict(packet, verdict, steps);
    readFlow(bytes, start, end, this.flow);
    this.flows.add(packet, bytes, this.flow, this.stops[verdict]);
    this.addKind(verdict);
  }

  /** The largest flows. */
  get largestFlows(): FlowRow[] {
    return this.flows.largest(MOST_LISTED);
  }

  private addVerdict(packet: number, number: number, steps: number): void {
    const part = this.partOf(packet);
    let sum = this.sums[number];
    if (sum === undefined) {
      const slowest = { packet, steps: -1 };
      sum = { ...this.outcomes.verdicts[number], count: 0, first: packet, slowest, parts: [] };
      this.sums[number] = sum;
      this.stops[number] = isStop(sum);
    }
    sum.count++;
    sum.parts[part] = (sum.parts[part] ?? 0) + 1;
    if (steps > sum.slowest.steps) sum.slowest = { packet, steps };
  }

  private partOf(packet: number): number {
    while (packet >= this.partSize * MOST_PARTS) {
      this.partSize *= 2;
      for (const sum of this.sums) sum.parts = halved(sum.parts);
    }
    return Math.floor(packet / this.partSize);
  }

  private addKind(verdict: number): void {
    const { kind } = this.flow;
    let sum = this.lastKind;
    if (this.lastKindIs !== kind || sum === undefined) {
      sum = this.kinds.get(kind) ?? { ...kindWords(kind), count: 0, verdicts: [] };
      this.kinds.set(kind, sum);
      this.lastKind = sum;
      this.lastKindIs = kind;
    }
    sum.count++;
    sum.verdicts[verdict] = (sum.verdicts[verdict] ?? 0) + 1;
  }

  private addFault(packet: number, number: number): void {
    const known = this.faults[number];
    if (known) known.count++;
    else
      this.faults[number] = {
        name: this.outcomes.faults[number].message,
        count: 1,
        first: packet,
      };
  }
}

/** What is told of a packet beside its verdict, where it is anything. */
type Rare = Pick<JudgedRow, 'verdict' | 'ran' | 'isChanged' | 'fault'>;

const isRare = ({ verdict, ran, isChanged: changed, fault }: Rare): boolean =>
  changed || fault !== undefined || !ran || verdict.warning !== undefined;

/** Whether a packet goes on as another than it came. */
export const isChanged = (frame: Uint8Array, packetOut: Uint8Array): boolean =>
  !isSameView(frame, packetOut) && !isEqualBytes(frame, packetOut);

/** Whether both are the very same bytes of memory. */
const isSameView = (one: Uint8Array, other: Uint8Array): boolean =>
  one.buffer === other.buffer && one.byteOffset === other.byteOffset && one.length === other.length;

/** Two parts become one. */
const halved = (parts: readonly number[]): number[] =>
  Array.from(
    { length: Math.ceil(parts.length / 2) },
    (_, i) => (parts[2 * i] ?? 0) + (parts[2 * i + 1] ?? 0),
  );
