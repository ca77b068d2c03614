import { baseName } from '../bytes/base-name.ts';
import { MAX_TAIL_CALLS } from '../machine/machine.ts';
import type {
  DecisiveBranch,
  LineOfCode,
  MapLookup,
  MissedTailCall,
  ValueCauses,
} from '../protocol/messages.ts';
import type { Pc, Step } from '../spec/units.ts';

/** Parts that one reason names. */
const MOST_PARTS = 3;

/** One thing that took part in a result, in words. */
interface Reason {
  readonly what: string;
  /** `compared at filter.c:12`. */
  readonly where: string;
}

/** A place of a run that took part: what is told of it first, and what led to that. */
interface Place {
  readonly step: Step;
  readonly first: Reason;
  readonly rest: readonly Reason[];
}

/** Where a step is, for people. */
const placeOf = (how: string, line: LineOfCode | undefined, pc: Pc): string =>
  line ? `${how} at ${baseName(line.file)}:${line.line}` : `${how} by instruction ${pc}`;

/** The first of several, and how many more there are. */
function fewOf(parts: readonly string[]): string[] {
  const more = parts.length - MOST_PARTS;
  return [...parts.slice(0, MOST_PARTS), ...(more > 0 ? [`${more} more`] : [])];
}

const joined = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** A comparison: what it compared, then what only said where that is. */
function ofBranch({ step, line, pc, facts, foundBy }: DecisiveBranch): Place {
  const where = placeOf('compared', line, pc);
  const unsaid = facts.slice(MOST_PARTS);
  return {
    step,
    first: { what: joined(fewOf(facts)), where },
    rest: [...unsaid, ...foundBy].map((what) => ({ what, where })),
  };
}

const MISSED: { readonly [Why in MissedTailCall]: (slot: string) => string } = {
  empty: (slot) => `${slot} is empty, so bpf_tail_call came back`,
  'past-end': (slot) => `${slot} is past the end of the map, so bpf_tail_call came back`,
  limit: (slot) =>
    `bpf_tail_call through ${slot} came back: it was one more than the ${MAX_TAIL_CALLS} of a run`,
};

const isMissed = (lookup: MapLookup): lookup is MapLookup & { missed: MissedTailCall } =>
  lookup.missed !== undefined;

function ofTailCall({
  step,
  line,
  pc,
  map,
  keyText,
  missed,
}: MapLookup & { missed: MissedTailCall }): Place {
  const what = MISSED[missed](`${map}[${keyText}]`);
  return { step, first: { what, where: placeOf('called', line, pc) }, rest: [] };
}

/** What the value was made of, as one reason. */
function valueReason({ fields, others }: ValueCauses): string[] {
  const parts = [...fields, ...others].map(({ what, says }) => `${what}, which ${says}`);
  return parts.length === 0 ? [] : [`it comes from ${fewOf(parts).join('; ')}`];
}

/**
 * Each thing once, what the value was made of left out: as the first that is told of a place, or
 * else where it led to one.
 */
function inTurn(places: readonly Place[], { fields, others }: ValueCauses): string[] {
  const said = new Set([...fields, ...others].map(({ what, says }) => `${what} ${says}`));
  const isNews = ({ what }: Reason): boolean => !said.has(what) && said.add(what) !== undefined;
  const reasons = [...places.map(({ first }) => first), ...places.flatMap(({ rest }) => rest)];
  return reasons.filter(isNews).map(({ what, where }) => `${what}, ${where}`);
}

const NO_VALUE: ValueCauses = { fields: [], others: [] };

/** What a result can be because of. */
export interface Reasons {
  readonly branches: readonly DecisiveBranch[];
  readonly lookups: readonly MapLookup[];
  readonly value?: ValueCauses;
}

/**
 * Reasons of a result, the one that decided it first: what its value was made of, since nothing is
 * nearer to the end; then the place at step `deciding`; then all other places, the last first. That
 * a packet is long enough, or that a call could be done, is a reason only where there is no other.
 */
export function orderedReasons(
  { branches, lookups, value = NO_VALUE }: Reasons,
  deciding: Step | undefined,
): string[] {
  const values = valueReason(value);
  const told = branches.filter(({ facts }) => facts.length > 0);
  const asked = [
    ...told.filter(({ passes }) => !passes).map(ofBranch),
    ...lookups.filter(isMissed).map(ofTailCall),
  ].sort((a, b) => b.step - a.step);
  const places = asked.length + values.length > 0 ? asked : told.slice(-1).map(ofBranch);
  const first = places.filter(({ step }) => step === deciding);
  return [
    ...values,
    ...inTurn([...first, ...places.filter((place) => !first.includes(place))], value),
  ];
}
