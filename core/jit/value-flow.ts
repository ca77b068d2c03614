/** What is known of registers at each access of a unit: values.ts, along all ways through it. */
import type { Instruction } from '../asm/decode.ts';
import { STACK_BYTES } from '../machine/machine.ts';
import { changesOf, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import type { Pc } from '../spec/units.ts';
import { accessOf, isAccess } from './accesses.ts';
import { KEY_REGISTER } from './map-lookups.ts';
import type { Compilable, UnitShape } from './shape.ts';
import { registersIn } from './state.ts';
import {
  computed,
  isSame,
  joinedValues,
  type Known,
  leastLength,
  lowBits,
  lowHalf,
  numberBetween,
  ordered,
  orderTold,
  type RegionKey,
  TURNED,
  type Value,
} from './values.ts';

/** Times that a block is looked at before bounds that still change are given up. */
const PATIENCE = 3;

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
  /** Bytes that regions have at least. */
  readonly least: ReadonlyMap<RegionKey, number>;
  /** What was put on the stack, 8 bytes each, by offset from r10. */
  readonly slots: ReadonlyMap<number, Known>;
}

export const PACKET_REGION = 'packet';
export const STACK_REGION = 'stack';
export const CONTEXT = 'context';

const NOTHING: ReadonlyMap<number, Known> = new Map();

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
}

/** What is known in a unit. */
export function knownFacts(shape: UnitShape, source: FlowSource): UnitFacts {
  const before = new Map<Pc, State>();
  const visits = new Map<Pc, number>();
  const order = [...shape.blocks.keys()];
  const waiting = new Set([shape.entry]);
  before.set(shape.entry, { registers: source.entry, least: new Map(), slots: NOTHING });
  // In their order: a block is looked at when all that leads to it was.
  while (waiting.size > 0)
    for (const start of order) {
      if (!waiting.delete(start)) continue;
      for (const [to, state] of behind(shape, start, before.get(start)!, source)) {
        const known = before.get(to);
        const count = (visits.get(to) ?? 0) + 1;
        const met = known === undefined ? state : meet(known, state, count > PATIENCE);
        if (met === known) continue;
        visits.set(to, count);
        before.set(to, met);
        waiting.add(to);
      }
    }
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
  return { facts, sums };
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

/** The same object where nothing is lost. */
function meet(known: State, other: State, widens: boolean): State {
  const registers = known.registers.map((value, i) =>
    joinedValues(value, other.registers[i], widens),
  );
  const least = new Map(
    [...known.least].flatMap(([region, bytes]) => {
      const both = Math.min(bytes, other.least.get(region) ?? 0);
      return both > 0 ? [[region, both] as const] : [];
    }),
  );
  const slots = new Map(
    [...known.slots].flatMap(([offset, value]) => {
      const both = joinedValues(value, other.slots.get(offset), widens);
      return both === undefined ? [] : [[offset, both] as const];
    }),
  );
  const isKept =
    registers.every((value, i) => isSame(value, known.registers[i])) &&
    least.size === known.least.size &&
    [...least].every(([region, bytes]) => known.least.get(region) === bytes) &&
    slots.size === known.slots.size &&
    [...slots].every(([offset, value]) => isSame(value, known.slots.get(offset)));
  return isKept ? known : { registers, least, slots };
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
  registers[slot.dst] = ordered(left, order, right);
  if (isRegister) registers[slot.src] = ordered(right, TURNED[order], left);
  const least = leastLength(left, order, right) ?? leastLength(right, TURNED[order], left);
  const found = foundLength(left, order, right);
  const more = found ?? least;
  if (more === undefined || more.least <= (state.least.get(more.region) ?? 0))
    return { ...state, registers };
  return { ...state, registers, least: new Map(state.least).set(more.region, more.least) };
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
      if (row.width === 64)
        return less === undefined
          ? withRegister(state, slot.dst, computed(row.op, left, right))
          : withRegister(state, slot.dst, computed('sub', left, numberBetween(less, less)));
      const result = computed(row.op, lowHalf(left), lowHalf(right));
      return withRegister(state, slot.dst, lowHalf(result));
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
      return source.isOwn(pc)
        ? lookedUp(pc, instruction, state, source)
        : spoilt(instruction, state);
    case 'jump':
    case 'exit':
      return state;
    case 'goto':
      return row.op === 'ja' ? state : spoilt(instruction, state);
    default:
      return spoilt(instruction, state);
  }
}

function withRegister(state: State, register: number, value: Known): State {
  const registers = state.registers.slice();
  registers[register] = value;
  return { ...state, registers };
}

/** Something else has run: the packet may lie elsewhere, and what is on the stack be other. */
function spoilt(instruction: Instruction, state: State): State {
  const changes = instruction.row.kind === 'call' ? 0b111111 : changesOf(instruction);
  const changed = new Set(registersIn(changes));
  const isLost = (value: Known): boolean =>
    value !== undefined &&
    'region' in value &&
    (value.region === PACKET_REGION || value.region === CONTEXT);
  const registers = state.registers.map((value, i) =>
    changed.has(i) || isLost(value) ? undefined : value,
  );
  const least = new Map([...state.least].filter(([region]) => region !== PACKET_REGION));
  return { registers, least, slots: NOTHING };
}

/** A lookup: a value of the same one before it is another region's now. */
function lookedUp(pc: Pc, instruction: Instruction, state: State, source: FlowSource): State {
  const value = source.given(pc);
  const region = value !== undefined && 'region' in value ? value.region : undefined;
  const isOld = (known: Known): boolean =>
    known !== undefined && 'region' in known && known.region === region;
  const changed = new Set(registersIn(changesOf(instruction)));
  const registers = state.registers.map((known, i) =>
    changed.has(i) || isOld(known) ? undefined : known,
  );
  registers[0] = value;
  return {
    registers,
    least: new Map([...state.least].filter(([key]) => key !== region)),
    slots: new Map([...state.slots].filter(([, known]) => !isOld(known))),
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
    const shown = withLength(state, address, slot.off + size);
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
  const next = { ...withLength(state, address, slot.off + size), slots };
  if (source.isDoubted(pc)) return spoilt(instruction, next);
  const registers = next.registers.slice();
  for (const written of registersIn(writesOf(instruction))) registers[written] = undefined;
  return { ...next, registers };
}

/** Behind an access up to `end` bytes from an address: so long its region is at least. */
function withLength(state: State, address: Known, end: number): State {
  if (address?.kind !== 'pointer') return state;
  const { region } = address;
  const least = address.low + end;
  if (least <= (state.least.get(region) ?? 0)) return state;
  return { ...state, least: new Map(state.least).set(region, least) };
}

function packetLost(state: State): State {
  const isLost = (value: Known): boolean =>
    value !== undefined && 'region' in value && value.region === PACKET_REGION;
  return {
    registers: state.registers.map((value) => (isLost(value) ? undefined : value)),
    least: new Map([...state.least].filter(([region]) => region !== PACKET_REGION)),
    slots: new Map([...state.slots].filter(([, value]) => !isLost(value))),
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
