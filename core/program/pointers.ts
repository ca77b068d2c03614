/**
 * What a program may do by its pointers, before it runs: which maps it changes, whether it makes
 * numbers of addresses. By where pointers come from; it says too much rather than too little, of
 * any program that takes them from where the verifier lets them come from.
 *
 *     what a register may hold, as bits   NUMBER | STACK | PACKET ... | handle, value of each map
 *     along all ways                      a state of r0..r10 in front of each block
 *     in memory                           one set for each offset of the stack, one for the rest
 */
import type { Instruction } from '../asm/decode.ts';
import type { AluOp, InstructionRow } from '../spec/isa.ts';
import type { Pc } from '../spec/units.ts';
import { type Code, constantOf } from './code.ts';
import { type Block, type ControlFlow, jumpTarget, successorsOf } from './control-flow.ts';
import { registerOf } from './effects.ts';

/** What a call of a helper or kernel function does with memory and maps. */
export interface CallUse {
  /** The register of the map that it takes. */
  readonly map?: number;
  /** Registers, as bits, that point at memory it writes. */
  readonly writes: number;
  /** It calls a function of the program, with what it was given, and values of the map. */
  readonly calls: boolean;
  /** What it gives: a value of the map, no pointer, or any. */
  readonly gives: 'value' | 'number' | 'anything';
}

export interface PointerSource {
  readonly code: Code;
  readonly flow: ControlFlow;
  readonly use: (instruction: Instruction) => CallUse;
  /** Maps whose values are maps. */
  readonly isOfMaps: (map: number) => boolean;
  /** What the program is given in r1. */
  readonly argument: 'context' | 'packet';
  /** What a field of the context gives. */
  readonly field: (offset: number, size: number) => 'packet' | 'lent' | 'number';
  /** How many maps there are. */
  readonly maps: number;
}

/** What was found; maps by their index. */
export interface PointerUses {
  /** Those whose values may be written by stores, or by calls that are given one. */
  readonly written: ReadonlySet<number>;
  /** Whether stores, or calls, may write to the packet. */
  readonly packet: boolean;
  /** By call, the maps that it may be given. */
  readonly given: ReadonlyMap<Pc, ReadonlySet<number>>;
  /** The first store where nothing is known of what lies there. */
  readonly unknown: Pc | undefined;
  /**
   * The first slot where a number is made of an address, or comes of one: addresses of packets are
   * others from run to run.
   */
  readonly address: Pc | undefined;
  /** By access and call, the registers, as bits, that may point into a stack. */
  readonly stack: ReadonlyMap<Pc, number>;
}

/** Kinds of values that a place may hold, as bits. */
type Kinds = bigint;
const NONE: Kinds = 0n;
const NUMBER: Kinds = 1n;
const STACK: Kinds = 2n;
const PACKET: Kinds = 4n;
const CONTEXT: Kinds = 8n;
/** What the kernel lends a program: sockets, and the like. */
const LENT: Kinds = 16n;
/** Those whose addresses differ from run to run. */
const PASSING: Kinds = PACKET | CONTEXT | LENT;
/** What no instruction has set since the function began, or a call left it: anything. */
const UNSET: Kinds = NUMBER | STACK | LENT;
const valueBit = (map: number): Kinds => 1n << BigInt(5 + 2 * map);
const handleBit = (map: number): Kinds => 1n << BigInt(6 + 2 * map);

type State = readonly Kinds[];
type JumpRow = Extract<InstructionRow, { kind: 'jump' }>;
const REGISTERS = 11;
const FRAME = 10;
const ARGUMENTS = [1, 2, 3, 4, 5];
/** Instructions that touch memory by registers. */
const TOUCHES: ReadonlySet<InstructionRow['kind']> = new Set(['load', 'store', 'atomic', 'call']);

export const pointerUses = (source: PointerSource): PointerUses => new Pointers(source).found;

