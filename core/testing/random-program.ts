// Random programs that the verifier takes: arithmetic, jumps, bounded loops, memory in bounds,
// subprograms, helpers, maps and atomics. At their end they put every register and the stack into a
// map, so that one wrong bit is seen.
import { bytesOf, encode, type Fields } from '../asm/encode.ts';
import type { Slot } from '../asm/encoding.ts';
import { type ContextField, contextFields } from '../spec/contexts.ts';
import { helperByName } from '../spec/helpers.ts';
import { type AluOp, INSTRUCTIONS, type InstructionRow, type Size } from '../spec/isa.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import type { KernelMap } from './kernel.ts';
import { Random } from './random.ts';
import {
  type CallArgument,
  RANDOM_CALLS,
  type RandomCall,
  WORLD_CALLS,
  WORLD_MAP,
} from './random-calls.ts';

/**
 * Bytes the program may touch of the packet, of its own stack and of the map value; what the value
 * holds behind them.
 */
const REACH = 64;
const STACK = -REACH;
const KEY = STACK - 8;
const COUNTER = KEY - 8;
const SLOT = COUNTER - 8;
const RESULTS = REACH;
const STACK_COPY = RESULTS + 6 * 8;
const VALUE_BYTES = STACK_COPY + REACH;

/** The maps of every random program: results, and a hash that is soon full. */
export const RANDOM_MAPS: readonly KernelMap[] = [
  { type: MAP_TYPE_ID.array, key: 4, value: VALUE_BYTES, entries: 1 },
  { type: MAP_TYPE_ID.hash, key: 8, value: 16, entries: 3 },
];

/** What programs that ask for all there is have besides. */
export const WORLD_MAPS: readonly KernelMap[] = [
  ...RANDOM_MAPS,
  { type: MAP_TYPE_ID.array, key: 4, value: REACH, entries: 1 },
  { type: MAP_TYPE_ID.lpm_trie, key: 8, value: 8, entries: 4 },
  { type: MAP_TYPE_ID.lru_hash, key: 8, value: 8, entries: 4 },
  { type: MAP_TYPE_ID.percpu_array, key: 4, value: 8, entries: 3 },
  { type: MAP_TYPE_ID.queue, key: 0, value: 8, entries: 3 },
  { type: MAP_TYPE_ID.devmap, key: 4, value: 4, entries: 4 },
];

/**
 * kernel: what the verifier takes and BPF_PROG_TEST_RUN answers the same way everywhere; world:
 * over every hook with all that a run may depend on, some of it by values cut to a few bits, for
 * the machine here alone.
 */
export type RandomKind = 'kernel' | 'world';

export interface RandomProgram {
  readonly seed: number;
  readonly kind: RandomKind;
  readonly hook: HookName;
  readonly bytes: Uint8Array;
  /** Slots of two-slot loads that name a map, with its index. */
  readonly refs: readonly (readonly [insn: number, map: number])[];
  readonly packet: Uint8Array;
}

const ofKind = <K extends InstructionRow['kind']>(kind: K) =>
  INSTRUCTIONS.filter((row): row is Extract<InstructionRow, { kind: K }> => row.kind === kind);
const ALU = ofKind('alu');
// A cast needs an arena, which no program here has.
const UNARY = ofKind('unary').filter((row) => row.op !== 'addr_space_cast');
const JUMPS = ofKind('jump');
const LOADS = ofKind('load');
const STORES = ofKind('store');
const ATOMICS = ofKind('atomic');

const DIVIDES: ReadonlySet<AluOp> = new Set(['div', 'sdiv', 'mod', 'smod']);
const SHIFTS: ReadonlySet<AluOp> = new Set(['lsh', 'rsh', 'arsh']);
const MAP_VALUE = 9;

/** Registers that hold numbers between statements. */
const SCALARS = [0, 1, 2, 3, 4, 5];
/**
 * Hooks whose programs read the packet in place and that BPF_PROG_TEST_RUN runs, as often as they
 * are wanted.
 */
