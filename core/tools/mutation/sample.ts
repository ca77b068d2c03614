import type { Random } from '../../testing/random.ts';
import type { Mutant } from './mutants.ts';
import type { Numbered } from './switched.ts';

/** Whether two changes share text without one lying in the other: both cannot stand in one file. */
const cross = (a: Mutant, b: Mutant): boolean =>
  a.file === b.file &&
  a.start < b.end &&
  b.start < a.end &&
  !(a.start <= b.start && b.end <= a.end) &&
  !(b.start <= a.start && a.end <= b.end);

/** Changes that are compiled at once. */
const AT_ONCE = 600;

/** `count` changes drawn at random of those that compile, and how many were drawn that do not. */
export function sampled(
  all: readonly Mutant[],
  count: number,
  random: Random,
  compiling: (mutants: readonly Mutant[]) => readonly boolean[],
): { mutants: Numbered[]; refused: number } {
  const left = [...all];
  const mutants: Numbered[] = [];
  let refused = 0;
  while (mutants.length < count && left.length > 0) {
    const some = Math.min(left.length, Math.ceil(1.3 * (count - mutants.length)), AT_ONCE);
    const drawn = Array.from({ length: some }, () => left.splice(random.below(left.length), 1)[0]);
    for (const [i, compiles] of compiling(drawn).entries()) {
      const mutant = drawn[i];
      if (mutants.length === count || mutants.some((other) => cross(mutant, other))) continue;
      if (compiles) mutants.push({ ...mutant, id: mutants.length });
      else refused += 1;
    }
  }
  return { mutants, refused };
}