class Pointers {
  private readonly source: PointerSource;
  private readonly blocks = new Map<Pc, Block>();
  private readonly before = new Map<Pc, Kinds[]>();
  /** Functions whose addresses are taken, and what they may be called with. */
  private readonly callable = new Set<Pc>();
  private handed: Kinds = NUMBER;
  /** What functions return, what lies on the stack by offset or anywhere on it, and elsewhere. */
  private returned: Kinds = NUMBER;
  private readonly slots = new Map<number, Kinds>();
  private anywhere: Kinds = NONE;
  private elsewhere: Kinds = NONE;
  /** Blocks to be looked at: what is in front of them is news. */
  private waiting = new Set<Pc>();
  private readonly written = new Set<number>();
  private packet = false;
  private readonly given = new Map<Pc, Set<number>>();
  private unknown: Pc | undefined;
  private address: Pc | undefined;
  private readonly stack = new Map<Pc, number>();

  constructor(source: PointerSource) {
    this.source = source;
    for (const { start } of source.code.programs) {
      const entry = Array<Kinds>(REGISTERS).fill(UNSET);
      entry[1] = source.argument === 'context' ? CONTEXT : PACKET;
      entry[2] = NUMBER;
      this.enter(start, entry);
    }
    while (this.waiting.size > 0) {
      const blocks = this.waiting;
      this.waiting = new Set();
      for (const start of blocks) this.run(start);
    }
  }

  get found(): PointerUses {
    const { written, packet, given, unknown, address, stack } = this;
    return { written, packet, given, unknown, address, stack };
  }

  /** A function may be called with these registers. */
  private enter(start: Pc, state: State): void {
    const own = state.map((kinds, register) =>
      register === FRAME ? STACK : register > 5 ? UNSET : kinds,
    );
    for (const block of this.source.flow.at(start)?.blocks ?? [])
      this.blocks.set(block.start, block);
    this.arrive(start, own);
  }

  private arrive(start: Pc, state: State): void {
    const known = this.before.get(start);
    if (known === undefined) {
      this.before.set(start, [...state]);
      this.waiting.add(start);
      return;
    }
    for (const [register, kinds] of state.entries()) {
      if ((kinds & ~known[register]) === NONE) continue;
      known[register] |= kinds;
      this.waiting.add(start);
    }
  }

  /** What any block may load or get back is news. */
  private lookAgain(): void {
    for (const start of this.before.keys()) this.waiting.add(start);
  }

  private run(start: Pc): void {
    const { code } = this.source;
    const block = this.blocks.get(start);
    const last = block?.pcs.at(-1);
    // In the middle of a block, or from one function into another: no compiler does that.
    if (block === undefined || last === undefined || leadsOut(code, last, block)) {
      this.unknown ??= start;
      return;
    }
    const state = [...this.before.get(start)!];
    for (const pc of block.pcs) {
      const instruction = code.instructions[pc];
      if (instruction?.row) this.step(pc, instruction, state);
    }
    for (const to of block.successors) this.arrive(to, state);
  }

  private step(pc: Pc, instruction: Instruction, state: Kinds[]): void {
    const { row, slot } = instruction;
    const { dst, src } = slot;
    if (TOUCHES.has(row.kind))
      this.stack.set(
        pc,
        state.reduce((bits, kinds, i) => bits | ((kinds & STACK) !== NONE ? 1 << i : 0), 0),
      );
    switch (row.kind) {
      case 'alu':
        // The upper half says where an address is: 32 bits are none.
        state[dst] =
          row.width === 32
            ? NUMBER
            : this.computed(pc, row.op, state[dst], row.operand === 'imm' ? NUMBER : state[src]);
        return;
      case 'unary': {
        const from = state[row.src === '*' ? src : dst];
        if (row.width === 64 && (from & PASSING) !== NONE) this.address ??= pc;
        state[dst] = row.width === 32 ? NUMBER : from | NUMBER;
        return;
      }
      case 'lddw':
        state[dst] = this.constant(pc, instruction);
        return;
      case 'load':
        state[dst] = this.loaded(state[src], src, slot.off, row.size);
        return;
      case 'store':
        this.write(pc, state[dst]);
        this.keep(pc, state[dst], dst, slot.off, row.operand === 'reg' ? state[src] : NUMBER);
        return;
      case 'atomic': {
        const value = state[src];
        const old = this.loaded(state[dst], dst, slot.off, row.size);
        if (row.op !== 'load_acquire') {
          this.write(pc, state[dst]);
          this.keep(pc, state[dst], dst, slot.off, value);
        }
        const loaded =
          row.op === 'load_acquire' ? this.loaded(value, src, slot.off, row.size) : old;
        for (const operand of row.writes) state[registerOf(operand, slot)] = loaded;
        return;
      }
      case 'packet':
        state[0] = NUMBER;
        return;
      case 'call':
        this.call(pc, instruction, state);
        return;
      case 'exit':
        this.add('returned', state[0]);
        if (this.isEntry(pc) && (state[0] & PASSING) !== NONE) this.address ??= pc;
        return;
      case 'jump':
        // Lower halves are offsets, wherever the region is.
        if (row.width === 64) this.compare(pc, row, state[dst], state[src]);
        return;
      case 'goto':
      case 'table':
        return;
    }
  }