const HOOKS: readonly HookName[] = [
  'xdp',
  'xdp',
  'tc',
  'tc',
  'tc',
  'cgroup_skb',
  'lwt_in',
  'lwt_out',
  'lwt_xmit',
  'flow_dissector',
];
/** Every hook, for the machine here. */
const WORLD_HOOKS: readonly HookName[] = [
  ...HOOKS,
  'socket_filter',
  'sk_skb',
  'sk_msg',
  'sk_lookup',
  'sk_reuseport',
  'netfilter',
  'ubpf',
  'filter-ubpf',
];
/** Those whose packets are memory, with its length in r2. */
const PLAIN: ReadonlySet<HookName> = new Set(['ubpf', 'filter-ubpf']);

/** Those that may write it in place. */
const WRITERS: ReadonlySet<HookName> = new Set(['xdp', 'tc', 'lwt_xmit']);
/** What the verifier takes as a return value, where it does not take any. */
const RETURN_MASK: Partial<Record<HookName, number>> = { cgroup_skb: 1, flow_dissector: 2 };
/** Fields that depend on the machine the kernel runs on. */
const OF_THE_MACHINE = /napi_id|hwtstamp|tstamp|sk$|flow_keys|data/;

const fieldsOf = (hook: HookName, rights: 'read' | 'write'): ContextField[] =>
  contextFields(programType(hook).context!).filter(
    (field) =>
      (field[rights]?.includes(hook) ?? rights === 'read') &&
      !OF_THE_MACHINE.test(field.name) &&
      field.size === 4 &&
      field.only === undefined,
  );
const hasPacket = (hook: HookName): boolean =>
  PLAIN.has(hook) ||
  contextFields(programType(hook).context!).some(
    ({ name, read }) => name === 'data' && (read === undefined || read.includes(hook)),
  );

/** A place memory statements may touch: a base register and the first offset of REACH bytes. */
interface Area {
  readonly base: number;
  readonly start: number;
  /** Packets may be accessed at any alignment, and not by atomic instructions. */
  readonly packet: boolean;
}

const STACK_AREA: Area = { base: 10, start: STACK, packet: false };

/** A test run of a flow dissector has no skb: nothing can be loaded from it there. */
const mayCall = (hook: HookName, { name }: RandomCall): boolean =>
  helperByName(name)!.hooks.includes(hook) &&
  !(hook === 'flow_dissector' && name === 'skb_load_bytes');

class Writer {
  readonly random: Random;
  readonly slots: Slot[] = [];
  readonly refs: [number, number][] = [];
  /** Jumps to the early exit, local calls by function: patched at the end. */
  private readonly exits: number[] = [];
  private readonly calls: [slot: number, callee: number][] = [];
  /** References to the function that bpf_loop calls. */
  private readonly loops: number[] = [];
  private branches = 0;
  private readonly hook: HookName;
  private readonly kind: RandomKind;

  constructor(random: Random, hook: HookName, kind: RandomKind) {
    this.random = random;
    this.hook = hook;
    this.kind = kind;
  }

  private get isPlain(): boolean {
    return PLAIN.has(this.hook);
  }

  private get hasMaps(): boolean {
    return this.hook !== 'filter-ubpf' && this.hook !== 'ubpf';
  }

  emit(name: string, fields: Fields = {}): number {
    return this.slots.push(...encode(name, fields)) - 1;
  }

  /** Answers the first of its two slots. */
  private emitLong(name: string, dst: number, imm: number, nextImm: number): number {
    return this.emit(name, { dst, imm, nextImm }) - 1;
  }

  private jumpOut(name: string, fields: Fields): void {
    this.exits.push(this.emit(name, fields));
  }

  private land(slot: number): void {
    this.slots[slot].off = this.slots.length - slot - 1;
  }

  private helper(name: string): void {
    this.emit('call', { imm: helperByName(name)!.id });
  }

  private scalar(register: number): void {
    if (this.kind === 'world' && this.random.chance(2)) {
      this.emit('ldx64', { dst: register, src: 10, off: STACK + 8 * this.random.below(REACH / 8) });
      return;
    }
    if (this.random.chance(3))
      this.emitLong('lddw_imm64', register, this.random.word() | 0, this.random.word() | 0);
    else this.emit('mov64_imm', { dst: register, imm: this.random.immediate() });
  }

  private scalars(registers: readonly number[]): void {
    for (const register of registers) this.scalar(register);
  }

