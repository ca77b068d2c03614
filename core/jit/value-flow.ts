/** What is known of registers at each access of a unit: values.ts, along all ways through it. */
import type { Instruction } from '../asm/decode.ts';
import { STACK_BYTES } from '../machine/machine.ts';
import { changesOf, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import type { Pc } from '../spec/units.ts';
import { accessOf, isAccess } from './accesses.ts';
import type { Borrowing } from './batch.ts';
import { countedLoops, type Growths, growthsOf, type MostRounds } from './counted-loops.ts';
import { KEY_REGISTER } from './map-lookups.ts';
import {
  added,
  copied,
  isSameLinks,
  linkedTo,
  metLinks,
  NO_LINKS,
  type RegisterLinks,
  unlinked,
} from './register-links.ts';
import type { Compilable, UnitShape } from './shape.ts';
import { registersIn } from './state.ts';
import {
  bothKnown,
  computed,
  inOrderWith,
  isSame,
  joinedValues,
  type Known,
  leastLength,
  lowBits,
  lowHalf,
  numberBetween,
  orderTold,
  type RegionKey,
  shiftedBy,
  TURNED,
  type Value,
  type Widening,
  withBytes,
  withoutRoom,
} from './values.ts';

/** Times that a block is looked at before bounds that still change are given up, and all is. */
const PATIENCE = 3;
const MOST_VISITS = 100;

/** What the code around a unit knows of it. */
export interface FlowSource {
  readonly at: Compilable;
  readonly constantAt: (pc: Pc) => bigint;
  /** Registers where the unit is entered. */
  readonly entry: readonly Known[];
  /** What a two-slot load or a call gives, where that is a pointer; with the region it is of. */
  readonly given: (pc: Pc) => Known;
  /**
   * What a load of the context at an offset gives, as long as nothing has changed it; undefined:
   * the interpreter does it.
   */
  readonly contextAt: (offset: number, size: number) => { readonly value: Known } | undefined;
  /** Whether the code does it by itself, so that nothing else changes by it. */
  readonly isOwn: (pc: Pc) => boolean;
  /** What a helper is lent the packet for, which stays where it is. */
  readonly borrows: (pc: Pc) => Borrowing | undefined;
  /** Whether it is done without a look at what is known. */
  readonly isDoubted: (pc: Pc) => boolean;
}

/**
 * What is known of the address of an access, or of a key: the value of its register, and of its
 * region.
 */
export interface Facts {
  readonly value: Exclude<Value, { readonly kind: 'number' }>;
  readonly region: RegionKey;
  /** Bytes that its region has at least. */
  readonly least: number;
}

interface State {
  readonly registers: readonly Known[];
  readonly links: RegisterLinks;
  /** Bytes that regions have at least. */
  readonly least: ReadonlyMap<RegionKey, number>;
  /** What was put on the stack, 8 bytes each, by offset from r10. */
  readonly slots: ReadonlyMap<number, Known>;
}

export const PACKET_REGION = 'packet';
export const STACK_REGION = 'stack';
export const CONTEXT = 'context';

const NOTHING: ReadonlyMap<number, Known> = new Map();
const REGISTERS = 11;
/** Registers that a call may leave other, as bits. */
const BY_CALL = 0b111111;
/** Nothing is known any more. */
const LOST: State = {
  registers: Array.from({ length: REGISTERS }, () => undefined),
  links: NO_LINKS,
  least: new Map(),
  slots: NOTHING,
};

/** An addition that makes a pointer: how far its region's start is from a register. */
export interface PointerSum {
  readonly region: RegionKey;
  /** Holds, before it, how far it will be, but for this number more. */
  readonly register: number;
  readonly more: number;
}

export interface UnitFacts {
  /** At accesses and lookups. */
  readonly facts: ReadonlyMap<Pc, Facts>;
  readonly sums: ReadonlyMap<Pc, PointerSum>;
  /** By the head of a loop: how often control comes there at most before the loop ends. */
  readonly rounds: ReadonlyMap<Pc, MostRounds>;
}

/** What is known in a unit. */
export function knownFacts(shape: UnitShape, source: FlowSource): UnitFacts {
  const first = statesBefore(shape, source, new Map());
  const growths = growthsOf(loopsBy(shape, source, first));
  // What grows by the same in each of so many rounds is below that.
  const before = growths.size > 0 ? statesBefore(shape, source, growths) : first;
  const facts = new Map<Pc, Facts>();
  const sums = new Map<Pc, PointerSum>();
  for (const [start, state] of before) {
    let now = state;
    for (const pc of shape.blocks.get(start)!.pcs) {
      const instruction = source.at(pc)!;
      const register = isAccess(instruction) ? accessOf(instruction).register : KEY_REGISTER;
      const value = now.registers[register];
      if (value !== undefined && 'region' in value)
        facts.set(pc, { value, region: value.region, least: now.least.get(value.region) ?? 0 });
      const sum = pointerSum(instruction, now);
      if (sum) sums.set(pc, sum);
      now = after(pc, instruction, now, source);
    }
  }
  const loops = loopsBy(shape, source, before);
  return { facts, sums, rounds: new Map(loops.map(({ head, rounds }) => [head, rounds])) };
}

const loopsBy = (shape: UnitShape, source: FlowSource, before: ReadonlyMap<Pc, State>) =>
  countedLoops(
    shape,
    before,
    (start) => behind(shape, start, before.get(start)!, source),
    (pc) => isOfCodeAlone(pc, source),
  );

/** What is known in front of each block. `growths`: what loops are known to add to registers. */
function statesBefore(shape: UnitShape, source: FlowSource, growths: Growths): Map<Pc, State> {
  const before = new Map<Pc, State>();
  const visits = new Map<Pc, number>();
  const order = [...shape.blocks.keys()];
  const waiting = new Set([shape.entry]);
  /** The latest state by each way to a block. */
  const ways = new Map<Pc, Map<Pc, State>>();
  const widening = wideningTo(boundsOf(shape, source));
  before.set(shape.entry, {
    registers: source.entry,
    links: NO_LINKS,
    least: new Map(),
    slots: NOTHING,
  });
  // In their order: a block is looked at when all that leads to it was.
  while (waiting.size > 0)
    for (const start of order) {
      if (!waiting.delete(start)) continue;
      for (const [to, state] of behind(shape, start, before.get(start)!, source)) {
        const known = before.get(to);
        const count = (visits.get(to) ?? 0) + 1;
        const all = (ways.get(to) ?? new Map<Pc, State>()).set(start, state);
        ways.set(to, all);
        const links = metLinks([...all.values()], `meet ${to}`);
        const widens = count > PATIENCE ? widening(count - PATIENCE) : undefined;
        const grown = grownBy(growths.get(to), shape, to, all, source.entry);
        const met =
          known === undefined ? { ...state, links } : meet(known, state, links, widens, grown);
        if (met === known || known === LOST) continue;
        visits.set(to, count);
        before.set(to, count > MOST_VISITS ? LOST : met);
        waiting.add(to);
      }
    }
  return before;
}

/** What numbers are compared with, and the last one below: where they end most of the time. */
function boundsOf(shape: UnitShape, source: FlowSource): number[] {
  const bounds = new Set<number>();
  for (const { pcs } of shape.blocks.values()) {
    const pc = pcs[pcs.length - 1];
    const { row } = source.at(pc)!;
    if (row.kind !== 'jump' || row.operand !== 'imm') continue;
    const value = constant(source.constantAt(pc));
    if (value?.kind !== 'number') continue;
    bounds.add(value.high - 1);
    bounds.add(value.high);
  }
  return [...bounds].sort((a, b) => a - b);
}

/** Times that a bound goes up to one that is compared with before it is given up. */
const CLIMBS = 6;

const wideningTo =
  (bounds: readonly number[]) =>
  (times: number): Widening =>
  (high) =>
    (times <= CLIMBS ? bounds.find((bound) => bound >= high) : undefined) ??
    Number.POSITIVE_INFINITY;

/** Registers at the head of a loop that adds so much to them at most, by the ways into it. */
function grownBy(
  growths: ReadonlyMap<number, number> | undefined,
  shape: UnitShape,
  head: Pc,
  ways: ReadonlyMap<Pc, State>,
  entry: readonly Known[],
): ReadonlyMap<number, Known> {
  const grown = new Map<number, Known>();
  const entries = [...ways].flatMap(([from, state]) =>
    shape.goesBack(from, head) ? [] : [state.registers],
  );
  if (head === shape.entry) entries.push(entry);
  for (const [register, more] of growths ?? []) {
    const values = entries.map((registers) => registers[register]);
    const entered = values.reduce((a, b) => joinedValues(a, b, undefined));
    const value = joinedValues(entered, shiftedBy(entered, more), undefined);
    if (value !== undefined && value.kind !== 'near') grown.set(register, value);
  }
  return grown;
}

function isOfCodeAlone(pc: Pc, source: FlowSource): boolean {
  const instruction = source.at(pc)!;
  if (isAccess(instruction)) return !source.isDoubted(pc);
  const { kind } = instruction.row;
  if (instruction.row.kind === 'goto') return instruction.row.op === 'ja';
  return kind === 'alu' || kind === 'unary' || kind === 'lddw' || kind === 'jump';
}

function pointerSum({ row, slot }: Instruction, { registers }: State): PointerSum | undefined {
  const isSum = row.kind === 'alu' && row.op === 'add' && row.width === 64;
  if (!isSum || !('operand' in row) || row.operand !== 'reg') return undefined;
  const sides = [
    [slot.dst, slot.src],
    [slot.src, slot.dst],
  ];
  for (const [pointer, number] of sides) {
    const value = registers[pointer];
    const other = registers[number];
    const isFixed = value?.kind === 'pointer' && value.low === value.high;
    if (isFixed && (other === undefined || other.kind === 'number'))
      return { region: value.region, register: number, more: value.low };
  }
  return undefined;
}

/**
 * The same object where nothing is lost. `links`: as all ways to the place have them; `grown`:
 * registers of which all that they may hold is known.
 */
function meet(
  known: State,
  other: State,
  links: RegisterLinks,
  widens: Widening | undefined,
  grown: ReadonlyMap<number, Known>,
): State {
  const lengths = [known.least, other.least] as const;
  const registers = known.registers.map(
    (value, i) => grown.get(i) ?? joinedValues(value, other.registers[i], widens, lengths),
  );
  const least = new Map(
    [...known.least].flatMap(([region, bytes]) => {
      const both = Math.min(bytes, other.least.get(region) ?? 0);
      return both > 0 ? [[region, both] as const] : [];
    }),
  );
  const slots = new Map(
    [...known.slots].flatMap(([offset, value]) => {
      const both = joinedValues(value, other.slots.get(offset), widens, lengths);
      return both === undefined ? [] : [[offset, both] as const];
    }),
  );
  const isKept =
    registers.every((value, i) => isSame(value, known.registers[i])) &&
    isSameLinks(links, known.links) &&
    least.size === known.least.size &&
    [...least].every(([region, bytes]) => known.least.get(region) === bytes) &&
    slots.size === known.slots.size &&
    [...slots].every(([offset, value]) => isSame(value, known.slots.get(offset)));
  return isKept ? known : { registers, links, least, slots };
}

/** States behind a block, by where it leads. */
function* behind(
  shape: UnitShape,
  start: Pc,
  before: State,
  source: FlowSource,
): Iterable<[Pc, State]> {
  const { pcs, leadsTo } = shape.blocks.get(start)!;
  let state = before;
  for (const pc of pcs) state = after(pc, source.at(pc)!, state, source);
  const last = pcs[pcs.length - 1];
  const instruction = source.at(last)!;
  for (const [way, to] of leadsTo.entries()) {
    if (!shape.leads(start, to)) continue;
    const { row } = instruction;
    const isTold = row.kind === 'jump' && leadsTo.length === 2;
    yield [to, isTold ? refined(last, { ...instruction, row }, state, way === 1, source) : state];
  }
}

type Jump = Instruction & { readonly row: Extract<InstructionRow, { kind: 'jump' }> };

function refined(
  pc: Pc,
  { row, slot }: Jump,
  state: State,
  isTaken: boolean,
  source: FlowSource,
): State {
  const order = orderTold(row.op, isTaken);
  if (order === undefined) return state;
  const isRegister = 'operand' in row && row.operand === 'reg';
  const left = state.registers[slot.dst];
  const right = isRegister ? state.registers[slot.src] : constant(source.constantAt(pc));
  // Of 32 bits only what is no longer.
  if (row.width === 32 && !(isShort(left) && isShort(right))) return state;
  const registers = state.registers.slice();
  registers[slot.dst] = inOrderWith(left, order, right, state.least);
  tellLinked(registers, state.links, slot.dst);
  if (isRegister) {
    registers[slot.src] = inOrderWith(right, TURNED[order], left, state.least);
    tellLinked(registers, state.links, slot.src);
  }
  const least = leastLength(left, order, right) ?? leastLength(right, TURNED[order], left);
  const found = foundLength(left, order, right);
  const more = found ?? least;
  if (more === undefined || more.least <= (state.least.get(more.region) ?? 0))
    return { ...state, registers };
  return { ...state, registers, least: new Map(state.least).set(more.region, more.least) };
}

/** What is known of a register now is known of those that hold so much more. */
function tellLinked(registers: Known[], links: RegisterLinks, register: number): void {
  for (const [other, more] of linkedTo(links, register))
    registers[other] = bothKnown(registers[other], shiftedBy(registers[register], more));
}

/** A pointer that a lookup gave is not 0: its region has all its bytes. */
function foundLength(left: Known, order: string, right: Known) {
  if (left?.kind !== 'pointer' || left.low !== 0 || left.high !== 0 || order !== '!=')
    return undefined;
  const size = valueSize(left.region);
  const isZero = right?.kind === 'number' && right.high === 0;
  return isZero && size !== undefined ? { region: left.region, least: size } : undefined;
}

const LOOKED_UP = /^value (\d+) of (\d+) bytes$/;

/** The region of the value that a lookup at a slot gives; of no length where there is none. */
export const valueRegion = (pc: Pc, size: number): RegionKey => `value ${pc} of ${size} bytes`;

const valueSize = (region: RegionKey): number | undefined => {
  const match = LOOKED_UP.exec(region);
  return match ? Number(match[2]) : undefined;
};

const isShort = (value: Known): boolean => value?.kind === 'number' && value.high < 2 ** 32;

const constant = (value: bigint): Known => {
  const unsigned = BigInt.asUintN(64, value);
  return unsigned < 1n << 40n ? numberBetween(Number(unsigned), Number(unsigned)) : undefined;
};

/** Adding a negative number is taking one off. */
const negative = (value: bigint): number | undefined => {
  const signed = BigInt.asIntN(64, value);
  return signed < 0n && signed > -(1n << 40n) ? Number(-signed) : undefined;
};

function after(pc: Pc, instruction: Instruction, state: State, source: FlowSource): State {
  const { row, slot } = instruction;
  switch (row.kind) {
    case 'alu': {
      const isRegister = 'operand' in row && row.operand === 'reg';
      const left = state.registers[slot.dst];
      const value = isRegister ? undefined : source.constantAt(pc);
      const right = value === undefined ? state.registers[slot.src] : constant(value);
      const less = value === undefined || row.op !== 'add' ? undefined : negative(value);
      const links = linksBehind(pc, instruction, state, value);
      if (row.width === 64) {
        const result =
          less === undefined
            ? computed(row.op, left, right)
            : computed('sub', left, numberBetween(less, less));
        return withRegister(state, slot.dst, result, links);
      }
      const result = computed(row.op, lowHalf(left), lowHalf(right));
      return withRegister(state, slot.dst, lowHalf(result), links);
    }
    case 'unary': {
      const how = conversionOf(row, 'little');
      const isShortened = how === 'cut' || (how === 'swap' && row.bits < 64);
      const src = row.src === '*' ? slot.src : slot.dst;
      const value = isShortened
        ? how === 'cut'
          ? lowBits(state.registers[src], row.bits)
          : numberBetween(0, 2 ** row.bits - 1)
        : undefined;
      return withRegister(state, slot.dst, row.width === 32 ? lowHalf(value) : value);
    }
    case 'lddw':
      return withRegister(state, slot.dst, source.given(pc) ?? constant(source.constantAt(pc)));
    case 'load':
    case 'store':
    case 'atomic':
      return accessed(pc, instruction, state, source);
    case 'call':
      if (source.isOwn(pc)) return lookedUp(pc, instruction, state, source);
      return source.borrows(pc) === 'asks' ? helped(state) : spoilt(instruction, state);
    case 'jump':
    case 'exit':
      return state;
    case 'goto':
      return row.op === 'ja' ? state : spoilt(instruction, state);
    default:
      return spoilt(instruction, state);
  }
}

/** What registers have in common behind an operation; `value`: the constant on its right. */
function linksBehind(
  pc: Pc,
  { row, slot }: Instruction,
  { links, registers }: State,
  value: bigint | undefined,
): RegisterLinks {
  const none = unlinked(links, slot.dst);
  if (row.kind !== 'alu') return none;
  // Of 32 bits a copy is the same where there are no more.
  const isWhole = row.width === 64 || isShort(registers[slot.src]);
  if (row.op === 'mov' && value === undefined)
    return isWhole && slot.dst !== slot.src
      ? copied(links, slot.src, slot.dst, `copy ${pc}`)
      : none;
  const more = value === undefined ? undefined : Number(BigInt.asIntN(64, value));
  if (row.width !== 64 || more === undefined || (row.op !== 'add' && row.op !== 'sub')) return none;
  return added(links, slot.dst, row.op === 'add' ? more : -more);
}

/** `links`: without, the register's value is nobody else's. */
function withRegister(
  state: State,
  register: number,
  value: Known,
  links: RegisterLinks = unlinked(state.links, register),
): State {
  const registers = state.registers.slice();
  registers[register] = value;
  return { ...state, registers, links };
}

/** Behind something that may give registers other values. */
const withoutLinks = (links: RegisterLinks, registers: Iterable<number>): RegisterLinks =>
  [...registers].reduce(unlinked, links);

/** Something else has run: the packet may lie elsewhere, and what is on the stack be other. */
function spoilt(instruction: Instruction, state: State): State {
  const changes = instruction.row.kind === 'call' ? BY_CALL : changesOf(instruction);
  const changed = new Set(registersIn(changes));
  const isLost = (value: Known): boolean =>
    value !== undefined &&
    'region' in value &&
    (value.region === PACKET_REGION || value.region === CONTEXT);
  const registers = state.registers.map((value, i) =>
    changed.has(i) || isLost(value) ? undefined : withoutRoom(value, PACKET_REGION),
  );
  const least = new Map([...state.least].filter(([region]) => region !== PACKET_REGION));
  return { registers, links: withoutLinks(state.links, changed), least, slots: NOTHING };
}

/** A helper may have written to the stack, and nothing has moved. */
function helped(state: State): State {
  const changed = registersIn(BY_CALL);
  const registers = state.registers.slice();
  for (const register of changed) registers[register] = undefined;
  return { ...state, registers, links: withoutLinks(state.links, changed), slots: NOTHING };
}

/** A lookup: a value of the same one before it is another region's now. */
function lookedUp(pc: Pc, instruction: Instruction, state: State, source: FlowSource): State {
  const value = source.given(pc);
  const region = value !== undefined && 'region' in value ? value.region : undefined;
  const isOld = (known: Known): boolean =>
    known !== undefined && 'region' in known && known.region === region;
  const changed = new Set(registersIn(changesOf(instruction)));
  const kept = (known: Known): Known => (region === undefined ? known : withoutRoom(known, region));
  const registers = state.registers.map((known, i) =>
    changed.has(i) || isOld(known) ? undefined : kept(known),
  );
  registers[0] = value;
  return {
    registers,
    links: withoutLinks(state.links, changed),
    least: new Map([...state.least].filter(([key]) => key !== region)),
    slots: new Map(
      [...state.slots].flatMap(([at, known]) => (isOld(known) ? [] : [[at, kept(known)] as const])),
    ),
  };
}

function accessed(pc: Pc, instruction: Instruction, state: State, source: FlowSource): State {
  if (!isAccess(instruction)) return state;
  const { row, slot } = instruction;
  const { register, size } = accessOf(instruction);
  const address = state.registers[register];
  const isExact = address?.kind === 'pointer' && address.low === address.high;
  if (row.kind === 'load') {
    const context = row.signed ? undefined : fieldOfContext(instruction, state, source);
    if (context !== undefined) return withRegister(state, slot.dst, context.value);
    // What the interpreter does puts the packet into the machine.
    if (source.isDoubted(pc)) return withRegister(packetLost(state), slot.dst, undefined);
    const shown = withLength(state, register, slot.off + size);
    return withRegister(shown, slot.dst, loadedValue(instruction, state));
  }
  let { slots } = state;
  const onStack = address?.kind === 'pointer' && address.region === STACK_REGION;
  if (address === undefined || address.kind === 'near' || (onStack && !isExact)) slots = NOTHING;
  else if (onStack && isExact) {
    const at = address.low - STACK_BYTES + slot.off;
    slots = new Map([...slots].filter(([other]) => other + 8 <= at || at + size <= other));
    const isKept = row.kind === 'store' && size === 8 && 'operand' in row && row.operand === 'reg';
    const value = isKept ? state.registers[slot.src] : undefined;
    if (value !== undefined) slots = new Map(slots).set(at, value);
  }
  const next = { ...withLength(state, register, slot.off + size), slots };
  if (source.isDoubted(pc)) return spoilt(instruction, next);
  const registers = next.registers.slice();
  const written = registersIn(writesOf(instruction));
  for (const one of written) registers[one] = undefined;
  return { ...next, registers, links: withoutLinks(next.links, written) };
}

/** Behind an access up to `end` bytes from a register: so long its region is at least. */
function withLength(state: State, register: number, end: number): State {
  const address = state.registers[register];
  if (address?.kind !== 'pointer') return state;
  const { region } = address;
  const registers = state.registers.slice();
  if (address.low < address.high) {
    registers[register] = withBytes(address, end);
    tellLinked(registers, state.links, register);
  }
  const least = Math.max(address.low + end, state.least.get(region) ?? 0);
  return { ...state, registers, least: new Map(state.least).set(region, least) };
}

function packetLost(state: State): State {
  const isLost = (value: Known): boolean =>
    value !== undefined && 'region' in value && value.region === PACKET_REGION;
  const kept = (value: Known): Known =>
    isLost(value) ? undefined : withoutRoom(value, PACKET_REGION);
  return {
    registers: state.registers.map(kept),
    links: state.links,
    least: new Map([...state.least].filter(([region]) => region !== PACKET_REGION)),
    slots: new Map([...state.slots].map(([at, value]) => [at, kept(value)])),
  };
}

function fieldOfContext({ row, slot }: Instruction, state: State, source: FlowSource) {
  const address = state.registers[slot.src];
  const isStart = address?.kind === 'pointer' && address.low === 0 && address.high === 0;
  if (row.kind !== 'load' || !isStart || address.region !== CONTEXT) return undefined;
  return source.contextAt(slot.off, row.size);
}

function loadedValue({ row, slot }: Instruction, state: State): Known {
  if (row.kind !== 'load' || row.signed) return undefined;
  const address = state.registers[slot.src];
  const isExact = address?.kind === 'pointer' && address.low === address.high;
  if (isExact && address.region === STACK_REGION && row.size === 8)
    return state.slots.get(address.low - STACK_BYTES + slot.off);
  return row.size < 8 ? numberBetween(0, 2 ** (8 * row.size) - 1) : undefined;
}
