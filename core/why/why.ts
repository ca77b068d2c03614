import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { dissect } from '../packet/dissect.ts';
import type { FieldNode } from '../packet/types.ts';
import type { Cause, Explanation, MapLookup, WatchTarget } from '../protocol/messages.ts';
import type { Session, Work } from '../session/session.ts';
import { isRegister, MOST_WATCHED, nameOfTarget, placeOfMemory } from '../session/travel/watch.ts';
import { programType } from '../spec/program-types.ts';
import type { Step } from '../spec/units.ts';
import { BranchViews, factsOf } from './branch-view.ts';
import { CauseNames } from './cause-names.ts';
import { type Counterfactual, CounterfactualSearch } from './counterfactual.ts';
import { DecidingSearch } from './deciding.ts';
import { bytesText } from './field-parts.ts';
import { LINK_HEADER_REASON, linkHeaderChange } from './link-header.ts';
import { lookupsOf } from './lookups.ts';
import { MapCounterfactualSearch } from './map-counterfactual.ts';
import { changeOf } from './needed.ts';
import { orderedReasons } from './reasons.ts';
import {
  compares,
  type SlicedBranch,
  type SliceResult,
  SliceRoom,
  sliceOfMemory,
  sliceOfRegister,
  sliceOfResult,
} from './slice.ts';
import { type Trace, type Traced, traceRun } from './trace.ts';

/** Branches for which another packet is looked for. */
const MOST_TRIED = 24;

function ranges(bytes: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const byte of [...bytes].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] === byte) last[1] = byte + 1;
    else found.push([byte, byte + 1]);
  }
  return found;
}

const layersOf = (session: Session, frame: Uint8Array): readonly FieldNode[] =>
  dissect(frame, session.hook === 'ubpf' ? 'raw' : 'ethernet').layers;

/** The sentence, what came out and the one thing that decided it; and what else took part. */
function sentence(
  session: Session,
  subject: string,
  reasons: readonly string[],
  result: SliceResult,
): Pick<Explanation, 'text' | 'more'> {
  if (result.steps === 0 && session.bypass === undefined)
    return { text: `${subject}: no step before this one wrote it.`, more: [] };
  const [first, ...more] = reasons;
  return { text: `${subject}: ${first ?? withoutReason(session, result)}.`, more };
}

/** Where nothing was compared that has a name. */
function withoutReason(session: Session, { causes }: SliceResult): string {
  const decided = ranges([...causes.packet.keys()]);
  if (decided.length > 0) {
    const bytes = decided.map(([from, to]) => bytesText(from, to - from)).join(', ');
    return `it comes from ${bytes} of the packet`;
  }
  return session.bypass ?? 'nothing of the packet went into it';
}

function sliceFor(
  session: Session,
  machine: Machine,
  trace: Trace,
  target: WatchTarget | undefined,
): SliceResult {
  if (target === undefined) {
    const bits = programType(session.hook).helpers === 'filter-ubpf' ? 64 : 32;
    return sliceOfResult(trace, bits, session.outcome?.verdict.action === 'redirect');
  }
  if (target.kind === 'register') {
    if (!isRegister(target.index)) throw new InputError(nameOfTarget(target), 'is no register');
    return sliceOfRegister(trace, target.index);
  }
  if (target.kind === 'map')
    throw new InputError(
      nameOfTarget(target),
      'cannot be explained: go back to the step that changed it',
    );
  if (target.length > MOST_WATCHED)
    throw new InputError(
      nameOfTarget(target),
      `${target.length} bytes, more than the ${MOST_WATCHED} that can be explained`,
    );
  const at = placeOfMemory(machine, target.region, target.offset, target.length);
  if (at === undefined) throw new InputError(nameOfTarget(target), 'is not there at this step');
  return sliceOfMemory(trace, at, target.length);
}

/**
 * Explains the verdict, or what something holds at this step. Runs the packet anew; the session
 * stands where it stood.
 */
