import { disassemble } from '../asm/disassemble.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { dissect } from '../packet/dissect.ts';
import type { FieldNode } from '../packet/types.ts';
import type { DecisiveBranch, Edit, Explanation, MapLookup, TurningChange, WatchTarget } from '../protocol/messages.ts';
import { lineAt } from './code-view.ts';
import { nameOfEdit } from './edits.ts';
import { lookupsOf } from './lookups.ts';
import { MapTurner } from './map-turn.ts';
import type { Session, Work } from './session.ts';
import { type SlicedBranch, type SliceResult, sliceOfMemory, sliceOfRegister, sliceOfResult } from './slice.ts';
import { type Trace, type Traced, traceRun } from './trace.ts';
import { type Turned, Turner } from './turn.ts';
import { MOST_WATCHED, nameOfTarget, placeOfMemory } from './watch.ts';

/** Branches for which another packet is looked for. */
const MOST_TRIED = 24;
const MOST_REASONS = 4;

/** Leaves of a dissection that lie in some bytes. */
function fieldsIn(layers: readonly FieldNode[], bytes: readonly number[]): FieldNode[] {
  const wanted = new Set(bytes);
  const covers = ({ offset, length }: FieldNode): boolean =>
    Array.from({ length: Math.min(length, 64) }, (_, i) => offset + i).some((byte) => wanted.has(byte));
  const leaves = (node: FieldNode): FieldNode[] => {
    if (!covers(node)) return [];
    const inner = node.children.flatMap(leaves);
    return inner.length > 0 ? inner : [node];
  };
  return layers.flatMap(leaves);
}

function ranges(bytes: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const byte of [...bytes].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] === byte) last[1] = byte + 1;
    else found.push([byte, byte + 1]);
  }
  return found;
}

