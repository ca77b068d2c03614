import { fromHex, toHex } from '../bytes/hex.ts';
import { present } from '../errors.ts';
import type { Machine } from '../machine/machine.ts';
import { firstWord, type GuestMap } from '../maps/map.ts';
import { isMapOfMaps } from '../maps/map-in-map.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { SocketMap } from '../maps/sockets.ts';
import { lookedUpValue } from '../session/outcome.ts';
import type { Pc } from '../spec/units.ts';
import { ALWAYS_THERE } from '../why/map-counterfactual.ts';
import type { SlicedBranch } from '../why/slice.ts';
import { MAP_CALL_STRIDE, NO_STEP, type Trace } from '../why/trace.ts';
import type { EntryChange } from './changes.ts';
import { globalsAt, numbersIn } from './globals.ts';
import type { JumpWay } from './ways.ts';

/** Numbers of a value that are set to what it is compared with, of each width in bytes. */
const WIDTHS = [4, 2];
const MOST_NUMBERS = 8;
/** Bytes of a value that is written out: a session is told all of it. */
const MOST_VALUE = 16_384;
/** Programs that are tried in a slot. */
const MOST_PROGRAMS = 32;

/**
 * What brings a packet another way with few tries: an entry that is not there, and the bytes of
 * values and variables that a branch compared.
 */
export const partsFor = (machine: Machine, trace: Trace, branch: SlicedBranch): EntryChange[] =>
  entriesFor(machine, trace, branch).filter(
    ({ from, value }) => from !== undefined || value === undefined,
  );

/** What may be in maps and variables in front of the packet for a branch to turn. */
export const entriesFor = (machine: Machine, trace: Trace, branch: SlicedBranch): EntryChange[] => [
  ...[...branch.causes.mapCalls].flatMap((call) => ofCall(machine, trace, branch, call)),
  ...globalsAt(machine, branch.causes.memory)
    .filter(({ map }) => !map.definition.readOnly)
    .flatMap(({ map, name, from, bytes }) =>
      numbersFor(bytes.length, machine, branch).map((value) => ({
        map: map.definition.name,
        key: '00000000',
        value: toHex(value),
        from,
        name,
      })),
    ),
];

/** Entries of the map that a call asked. */
function ofCall(machine: Machine, trace: Trace, branch: SlicedBranch, call: number): EntryChange[] {
  const at = call * MAP_CALL_STRIDE;
  const map = machine.maps[trace.mapCalls.at(at + 1)];
  const { name, type, keySize, valueSize } = map.definition;
  const key = trace.mapCalls.at(at + 2);
  if (key === NO_STEP || valueSize === 0 || keySize === 0) return [];
  const entry = { map: name, key: trace.keys[key] };
  if (map instanceof ProgArray) return slotChanges(machine, map, entry);
  const without = ALWAYS_THERE.has(type) ? [] : [entry];
  // What these hold stands for something of the machine: no bytes say it.
  if (map instanceof SocketMap || isMapOfMaps(map) || valueSize > MOST_VALUE) return without;
  const parts = comparedParts(machine, map, entry, branch);
  const bytes = present(fromHex(entry.key), entry.key);
  // Where nothing is found, a value is made of zeros.
  const now = lookedUpValue(machine, map, bytes) ?? new Uint8Array(valueSize);
  const values = [
    ...plainValues(valueSize, machine),
    ...(parts.length > 0 ? [] : withNumbers(now, machine, branch)),
  ];
  return [...parts, ...without, ...values.map((value) => ({ ...entry, value: toHex(value) }))];
}

/** The bytes of a value that a branch compared, as it may need them. */
function comparedParts(
  machine: Machine,
  map: GuestMap,
  entry: EntryChange,
  branch: SlicedBranch,
): EntryChange[] {
  return numbersIn(
    machine,
    map,
    present(fromHex(entry.key), entry.key),
    branch.causes.memory,
  ).flatMap(({ from, size }) =>
    numbersFor(size, machine, branch).map((value) => ({ ...entry, value: toHex(value), from })),
  );
}

