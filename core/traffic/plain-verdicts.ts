import { MOST_PACKETS } from '../jit/batch.ts';
import type { RunOutcome } from '../session/outcome.ts';
import type { Judged } from '../session/packet-batch.ts';

/** Values of r0 that are told apart. */
const MOST_VALUES = 256;

/**
 * What packets come to that went through the program as they are, by r0 alone: a number for each
 * value that was seen before and says all.
 */
export class PlainVerdicts {
  /** Of the packets that were last looked at, by their place among those that were judged. */
  readonly numbers = new Uint16Array(MOST_PACKETS);
  private readonly known = new Map<number, number>();

  /** Behind the last packet, from a place on, that is one of those; the numbers are noted. */
  upTo(judged: Judged, from: number): number {
    const { count, r0Low, r0High } = judged;
    let last: number | undefined;
    let number: number | undefined;
    for (let i = from; i < count; i++) {
      if (r0Low[i] !== last) {
        last = r0Low[i];
        number = this.known.get(last);
      }
      if (number === undefined || r0High[i] !== 0 || !judged.isUsual(i)) return i;
      this.numbers[i] = number;
    }
    return count;
  }

  /** From now on such an r0 means this number, whatever the packet is. */
  note(r0: number, { verdict, ran, fault }: RunOutcome, number: number): void {
    const says = ran && fault === undefined && verdict.warning === undefined;
    if (says && verdict.action !== 'redirect' && this.known.size < MOST_VALUES)
      this.known.set(r0, number);
  }
}