  /** r7 the packet, with REACH bytes that may be touched. */
  private packetPointer(): void {
    if (this.isPlain) {
      this.emit('mov64_reg', { dst: 7, src: 1 });
      this.jumpOut('jlt64_imm', { dst: 2, imm: REACH });
      return;
    }
    if (hasPacket(this.hook)) this.packetInPlace();
    if (this.kind === 'world') this.globals();
  }

  /** r8 the global variables. */
  private globals(): void {
    this.refs.push([this.emitLong('lddw_map_value', 8, WORLD_MAP.globals, 0), WORLD_MAP.globals]);
  }

  private packetInPlace(): void {
    for (const [register, name] of [
      [7, 'data'],
      [8, 'data_end'],
    ] as const) {
      const field = contextFields(programType(this.hook).context!).find(
        (row) => row.name === name,
      )!;
      this.emit(`ldx${field.size * 8}`, { dst: register, src: 6, off: field.offset });
    }
    this.emit('mov64_reg', { dst: 0, src: 7 });
    this.emit('add64_imm', { dst: 0, imm: REACH });
    this.jumpOut('jgt64_reg', { dst: 0, src: 8 });
  }

  private stackPointer(register: number, offset: number): void {
    this.emit('mov64_reg', { dst: register, src: 10 });
    this.emit('add64_imm', { dst: register, imm: offset });
  }

  private map(register: number, index: number): void {
    this.refs.push([this.emitLong('lddw_map', register, index, 0), index]);
  }

  /**
   * r6 context, r7 packet, r9 the map value; numbers in r0 to r5 and on the stack; r8 global
   * variables, where there are.
   */
  main(functions: number): void {
    this.emit('mov64_reg', { dst: 6, src: 1 });
    this.packetPointer();
    for (let at = STACK; at < 0; at += 8)
      this.emit('st64', { dst: 10, off: at, imm: this.random.immediate() });
    if (this.kind === 'world' && hasPacket(this.hook)) this.packetOnStack();
    if (this.hasMaps) this.resultsPointer();
    this.scalars(SCALARS);
    const areas: Area[] = [
      ...(hasPacket(this.hook) ? [{ base: 7, start: 0, packet: true }] : []),
      STACK_AREA,
      ...(this.hasMaps ? [{ base: MAP_VALUE, start: 0, packet: false }] : []),
      ...(this.hasMaps && this.kind === 'world' ? [{ base: 8, start: 0, packet: false }] : []),
    ];
    this.statements(this.random.between(10, 40), areas, { functions, depth: 0, calls: true });
    if (this.kind === 'world') {
      this.guardedStores(areas);
      this.mixed(areas);
    }
    if (this.hasMaps) this.results();
    const mask =
      RETURN_MASK[this.hook] ??
      (this.kind === 'world' ? this.random.pick([1, 3, 0xff, 0xffff, -1]) : undefined);
    if (mask !== undefined) this.emit('and64_imm', { dst: 0, imm: mask });
    this.emit('exit');
    for (const slot of this.exits) this.land(slot);
    this.emit('mov64_imm', { dst: 0, imm: 0 });
    this.emit('exit');
  }

  /** Some bytes of the packet among the numbers. */
  private packetOnStack(): void {
    for (let i = 0; i < 4; i++) {
      const row = this.random.pick(LOADS);
      this.emit(row.name, { dst: 1, src: 7, off: this.random.below(REACH - row.size + 1) });
      this.emit('stx64', { dst: 10, src: 1, off: STACK + 8 * this.random.below(REACH / 8) });
    }
  }

  /** Bytes that a bit somewhere decides whether they are written. */
  private guardedStores(areas: readonly Area[]): void {
    for (let i = 0; i < 3; i++) {
      const jump = this.bitCondition(this.random.pick(areas));
      this.store(this.random.pick(areas));
      this.land(jump);
    }
  }

  /**
   * More of what was worked out goes into the result, by ways that keep few bits of it and by such
   * as keep all.
   */
  private mixed(areas: readonly Area[]): void {
    if (this.random.chance(2)) this.emit('and64_imm', { dst: 0, imm: this.random.immediate() });
    for (let i = this.random.between(3, 9); i > 0; i--) {
      if (this.random.chance(5) && this.mayTouchFields()) this.fieldLoad(1);
      else {
        const area = this.random.pick(areas);
        const row = this.random.pick(LOADS);
        this.emit(row.name, { dst: 1, src: area.base, off: this.offset(area, row.size) });
      }
      const src = this.random.chance(3) ? this.random.pick(SCALARS) : 1;
      this.emit(`${this.random.pick(['xor', 'xor', 'xor', 'add', 'sub', 'or'])}64_reg`, {
        dst: 0,
        src,
      });
    }
    this.emit('rsh64_imm', { dst: 0, imm: this.random.pick([0, 0, 3, 8, 30]) });
  }

