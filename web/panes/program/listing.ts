import type { CodeRow, CodeView, Explanation } from '../../../core/protocol/messages.ts';

/** A row of the listing: the head of a function, or one of its instructions. */
export type ListingRow =
  | { kind: 'function'; name: string; section: string; start: number }
  | { kind: 'instruction'; row: CodeRow };

/** Instructions in order, each function under its head. */
export function listingRows(code: CodeView): ListingRow[] {
  const heads = new Map(code.functions.map((head) => [head.start, head]));
  return code.rows.flatMap((row): ListingRow[] => {
    const head = heads.get(row.pc);
    const instruction: ListingRow = { kind: 'instruction', row };
    return head
      ? [
          { kind: 'function', name: head.name, section: head.section, start: head.start },
          instruction,
        ]
      : [instruction];
  });
}

/** Where the instruction that runs next can go on: what a row is marked with. */
export interface Branch {
  target: number;
  /** The slot after it, for a jump with a condition. */
  otherwise?: number;
}

export function branchOf(
  rows: readonly CodeRow[],
  current: CodeRow | undefined,
): Branch | undefined {
  if (current?.target === undefined) return undefined;
  if (!current.conditional) return { target: current.target };
  const next = rows[rows.indexOf(current) + 1];
  return { target: current.target, otherwise: next?.pc };
}

/** How an instruction had a part in what is explained: a branch by the way it took last. */
export type Reason = 'went in' | 'jumped' | 'went on';

export function reasonsOf(why: Explanation | undefined): ReadonlyMap<number, Reason> {
  const reasons = new Map<number, Reason>();
  for (const pc of why?.pcs ?? []) reasons.set(pc, 'went in');
  for (const { pc, taken } of why?.branches ?? []) reasons.set(pc, taken ? 'jumped' : 'went on');
  return reasons;
}

export const spokenReason = (reason: Reason): string =>
  reason === 'went in' ? 'went into what is explained' : `decided what is explained: it ${reason}`;
