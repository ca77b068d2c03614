/**
 * A unit as a module with one function to run: blocks inside each other as they dominate each other
 * (Norman Ramsey, "Beyond Relooper", 2022). Steps and readable registers are summed up while code
 * is written, and put into locals where ways meet.
 */
import type { Instruction } from '../asm/decode.ts';
import type { Endian } from '../bytes/reader.ts';
import { Bug } from '../errors.ts';
import { READ, REGION_START } from '../memory/memory.ts';
import { readsOf, writesOf } from '../program/effects.ts';
import { CALLER_SAVED, type InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import type { Pc, Step } from '../spec/units.ts';
import {
  type AccessInstruction,
  accessOf,
  CHECKED,
  FRAME_BIT,
  isAccess,
  isOnStack,
  onStack,
  writeAccess,
} from './accesses.ts';
import {
  END,
  LOCALS,
  PARAMETERS,
  READABLE,
  registerLocal,
  STEPS_LEFT,
  VALUE,
  WHERE,
} from './locals.ts';
import { KEY_REGISTER, type MapLookup } from './map-lookups.ts';
import { pushCondition, type RightSide, writeAlu, writeConversion } from './operations.ts';
import { NO_PROOFS, type Proofs, withAccess, withChanges } from './proofs.ts';
import { findStack, type RegionAccess, RegionCaches } from './regions.ts';
import type { UnitBlock, UnitShape } from './shape.ts';
import { CodeWriter, I32, moduleBytes, OP } from './wasm-writer.ts';

/** Why a unit was left, which it answers. */
export const LEFT = {
  /** For a place outside the unit, or for the end of the run. */
  elsewhere: 0,
  /** Before an instruction that is none for compiled code, nor for the interpreter's own loop. */
  slow: 1,
  /** Fewer steps are left than may be done before it looks again. */
  limit: 2,
  /** Before an access that its check refused. */
  refused: 3,
  /** Before the first instruction, since r10 is no stack. */
  noStack: 4,
} as const;

/**
 * What a unit imports, by number. All take pc, steps and readable, with registers in memory before.
 * `step`: the interpreter does the instruction; answers readable, negative where the code does not
 * go on behind it. `call`: the same with a function of the program up to its return; answers the
 * steps that are left then. `leave`: notes where the unit is left.
 */
const STATE_IMPORTS = ['step', 'call', 'leave'] as const;
/** Takes a map's number and the linear address of a key; answers the upper half of r0. */
const LOOKUP = { name: 'lookup', type: { parameters: [I32, I32], results: [I32] } };
export const MEMORY_NAME = 'memory';
export const UNIT_NAME = 'run';
type StateImport = (typeof STATE_IMPORTS)[number];

/** Code as a unit is made of it. */
export interface UnitSource {
  readonly endian: Endian;
  readonly instructionAt: (pc: Pc) => Instruction | undefined;
  /** The constant of an instruction that has one in the place of a register. */
  readonly constantAt: (pc: Pc) => bigint;
  /** Accesses that may be to what is no memory: the unit waits for the interpreter to do them. */
  readonly isDoubted: (pc: Pc) => boolean;
  readonly lookups: ReadonlyMap<Pc, MapLookup>;
}

/** What was done since the locals were told, and what checks have shown. */
interface Pending {
  readonly steps: Step;
  readonly readable: number;
  readonly proofs: Proofs;
}

const NONE: Pending = { steps: 0, readable: 0, proofs: NO_PROOFS };
const R0 = 1;
/** Of what has none. */
const NOTHING: RightSide = { value: 0n };

/** Those that the interpreter does while the unit waits: the code goes on behind them. */
const isStepped = (row: InstructionRow): boolean =>
  row.kind === 'packet' || row.kind === 'goto' || (row.kind === 'call' && row.op !== 'call_local');

const isLocalCall = (row: InstructionRow): boolean =>
  row.kind === 'call' && row.op === 'call_local';

/** The same, with the registers that an instruction gives a value. */
const withWrites = (before: Pending, instruction: Instruction): Pending => ({
  ...before,
  readable: before.readable | writesOf(instruction),
});

const keyAccess = ({ keySize }: MapLookup): RegionAccess => ({
  register: KEY_REGISTER,
  size: keySize,
  right: READ,
});

const registersIn = (bits: number): number[] =>
  Array.from({ length: 11 }, (_, register) => register).filter((n) => (bits & (1 << n)) !== 0);

class UnitWriter {
  readonly code = new CodeWriter();
  readonly regions: RegionCaches;
  private readonly shape: UnitShape;
  private readonly source: UnitSource;
  /** Registers that have locals, and those whose locals may be other than memory. */
  private readonly used: readonly number[];
  private readonly written: readonly number[];
  private readonly knowsStack: boolean;
  /** Levels of the loops and blocks around the place that lead to a block. */
  private readonly around = new Map<Pc, number>();
  /** Of what stands around all: its end leaves the unit, for what is on the stack. */
  private outermost = 0;

  constructor(shape: UnitShape, source: UnitSource) {
    this.shape = shape;
    this.source = source;
    const own = [...shape.blocks.values()]
      .flatMap(({ pcs }) => pcs.map((pc) => source.instructionAt(pc)!))
      .filter(({ row }) => !isStepped(row) && !isLocalCall(row));
    const written = own.reduce((bits, instruction) => bits | writesOf(instruction), 0);
    const read = own.reduce((bits, instruction) => bits | readsOf(instruction, () => 0), 0);
    const [keys, found] = source.lookups.size > 0 ? [1 << KEY_REGISTER, R0] : [0, 0];
    this.used = registersIn(read | written | keys | found);
    this.written = registersIn(written | found);
    const accesses = own.filter(isAccess);
    this.knowsStack = (written & FRAME_BIT) === 0 && accesses.some(isOnStack);
    const checked = accesses.filter((access) => !(this.knowsStack && isOnStack(access)));
    this.regions = new RegionCaches([
      ...checked.map(accessOf),
      ...[...source.lookups.values()].map(keyAccess),
    ]);
  }

  write(): void {
    const { code, shape } = this;
    this.outermost = code.open(OP.block, I32);
    this.readBack(this.used);
    if (this.knowsStack)
      findStack(code, () => this.leaveIf(() => this.leave(shape.entry, NONE, LEFT.noStack)));
    this.tree(shape.entry, NONE);
    code.op(OP.unreachable);
    code.close();
    this.callOut('leave', () => code.get(WHERE), NONE);
    code.op(OP.drop);
  }

  /** A block and what it dominates. */
  private tree(start: Pc, pending: Pending): void {
    const isHead = this.shape.heads.has(start);
    if (isHead) this.open(OP.loop, start);
    const merges = this.shape.merges.get(start) ?? [];
    for (const merge of merges.toReversed()) this.open(OP.block, merge);
    this.block(this.shape.blocks.get(start)!, pending);
    for (const merge of merges) {
      this.close(merge);
      this.tree(merge, NONE);
    }
    if (isHead) this.close(start);
  }

  private open(opcode: number, target: Pc): void {
    this.around.set(target, this.code.open(opcode));
  }

  private close(target: Pc): void {
    this.code.close();
    this.around.delete(target);
  }

  private block(block: UnitBlock, before: Pending): void {
    const { source, shape } = this;
    let pending = before;
    const most = shape.checked.get(block.start);
    if (most !== undefined) this.checkLimit(block.start, most);
    for (const pc of block.pcs) {
      const instruction = source.instructionAt(pc)!;
      const { row } = instruction;
      if (row.kind === 'jump') {
        this.conditional(block, pc, instruction, row, pending);
        return;
      }
      if (isLocalCall(row)) this.localCall(pc, withWrites(pending, instruction));
      else this.instruction(pc, instruction, pending);
      pending = this.behind(pc, instruction, pending);
    }
    this.goTo(block.start, block.leadsTo[0], pending);
  }

  private behind(pc: Pc, instruction: Instruction, before: Pending): Pending {
    const { row, slot } = instruction;
    // Calls tell the locals themselves. What the interpreter does may change where regions are.
    if (isLocalCall(row)) return NONE;
    if (this.lookupAt(pc) !== undefined)
      return {
        steps: before.steps + 1,
        readable: 0,
        proofs: withChanges(before.proofs, R0),
      };
    if (row.kind === 'call') return { ...NONE, steps: before.steps + 1 };
    const { steps, readable, proofs } = withWrites(before, instruction);
    const isDone = isAccess(instruction) && !this.isOnKnownStack(instruction);
    const shown = isDone ? withAccess(proofs, accessOf(instruction), slot.off) : proofs;
    const isKept = !isStepped(row) && !(isDone && this.source.isDoubted(pc));
    return {
      steps: steps + 1,
      readable,
      proofs: isKept ? withChanges(shown, writesOf(instruction)) : NO_PROOFS,
    };
  }

  /** Calls of a helper that the code does by itself. */
  private lookupAt(pc: Pc): MapLookup | undefined {
    return this.source.isDoubted(pc) ? undefined : this.source.lookups.get(pc);
  }

  private isOnKnownStack(access: AccessInstruction): boolean {
    return this.knowsStack && isOnStack(access);
  }

  private checkLimit(start: Pc, most: Step): void {
    const { code } = this;
    code.get(STEPS_LEFT);
    code.i32(most);
    code.op(OP.i32LtS);
    this.leaveIf(() => this.leave(start, NONE, LEFT.limit));
  }

  private conditional(
    { start, leadsTo: [next, taken] }: UnitBlock,
    pc: Pc,
    { slot }: Instruction,
    row: Extract<InstructionRow, { kind: 'jump' }>,
    before: Pending,
  ): void {
    const pending = { ...before, steps: before.steps + 1 };
    if (taken !== undefined) {
      const operand = this.operandOf(row, pc, slot.src);
      pushCondition(this.code, row.op, row.width, slot.dst, operand);
      this.leaveIf(() => this.goTo(start, taken, pending));
    }
    this.goTo(start, next, pending);
  }

  /** What does not come back, by the number on the stack. */
  private leaveIf(write: () => void): void {
    this.code.open(OP.if);
    write();
    this.code.close();
  }

  /** Goes from the end of a block to another, or out of the unit. */
  private goTo(from: Pc, to: Pc, pending: Pending): void {
    const { shape } = this;
    if (!shape.leads(from, to)) {
      const isOurs = this.source.instructionAt(to) !== undefined;
      this.leave(to, pending, isOurs ? LEFT.elsewhere : LEFT.slow);
      return;
    }
    const around = this.around.get(to);
    const isTold = around !== undefined || shape.checked.has(to);
    if (isTold) this.tell(pending);
    if (around !== undefined) this.code.branch(OP.br, around);
    else this.tree(to, isTold ? NONE : pending);
  }

  /** Brings the locals up to date. */
  private tell({ steps, readable }: Pending): void {
    const { code } = this;
    if (steps !== 0) {
      code.get(STEPS_LEFT);
      code.i32(steps);
      code.op(OP.i32Sub);
      code.set(STEPS_LEFT);
    }
    if (readable !== 0) {
      this.pushReadable(readable);
      code.set(READABLE);
    }
  }

  private leave(pc: Pc, pending: Pending, why: number): void {
    const { code } = this;
    this.tell(pending);
    code.i32(pc);
    code.set(WHERE);
    code.i32(why);
    code.branch(OP.br, this.outermost);
  }

  private pushReadable(more: number): void {
    this.code.get(READABLE);
    if (more === 0) return;
    this.code.i32(more);
    this.code.op(OP.i32Or);
  }

  /** Calls an import with the whole state as it is before an instruction. */
  private callOut(what: StateImport, pushPc: () => void, { steps, readable }: Pending): void {
    const { code } = this;
    for (const register of this.written) {
      code.i32(0);
      code.get(registerLocal(register));
      code.access(OP.i64Store, 8 * register);
    }
    pushPc();
    code.get(END);
    code.get(STEPS_LEFT);
    code.op(OP.i32Sub);
    if (steps !== 0) {
      code.i32(steps);
      code.op(OP.i32Add);
    }
    this.pushReadable(readable);
    code.call(STATE_IMPORTS.indexOf(what));
  }

  /** Where an import, whose answer is in a local, says that the unit is left: where, it noted. */
  private returnIfNegative(local: number): void {
    const { code } = this;
    code.get(local);
    code.i32(0);
    code.op(OP.i32LtS);
    code.open(OP.if);
    code.i32(LEFT.elsewhere);
    code.op(OP.return);
    code.close();
  }

  /** The interpreter does the instruction, which may change some registers. */
  private step(pc: Pc, pending: Pending, changes: readonly number[]): void {
    const { code } = this;
    this.callOut('step', () => code.i32(pc), pending);
    code.set(READABLE);
    this.returnIfNegative(READABLE);
    this.readBack(changes);
    this.regions.forget(code);
  }

  /** Registers as they are in memory. */
  private readBack(registers: readonly number[]): void {
    const { code } = this;
    for (const register of registers) {
      code.i32(0);
      code.access(OP.i64Load, 8 * register);
      code.set(registerLocal(register));
    }
  }

  private localCall(pc: Pc, pending: Pending): void {
    const { code } = this;
    this.callOut('call', () => code.i32(pc), pending);
    code.set(STEPS_LEFT);
    this.returnIfNegative(STEPS_LEFT);
    // As leaveFunction (machine/calls.ts) has it.
    this.pushReadable(pending.readable);
    code.i32(~CALLER_SAVED);
    code.op(OP.i32And);
    code.i32(1);
    code.op(OP.i32Or);
    code.set(READABLE);
    this.readBack(this.used);
    this.regions.forget(code);
  }

  private operandOf(row: InstructionRow, pc: Pc, src: number): RightSide {
    return 'operand' in row && row.operand === 'reg'
      ? { register: src }
      : { value: this.source.constantAt(pc) };
  }

  private instruction(pc: Pc, instruction: Instruction, before: Pending): void {
    const { code, source } = this;
    const { row, slot } = instruction;
    switch (row.kind) {
      case 'alu':
        writeAlu(code, row.op, row.width, slot.dst, this.operandOf(row, pc, slot.src));
        return;
      case 'unary': {
        const how = conversionOf(row, source.endian)!;
        const src = row.src === '*' ? slot.src : slot.dst;
        writeConversion(code, how, row.bits, row.width, src, slot.dst);
        return;
      }
      case 'lddw':
        code.i64(source.constantAt(pc));
        code.set(registerLocal(slot.dst));
        return;
      case 'load':
      case 'store':
      case 'atomic':
        this.access(pc, { ...instruction, row }, before);
        return;
      case 'call':
      case 'packet': {
        const lookup = this.lookupAt(pc);
        if (lookup !== undefined) this.lookUp(pc, lookup, before);
        else this.step(pc, withWrites(before, instruction), this.used);
        return;
      }
      case 'goto':
        if (row.op === 'may_goto') this.step(pc, before, []);
        return;
      default:
        throw new Bug(`${row.name} is none for compiled code`);
    }
  }

  /** A key that cannot be read is the interpreter's to say. */
  private lookUp(pc: Pc, lookup: MapLookup, before: Pending): void {
    const { code } = this;
    const key = keyAccess(lookup);
    this.regions.check(code, key, 0, before.proofs.get(KEY_REGISTER), () =>
      this.leave(pc, before, LEFT.refused),
    );
    code.i64(0n);
    code.i32(lookup.map);
    code.get(WHERE);
    code.call(STATE_IMPORTS.length);
    code.op(OP.i64ExtendI32U);
    code.tee(VALUE);
    code.i64(32n);
    code.op(OP.i64Shl);
    code.i64(BigInt(REGION_START));
    code.op(OP.i64Or);
    code.get(VALUE);
    code.op(OP.i64Eqz, OP.select);
    code.set(registerLocal(0));
    // As runHelper (machine/calls.ts) has it.
    this.pushReadable(before.readable | R0);
    code.i32(~CALLER_SAVED);
    code.op(OP.i32And);
    code.set(READABLE);
  }

  private access(pc: Pc, instruction: AccessInstruction, before: Pending): void {
    const { code, source } = this;
    const { row, slot } = instruction;
    const right = row.kind === 'store' ? this.operandOf(row, pc, slot.src) : NOTHING;
    const isLittle = source.endian === 'little';
    if (this.isOnKnownStack(instruction)) {
      writeAccess(code, instruction, right, onStack(instruction), isLittle);
      return;
    }
    const done = code.open(OP.block);
    const wanted = accessOf(instruction);
    this.regions.check(code, wanted, slot.off, before.proofs.get(wanted.register), () => {
      if (source.isDoubted(pc)) {
        this.step(pc, withWrites(before, instruction), registersIn(writesOf(instruction)));
        code.branch(OP.br, done);
      } else this.leave(pc, before, LEFT.refused);
    });
    writeAccess(code, instruction, right, CHECKED, isLittle);
    code.close();
  }
}

/** The module of a unit: it exports UNIT_NAME, which takes steps left, end and readable. */
export function writeUnit(shape: UnitShape, source: UnitSource): Uint8Array {
  const writer = new UnitWriter(shape, source);
  writer.write();
  const type = { parameters: PARAMETERS, results: [I32] };
  return moduleBytes({
    memory: MEMORY_NAME,
    imports: [...STATE_IMPORTS.map((name) => ({ name, type })), LOOKUP],
    functions: [{ type, locals: [...LOCALS, ...writer.regions.locals], code: writer.code }],
    exported: { name: UNIT_NAME, function: 0 },
  });
}