  private resultsPointer(): void {
    this.emit('st64', { dst: 10, off: KEY, imm: 0 });
    this.stackPointer(2, KEY);
    this.map(1, 0);
    this.helper('map_lookup_elem');
    this.jumpOut('jeq64_imm', { dst: 0, imm: 0 });
    this.emit('mov64_reg', { dst: MAP_VALUE, src: 0 });
  }

  /** Puts every register and the stack into the map's value. */
  private results(): void {
    for (const register of SCALARS)
      this.emit('stx64', { dst: MAP_VALUE, src: register, off: RESULTS + register * 8 });
    for (let at = 0; at < REACH; at += 8) {
      this.emit('ldx64', { dst: 1, src: 10, off: STACK + at });
      this.emit('stx64', { dst: MAP_VALUE, src: 1, off: STACK_COPY + at });
    }
  }

  /** A function of numbers in r2 to r5 and of REACH bytes at r1; it may call those behind it. */
  private function(number: number, functions: number): number {
    const entry = this.slots.length;
    this.emit('mov64_reg', { dst: 6, src: 1 });
    for (let at = STACK; at < 0; at += 8)
      this.emit('stx64', { dst: 10, src: 2 + ((at >> 3) & 3), off: at });
    this.scalars([0, 1]);
    const areas: Area[] = [{ base: 6, start: 0, packet: false }, STACK_AREA];
    const callees = number + 1 < functions && this.random.chance(2) ? functions : 0;
    this.statements(this.random.between(3, 12), areas, {
      functions: callees,
      first: number + 1,
      depth: 1,
      calls: false,
    });
    this.emit('exit');
    return entry;
  }

  /** A function that bpf_loop calls: r2 points to REACH bytes; anything but 0 ends the loop. */
  callback(): void {
    if (this.loops.length === 0) return;
    for (const slot of this.loops) this.slots[slot].imm = this.slots.length - slot - 1;
    this.emit('mov64_reg', { dst: 6, src: 2 });
    this.emit('mov64_reg', { dst: 2, src: 1 });
    for (let at = STACK; at < 0; at += 8) this.emit('stx64', { dst: 10, src: 1, off: at });
    this.scalars([0, 1, 3, 4, 5]);
    const areas: Area[] = [{ base: 6, start: 0, packet: false }, STACK_AREA];
    this.statements(this.random.between(3, 10), areas, { functions: 0, depth: 1, calls: false });
    this.emit('and64_imm', { dst: 0, imm: this.random.pick([0, 1, 3]) });
    this.emit('exit');
  }

  private loopCall(): void {
    this.emit('mov64_imm', { dst: 1, imm: this.random.below(5) });
    this.loops.push(this.emitLong('lddw_function', 2, 0, 0));
    this.stackPointer(3, STACK);
    this.emit('mov64_imm', { dst: 4, imm: 0 });
    this.helper('loop');
    this.scalars([1, 2, 3, 4, 5]);
  }

  private statements(count: number, areas: readonly Area[], inside: Inside): void {
    for (let i = 0; i < count; i++) this.statement(areas, inside);
  }

  private statement(areas: readonly Area[], inside: Inside): void {
    const kind = this.random.below(20);
    if (kind < 7) this.arithmetic();
    else if (kind < 9) this.load(this.random.pick(areas));
    else if (kind < 11) this.store(this.random.pick(areas));
    else if (kind < 13) this.atomic(this.random.pick(areas.filter((area) => !area.packet)));
    else if (kind < 15 && inside.depth < 2 && this.branches < 10) this.branch(areas, inside);
    else if (kind === 15 && inside.depth === 0) this.loop(areas, inside);
    else if (kind === 16 && inside.functions > (inside.first ?? 0)) this.callLocal(areas, inside);
    else if (kind >= 17 && inside.calls && this.hasMaps && this.random.chance(2)) this.callHelper();
    else if (kind >= 18 && inside.calls && this.mayTouchFields()) this.contextField();
    else this.unary();
  }

