import type { DecisiveBranch, ValueCauses } from '../protocol/messages.ts';

/** Reasons that a sentence has room for. */
const MOST_REASONS = 6;

/** Where a branch is, for people. */
const placeOf = ({ line, pc }: DecisiveBranch): string =>
  line ? `compared at ${line.file.replace(/.*\//, '')}:${line.line}` : `compared by instruction ${pc}`;

/** What of a branch is no field: settings, variables, entries, answers of helpers. */
const othersOf = ({ others, answers }: DecisiveBranch): string[] => [...others.map(({ text }) => text), ...answers];

interface Reason {
  readonly what: string;
  /** `compared at filter.c:12`; without where it is no comparison. */
  readonly where?: string;
}

/** Each thing that was compared once, the last comparison first. */
function comparisons(branches: readonly DecisiveBranch[]): Reason[] {
  return branches
    .toReversed()
    .flatMap((branch) =>
      [...branch.fields.map(({ says }) => says), ...othersOf(branch)].map((what) => ({ what, where: placeOf(branch) })),
    );
}

const lengthReason = (branch: DecisiveBranch): Reason => ({
  what: `the packet's length is ${branch.length} bytes`,
  where: placeOf(branch),
});

function unique(reasons: readonly Reason[]): Reason[] {
  const said = new Set<string>();
  return reasons.filter(({ what }) => !said.has(what) && said.add(what));
}

/** What the value was made of, as one reason. */
function valueReason({ fields, others }: ValueCauses): Reason[] {
  const parts = [...fields.map(({ says }) => says), ...others.map(({ text }) => text)];
  const more = parts.length - MOST_REASONS;
  const said = parts.slice(0, MOST_REASONS).join(', ');
  return parts.length === 0 ? [] : [{ what: `it comes from ${said}${more > 0 ? ` and ${more} more` : ''}` }];
}

/**
 * What a verdict is because of. That a packet is long enough, or that a call could be done, is a reason only where
 * nothing else was asked.
 */
export function reasonsOf(branches: readonly DecisiveBranch[], value: ValueCauses | undefined): string[] {
  const decisive = branches.filter(({ passes }) => !passes);
  const lengths = decisive.filter(({ length }) => length !== undefined);
  const first = unique([
    ...comparisons(decisive.filter(({ length }) => length === undefined)),
    ...lengths.toReversed().flatMap((branch) => [...comparisons([branch]), lengthReason(branch)]),
  ]);
  // What was compared last stands first.
  const inOrder = first.toSorted((a, b) => rank(branches, b) - rank(branches, a));
  const values = value ? valueReason(value) : [];
  const found = [...inOrder, ...values];
  const passed = branches.filter(({ passes }) => passes);
  const checks = unique(
    passed.toReversed().flatMap((branch) => [
      ...comparisons([branch]),
      ...(branch.length === undefined ? [] : [lengthReason(branch)]),
    ]),
  );
  return inWords(found.length > 0 ? found : checks.slice(0, 1), values.length);
}

const rank = (branches: readonly DecisiveBranch[], { where }: Reason): number =>
  branches.findLastIndex((branch) => placeOf(branch) === where);

/** So many of them as there is room for, values always. */
function inWords(reasons: readonly Reason[], values: number): string[] {
  const compared = reasons.slice(0, reasons.length - values);
  const shown = compared.slice(0, MOST_REASONS);
  const more = compared.length - shown.length;
  return [
    ...shown.map(({ what, where }) => (where === undefined ? what : `${what}, ${where}`)),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...reasons.slice(reasons.length - values).map(({ what }) => what),
  ];
}
