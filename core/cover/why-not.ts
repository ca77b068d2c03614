import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { dissect } from '../packet/dissect.ts';
import { programAt } from '../program/code.ts';
import { lineAt } from '../program/lines.ts';
import { HELPER_FAILURES } from '../spec/helper-failures.ts';
import type { BuiltHelperName } from '../spec/helpers.ts';
import { MAP_TYPE_ID, mapType } from '../spec/map-types.ts';
import type { Pc, Step } from '../spec/units.ts';
import { BranchViews } from '../why/branch-view.ts';
import { CauseNames } from '../why/cause-names.ts';
import type { EarlierTurn } from '../why/counterfactual.ts';
import { ALWAYS_THERE } from '../why/map-counterfactual.ts';
import { type Causes, comparedAt, compares, type SlicedBranch, SliceRoom } from '../why/slice.ts';
import { COMPARED_STRIDE, MAP_CALL_STRIDE, NO_STEP, type Trace } from '../why/trace.ts';
import { globalsAt } from './globals.ts';
import type { RunnableSession } from './set.ts';

/** Things that a branch hangs on that are named. */
const MOST_WORDS = 4;
/** Bytes of a packet that are shown. */
const MOST_SHOWN = 8;

/** Why a way is not taken; `isOpen`: no more is known than that nothing took it. */
interface WhyNot {
  readonly reason: string;
  readonly isOpen: boolean;
}

const closed = (reason: string): WhyNot => ({ reason, isOpen: false });

/**
 * Why the other way of a branch may not be found: what it hangs on. The machine has to stand before
 * the packet's first step; `parting`: where what would turn the branch goes before it.
 */
export function whyNot(
  session: RunnableSession,
  trace: Trace,
  branch: SlicedBranch,
): (parting: EarlierTurn | undefined) => WhyNot {
  const { machine } = session;
  const { causes } = branch;
  if (!compares(causes))
    return () => closed('what it compares is the same for every packet and every map');
  if (isAlwaysThere(machine, trace, branch)) {
    const always = 'an array has every index below its size:';
    const reason = isAlone(machine, trace, branch)
      ? `${always} the look-up always finds one`
      : `${always} nothing that was tried asks for another`;
    return () => closed(reason);
  }
  const constants = constantsOf(machine, branch);
  if (constants !== '')
    return () =>
      closed(
        `only with another value of ${constants}, set before the program is loaded: ` +
          'for a loaded program it is a constant',
      );
  const fails = failureOf(machine, trace, branch);
  if (fails !== undefined) return () => closed(fails);
  const update = updateBefore(trace, branch);
  if (update !== undefined && isJustPutIn(trace, update)) {
    const { name } = mapOfCall(machine, trace, update.call);
    return () =>
      closed(
        `the program has just put the entry into ${name}: only another CPU could take it out ` +
          'before this looks it up',
      );
  }
  if (isOfSurroundings(machine, trace, branch))
    return () =>
      closed(`only where the packet comes otherwise: ${wordsOf(session, trace, branch)}`);
  const words = wordsOf(session, trace, branch);
  const full = update ? `; it would where ${sizeOf(machine, trace, update.call)}` : '';
  const others = `${full}${ofCalled(machine, branch.pc)}`;
  const hangs = `nothing that was tried takes it; it hangs on this: ${words}${others}`;
  return (parting) =>
    parting
      ? closed(partingWords(machine, session.frame, parting))
      : { reason: hangs, isOpen: true };
}

/** In words, what a branch hangs on. */
function wordsOf(session: RunnableSession, trace: Trace, branch: SlicedBranch): string {
  const names = new CauseNames(session, trace);
  const layers = dissect(session.frame, session.hook === 'ubpf' ? 'raw' : 'ethernet').layers;
  const view = new BranchViews(session, trace, new SliceRoom(trace), names, layers).of(
    branch,
    false,
  );
  const words = new Set([...(view.answers ?? []), ...(view.facts ?? []), ...(view.foundBy ?? [])]);
  return [...words].map(withoutAddress).slice(0, MOST_WORDS).join(', ') || view.compared;
}

/** An address says nothing to a reader. */
const withoutAddress = (words: string): string => words.replace(/ gave \d{10,}$/, ' gave memory');

/** The answer of a look-up in an array is compared with NULL, whatever led to its index. */
function isAlwaysThere(machine: Machine, trace: Trace, { step, right, left }: SlicedBranch) {
  const { mapCalls } = comparedAt(trace, new SliceRoom(trace), step, 'direct');
  if (right !== 0n || left === 0n || mapCalls.size === 0) return false;
  return [...mapCalls].every((call) => ALWAYS_THERE.has(mapOfCall(machine, trace, call).type));
}

/** A look-up, and where the program has put an entry under that very key before it. */
interface Update {
  /** The call that looks it up, and its step; the step of the one that put it in. */
  readonly call: number;
  readonly asked: Step;
  readonly put: Step;
}

/** Of a look-up that is compared with NULL, and found what it asked for. */
function updateBefore(trace: Trace, { step, left, right }: SlicedBranch): Update | undefined {
  if (right !== 0n || left === 0n) return undefined;
  const { mapCalls } = comparedAt(trace, new SliceRoom(trace), step, 'direct');
  for (const call of mapCalls) {
    const [asked, map, key] = [0, 1, 2].map((at) => trace.mapCalls.at(call * MAP_CALL_STRIDE + at));
    if (key === NO_STEP) continue;
    for (let at = (call - 1) * MAP_CALL_STRIDE; at >= 0; at -= MAP_CALL_STRIDE) {
      const [put, other, otherKey] = [0, 1, 2].map((more) => trace.mapCalls.at(at + more));
      const isSame = other === map && trace.keys[otherKey] === trace.keys[key];
      if (isSame && trace.factsOf(put)?.helper === 'map_update_elem') return { call, asked, put };
    }
  }
  return undefined;
}