  private mayTouchFields(): boolean {
    if (this.kind === 'kernel') return this.hook !== 'xdp' && this.hook !== 'flow_dissector';
    return !this.isPlain && fieldsOf(this.hook, 'read').length > 0;
  }

  private arithmetic(): void {
    const row = this.random.pick(ALU);
    const dst = this.random.pick(SCALARS);
    if (row.operand === 'reg') {
      this.emit(row.name, { dst, src: this.random.pick(SCALARS) });
      return;
    }
    let imm = this.random.immediate();
    if (DIVIDES.has(row.op) && imm === 0) imm = 3;
    if (SHIFTS.has(row.op)) imm = this.random.below(row.width);
    this.emit(row.name, { dst, imm });
  }

  private unary(): void {
    const row = this.random.pick(UNARY);
    this.emit(row.name, {
      dst: this.random.pick(SCALARS),
      ...(row.src === '*' && { src: this.random.pick(SCALARS) }),
    });
  }

  private offset(area: Area, size: Size): number {
    // A few bytes that are written and read again and again.
    const reach = this.kind === 'world' && !this.random.chance(4) ? 2 * 8 : REACH;
    const room = reach - size;
    const at = area.packet
      ? this.random.below(room + 1)
      : size * this.random.below(room / size + 1);
    return area.start + at;
  }

  private load(area: Area): void {
    const row = this.random.pick(LOADS);
    this.emit(row.name, {
      dst: this.random.pick(SCALARS),
      src: area.base,
      off: this.offset(area, row.size),
    });
  }

  private store(place: Area): void {
    const area = place.packet && !WRITERS.has(this.hook) ? STACK_AREA : place;
    const row = this.random.pick(STORES);
    const operand =
      row.operand === 'reg' ? { src: this.random.pick(SCALARS) } : { imm: this.random.immediate() };
    this.emit(row.name, { dst: area.base, off: this.offset(area, row.size), ...operand });
  }

  /**
   * Fetching forms leave the stack alone: Linux 6.18 does not follow the precision of a spilled
   * number through them, takes two states to be the same that are not, and removes code as dead
   * that is not (seed 4251 of the first generator).
   */
  private atomic(area: Area): void {
    const row = this.random.pick(
      area.base === MAP_VALUE
        ? ATOMICS
        : ATOMICS.filter(({ op, writes }) => writes.length === 0 || op === 'load_acquire'),
    );
    const scalar = this.random.pick(SCALARS);
    const [dst, src] = row.op === 'load_acquire' ? [scalar, area.base] : [area.base, scalar];
    this.emit(row.name, { dst, src, off: this.offset(area, row.size) });
  }

  private condition(areas: readonly Area[]): number {
    if (this.kind === 'world' && !this.random.chance(3))
      return this.bitCondition(this.random.pick(areas));
    const row = this.random.pick(JUMPS);
    const operand =
      row.operand === 'reg' ? { src: this.random.pick(SCALARS) } : { imm: this.random.immediate() };
    return this.emit(row.name, { dst: this.random.pick(SCALARS), ...operand });
  }

  /** By a bit of memory, which as often goes one way as the other. */
  private bitCondition(area: Area): number {
    const dst = this.random.pick(SCALARS);
    this.emit('ldx8', { dst, src: area.base, off: this.offset(area, 1) });
    if (this.random.chance(2))
      return this.emit('jset64_imm', { dst, imm: 1 << this.random.below(8) });
    this.emit('and64_imm', { dst, imm: 1 << this.random.below(8) });
    return this.emit(this.random.pick(['jeq64_imm', 'jne64_imm']), { dst, imm: 0 });
  }

  private branch(areas: readonly Area[], inside: Inside): void {
    this.branches += 1;
    const deeper = { ...inside, depth: inside.depth + 1 };
    const jump = this.condition(areas);
    this.statements(this.random.between(1, 4), areas, deeper);
    if (this.random.chance(2)) {
      this.land(jump);
      return;
    }
    const over = this.emit('ja');
    this.land(jump);
    this.statements(this.random.between(1, 4), areas, deeper);
    this.land(over);
  }