export function* explainResult(
  session: Session,
  target: WatchTarget | undefined,
): Work<Explanation> {
  const machine = session.machine;
  if (machine === undefined || session.outcome === undefined)
    throw new InputError('program', session.problem ?? 'has not run');
  const { steps } = target === undefined ? session.outcome : machine;
  const until = session.bypass === undefined ? steps : 0;
  return yield* session.replay(explained(session, machine, target, until));
}

/** Runs the packet anew, up to the step that is asked about. */
function* explained(
  session: Session,
  machine: Machine,
  target: WatchTarget | undefined,
  until: Step,
): Work<Explanation> {
  const trace = yield* traced(session, until);
  const result = sliceFor(session, machine, trace, target);
  const lookups = yield* lookupsWithChanges(session, result.mapCalls, target === undefined);
  const { edits, ...found } = inWords(session, target, trace, result);
  if (target !== undefined) {
    const reasons = [...edits, ...orderedReasons({ ...found, lookups }, undefined)];
    return whole(sentence(session, nameOfTarget(target), reasons, result), found);
  }
  const told = yield* withCounterfactuals(session, trace, result, found);
  const option = yield* linkHeaderChange(session, result);
  const deciding = yield* decidingStep(session, result, told, lookups);
  const reasons = [
    ...(option ? [LINK_HEADER_REASON] : []),
    ...edits,
    ...orderedReasons({ ...told, lookups }, deciding),
  ];
  const said = sentence(session, session.outcome!.verdict.text, reasons, result);
  return whole({ ...said, ...(option && { option }) }, told);

  function whole(said: Pick<Explanation, 'text' | 'more' | 'option'>, told: Told): Explanation {
    return {
      ...told,
      ...said,
      kind: 'why',
      totalSteps: until,
      lookups,
      ...noteOf(trace, until, result),
    };
  }
}

/** The value itself, where it was made of anything, is nearer to the end than any place. */
function* decidingStep(
  session: Session,
  result: SliceResult,
  { branches, value }: Told,
  lookups: readonly MapLookup[],
): Work<Step | undefined> {
  if (value) return undefined;
  const compared = branchesOf(result).map((branch, i) => ({ branch, view: branches[i] }));
  return yield* new DecidingSearch(session).find(compared, lookups);
}

/** What is missing of the story. */
function noteOf(
  trace: Trace,
  until: Step,
  { moreBranches, throughTime }: SliceResult,
): { note?: string } {
  const notes = [
    ...(trace.steps < until ? [`Only the first ${trace.steps} steps were looked at.`] : []),
    ...(moreBranches > 0
      ? [`${moreBranches} more comparisons like these decided, in rounds of loops before.`]
      : []),
    ...(throughTime
      ? ['The clock counts instructions: what decided how many ran before it was asked counts too.']
      : []),
  ];
  return notes.length === 0 ? {} : { note: notes.join(' ') };
}

/** What maps were asked; for the verdict, with what in them would change it. */
function* lookupsWithChanges(
  session: Session,
  calls: SliceResult['mapCalls'],
  turns: boolean,
): Work<MapLookup[]> {
  const lookups = lookupsOf(session, calls);
  if (!turns) return lookups;
  const search = new MapCounterfactualSearch(session);
  const found: MapLookup[] = [];
  for (const lookup of lookups) {
    const change = yield* search.find(lookup);
    found.push({ ...lookup, ...(change && { change }) });
  }
  return found;
}

function* traced(session: Session, until: Step): Work<Trace> {
  const work = traceRun(session as Session & Traced, until);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    yield { what: 'looking for what made it', done: next.value, total: until };
  }
}

/** What of an explanation a slice tells. */
type Told = Pick<Explanation, 'pcs' | 'steps' | 'decided' | 'causes' | 'branches' | 'value'>;

