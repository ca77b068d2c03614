import type { Verdict } from '../hooks/verdict.ts';

/** Verdicts that are told apart: a program may return any number. */
const MOST_VERDICTS = 250;

export type VerdictName = Pick<Verdict, 'name' | 'action'>;
const OTHERS: VerdictName = { name: 'others', action: 'other' };

/** Numbers for verdicts, as they come, so that a column holds one in a byte. */
export class VerdictNumbers {
  /** By their numbers. */
  readonly verdicts: VerdictName[] = [];
  private readonly numbers = new Map<string, number>();

  /** The number of a verdict, a new one where it has none; where all are taken, the others'. */
  of({ name, action }: VerdictName): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    if (this.verdicts.length >= MOST_VERDICTS && name !== OTHERS.name) return this.of(OTHERS);
    this.numbers.set(name, this.verdicts.length);
    return this.verdicts.push({ name, action }) - 1;
  }
}