  /** A few rounds; the counter lies on the stack, where no other statement writes. */
  private loop(areas: readonly Area[], inside: Inside): void {
    this.emit('st64', { dst: 10, off: COUNTER, imm: this.random.between(1, 5) });
    const top = this.slots.length;
    const body = this.random.between(1, 5);
    this.statements(body, areas, { ...inside, functions: 0, depth: 2, calls: false });
    const register = this.random.pick(SCALARS);
    this.emit('ldx64', { dst: register, src: 10, off: COUNTER });
    this.emit('add64_imm', { dst: register, imm: -1 });
    this.emit('stx64', { dst: 10, src: register, off: COUNTER });
    const back = this.emit('jne64_imm', { dst: register, imm: 0 });
    this.slots[back].off = top - back - 1;
  }

  private callLocal(areas: readonly Area[], inside: Inside): void {
    const area = this.random.pick(areas.filter((candidate) => !candidate.packet));
    this.emit('mov64_reg', { dst: 1, src: area.base });
    if (area.start !== 0) this.emit('add64_imm', { dst: 1, imm: area.start });
    const callee = this.random.between(inside.first ?? 0, inside.functions - 1);
    this.calls.push([this.emit('call_local'), callee]);
    this.scalars([1, 2, 3, 4, 5]);
  }

  /**
   * Writes the functions that are called, which is known when those before them are written, and
   * links the calls.
   */
  called(functions: number): void {
    const entries = new Map<number, number>();
    for (let number = 0; number < functions; number++)
      if (this.calls.some(([, callee]) => callee === number))
        entries.set(number, this.function(number, functions));
    for (const [slot, callee] of this.calls) this.slots[slot].imm = entries.get(callee)! - slot - 1;
  }

  private callHelper(): void {
    const calls = [
      () => this.hashUpdate(),
      () => this.hashLookup(),
      () => this.hashDelete(),
      ...(helperByName('csum_diff')!.hooks.includes(this.hook) ? [() => this.checksum()] : []),
      ...RANDOM_CALLS.filter((call) => mayCall(this.hook, call)).map(
        (call) => () => this.packetCall(call),
      ),
      ...(this.kind === 'world' ? [() => this.loopCall(), () => this.loopCall()] : []),
      ...(this.kind === 'world' ? WORLD_CALLS : [])
        .filter((call) => mayCall(this.hook, call))
        .map((call) => () => this.packetCall(call)),
    ];
    this.random.pick(calls)();
    this.scalars([1, 2, 3, 4, 5]);
  }

  private key(): void {
    this.emit('st64', { dst: 10, off: KEY, imm: this.random.below(5) });
    this.stackPointer(2, KEY);
    this.map(1, 1);
  }

  private hashUpdate(): void {
    this.key();
    this.stackPointer(3, STACK + 8 * this.random.below(7));
    this.emit('mov64_imm', { dst: 4, imm: this.random.pick([0, 0, 1, 2, 5]) });
    this.helper('map_update_elem');
  }

  /** r0 becomes a number of the value found, or stays 0. */
  private hashLookup(): void {
    this.key();
    this.helper('map_lookup_elem');
    const missing = this.emit('jeq64_imm', { dst: 0, imm: 0 });
    this.emit('ldx64', { dst: 0, src: 0, off: this.random.pick([0, 8]) });
    this.land(missing);
  }

  private hashDelete(): void {
    this.key();
    this.helper('map_delete_elem');
  }

  private checksum(): void {
    for (const [pointer, size] of [
      [1, 2],
      [3, 4],
    ]) {
      this.stackPointer(pointer, STACK);
      this.emit('mov64_imm', { dst: size, imm: 4 * this.random.below(9) });
    }
    this.scalar(5);
    this.helper('csum_diff');
  }

  private argument(register: number, argument: CallArgument): void {
    if (argument === 'number') this.scalar(register);
    else if (argument === 'context') this.emit('mov64_reg', { dst: register, src: 6 });
    else if (argument === 'stack') this.stackPointer(register, STACK);
    else if ('map' in argument) this.map(register, argument.map);
    else if ('of' in argument)
      this.emit('mov64_imm', { dst: register, imm: this.random.pick(argument.of) });
    else {
      this.emit('st64', { dst: 10, off: SLOT, imm: this.random.pick(argument.slot) });
      this.stackPointer(register, SLOT);
    }
  }

