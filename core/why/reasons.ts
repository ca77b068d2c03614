import type { DecisiveBranch, ValueCauses } from '../protocol/messages.ts';

/** Reasons that a sentence has room for. */
const MOST_REASONS = 6;

/** Where a branch is, for people. */
const placeOf = ({ line, pc }: DecisiveBranch): string =>
  line
    ? `compared at ${line.file.replace(/.*\//, '')}:${line.line}`
    : `compared by instruction ${pc}`;

interface Reason {
  readonly what: string;
  /** `compared at filter.c:12`. */
  readonly where: string;
}

/** What one branch compared: answers of helpers before what they were worked out from. */
function reasonsOfBranch(branch: DecisiveBranch): Reason[] {
  const where = placeOf(branch);
  const told = [...branch.fields, ...branch.others].map(({ what, says }) => `${what} ${says}`);
  const length =
    branch.length === undefined ? [] : [`the packet's length is ${branch.length} bytes`];
  return [...branch.answers, ...told, ...length].map((what) => ({ what, where }));
}

/** Each thing once, the last comparison first. */
function comparisons(branches: readonly DecisiveBranch[]): Reason[] {
  const said = new Set<string>();
  return branches
    .toReversed()
    .flatMap(reasonsOfBranch)
    .filter(({ what }) => !said.has(what) && said.add(what));
}

/** What the value was made of, as one reason. */
function valueReason({ fields, others }: ValueCauses): string[] {
  const parts = [...fields, ...others].map(({ what, says }) => `${what}, which ${says}`);
  const more = parts.length - MOST_REASONS;
  const said = parts.slice(0, MOST_REASONS).join('; ');
  return parts.length === 0 ? [] : [`it comes from ${said}${more > 0 ? `; and ${more} more` : ''}`];
}

/**
 * What a verdict is because of. That a packet is long enough, or that a call could be done, is a
 * reason only where nothing else was asked.
 */
export function verdictReasons(
  branches: readonly DecisiveBranch[],
  value: ValueCauses | undefined,
): string[] {
  const decisive = comparisons(branches.filter(({ passes }) => !passes));
  const values = value ? valueReason(value) : [];
  const found = decisive.length + values.length > 0 ? decisive : comparisons(branches).slice(0, 1);
  const more = found.length - MOST_REASONS;
  return [
    ...found.slice(0, MOST_REASONS).map(({ what, where }) => `${what}, ${where}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...values,
  ];
}
