import type {
  BlobFile,
  KeyHistory,
  TrafficComparison,
  TrafficCoverage,
} from '../protocol/traffic.ts';
import type { Work } from '../session/session.ts';
import type { Batch } from './batch.ts';
import type { AlongPlace, Complete, Visit } from './capture-machine.ts';
import { MOST_FRAMES } from './frames.ts';

export type ErrandResult = BlobFile | KeyHistory | TrafficComparison | TrafficCoverage;
/** Does some work; answers whether it was stopped on the way. */
export type Drive = (work: Work<void>) => Promise<boolean>;

/**
 * Something that is worked out along a capture beside its verdicts, a piece at a time: an export,
 * coverage, the history of a key.
 */
export interface Errand {
  /** For people. */
  readonly what: string;
  /** Packets that were looked at, and all of them. */
  readonly done: number;
  readonly total: number;
  readonly isDone: boolean;
  /** A piece of it. */
  piece(drive: Drive): Promise<void>;
  /** What came of it so far. */
  result(): ErrandResult;
}

/** What an errand looks at that runs the packets once more. */
export interface Rerun {
  readonly what: string;
  readonly visit: Visit;
  /** How a packet's run is brought to its end, where that is looked at, too. */
  readonly complete?: Complete;
  /** Packets of the next piece, at most. */
  readonly atOnce?: () => number;
  /** In front of a piece of packets from a place on, and behind it. */
  readonly begin?: (place: AlongPlace) => void;
  readonly end?: () => void;
  /** Nothing more can come of it. */
  readonly isOver?: () => boolean;
  readonly result: (packets: number, isWhole: boolean) => ErrandResult;
}

/** Runs the packets that have a verdict once more, from the first on, at a place of its own. */
export class RerunErrand implements Errand {
  readonly what: string;
  readonly total: number;
  private readonly batch: Batch;
  private readonly rerun: Rerun;
  private readonly place: ReturnType<Batch['near']>;

  constructor(batch: Batch, rerun: Rerun) {
    this.what = rerun.what;
    this.total = batch.done;
    this.batch = batch;
    this.rerun = rerun;
    this.place = batch.near(0);
  }

  get done(): number {
    return this.place.packet;
  }

  get isDone(): boolean {
    return this.done >= this.total || (this.rerun.isOver?.() ?? false);
  }

  async piece(drive: Drive): Promise<void> {
    const { visit, complete, atOnce, begin, end } = this.rerun;
    const behind = Math.min(this.total, this.done + (atOnce?.() ?? MOST_FRAMES));
    begin?.(this.place);
    try {
      await this.batch.again(this.place, behind, drive, visit, complete);
    } finally {
      end?.();
    }
  }

  result(): ErrandResult {
    return this.rerun.result(this.done, this.done >= this.total);
  }
}
