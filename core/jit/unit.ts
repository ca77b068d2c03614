/**
 * A unit as a module with one function to run: blocks inside each other as they dominate each other
 * (Norman Ramsey, "Beyond Relooper", 2022). Steps and readable registers are summed up while code
 * is written, and put into locals where ways meet.
 */
import type { Instruction } from '../asm/decode.ts';
import type { Endian } from '../bytes/reader.ts';
import { Bug } from '../errors.ts';
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
import { END, LOCALS, PARAMETERS, READABLE, registerLocal, STEPS_LEFT } from './locals.ts';
import { pushCondition, type RightSide, writeAlu, writeConversion } from './operations.ts';
import { findStack, RegionCaches } from './regions.ts';
import type { UnitBlock, UnitShape } from './shape.ts';
import { CodeWriter, I32, I64, moduleBytes, OP, type WasmFunction } from './wasm-writer.ts';

/** Why a unit was left, which it answers. */
export const LEFT = {
  /** Before an instruction that is none for compiled code, nor for the interpreter's own loop. */
  slow: 0,
  /** For a place outside the unit, or for the end of the run. */
  elsewhere: 1,
  /** Fewer steps are left than may be done before it looks again. */
  limit: 2,
  /** Before the first instruction, with a stack that is not as it should be. */
  interpret: 3,
} as const;

/**
 * What a unit imports, by number. All take pc, steps and readable, with registers in memory before.
 * `step`: the interpreter does the instruction; answers readable, negative where the code does not
 * go on behind it. `call`: the same with a function of the program up to its return; answers the
 * steps that are left then. `leave`: notes where the unit is left.
 */
export const IMPORTS = ['step', 'call', 'leave'] as const;
export const MEMORY_NAME = 'memory';
export const UNIT_NAME = 'run';
type Import = (typeof IMPORTS)[number];

/** Code as a unit is made of it. */
export interface UnitSource {
  readonly endian: Endian;
  readonly instructionAt: (pc: Pc) => Instruction | undefined;
  /** The constant of an instruction that has one in the place of a register. */
  readonly constantAt: (pc: Pc) => bigint;
}

/** What was done since the locals were told. */
interface Pending {
  readonly steps: Step;
  readonly readable: number;
}

const NONE: Pending = { steps: 0, readable: 0 };
/** Of loads. */
const NOTHING: RightSide = { value: 0n };

/** Those that the interpreter does while the unit waits: the code goes on behind them. */
const isStepped = (row: InstructionRow): boolean =>
  row.kind === 'packet' || row.kind === 'goto' || (row.kind === 'call' && row.op !== 'call_local');

const isLocalCall = (row: InstructionRow): boolean =>
  row.kind === 'call' && row.op === 'call_local';

const registersIn = (bits: number): number[] =>
  Array.from({ length: 11 }, (_, register) => register).filter((n) => (bits & (1 << n)) !== 0);

class UnitWriter {
  readonly code = new CodeWriter();
  /** Registers that have locals, and those whose locals may be other than memory. */
  readonly used: readonly number[];
  readonly written: readonly number[];
  private readonly shape: UnitShape;
  private readonly source: UnitSource;
  private readonly knowsStack: boolean;
  readonly regions: RegionCaches;
  /** Blocks of WebAssembly around the place: what a branch to each goes to; -1: to nothing. */
  private readonly around: Pc[] = [];

  constructor(shape: UnitShape, source: UnitSource) {
    this.shape = shape;
    this.source = source;
    const own = [...shape.blocks.values()]
      .flatMap(({ pcs }) => pcs.map((pc) => source.instructionAt(pc)!))
      .filter(({ row }) => !isStepped(row) && !isLocalCall(row));
    const written = own.reduce((bits, instruction) => bits | writesOf(instruction), 0);
    const read = own.reduce((bits, instruction) => bits | readsOf(instruction, () => 0), 0);
    this.used = registersIn(read | written);
    this.written = registersIn(written);
    const accesses = own.filter(isAccess);
    this.knowsStack = (written & FRAME_BIT) === 0 && accesses.some(isOnStack);
    const checked = accesses.filter((access) => !(this.knowsStack && isOnStack(access)));
    this.regions = new RegionCaches(checked.map(accessOf), 2 * IMPORTS.length + 1);
  }