  /** Of 64 bits. */
  private computed(pc: Pc, op: AluOp, left: Kinds, right: Kinds): Kinds {
    if (op === 'mov') return right;
    const [one, other] = [left & PASSING, right & PASSING];
    // The distance of two places in one packet is a number.
    if (op === 'sub' && (left | right) === PACKET) return NUMBER;
    const isMoved = op === 'add' ? one === NONE || other === NONE : op === 'sub' && other === NONE;
    if ((one | other) !== NONE && !isMoved) this.address ??= pc;
    // An offset into a context that was moved is not known.
    const isElsewhere = ((left | right) & CONTEXT) !== NONE;
    return left | right | (isElsewhere ? NUMBER : NONE);
  }

  private compare(pc: Pc, row: JumpRow, left: Kinds, right: Kinds): void {
    const [one, other] = [left & PASSING, row.operand === 'imm' ? NONE : right & PASSING];
    if ((one | other) === NONE) return;
    // A constant of 32 bits is below all addresses, or behind them.
    const isPlain = row.operand === 'imm' && row.op !== 'jset';
    const isSame = one === other && (one === PACKET || one === CONTEXT) && row.op !== 'jset';
    if (!isPlain && !isSame) this.address ??= pc;
  }

  private isEntry(pc: Pc): boolean {
    const { code, flow } = this.source;
    const start = flow.at(pc)?.start;
    return code.programs.some((program) => program.start === start);
  }

  private constant(pc: Pc, instruction: Instruction): Kinds {
    const constant = constantOf(instruction, pc);
    const isThere = (map: number): boolean => map >= 0 && map < this.source.maps;
    switch (constant?.kind) {
      case 'map':
        return isThere(constant.map) ? handleBit(constant.map) : NUMBER;
      case 'map-value':
        return isThere(constant.map) ? valueBit(constant.map) : NUMBER;
      case 'function':
        this.callable.add(constant.entry);
        this.enterCallable();
        return NUMBER;
      case 'variable':
        return LENT;
      default:
        return NUMBER;
    }
  }

  /** What a load from an address may give; a pointer comes back by the stack most of the time. */
  private loaded(address: Kinds, register: number, offset: number, size: number): Kinds {
    let kinds = NUMBER;
    if (register === FRAME) {
      kinds |= this.anywhere;
      for (const [at, kept] of this.slots) if (at < offset + size && offset < at + 8) kinds |= kept;
      return kinds;
    }
    if ((address & STACK) !== NONE) kinds |= this.onStack;
    if ((address & LENT) !== NONE) kinds |= LENT;
    if (address === CONTEXT) {
      const field = this.source.field(offset, size);
      if (field !== 'number') return field === 'packet' ? PACKET : LENT;
    } else if ((address & CONTEXT) !== NONE) kinds |= PACKET | LENT;
    return kinds | this.elsewhere;
  }

  private get onStack(): Kinds {
    let kinds = this.anywhere;
    for (const kept of this.slots.values()) kinds |= kept;
    return kinds;
  }

