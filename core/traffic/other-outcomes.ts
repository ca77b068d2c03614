import { NumberColumn } from '../bytes/number-column.ts';
import { type VerdictName, VerdictNumbers } from './verdict-numbers.ts';

/** What packets came to on the other side of a comparison, in columns: two bytes a packet. */
export class OtherOutcomes {
  private readonly numbers = new VerdictNumbers();
  private readonly verdict = new NumberColumn();
  private readonly differs = new NumberColumn();

  /** Packets that have one. */
  get length(): number {
    return this.verdict.length;
  }

  /** What became of the next packet, and whether that is anything else than on this side. */
  add(verdict: VerdictName, differs: boolean): void {
    this.verdict.push(this.numbers.of(verdict));
    this.differs.push(differs ? 1 : 0);
  }

  verdictOf(packet: number): VerdictName {
    return this.numbers.verdicts[this.verdict.at(packet)];
  }

  isOther(packet: number): boolean {
    return this.differs.at(packet) === 1;
  }

  /** The next packet behind one that differs. */
  next(behind: number): number | undefined {
    for (let packet = behind + 1; packet < this.length; packet++)
      if (this.isOther(packet)) return packet;
    return undefined;
  }
}
