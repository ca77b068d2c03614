import type { CodeSpace } from '../machine/code-space.ts';
import { lineKey } from '../program/lines.ts';
import type { JumpWay } from './ways.ts';

/** Lines of C with conditional jumps: all, and those of which every way is taken. */
export interface LineCount {
  readonly all: number;
  readonly before: number;
  readonly after: number;
}

/**
 * A line that the compiler has put into several places is taken whole where each of them is: which
 * way of one is that of another it does not say.
 */
export function coveredLines(
  code: CodeSpace,
  all: readonly JumpWay[],
  missedBefore: readonly JumpWay[],
  missing: readonly JumpWay[],
): LineCount | undefined {
  const count = (ways: readonly JumpWay[]): number =>
    new Set(ways.map(({ pc }) => lineKey(code, pc)).filter((key) => key !== undefined)).size;
  const lines = count(all);
  if (lines === 0) return undefined;
  return { all: lines, before: lines - count(missedBefore), after: lines - count(missing) };
}
