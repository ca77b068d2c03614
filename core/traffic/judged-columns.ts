import { MOST_PACKETS } from '../jit/batch.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Judged } from '../session/packet-batch.ts';
import type { PlainVisitor, Visit } from './capture-machine.ts';
import type { FrameChunk } from './frames.ts';
import type { FaultPlace } from './outcomes.ts';
import { PlainVerdicts } from './plain-verdicts.ts';
import { isChanged } from './summary.ts';
import type { VerdictName } from './verdict-numbers.ts';

/** Packets that columns have room for. */
export const MOST_JUDGED = MOST_PACKETS;

/** What became of packets, but for r0 and steps: plain data. */
export interface JudgedRow {
  readonly verdict: VerdictName & { readonly reason?: string; readonly warning?: string };
  readonly ran: boolean;
  readonly isChanged: boolean;
  readonly fault?: FaultPlace;
}

/** What became of packets that ran elsewhere, in columns that can be sent from worker to worker. */
export interface JudgedColumns {
  /** Place of the first in the capture. */
  readonly first: number;
  readonly count: number;
  /** In the order in which packets first came to them. */
  readonly rows: readonly JudgedRow[];
  /** Of each packet the number of its row. */
  readonly row: Uint16Array<ArrayBuffer>;
  readonly steps: Float64Array<ArrayBuffer>;
  /** Halves of r0; undefined: the upper ones are all 0. */
  readonly r0Low: Uint32Array<ArrayBuffer>;
  readonly r0High: Uint32Array<ArrayBuffer> | undefined;
}

/** Writes those columns as packets run. */
export class ColumnWriter implements PlainVisitor {
  private readonly first: number;
  private count = 0;
  private readonly rows: JudgedRow[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly row: Uint16Array<ArrayBuffer>;
  private readonly steps: Float64Array<ArrayBuffer>;
  private readonly r0Low: Uint32Array<ArrayBuffer>;
  private readonly r0High: Uint32Array<ArrayBuffer>;
  private isLong = false;
  private readonly plain = new PlainVerdicts();

  constructor(first: number, packets: number) {
    this.first = first;
    this.row = new Uint16Array(packets);
    this.steps = new Float64Array(packets);
    this.r0Low = new Uint32Array(packets);
    this.r0High = new Uint32Array(packets);
  }

  readonly add: Visit = (_packet, frame, outcome) => {
    const { r0 = 0n, steps } = outcome;
    const at = this.count++;
    this.row[at] = this.numberOf(outcome, isChanged(frame, outcome.packetOut));
    this.steps[at] = steps;
    this.r0Low[at] = Number(r0 & 0xffff_ffffn);
    this.r0High[at] = Number((r0 >> 32n) & 0xffff_ffffn);
    this.isLong ||= this.r0High[at] !== 0;
  };

  addPlain(_packet: number, _chunk: FrameChunk, judged: Judged, from: number): number {
    const to = this.plain.upTo(judged, from);
    this.row.set(this.plain.numbers.subarray(from, to), this.count);
    this.steps.set(judged.steps.subarray(from, to), this.count);
    this.r0Low.set(judged.r0Low.subarray(from, to), this.count);
    this.count += to - from;
    return to - from;
  }

  notePlain(r0: number, outcome: RunOutcome): void {
    this.plain.note(r0, outcome, this.row[this.count - 1]);
  }

  get columns(): JudgedColumns {
    const { first, count, rows, row, steps, r0Low, r0High, isLong } = this;
    return { first, count, rows, row, steps, r0Low, r0High: isLong ? r0High : undefined };
  }

  private numberOf({ verdict, ran, fault }: RunOutcome, changed: boolean): number {
    const { name, action, reason, warning } = verdict;
    const place = fault && { pc: fault.pc, kind: fault.kind, message: fault.message };
    // Of faults at one place, as everywhere, the first one speaks for all.
    const key = JSON.stringify([
      name,
      action,
      reason,
      warning,
      ran,
      changed,
      place?.pc,
      place?.kind,
    ]);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.rows.length);
    return (
      this.rows.push({
        verdict: {
          name,
          action,
          ...(reason !== undefined && { reason }),
          ...(warning !== undefined && { warning }),
        },
        ran,
        isChanged: changed,
        ...(place && { fault: place }),
      }) - 1
    );
  }
}