const bytesText = (offset: number, length: number): string =>
  length === 1 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`;

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const SIGN: Readonly<Record<string, string>> = {
  jeq: '==',
  jne: '!=',
  jgt: '>',
  jge: '>=',
  jlt: '<',
  jle: '<=',
  jset: '&',
  jsgt: 's>',
  jsge: 's>=',
  jslt: 's<',
  jsle: 's<=',
};

/** What the packet has to be, in its fields' own words. */
function neededFor(session: Session, branch: SlicedBranch, turned: Turned): string {
  if (turned.frame.length !== session.frame.length) return `a packet of ${turned.frame.length} bytes`;
  const bytes = Array.from(turned.bytes, (_, i) => turned.offset + i);
  const now = fieldsIn(layersOf(session, session.frame), bytes);
  const then = fieldsIn(layersOf(session, turned.frame), bytes);
  const row = session.machine!.code.instructions[branch.pc]?.row;
  const equality = turned.exact && row?.kind === 'jump' && (row.op === 'jeq' || row.op === 'jne');
  const wantsOther = equality && (row.op === 'jeq') === branch.taken;
  const words = then.flatMap((field) => {
    const before = now.find(({ name, offset }) => name === field.name && offset === field.offset);
    if (before === undefined || before.text === field.text) return [];
    if (wantsOther) return [`${field.name} other than ${before.text}`];
    return [equality ? `${field.name} ${field.text}` : `${field.name} such as ${field.text}`];
  });
  return words.slice(0, 3).join(', ') || `${bytesText(turned.offset, turned.bytes.length)} ${toHex(turned.bytes)}`;
}

function changeOf(session: Session, branch: SlicedBranch, turned: Turned): TurningChange {
  const { offset, bytes, frame, verdict } = turned;
  const resized = frame.length !== session.frame.length;
  return {
    needed: neededFor(session, branch, turned),
    offset,
    bytes: resized ? '' : toHex(bytes),
    ...(resized && { length: frame.length }),
    verdict,
  };
}

const layersOf = (session: Session, frame: Uint8Array): readonly FieldNode[] =>
  dissect(frame, session.hook === 'ubpf' ? 'raw' : 'ethernet').layers;

function branchView(
  session: Session,
  branch: SlicedBranch,
  layers: readonly FieldNode[],
  turned: Turned | undefined,
): DecisiveBranch {
  const { code } = session.machine!;
  const instruction = code.instructions[branch.pc];
  const line = lineAt(code, branch.pc);
  const row = instruction?.row;
  const sign = row?.kind === 'jump' ? SIGN[row.op] : '?';
  return {
    pc: branch.pc,
    step: branch.step,
    text: instruction?.row ? disassemble(instruction) : '',
    taken: branch.taken,
    compared: `${hex(branch.left)} ${sign} ${hex(branch.right)}`,
    ...(line && line.line > 0 && { line: { file: line.file, line: line.line, text: line.text.trim() } }),
    fields: fieldsIn(layers, branch.packetBytes).map(({ name, label, text, offset, length }) => ({
      name,
      label,
      text,
      offset,
      length,
    })),
    ...(branch.length && { length: session.frame.length }),
    ...(turned && { change: changeOf(session, branch, turned) }),
  };
}

/** Where a branch is, for people. */
const placeOf = ({ line, pc }: DecisiveBranch): string =>
  line ? `compared at ${line.file.replace(/.*\//, '')}:${line.line}` : `compared by instruction ${pc}`;

/** The fields that decided, the last comparison first. */
function reasonsOf(branches: readonly DecisiveBranch[]): string[] {
  const said = new Set<string>();
  const reasons: string[] = [];
  for (const branch of branches.toReversed()) {
    for (const { name, text, offset, length } of branch.fields) {
      if (said.has(`${name}${offset}`) || reasons.length === MOST_REASONS) continue;
      said.add(`${name}${offset}`);
      reasons.push(`${name} (${bytesText(offset, length)}) is ${text}, ${placeOf(branch)}`);
    }
  }
  const last = branches.at(-1);
  // That a packet is long enough is a reason only where nothing else was asked.
  if (last?.length !== undefined && last.fields.length === 0)
    reasons.push(`the packet's length is ${last.length} bytes, ${placeOf(last)}`);
  return reasons;
}

/** What a person did in mid-run. */
const editText = (edit: Edit): string =>
  `you ${edit.value === '' ? 'took out' : 'changed'} ${nameOfEdit(edit)}${edit.value === '' ? '' : ` to ${edit.value}`} at step ${edit.step}`;

/** The sentence: what came out, and why. */
function sentence(
  session: Session,
  subject: string,
  branches: readonly DecisiveBranch[],
  decided: readonly [number, number][],
  { steps, edits }: SliceResult,
): string {
  const reasons = [...edits.map(editText), ...reasonsOf(branches)];
  if (steps === 0 && session.bypass === undefined) return `${subject}: no step before this one wrote it.`;
  if (reasons.length > 0) return `${subject}: ${reasons.join('; ')}.`;
  if (decided.length > 0)
    return `${subject}: it comes from ${decided.map(([from, to]) => bytesText(from, to - from)).join(', ')} of the packet.`;
  return session.bypass ? `${subject}: ${session.bypass}.` : `${subject}: nothing of the packet went into it.`;
}

function sliceFor(machine: Machine, trace: Trace, target: WatchTarget | undefined): SliceResult {
  if (target === undefined) return sliceOfResult(trace);
  if (target.kind === 'register') return sliceOfRegister(trace, target.index);
  if (target.kind === 'map')
    throw new InputError(nameOfTarget(target), 'cannot be explained: go back to the step that changed it');
  if (target.length > MOST_WATCHED)
    throw new InputError(
      nameOfTarget(target),
      `${target.length} bytes, more than the ${MOST_WATCHED} that can be explained`,
    );
  const at = placeOfMemory(machine, target.region, target.offset, target.length);
  if (at === undefined) throw new InputError(nameOfTarget(target), 'is not there at this step');
  return sliceOfMemory(trace, at, target.length);
}

/** Explains the verdict, or what something holds at this step. Runs the packet anew; the session stands where it stood. */
export function* explain(session: Session, target: WatchTarget | undefined): Work<Explanation> {
  const machine = session.machine;
  if (machine === undefined || session.outcome === undefined)
    throw new InputError('program', session.problem ?? 'has not run');
  const here = machine.save();
  const { bypass } = session;
  const until = bypass !== undefined ? 0 : target === undefined ? session.outcome.steps : machine.steps;
  try {
    machine.restore(session.history.before(0));
    const trace = yield* traced(session, until);
    const result = sliceFor(machine, trace, target);
    const compared = result.branches.filter(({ packetBytes, length }) => packetBytes.length > 0 || length);
    const turns = target === undefined ? yield* turnsOf(session, trace, compared) : new Map();
    return {
      ...inWords(session, target, result, compared, turns),
      totalSteps: until,
      lookups: yield* lookupsWithChanges(session, result.mapCalls, target === undefined),
      ...(trace.steps < until && { note: `Only the first ${trace.steps} steps were looked at.` }),
    };
  } finally {
    session.standAgain(here, bypass);
  }
}

/** What maps were asked; for the verdict, with what in them would change it. */
function* lookupsWithChanges(session: Session, calls: SliceResult['mapCalls'], turns: boolean): Work<MapLookup[]> {
  const lookups = lookupsOf(session, calls);
  if (!turns) return lookups;
  const turner = new MapTurner(session);
  const found: MapLookup[] = [];
  for (const lookup of lookups) {
    const change = yield* turner.turn(lookup);
    found.push({ ...lookup, ...(change && { change }) });
  }
  return found;
}

function* traced(session: Session, until: number): Work<Trace> {
  const work = traceRun(session as Session & Traced, until);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
    yield { what: 'looking for what made it', done: next.value, total: until };
  }
}

/** Packets that turn branches, the last ones first. */
function* turnsOf(session: Session, trace: Trace, branches: readonly SlicedBranch[]): Work<Map<SlicedBranch, Turned>> {
  const turner = new Turner(session, trace);
  const found = new Map<SlicedBranch, Turned>();
  for (const branch of branches.slice(-MOST_TRIED).reverse()) {
    const turned = yield* turner.turn(branch);
    if (turned) found.set(branch, turned);
  }
  return found;
}

function inWords(
  session: Session,
  target: WatchTarget | undefined,
  result: SliceResult,
  compared: readonly SlicedBranch[],
  turns: ReadonlyMap<SlicedBranch, Turned>,
): Omit<Explanation, 'totalSteps' | 'lookups' | 'note'> {
  const layers = layersOf(session, session.frame);
  const branches = compared.map((branch) => branchView(session, branch, layers, turns.get(branch)));
  const decided = ranges([...result.packetBytes]);
  const subject = target === undefined ? session.outcome!.verdict.text : nameOfTarget(target);
  return {
    kind: 'why',
    text: sentence(session, subject, branches, decided, result),
    pcs: [...result.pcs].sort((a, b) => a - b),
    steps: result.steps,
    decided,
    branches,
  };
}
