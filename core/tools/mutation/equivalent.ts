import { readFileSync } from 'node:fs';
import type { Mutant } from './mutants.ts';

/**
 * A change that no test can see: `place` is a part of its lines, with the text that is changed in ⟦
 * ⟧, and one space where there are several.
 */
export interface Equivalent {
  readonly file: string;
  readonly place: string;
  readonly to: string;
  readonly why: string;
}

export const EQUIVALENT: readonly Equivalent[] = JSON.parse(
  readFileSync('core/tools/mutation/equivalent.json', 'utf8'),
);

export const inOneLine = (text: string): string => text.replace(/\s+/g, ' ');

/** The lines a change is in, with the text that is changed in ⟦ ⟧. */
function marked({ start, end }: Mutant, source: string): string {
  const [first, last] = [source.lastIndexOf('\n', start) + 1, `${source}\n`.indexOf('\n', end)];
  const before = source.slice(first, start);
  return inOneLine(`${before}⟦${source.slice(start, end)}⟧${source.slice(end, last)}`);
}

/** Whether a change of a file, whose text is `source`, is that one. */
export const isThat = ({ file, place, to }: Equivalent, mutant: Mutant, source: string): boolean =>
  file === mutant.file && to === inOneLine(mutant.to) && marked(mutant, source).includes(place);

export const equivalentTo = (mutant: Mutant): Equivalent | undefined =>
  EQUIVALENT.find(
    (known) =>
      known.file === mutant.file && isThat(known, mutant, readFileSync(known.file, 'utf8')),
  );