  write(): void {
    const { code, shape } = this;
    this.readBack(this.used);
    if (this.knowsStack) findStack(code, () => this.leave(shape.entry, NONE, LEFT.interpret));
    this.tree(shape.entry, NONE);
    code.op(OP.unreachable);
  }

  /** A block and what it dominates. */
  private tree(start: Pc, pending: Pending): void {
    const isHead = this.shape.heads.has(start);
    if (isHead) this.open(OP.loop, start);
    const merges = this.shape.merges.get(start) ?? [];
    for (const merge of merges.toReversed()) this.open(OP.block, merge);
    this.block(this.shape.blocks.get(start)!, pending);
    for (const merge of merges) {
      this.close();
      this.tree(merge, NONE);
    }
    if (isHead) this.close();
  }

  private open(opcode: number, target: Pc): void {
    this.code.open(opcode);
    this.around.push(target);
  }

  private close(): void {
    this.code.op(OP.end);
    this.around.pop();
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
      const readable = pending.readable | writesOf(instruction);
      if (isLocalCall(row)) this.localCall(pc, { ...pending, readable });
      else this.instruction(pc, instruction, { ...pending, readable });
      // What changes what is readable tells the local itself.
      const isCall = row.kind === 'call';
      pending = {
        steps: isLocalCall(row) ? 0 : pending.steps + 1,
        readable: isCall ? 0 : readable,
      };
    }
    this.goTo(block.start, block.leadsTo[0], pending);
  }

  private checkLimit(start: Pc, most: Step): void {
    const { code } = this;
    code.get(STEPS_LEFT);
    code.i32(most);
    code.op(OP.i32LtS);
    code.open(OP.if);
    this.leave(start, NONE, LEFT.limit);
    code.op(OP.end);
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
      this.open(OP.if, -1);
      this.goTo(start, taken, pending);
      this.close();
    }
    this.goTo(start, next, pending);
  }

  /** Goes from the end of a block to another, or out of the unit. */
  private goTo(from: Pc, to: Pc, pending: Pending): void {
    const { shape } = this;
    if (!shape.leads(from, to)) {
      const isOurs = this.source.instructionAt(to) !== undefined;
      this.leave(to, pending, isOurs ? LEFT.elsewhere : LEFT.slow);
      return;
    }
    const around = this.around.lastIndexOf(to);
    const isTold = around >= 0 || shape.checked.has(to);
    if (isTold) this.tell(pending);
    if (around >= 0) this.code.branch(OP.br, this.around.length - 1 - around);
    else this.tree(to, isTold ? NONE : pending);
  }

  /** Brings the locals up to date. */
  private tell({ steps, readable }: Pending): void {
    if (steps !== 0) {
      this.code.get(STEPS_LEFT);
      this.code.i32(steps);
      this.code.op(OP.i32Sub);
      this.code.set(STEPS_LEFT);
    }
    if (readable !== 0) {
      this.pushReadable(readable);
      this.code.set(READABLE);
    }
  }

  /** Those that are done in all. */
  private pushSteps(more: Step): void {
    this.code.get(END);
    this.code.get(STEPS_LEFT);
    this.code.op(OP.i32Sub);
    if (more === 0) return;
    this.code.i32(more);
    this.code.op(OP.i32Add);
  }

  private pushReadable(more: number): void {
    this.code.get(READABLE);
    if (more === 0) return;
    this.code.i32(more);
    this.code.op(OP.i32Or);
  }

  /** Calls an import with the whole state as it is before an instruction. */
  private callOut(what: Import, pc: Pc, { steps, readable }: Pending): void {
    const { code } = this;
    for (const register of this.written) code.get(registerLocal(register));
    code.i32(pc);
    this.pushSteps(steps);
    this.pushReadable(readable);
    code.call(IMPORTS.length + 1 + IMPORTS.indexOf(what));
  }

  private leave(pc: Pc, pending: Pending, why: number): void {
    this.callOut('leave', pc, pending);
    this.code.op(OP.drop);
    this.code.i32(why);
    this.code.op(OP.return);
  }

  /** Where an import, whose answer is in a local, says that the unit is left: where, it noted. */
  private leaveIfNegative(local: number): void {
    const { code } = this;
    code.get(local);
    code.i32(0);
    code.op(OP.i32LtS);
    code.open(OP.if);
    code.i32(LEFT.elsewhere);
    code.op(OP.return, OP.end);
  }

  /** The interpreter does the instruction, which may change some registers. */
  private step(pc: Pc, pending: Pending, changes: readonly number[]): void {
    this.callOut('step', pc, pending);
    this.code.set(READABLE);
    this.leaveIfNegative(READABLE);
    this.readBack(changes);
    this.regions.forget(this.code);
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
    this.callOut('call', pc, pending);
    code.set(STEPS_LEFT);
    this.leaveIfNegative(STEPS_LEFT);
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

  /** `pending`: with what the instruction itself makes readable. */
  private instruction(pc: Pc, instruction: Instruction, pending: Pending): void {
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
        this.access(pc, { ...instruction, row }, pending);
        return;
      case 'call':
      case 'packet':
        this.step(pc, pending, this.used);
        return;
      case 'goto':
        if (row.op === 'may_goto') this.step(pc, pending, []);
        return;
      default:
        throw new Bug(`${row.name} is none for compiled code`);
    }
  }

  /** Where the check refuses, the interpreter does it, or says what is wrong. */
  private access(pc: Pc, instruction: AccessInstruction, pending: Pending): void {
    const { code, source } = this;
    const { row, slot } = instruction;
    const isLittle = source.endian === 'little';
    const right: RightSide = row.kind === 'store' ? this.operandOf(row, pc, slot.src) : NOTHING;
    if (this.knowsStack && isOnStack(instruction)) {
      writeAccess(code, instruction, right, onStack(instruction), isLittle);
      return;
    }
    this.regions.check(
      code,
      accessOf(instruction),
      slot.off,
      () => writeAccess(code, instruction, right, CHECKED, isLittle),
      () => this.step(pc, pending, registersIn(writesOf(instruction))),
    );
  }
}

/** Puts registers into memory and passes the rest on to an import. */
function spilling(written: readonly number[], index: number): WasmFunction {
  const code = new CodeWriter();
  for (const [i, register] of written.entries()) {
    code.i32(0);
    code.get(i);
    code.access(OP.i64Store, 8 * register);
  }
  for (let i = 0; i < PARAMETERS.length; i++) code.get(written.length + i);
  code.call(index);
  const parameters = [...written.map(() => I64), ...PARAMETERS];
  return { type: { parameters, results: [I32] }, locals: [], code };
}

/** The module of a unit: it exports UNIT_NAME, which takes steps that are left, end and
 * readable. */
export function writeUnit(shape: UnitShape, source: UnitSource): Uint8Array {
  const writer = new UnitWriter(shape, source);
  writer.write();
  const type = { parameters: PARAMETERS, results: [I32] };
  return moduleBytes({
    memory: MEMORY_NAME,
    imports: IMPORTS.map((name) => ({ name, type })),
    functions: [
      { type, locals: [...LOCALS, ...writer.regions.locals], code: writer.code },
      ...IMPORTS.map((_, index) => spilling(writer.written, index)),
      ...writer.regions.functions,
    ],
    exported: { name: UNIT_NAME, function: 0 },
  });
}
