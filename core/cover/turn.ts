import { disassemble } from '../asm/disassemble.ts';
import { baseName } from '../bytes/base-name.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { isMapOfMaps } from '../maps/map-in-map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { SocketMap } from '../maps/sockets.ts';
import { fixChecksums } from '../packet/edit.ts';
import { lineAt } from '../program/lines.ts';
import { lookedUpValue } from '../session/outcome.ts';
import type { Session, Work } from '../session/session.ts';
import type { Pc } from '../spec/units.ts';
import { CounterfactualSearch } from '../why/counterfactual.ts';
import { ALWAYS_THERE } from '../why/map-counterfactual.ts';
import { branchesOfRun, type SlicedBranch } from '../why/slice.ts';
import { MAP_CALL_STRIDE, NO_STEP, type Trace, traceRun } from '../why/trace.ts';
import type { Candidate, EntryChange, PacketSet } from './set.ts';
import { otherWay } from './ways.ts';
import { whyNot } from './why-not.ts';

/** Steps of a run that are gone back over. */
const MOST_STEPS = 200_000;
/** Numbers of a value that are set to what it is compared with, of each width in bytes. */
const WIDTHS = [4, 2];
const MOST_NUMBERS = 8;

/** A way that is looked for, what may take it, and why it may not be found. */
export interface Turn {
  readonly pc: Pc;
  readonly candidates: readonly Candidate[];
  readonly reason: string;
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
): Work<Turn[]> {
  const session = yield* set.asNext(from);
  if (session === undefined || session.bypass !== undefined) return [];
  const trace = yield* traced(session);
  const branches = branchesOfRun(
    trace,
    (pc, taken) => isWanted(pc) && !set.ways.has(otherWay({ pc, taken })),
  );
  const reasons = branches.map((branch) => whyNot(session, trace, branch));
  const search = new CounterfactualSearch(session, trace);
  const turns: Turn[] = [];
  for (const [i, branch] of branches.entries()) {
    const { pc } = branch;
    const name = nameOf(session.machine, branch);
    const found = yield* search.find(branch);
    const packets = found ? withChecksums(session, found.frame) : cutOff(from.bytes, branch);
    turns.push({
      pc,
      reason: reasons[i],
      candidates: [
        ...packets.map((bytes) => ({ name, bytes, entries: from.entries })),
        ...entriesFor(session.machine, trace, branch).map((entry) => ({
          name,
          bytes: from.bytes,
          entries: [...from.entries, entry],
        })),
      ],
    });
  }
  return turns;
}

function* traced(session: Session & { readonly machine: Machine }): Work<Trace> {
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

/** Entries of the maps that a branch depends on, as it may need them. */
function entriesFor(machine: Machine, trace: Trace, branch: SlicedBranch): EntryChange[] {
  return [...branch.causes.mapCalls].flatMap((call) => {
    const at = call * MAP_CALL_STRIDE;
    const map = machine.maps[trace.mapCalls.at(at + 1)];
    const { name, type, keySize, valueSize } = map.definition;
    const key = trace.mapCalls.at(at + 2);
    if (key === NO_STEP || valueSize === 0 || keySize === 0) return [];
    const entry = { map: name, key: trace.keys[key] };
    const without = ALWAYS_THERE.has(type) ? [] : [entry];
    // What these hold stands for something of the machine: no bytes say it.
    if (map instanceof ProgArray || map instanceof SocketMap || isMapOfMaps(map)) return without;
    const bytes = present(fromHex(entry.key), entry.key);
    // Where nothing is found, a value is made of zeros.
    const now = lookedUpValue(machine, map, bytes) ?? new Uint8Array(valueSize);
    const values = valuesFor(now, machine, branch);
    return [...without, ...values.map((value) => ({ ...entry, value: toHex(value) }))];
  });
}

/** Zeros, a one, ones; and with what was compared, and next to it, in each of its first numbers. */
function valuesFor(now: Uint8Array, { memory }: Machine, { left, right }: SlicedBranch) {
  const size = now.length;
  const little = memory.littleEndian;
  const one = new Uint8Array(size);
  one[little ? 0 : size - 1] = 1;
  const values = [new Uint8Array(size), one, new Uint8Array(size).fill(0xff)];
  for (const width of WIDTHS)
    for (let at = 0; at + width <= size && at < width * MOST_NUMBERS; at += width)
      for (const value of [left, right])
        for (const by of [0n, 1n, -1n]) {
          const made = now.slice();
          made.set(numberBytes(value + by, width, little), at);
          values.push(made);
        }
  return values;
}

function numberBytes(value: bigint, width: number, little: boolean): Uint8Array {
  const bytes = Uint8Array.from({ length: width }, (_, i) =>
    Number((value >> BigInt(8 * i)) & 0xffn),
  );
  return little ? bytes : bytes.reverse();
}
