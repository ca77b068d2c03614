import type { Mutant } from './mutants.ts';

/** A change with its number in the sample. */
export interface Numbered extends Mutant {
  readonly id: number;
}

/**
 * A file that holds every change of the sample at once, each behind a question: `__mutant(7)` notes
 * that the place was reached, and answers whether change 7 is the one that is on trial. So the
 * tests are compiled once, not once a change.
 */
export function switched(source: string, mutants: readonly Numbered[]): string {
  const wider = [...mutants].sort((a, b) => a.start - b.start || b.end - a.end || a.id - b.id);
  return rendered(source, 0, source.length, wider);
}

/**
 * The text of [from, to) with the changes that lie in it; they are in order, those around others
 * first.
 */
function rendered(source: string, from: number, to: number, mutants: readonly Numbered[]): string {
  let text = '';
  let at = from;
  for (let i = 0; i < mutants.length; ) {
    const mutant = mutants[i];
    let next = i + 1;
    while (next < mutants.length && mutants[next].start < mutant.end) next += 1;
    text += source.slice(at, mutant.start) + choice(source, mutant, mutants.slice(i + 1, next));
    at = mutant.end;
    i = next;
  }
  return text + source.slice(at, to);
}

function choice(source: string, mutant: Numbered, inner: readonly Numbered[]): string {
  const unchanged = rendered(source, mutant.start, mutant.end, inner);
  if (mutant.statement) return `{ if (__mutant(${mutant.id})) {} else ${unchanged} }`;
  if (mutant.kind !== 'swap arguments')
    return `(__mutant(${mutant.id}) ? (${mutant.to}) : (${unchanged}))`;
  return `...(__mutant(${mutant.id}) ? [${mutant.to}] : [${unchanged}])`;
}