  /** A store puts such a value at an address. */
  private keep(pc: Pc, address: Kinds, register: number, offset: number, value: Kinds): void {
    const pointers = value & ~NUMBER;
    if (pointers === NONE) return;
    if (register === FRAME) {
      const known = this.slots.get(offset) ?? NONE;
      if ((pointers & ~known) === NONE) return;
      this.slots.set(offset, known | pointers);
      this.lookAgain();
      return;
    }
    if ((address & STACK) !== NONE) this.add('anywhere', pointers);
    if ((address & ~STACK) === NONE) return;
    this.add('elsewhere', pointers);
    if ((pointers & PASSING) !== NONE) this.address ??= pc;
  }

  private add(place: 'returned' | 'anywhere' | 'elsewhere' | 'handed', kinds: Kinds): void {
    if ((kinds & ~this[place]) === NONE) return;
    this[place] |= kinds;
    this.lookAgain();
  }

  /** Something writes there. */
  private write(pc: Pc, address: Kinds): void {
    if ((address & ~NUMBER) === NONE || (address & LENT) !== NONE) this.unknown ??= pc;
    if ((address & PACKET) !== NONE) this.packet = true;
    for (let map = 0; map < this.source.maps; map++)
      if ((address & (valueBit(map) | handleBit(map))) !== NONE) this.written.add(map);
  }

  private call(pc: Pc, instruction: Instruction, state: Kinds[]): void {
    const { row } = instruction;
    const op = row.kind === 'call' ? row.op : undefined;
    if (op === 'call_local') this.enter(jumpTarget(instruction, pc)!, state);
    if (op === 'callx') this.hand(ARGUMENTS.reduce((all, at) => all | state[at], NONE));
    const isOwn = op === 'call_local' || op === 'callx';
    state[0] = isOwn ? this.returned : this.called(pc, this.source.use(instruction), state);
    for (const register of ARGUMENTS) state[register] = UNSET;
  }

  /** What a helper gives, as kinds. */
  private called(pc: Pc, use: CallUse, state: State): Kinds {
    const all = ARGUMENTS.reduce((kinds, register) => kinds | state[register], NONE);
    for (const register of ARGUMENTS)
      if ((use.writes & (1 << register)) !== 0 && (state[register] & ~NUMBER) !== NONE)
        this.write(pc, state[register]);
    // It may have copied what lies elsewhere.
    if (use.writes !== 0) {
      const copied = (this.onStack | this.elsewhere) & ~NUMBER;
      this.add('anywhere', copied);
      this.add('elsewhere', copied);
    }
    const values = use.map === undefined ? NONE : this.valuesOf(pc, state[use.map]);
    if (use.calls) this.hand(all | values);
    if (use.gives === 'value') return values | NUMBER;
    return use.gives === 'number' ? NUMBER : all | LENT | NUMBER;
  }

  /** What lies in the maps that a register may hold: in any, where it holds none that is known. */
  private valuesOf(pc: Pc, map: Kinds): Kinds {
    const { maps, isOfMaps } = this.source;
    const numbers = Array.from({ length: maps }, (_, i) => i);
    const named = numbers.filter((i) => (map & handleBit(i)) !== NONE);
    const found = named.length > 0 ? named : numbers;
    const given = this.given.get(pc) ?? new Set();
    this.given.set(pc, given);
    for (const i of found) given.add(i);
    const every = () => numbers.reduce((kinds, i) => kinds | valueBit(i) | handleBit(i), NONE);
    return found.reduce((kinds, i) => kinds | (isOfMaps(i) ? every() : valueBit(i)), NONE);
  }

  /** Functions of the program may be called with that. */
  private hand(kinds: Kinds): void {
    this.add('handed', kinds);
    this.enterCallable();
  }

  private enterCallable(): void {
    const state = Array<Kinds>(REGISTERS).fill(this.handed);
    for (const start of this.callable) this.enter(start, state);
  }
}

/** Whether the last instruction of a block may lead out of its function, but by its end. */
const leadsOut = (code: Code, last: Pc, { successors }: Block): boolean =>
  successorsOf(code, last).some((to) => !successors.includes(to));
