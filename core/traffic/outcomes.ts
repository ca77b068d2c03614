import { NumberColumn } from '../bytes/number-column.ts';
import type { Fault } from '../machine/fault.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Step } from '../spec/units.ts';
import { type VerdictName, VerdictNumbers } from './verdict-numbers.ts';

/** Places of faults that are told apart. */
const MOST_FAULTS = 4096;

/** What else is known of a packet that has run, a bit each. */
export const RAN = 1;
export const CHANGED = 2;

/** A fault by where it happened: the first of its kind there. */
export type FaultPlace = Pick<Fault, 'pc' | 'kind' | 'message'>;

/** Numbers that stand in the columns for what became of a packet. */
export interface OutcomeNumbers {
  readonly verdict: number;
  readonly flags: number;
  /** 0: none. */
  readonly fault: number;
}

/** What became of each packet of a capture, in columns: a few bytes a packet. */
export class Outcomes {
  private readonly numbers = new VerdictNumbers();
  /** By the number that stands in the column. */
  readonly verdicts: readonly VerdictName[] = this.numbers.verdicts;
  readonly faults: FaultPlace[] = [];
  private readonly faultNumbers = new Map<string, number>();
  private readonly verdict = new NumberColumn();
  private readonly step = new NumberColumn();
  private readonly flag = new NumberColumn();
  /** 0: none. */
  private readonly fault = new NumberColumn();
  /** Halves of r0: most programs return small numbers. */
  private readonly low = new NumberColumn();
  private readonly high = new NumberColumn();

  /** Packets that have one. */
  get length(): number {
    return this.verdict.length;
  }

  /**
   * What became of the next packet; `isChanged`: it goes on as another than it came. Answers the
   * number of its verdict.
   */
  add(outcome: RunOutcome, isChanged: boolean): number {
    const row = this.rowOf(outcome, isChanged);
    const { r0 = 0n, steps } = outcome;
    this.push(row, steps, Number(r0 & 0xffff_ffffn), Number((r0 >> 32n) & 0xffff_ffffn));
    return row.verdict;
  }

  /** What stands in the columns for an outcome, but for its steps and r0. */
  rowOf(
    { verdict, fault, ran }: Pick<RunOutcome, 'ran'> & { verdict: VerdictName; fault?: FaultPlace },
    isChanged: boolean,
  ): OutcomeNumbers {
    return {
      verdict: this.numbers.of(verdict),
      flags: (ran ? RAN : 0) | (isChanged ? CHANGED : 0),
      fault: fault ? this.placeOf(fault) + 1 : 0,
    };
  }

  /** One row more, with the halves of r0. */
  push({ verdict, flags, fault }: OutcomeNumbers, steps: Step, low: number, high: number): void {
    this.verdict.push(verdict);
    this.step.push(steps);
    this.flag.push(flags);
    this.fault.push(fault);
    this.low.push(low);
    this.high.push(high);
  }

  /**
   * The same of packets that ran to their ends, returned numbers of 32 bits and were not changed,
   * a row of each column for each.
   */
  addPlain(verdicts: Uint16Array, r0: Uint32Array, steps: Uint32Array | Float64Array): void {
    const count = verdicts.length;
    this.verdict.pushAll(verdicts);
    this.step.pushAll(steps);
    this.flag.pushSame(RAN, count);
    this.fault.pushSame(0, count);
    this.low.pushAll(r0);
    this.high.pushSame(0, count);
  }

  /** Number of the verdict of a packet, among `verdicts`. */
  verdictOf(packet: number): number {
    return this.verdict.at(packet);
  }

  stepsOf(packet: number): number {
    return this.step.at(packet);
  }

  has(packet: number, flag: number): boolean {
    return (this.flag.at(packet) & flag) !== 0;
  }

  /** Number of the place where it faulted, among `faults`; undefined where it did not. */
  faultOf(packet: number): number | undefined {
    const number = this.fault.at(packet);
    return number === 0 ? undefined : number - 1;
  }

  r0Of(packet: number): bigint {
    return (BigInt(this.high.at(packet)) << 32n) | BigInt(this.low.at(packet));
  }

  private placeOf({ pc, kind, message }: FaultPlace): number {
    const key = `${kind} ${pc}`;
    const known = this.faultNumbers.get(key);
    if (known !== undefined) return known;
    if (this.faults.length >= MOST_FAULTS) return this.faults.length - 1;
    this.faultNumbers.set(key, this.faults.length);
    return this.faults.push({ pc, kind, message }) - 1;
  }
}