const branchesOf = ({ branches }: SliceResult): SlicedBranch[] =>
  branches.filter(({ causes }) => compares(causes));

/**
 * The same with packets that take branches the other way, the last ones first, and one that gives
 * another value.
 */
function* withCounterfactuals(
  session: Session,
  trace: Trace,
  result: SliceResult,
  told: Told,
): Work<Told> {
  const search = new CounterfactualSearch(session, trace);
  const compared = branchesOf(result);
  const found = new Map<number, Counterfactual>();
  for (const [back, branch] of compared.slice(-MOST_TRIED).reverse().entries()) {
    const counterfactual = yield* search.find(branch);
    if (counterfactual) found.set(compared.length - 1 - back, counterfactual);
  }
  const byValue = told.value && (yield* search.findForValue(result.value.packet));
  const layers = (frame: Uint8Array) => layersOf(session, frame);
  return {
    ...told,
    branches: told.branches.map((branch, i) => {
      const turned = found.get(i);
      return turned
        ? { ...branch, change: changeOf(session, compared[i], turned, layers) }
        : branch;
    }),
    ...(told.value && {
      value: {
        ...told.value,
        ...(byValue && { change: changeOf(session, undefined, byValue, layers) }),
      },
    }),
  };
}

/** All that went into it, byte for byte. */
function allCauses(
  names: CauseNames,
  length: number,
  { causes, throughTime }: SliceResult,
): Cause[] {
  const list = (of: SliceResult['causes']): Cause[] => [
    ...[...of.packet].map(
      ([offset, bits]): Cause => ({
        kind: 'packet',
        name: `byte ${offset}`,
        what: `byte ${offset}`,
        says: 'counts',
        offset,
        bits,
      }),
    ),
    ...(of.length
      ? [
          {
            kind: 'length',
            name: 'length',
            what: "the packet's length",
            says: `is ${length} bytes`,
          } as const,
        ]
      : []),
    ...names.named(of),
  ];
  const later = throughTime
    ? list(throughTime).map((cause) => ({ ...cause, throughTime: true as const }))
    : [];
  return [...list(causes), ...later];
}

/**
 * Bytes without which the program would not have seen the packet, or would have seen it from
 * elsewhere on.
 */
const entryCauses = (session: Session): Cause[] =>
  session.entryBytes().flatMap(([from, to]) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => ({
      kind: 'packet' as const,
      name: `byte ${from + i}`,
      what: `byte ${from + i}`,
      says:
        session.bypass === undefined ? 'lets the program run' : 'keeps the program from running',
      offset: from + i,
      bits: 0xff,
      atEntry: true as const,
    })),
  );

/** Before anything is tried: the machine goes to where it began. */
function inWords(
  session: Session,
  target: WatchTarget | undefined,
  trace: Trace,
  result: SliceResult,
): Told & { edits: string[] } {
  const { frame, machine } = session;
  machine!.restore(session.history.before(0));
  const layers = layersOf(session, frame);
  const names = new CauseNames(session, trace);
  const views = new BranchViews(session, trace, new SliceRoom(trace), names, layers);
  const compared = branchesOf(result);
  const branches = compared.map((branch, i) => views.of(branch, i === compared.length - 1));
  const edits = names
    .named(result.causes)
    .filter(({ kind }) => kind === 'edit')
    .map(({ what, says }) => `${what} ${says}`);
  const own = names.told(result.value).filter(({ kind }) => kind !== 'edit');
  const fields = factsOf(layers, result.value.packet, frame);
  const value = fields.length + own.length > 0 ? { fields, others: own } : undefined;
  return {
    edits,
    pcs: [...result.pcs].sort((a, b) => a - b),
    steps: result.steps,
    decided: ranges([...result.causes.packet.keys()]),
    causes: [
      ...allCauses(names, frame.length, result),
      ...(target === undefined ? entryCauses(session) : []),
    ],
    branches,
    ...(value && { value }),
  };
}
