import { disassemble } from '../asm/disassemble.ts';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { dissect } from '../packet/dissect.ts';
import type { FieldNode } from '../packet/types.ts';
import type { DecisiveBranch, Explanation, WatchTarget } from '../protocol/messages.ts';
import { lineAt } from './code-view.ts';
import { outcomeOf } from './outcome.ts';
import type { Session, Work } from './session.ts';
import { MOST_SLICED, type SlicedBranch, type SliceResult, type Trace, traceRun } from './slice.ts';
import { nameOfTarget, placeOfMemory } from './watch.ts';

/** Branches for which another packet is looked for, and steps each trial may take. */
const MOST_TRIED = 24;
const TRIAL_STEPS = 200_000;

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

/** Values worth trying where a branch compares with `right`: at it, next to it, and at the ends; first in the machine's byte order. */
function candidates(right: bigint, size: number, littleEndian: boolean): Uint8Array[] {
  const bits = BigInt(size * 8);
  const values = [right, right + 1n, right - 1n, 0n, (1n << bits) - 1n].map((value) =>
    BigInt.asUintN(Number(bits), value),
  );
  const little = values.map((value) =>
    Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)),
  );
  const big = little.map((bytes) => bytes.toReversed());
  return littleEndian ? [...little, ...big] : [...big, ...little];
}

/** What the session's packet comes to with other bytes in one place; the machine is left as it was. */
function verdictWith(session: Session, offset: number, bytes: Uint8Array): { name: string; text: string } | undefined {
  const machine = session.machine!;
  const kept = machine.save();
  machine.restore(session.history.before(0));
  const { packet, memory } = machine;
  memory.bytes.set(bytes, packet.data - packet.hidden + offset);
  session.advance(TRIAL_STEPS);
  const ended = machine.status !== 'running';
  const verdict = ended
    ? outcomeOf(machine, session.hook, session.options, session.frame, undefined).verdict
    : undefined;
  machine.restore(kept);
  return verdict && { name: verdict.name, text: verdict.text };
}

/** Bytes that give another verdict, by the branch that would go the other way. */
function changeFor(session: Session, branch: SlicedBranch): DecisiveBranch['change'] {
  const [range, ...more] = ranges(branch.packetBytes);
  if (range === undefined || more.length > 0 || range[1] - range[0] > 8) return undefined;
  const [offset, end] = range;
  const now = toHex(session.frame.subarray(offset, end));
  for (const bytes of candidates(branch.right, end - offset, session.machine!.memory.littleEndian)) {
    if (toHex(bytes) === now) continue;
    const found = verdictWith(session, offset, bytes);
    if (found && found.name !== session.outcome?.verdict.name)
      return { offset, bytes: toHex(bytes), verdict: found.text };
  }
  return undefined;
}

function branchView(
  session: Session,
  branch: SlicedBranch,
  layers: readonly FieldNode[],
  tried: boolean,
): DecisiveBranch {
  const { code } = session.machine!;
  const instruction = code.instructions[branch.pc];
  const line = lineAt(code, branch.pc);
  const change = tried ? changeFor(session, branch) : undefined;
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
    ...(change && { change }),
  };
}

/** The sentence: what came out, and the fields that decided it, the last comparison first. */
function sentence(
  session: Session,
  subject: string,
  branches: readonly DecisiveBranch[],
  decided: readonly [number, number][],
): string {
  const said = new Set<string>();
  const reasons: string[] = [];
  for (const branch of [...branches].reverse()) {
    for (const { name, text, offset, length } of branch.fields) {
      if (said.has(`${name}${offset}`) || reasons.length === 4) continue;
      said.add(`${name}${offset}`);
      const where = branch.line
        ? `, compared at ${branch.line.file.replace(/.*\//, '')}:${branch.line.line}`
        : `, compared by instruction ${branch.pc}`;
      reasons.push(`${name} (${bytesText(offset, length)}) is ${text}${where}`);
    }
  }
  if (reasons.length > 0) return `${subject}: ${reasons.join('; ')}.`;
  if (decided.length > 0)
    return `${subject}: it comes from ${decided.map(([from, to]) => bytesText(from, to - from)).join(', ')} of the packet.`;
  return session.bypass ? `${subject}: ${session.bypass}.` : `${subject}: nothing of the packet went into it.`;
}

function sliceFor(machine: Machine, trace: Trace, target: WatchTarget | undefined): SliceResult {
  if (target === undefined) return trace.result();
  if (target.kind === 'register') return trace.ofRegister(target.index);
  if (target.kind === 'map')
    throw new InputError(nameOfTarget(target), 'cannot be explained: go back to the step that changed it');
  const at = placeOfMemory(machine, target.region, target.offset, target.length);
  if (at === undefined) throw new InputError(nameOfTarget(target), 'is not there at this step');
  return trace.ofMemory(at, target.length);
}

/** Explains the verdict, or what something holds at this step. Runs the packet anew; the session stands where it stood. */
export function* explain(session: Session, target: WatchTarget | undefined): Work<Explanation> {
  const machine = session.machine;
  if (machine === undefined || session.outcome === undefined)
    throw new InputError('program', session.problem ?? 'has not run');
  const here = machine.save();
  const until = target === undefined ? session.outcome.steps : machine.steps;
  let result: SliceResult;
  try {
    machine.restore(session.history.before(0));
    const traced = { machine, hook: session.hook, advance: (limit: number) => session.advance(limit) };
    const work = traceRun(traced, until);
    let next = work.next();
    while (!next.done) {
      yield { what: 'looking for what made it', done: next.value, total: until };
      next = work.next();
    }
    result = sliceFor(machine, next.value, target);
  } finally {
    machine.restore(here);
  }
  const { layers } = dissect(session.frame, session.hook === 'ubpf' ? 'raw' : 'ethernet');
  const compared = result.branches.filter(({ packetBytes }) => packetBytes.length > 0);
  const tried = new Set(target === undefined ? compared.slice(-MOST_TRIED) : []);
  const branches = compared.map((branch) => branchView(session, branch, layers, tried.has(branch)));
  const decided = ranges([...result.packetBytes]);
  const subject = target === undefined ? session.outcome.verdict.text : nameOfTarget(target);
  return {
    kind: 'why',
    text: sentence(session, subject, branches, decided),
    pcs: [...result.pcs].sort((a, b) => a - b),
    steps: result.steps.length,
    totalSteps: until,
    decided,
    branches,
    ...(until > MOST_SLICED && { note: `Only the first ${MOST_SLICED} steps were looked at.` }),
  };
}