  private packetCall(call: RandomCall): void {
    for (const [i, argument] of call.arguments.entries()) this.argument(i + 1, argument);
    this.helper(call.name);
    if (call.pointer) {
      const none = this.emit('jeq64_imm', { dst: 0, imm: 0 });
      this.emit('mov64_imm', { dst: 0, imm: 1 });
      this.land(none);
    }
    if (call.changesPacket) this.afterPacketChange();
  }

  /** Packet pointers are invalid now; the answer goes over the checks on the stack. */
  private afterPacketChange(): void {
    this.emit('stx64', { dst: 10, src: 0, off: COUNTER });
    this.packetPointer();
    this.emit('ldx64', { dst: 0, src: 10, off: COUNTER });
  }

  private contextField(): void {
    const writable = fieldsOf(this.hook, 'write');
    if (writable.length > 0 && this.random.chance(2)) {
      this.emit('stx32', {
        dst: 6,
        src: this.random.pick(SCALARS),
        off: this.random.pick(writable).offset,
      });
      return;
    }
    this.fieldLoad(undefined);
  }

  /** Without a register into any. */
  private fieldLoad(into: number | undefined): void {
    const field = this.random.pick(fieldsOf(this.hook, 'read'));
    const size = this.random.pick([1, 2, 4].filter((bytes) => bytes >= (field.narrowest ?? 1)));
    const part = size * this.random.below(4 / size);
    const dst = into ?? this.random.pick(SCALARS);
    this.emit(`ldx${size * 8}`, { dst, src: 6, off: field.offset + part });
  }
}

interface Inside {
  /** How many functions there are, and the first that may be called. */
  readonly functions: number;
  readonly first?: number;
  readonly depth: number;
  /** Whether helpers may be called: not in loops and functions, which have no context. */
  readonly calls: boolean;
}

const PACKET_STARTS = [
  [],
  [],
  [0x08, 0x00, 0x45],
  [0x08, 0x00, 0x45, 0x02],
  [0x86, 0xdd, 0x60, 0x20],
  [0x81, 0x00],
  [0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 0x08, 0x00],
  [0x81, 0x00, 0, 1, 0x08, 0x00, 0x45],
];

/** What a hook that looks for an IP header, or for one of TCP or UDP, runs its program on. */
const RUN_ON = [
  [0x08, 0x00, 0x45, 0, 0, 100, 0, 1, 0x40, 0, 64, 6],
  [0x08, 0x00, 0x45, 0, 0, 100, 0, 1, 0x40, 0, 64, 17],
  [0x86, 0xdd, 0x60, 0, 0, 0, 0, 60, 17, 64],
];
const LOOKS_FOR_HEADERS: ReadonlySet<HookName> = new Set([
  'sk_skb',
  'sk_msg',
  'sk_lookup',
  'sk_reuseport',
  'netfilter',
  'filter-ubpf',
]);

/**
 * A frame that is for another host, so that pkt_type does not depend on the device; some are too
 * short to be looked at.
 */
function randomPacket(random: Random, hook: HookName): Uint8Array {
  // Behind the network header no tag is left.
  const tagless = programType(hook).data === 'network';
  const packet = random.bytes(
    random.chance(12) ? random.between(14, REACH - 1) : random.between(REACH, 180),
  );
  packet[0] = 0x52;
  if (packet.length > 60)
    packet.set(
      random.pick(
        PACKET_STARTS.filter(([first]) => !tagless || (first !== 0x81 && first !== 0x88)),
      ),
      12,
    );
  if (LOOKS_FOR_HEADERS.has(hook) && packet.length > 60) packet.set(random.pick(RUN_ON), 12);
  return packet;
}

export function randomProgram(seed: number, kind: RandomKind = 'kernel'): RandomProgram {
  const random = new Random(seed);
  const hook = random.pick(kind === 'world' ? WORLD_HOOKS : HOOKS);
  const writer = new Writer(random, hook, kind);
  const functions = random.below(4);
  writer.main(functions);
  writer.called(functions);
  writer.callback();
  const bytes = bytesOf(writer.slots, 'little');
  return { seed, kind, hook, bytes, refs: writer.refs, packet: randomPacket(random, hook) };
}
