/** Questions to the code that the worker sent; several parts of the page ask them. */
import { baseName } from '../../core/bytes/base-name.ts';
import type { BreakpointRule, CodeRow, CodeView, Snapshot } from '../../core/protocol/messages.ts';

/** The instruction that starts at this slot. */
export function rowAt(rows: readonly CodeRow[], pc: number | undefined): CodeRow | undefined {
  if (pc === undefined) return undefined;
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row.pc === pc) return row;
    if (row.pc < pc) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** Backgrounds that tell C lines apart; the theme has this many. */
const TINTS = 8;

/** The tint of each C line: lines that follow one another in the code differ. */
export function tintOfLines(code: CodeView): Map<number, number> {
  const tints = new Map<number, number>();
  for (const { line } of code.rows)
    if (line !== undefined && !tints.has(line)) tints.set(line, tints.size % TINTS);
  return tints;
}

/**
 * Whether two spellings name one file: debug info has a path where a dropped file has its last
 * part.
 */
export const sameFile = (a: string, b: string): boolean => a === b || baseName(a) === baseName(b);

/** Where the run stands: what runs next, or once it is over what it ended at. */
export const standsAt = (snapshot: Snapshot | undefined): number | undefined =>
  snapshot?.pc ?? (snapshot?.status === 'bypassed' ? undefined : snapshot?.last?.pc);

/** What a breakpoint is, for its sign: it stops, or only under a condition, or writes. */
export type BreakpointKind = 'stops' | 'condition' | 'hits' | 'log';

export function kindOfBreakpoint(
  rules: readonly BreakpointRule[],
  pcs: readonly number[],
): BreakpointKind {
  const rule = rules.find(({ pc }) => pcs.includes(pc));
  if (rule?.log) return 'log';
  if (rule?.condition) return 'condition';
  return (rule?.hits ?? 1) > 1 ? 'hits' : 'stops';
}

export const BREAKPOINT_WORDS: Readonly<Record<BreakpointKind, string>> = {
  stops: 'breakpoint',
  condition: 'breakpoint with a condition',
  hits: 'breakpoint that counts',
  log: 'breakpoint that writes a line',
};
