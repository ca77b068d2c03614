import { disassemble } from '../asm/disassemble.ts';
import { baseName } from '../bytes/base-name.ts';
import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { fixChecksums } from '../packet/edit.ts';
import { lineAt } from '../program/lines.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc } from '../spec/units.ts';
import { CounterfactualSearch } from '../why/counterfactual.ts';
import { branchesOfRun, type SlicedBranch } from '../why/slice.ts';
import { type Trace, traceRun } from '../why/trace.ts';
import { withChange } from './changes.ts';
import { waitsFor } from './clock.ts';
import { entriesFor, partsFor, slotsFor } from './entries.ts';
import { type Fill, fillsFor } from './fills.ts';
import { rowFor } from './rows.ts';
import type { Candidate, PacketSet, RunnableSession } from './set.ts';
import { otherWay } from './ways.ts';
import { whyNot } from './why-not.ts';

/** Steps of a run that are gone back over. */
const MOST_STEPS = 200_000;

/** A way that is looked for, what may take it, and why it may not be found. */
export interface Turn {
  readonly pc: Pc;
  readonly candidates: readonly Candidate[];
  /** How many of the packet in a row may take it, by what they leave behind; 0: none. */
  readonly row: number;
  /** Maps that may turn it where they are full. */
  readonly fills: readonly Fill[];
  readonly reason: string;
  /** Other packets may take it, as far as is known. */
  readonly isOpen: boolean;
}

/** What a packet's run says of the ways that are looked for. */
export interface Turns {
  readonly turns: readonly Turn[];
  /** Candidates with other programs in the slots that it asks, which bring nobody else there. */
  readonly slots: readonly Candidate[];
}

/**
 * What may take the ways that a packet, as the next one of a set, leaves out: other packets, worked
 * out from what its branches compare, and other entries of the maps that it asks. `isWanted`: which
 * branches are worth the work.
 */
export function* turnsOf(
  set: PacketSet,
  from: Candidate,
  isWanted: (pc: Pc) => boolean,
): Work<Turns> {
  const session = yield* set.asNext(from);
  if (session === undefined || session.bypass !== undefined) return { turns: [], slots: [] };
  const trace = yield* traced(session);
  const branches = branchesOfRun(
    trace,
    (pc, taken) => isWanted(pc) && !set.ways.has(otherWay({ pc, taken })),
  );
  const { machine } = session;
  // Names, and entries as they are now, are those in front of the packet.
  machine.restore(session.history.before(0));
  const isUnseen = (pc: Pc): boolean =>
    !set.ways.has({ pc, taken: true }) && !set.ways.has({ pc, taken: false });
  const slots = slotsFor(machine, trace, set.ways.missing, isUnseen).map((entry) => ({
    ...from,
    name: `${from.name}, ${entry.name} = ${entry.value}`,
    entries: withChange(from.entries, entry),
  }));
  const search = new CounterfactualSearch(session, trace);
  const turns: Turn[] = [];
  // All of it before the search changes the machine.
  const told = branches.map((branch) => ({
    branch,
    why: whyNot(session, trace, branch),
    entries: entriesFor(machine, trace, branch),
    row: rowFor(machine, trace, branch),
    fills: fillsFor(machine, trace, branch),
  }));
  for (const { branch, why, entries, row, fills } of told) {
    const { pc } = branch;
    const name = nameOf(machine, branch);
    const found = yield* search.find(branch);
    const packets = found ? withChecksums(session, found.frame) : cutOff(from.bytes, branch);
    const parting = found ? undefined : yield* search.parting(branch);
    turns.push({
      pc,
      row,
      fills,
      ...why(parting),
      candidates: [
        ...packets.map((bytes) => ({ ...from, name, bytes })),
        ...waitsFor(branch).map((wait) => ({ ...from, name, wait: (from.wait ?? 0n) + wait })),
        ...entries.map((entry) => ({ ...from, name, entries: withChange(from.entries, entry) })),
      ],
    });
  }
  return { turns, slots };
}

/** Packets that part from one at each of its branches, whether or not that is news. */
export function* variantsOf(set: PacketSet, from: Candidate): Work<Candidate[]> {
  const session = yield* set.asNext(from);
  if (session === undefined || session.bypass !== undefined) return [];
  const trace = yield* traced(session);
  session.machine.restore(session.history.before(0));
  const branches = branchesOfRun(trace, () => true);
  const variants: Candidate[] = branches.flatMap((branch) =>
    partsFor(session.machine, trace, branch).map((change) => ({
      ...from,
      name: nameOf(session.machine, branch),
      entries: withChange(from.entries, change),
    })),
  );
  const search = new CounterfactualSearch(session, trace);
  for (const branch of branches) {
    if (branch.causes.packet.size === 0) continue;
    const found = yield* search.find(branch);
    if (found === undefined) continue;
    const [bytes] = withChecksums(session, found.frame);
    variants.push({ ...from, name: nameOf(session.machine, branch), bytes });
  }
  return variants;
}

/** Why the branch in a slot goes the way that the packet of a session takes there. */
export function* reasonAt(session: RunnableSession, wanted: Pc): Work<string | undefined> {
  if (session.bypass !== undefined) return undefined;
  const trace = yield* traced(session);
  session.machine.restore(session.history.before(0));
  const [branch] = branchesOfRun(trace, (pc) => pc === wanted);
  if (branch === undefined) return undefined;
  const why = whyNot(session, trace, branch);
  return why(yield* new CounterfactualSearch(session, trace).parting(branch)).reason;
}

function* traced(session: RunnableSession): Work<Trace> {
  session.machine.restore(session.history.before(0));
  const work = traceRun(session, MOST_STEPS);
  for (let next = work.next(); ; next = work.next()) {
    if (next.done) return next.value;
    yield { what: 'following a packet', done: next.value };
  }
}

/** `program.c:12: the other way of if r1 == 0x5`. */
function nameOf({ code }: Machine, { pc, taken }: SlicedBranch): string {
  const line = lineAt(code, pc);
  const place = line ? `${baseName(line.file)}:${line.line}` : `instruction ${pc}`;
  const instruction = code.instructions[pc];
  const text = instruction?.row ? disassemble(instruction).replace(/ goto .*$/, '') : '';
  return `${place}: ${text} is ${taken ? 'false' : 'true'}`;
}

/** With sums that are right first: what a program is given has them. */
function withChecksums(session: Session, frame: Uint8Array): Uint8Array[] {
  const fixed = fixChecksums(frame, session.hook === 'ubpf' ? 'raw' : 'ethernet');
  return toHex(fixed) === toHex(frame) ? [frame] : [fixed, frame];
}

/** Lengths at which headers end, and one less and more; helpers fail on what is too short. */
const ENDS = [0, 14, 18, 20, 22, 34, 38, 40, 42, 54, 62, 74];

/** The packet cut off, where a branch hangs on its length or on what a helper answers. */
function cutOff(bytes: Uint8Array, { causes }: SlicedBranch): Uint8Array[] {
  if (!causes.length && causes.answers.size === 0) return [];
  const ends = new Set(ENDS.flatMap((end) => [end - 1, end, end + 1]));
  return [...ends, bytes.length - 1]
    .filter((end) => end >= 0 && end < bytes.length)
    .sort((a, b) => b - a)
    .map((end) => bytes.slice(0, end));
}