/** Zeros, a one, ones. */
const plainValues = (size: number, machine: Machine): Uint8Array[] => [
  new Uint8Array(size),
  one(size, machine),
  new Uint8Array(size).fill(0xff),
];

/** With what was compared, and next to it, in each of a value's first numbers. */
function withNumbers(now: Uint8Array, machine: Machine, branch: SlicedBranch): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (const width of WIDTHS)
    for (let at = 0; at + width <= now.length && at < width * MOST_NUMBERS; at += width)
      for (const number of besides(branch)) {
        const made = now.slice();
        made.set(numberBytes(number, width, machine.memory.littleEndian), at);
        values.push(made);
      }
  return values;
}

/** The same of one number, in both orders of its bytes. */
function numbersFor(width: number, machine: Machine, branch: SlicedBranch): Uint8Array[] {
  const compared = besides(branch).flatMap((number) =>
    [true, false].map((little) => numberBytes(number, width, little)),
  );
  const all = [...compared, ...plainValues(width, machine)];
  return [...new Map(all.map((value) => [toHex(value), value])).values()];
}

function one(size: number, { memory }: Machine): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes[memory.littleEndian ? 0 : size - 1] = 1;
  return bytes;
}

/** What was compared, and what is next to it. */
const besides = ({ left, right }: SlicedBranch): bigint[] =>
  [left, right].flatMap((value) => [value, value + 1n, value - 1n]);

function numberBytes(value: bigint, width: number, little: boolean): Uint8Array {
  const bytes = Uint8Array.from({ length: width }, (_, i) =>
    Number((value >> BigInt(8 * i)) & 0xffn),
  );
  return little ? bytes : bytes.reverse();
}

// ---------------------------------------------------------------- slots of programs

/** A slot empty, and with other programs in it. */
function slotChanges(machine: Machine, map: ProgArray, entry: EntryChange): EntryChange[] {
  const index = firstWord(present(fromHex(entry.key), entry.key), machine.memory.littleEndian);
  const empty = { ...entry, name: `${map.definition.name}[${index}]` };
  return [empty, ...otherPrograms(machine, map, entry.key)];
}

/** The programs that a slot takes beside the one that is in it. */
function otherPrograms(machine: Machine, map: ProgArray, key: string): EntryChange[] {
  const index = firstWord(present(fromHex(key), key), machine.memory.littleEndian);
  const now = map.program(index);
  return map.takes
    .filter((number) => number !== now)
    .slice(0, MOST_PROGRAMS)
    .map((number) => {
      const { name } = machine.code.programs[number];
      const { name: array } = map.definition;
      return { map: array, key, value: name, name: `${array}[${index}]` };
    });
}

/** Programs of which nothing ran, in the slots that a run asked. */
export function slotsFor(
  machine: Machine,
  trace: Trace,
  missing: readonly JumpWay[],
  isUnseen: (pc: Pc) => boolean,
): EntryChange[] {
  const unseen = machine.code.programs.filter(({ start, end }) => {
    const own = missing.filter(({ pc }) => pc >= start && pc < end);
    return own.length > 0 && own.every(({ pc }) => isUnseen(pc));
  });
  if (unseen.length === 0) return [];
  const names = new Set(unseen.map(({ name }) => name));
  const found = new Map<string, EntryChange>();
  for (let at = 0; at < trace.mapCalls.length; at += MAP_CALL_STRIDE) {
    const map: GuestMap = machine.maps[trace.mapCalls.at(at + 1)];
    const key = trace.mapCalls.at(at + 2);
    if (!(map instanceof ProgArray) || key === NO_STEP) continue;
    for (const change of otherPrograms(machine, map, trace.keys[key]))
      if (names.has(change.value ?? '')) found.set(`${change.name} ${change.value}`, change);
  }
  return [...found.values()];
}