/** Between the two nothing else is called or compared than whether the entry went in. */
function isJustPutIn(trace: Trace, { asked, put }: Update): boolean {
  let isCompared = false;
  for (let at = 0; at < trace.compared.length; at += COMPARED_STRIDE) {
    const step = trace.compared.at(at);
    if (step < put || step > asked) continue;
    const { answers } = comparedAt(trace, new SliceRoom(trace), step, 'direct');
    const isAnswer = answers.size === 1 && answers.has(put);
    // Anything but 0: there was an entry before, which the update has left as it was.
    if (!isAnswer || trace.compared.at(at + 2) !== 0 || trace.compared.at(at + 3) !== 0)
      return false;
    isCompared = true;
  }
  for (let step = put + 1; step < asked; step++) if (trace.factsOf(step)?.effect) return false;
  return isCompared;
}

const sizeOf = (machine: Machine, trace: Trace, call: number): string => {
  const { name, maxEntries } = mapOfCall(machine, trace, call);
  return `${name} is full (it takes ${maxEntries.toLocaleString('en')})`;
};

/** The index is no packet's, nor what another map holds. */
const isAlone = (machine: Machine, trace: Trace, { causes }: SlicedBranch): boolean =>
  causes.packet.size === 0 &&
  [...causes.mapCalls].every((call) => ALWAYS_THERE.has(mapOfCall(machine, trace, call).type));

const mapOfCall = (machine: Machine, trace: Trace, call: number) =>
  machine.maps[trace.mapCalls.at(call * MAP_CALL_STRIDE + 1)].definition;

/** The names of constants, where a branch compares nothing else; empty: it does. */
function constantsOf(machine: Machine, { causes }: SlicedBranch): string {
  if (causes.memory.size === 0 || compares({ ...causes, memory: new Map() } as Causes)) return '';
  const variables = globalsAt(machine, causes.memory);
  if (variables.length === 0 || variables.some(({ map }) => !map.definition.readOnly)) return '';
  return [...new Set(variables.map(({ name }) => name))].join(', ');
}

/**
 * Fields of the context and settings alone are compared, which a set of packets has in common,
 * whoever called the program.
 */
function isOfSurroundings(machine: Machine, trace: Trace, { causes }: SlicedBranch): boolean {
  const { fields, settings } = causes;
  const isCalled = (call: number): boolean =>
    mapOfCall(machine, trace, call).type === MAP_TYPE_ID.prog_array;
  const rest = { fields: new Set(), settings: new Set(), answers: new Set(), mapCalls: new Set() };
  return (
    fields.size + settings.size > 0 &&
    !settings.has('time') &&
    [...causes.mapCalls].every(isCalled) &&
    !compares({ ...causes, ...rest } as Causes)
  );
}

/** When a helper fails whose answer is compared, where that is what is missing. */
function failureOf(
  machine: Machine,
  trace: Trace,
  { step: at, left, right }: SlicedBranch,
): string | undefined {
  const causes = comparedAt(trace, new SliceRoom(trace), at, 'direct');
  const helperOf = (step: Step): string => trace.factsOf(step)?.helper ?? '';
  // What look-ups found led to the call.
  const asked = [...causes.answers].filter((step) => !helperOf(step).startsWith('map_lookup'));
  const [step = NO_STEP, ...others] = asked;
  const helper = helperOf(step);
  const when = HELPER_FAILURES[helper as BuiltHelperName];
  const isDone = helper === 'ringbuf_reserve' ? left !== 0n : left === 0n;
  if (when === undefined || others.length > 0 || right !== 0n || !isDone) return undefined;
  const maps = [...causes.mapCalls].filter(
    (call) => trace.mapCalls.at(call * MAP_CALL_STRIDE) === step,
  );
  const sizes = maps.map((call) => {
    const { name, type, maxEntries } = mapOfCall(machine, trace, call);
    const makesRoom = mapType(type)?.name.startsWith('lru') === true;
    if (makesRoom) return ` (${name} is LRU: it makes room by itself)`;
    return ` (${name} takes ${maxEntries.toLocaleString('en')})`;
  });
  return `bpf_${helper} never failed: it does where ${when}${sizes.join('')}`;
}

/** Of a packet that goes another way before it could turn the branch: what it is, and where. */
function partingWords(
  { code }: Machine,
  frame: Uint8Array,
  { pc, frame: other, offset, bytes }: EarlierTurn,
): string {
  const line = lineAt(code, pc);
  const place = `instruction ${pc}${line ? ` (line ${line.line})` : ''}`;
  const shown = toHex(bytes.subarray(0, MOST_SHOWN)) + (bytes.length > MOST_SHOWN ? '…' : '');
  const what =
    other.length === frame.length
      ? `a packet with ${shown} at byte ${offset}`
      : `a packet of ${other.length} bytes`;
  return `what would turn it, ${what}, goes another way before, at ${place}`;
}

/** What another program that was tail-called does may depend on what the first did. */
function ofCalled({ code }: Machine, pc: Pc): string {
  const program = programAt(code, pc);
  return program === undefined || program === code.programs[0]
    ? ''
    : `; ${program.name} may take it where it is attached by itself`;
}
