import type { RunOutcome } from './outcome.ts';
import type { Judged } from './packet-batch.ts';

/** Outcomes that are kept: a program may return any number. */
const MOST_KNOWN = 1024;

/**
 * Outcomes that stand for those of all packets with the same r0, so that of millions none has to be
 * made: they differ in their steps, and in the packet that goes on, which is the one that came.
 */
export class AlikeOutcomes {
  private readonly known = new Map<number, RunOutcome>();

  /** undefined: the packet's outcome is one of its own. */
  of(judged: Judged, index: number): RunOutcome | undefined {
    if (!judged.isUsual(index) || judged.r0High[index] !== 0) return undefined;
    const r0 = judged.r0Low[index];
    const known = this.known.get(r0);
    if (known || this.known.size === MOST_KNOWN) return known;
    const outcome = judged.outcome(index);
    this.known.set(r0, outcome);
    return outcome;
  }
}
