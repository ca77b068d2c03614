/** What each instruction becomes, and what is known behind it. */
import type { Instruction } from '../asm/decode.ts';
import type { Endian } from '../bytes/reader.ts';
import { Bug } from '../errors.ts';
import { READ, REGION_START } from '../memory/memory.ts';
import { readsOf, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import type { Pc } from '../spec/units.ts';
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
import type { BatchEntry } from './batch.ts';
import { LocalSpace, registerLocal, VALUE, WHERE } from './locals.ts';
import { KEY_REGISTER, type KnownLookup } from './map-lookups.ts';
import { pushCondition, type RightSide, writeAlu, writeConversion } from './operations.ts';
import { PacketUnit } from './packet-loop.ts';
import { NO_PROOFS, withAccess, withChanges } from './proofs.ts';
import { findStack, type RegionAccess, RegionCaches } from './regions.ts';
import type { Compilable } from './shape.ts';
import { LEFT, NONE, type Pending, R0, registersIn, STATE_IMPORTS, StateWriter } from './state.ts';
import { type CodeWriter, OP } from './wasm-writer.ts';

/** Code as a unit is made of it. */
export interface UnitSource {
  readonly endian: Endian;
  readonly instructionAt: Compilable;
  /** The constant of an instruction that has one in the place of a register. */
  readonly constantAt: (pc: Pc) => bigint;
  /** Accesses that may be to what is no memory: the unit waits for the interpreter to do them. */
  readonly isDoubted: (pc: Pc) => boolean;
  readonly lookups: ReadonlyMap<Pc, KnownLookup>;
  /** Where it judges packet after packet: an exit is the end of one. */
  readonly batch?: BatchEntry | undefined;
}

/** As bits. */
const ALL_REGISTERS = (FRAME_BIT << 1) - 1;

/** Of what has none. */
const NOTHING: RightSide = { value: 0n };

const isLocalCall = (row: InstructionRow): boolean =>
  row.kind === 'call' && row.op === 'call_local';

/** Those that the interpreter does while the unit waits: the code goes on behind them. */
const isStepped = (row: InstructionRow): boolean =>
  row.kind === 'packet' || row.kind === 'goto' || (row.kind === 'call' && row.op !== 'call_local');

/** The same, with the registers that an instruction gives a value. */
const withWrites = (before: Pending, instruction: Instruction): Pending => ({
  ...before,
  readable: before.readable | writesOf(instruction),
});

const keyAccess = ({ keySize }: KnownLookup): RegionAccess => ({
  register: KEY_REGISTER,
  size: keySize,
  right: READ,
});

/** Writes the instructions of a unit, whatever the way to each of them. */
export class InstructionWriter {
  readonly state: StateWriter;
  /** Around all of it, where it judges packet after packet. */
  readonly packet: PacketUnit | undefined;
  private readonly source: UnitSource;
  private readonly space = new LocalSpace();
  private readonly regions: RegionCaches;
  private readonly knowsStack: boolean;

  /** `pcs`: of all instructions of the unit. */
  constructor(pcs: readonly Pc[], source: UnitSource) {
    this.source = source;
    const own = pcs
      .map((pc) => source.instructionAt(pc)!)
      .filter(({ row }) => !isStepped(row) && !isLocalCall(row));
    const [keys, values] = source.lookups.size > 0 ? [1 << KEY_REGISTER, R0] : [0, 0];
    const written = own.reduce((bits, instruction) => bits | writesOf(instruction), values);
    const read = own.reduce((bits, instruction) => bits | readsOf(instruction, () => 0), keys);
    const { batch } = source;
    // Memory has the registers of the packet before.
    this.state = batch
      ? new StateWriter(ALL_REGISTERS, ALL_REGISTERS)
      : new StateWriter(read | written, written);
    this.packet = batch && new PacketUnit(this.state, batch, this.space);
    const accesses = own.filter(isAccess);
    this.knowsStack = (written & FRAME_BIT) === 0 && accesses.some(isOnStack);
    const checked = [
      ...accesses.filter((access) => !this.isOnKnownStack(access)).map(accessOf),
      ...[...source.lookups.values()].map(keyAccess),
    ];
    this.regions = new RegionCaches(checked, this.space);
  }

  /** Types of its locals that are no parameters. */
  localsBehind(parameters: readonly number[]): readonly number[] {
    return this.space.behind(parameters);
  }

  /** Behind what may have changed the table of regions. */
  forgetRegions(): void {
    this.regions.forget(this.code);
  }

  private get code(): CodeWriter {
    return this.state.code;
  }

  /** In front of all code. */
  enter(entry: Pc): void {
    const { state } = this;
    if (this.packet) this.packet.giveRegisters();
    else state.readBack(state.used);
    if (this.knowsStack)
      findStack(state.code, () => state.leaveIf(() => state.leave(entry, NONE, LEFT.noStack)));
  }

  /** Leaves on the stack whether a conditional jump is taken. */
  condition(pc: Pc, row: Extract<InstructionRow, { kind: 'jump' }>): void {
    const { slot } = this.source.instructionAt(pc)!;
    pushCondition(this.code, row.op, row.width, slot.dst, this.rightSide(row, pc, slot.src));
  }

  private isOnKnownStack(access: AccessInstruction): boolean {
    return this.knowsStack && isOnStack(access);
  }

  private rightSide(row: InstructionRow, pc: Pc, src: number): RightSide {
    return 'operand' in row && row.operand === 'reg'
      ? { register: src }
      : { value: this.source.constantAt(pc) };
  }

  /** Calls of a helper that the code does by itself. */
  private lookupAt(pc: Pc): KnownLookup | undefined {
    return this.source.isDoubted(pc) ? undefined : this.source.lookups.get(pc);
  }

  /** Writes one that is no jump; answers what is to be told behind it. */
  write(pc: Pc, before: Pending): Pending {
    const { code, source } = this;
    const instruction = source.instructionAt(pc)!;
    const { row, slot } = instruction;
    const plain = { ...withWrites(before, instruction), steps: before.steps + 1 };
    const proofs = withChanges(before.proofs, writesOf(instruction));
    switch (row.kind) {
      case 'alu':
        writeAlu(code, row.op, row.width, slot.dst, this.rightSide(row, pc, slot.src));
        return { ...plain, proofs };
      case 'unary': {
        const how = conversionOf(row, source.endian)!;
        const src = row.src === '*' ? slot.src : slot.dst;
        writeConversion(code, how, row.bits, row.width, src, slot.dst);
        return { ...plain, proofs };
      }
      case 'lddw':
        code.i64(source.constantAt(pc));
        code.set(registerLocal(slot.dst));
        return { ...plain, proofs };
      case 'load':
      case 'store':
      case 'atomic':
        return { ...plain, proofs: this.access(pc, { ...instruction, row }, before) };
      case 'packet':
        this.step(pc, instruction, before, this.state.used);
        return { ...plain, proofs: NO_PROOFS };
      case 'goto':
        // What may_goto leads to when its rounds are used up is left to the interpreter.
        if (row.op === 'may_goto') this.step(pc, instruction, before, []);
        return { ...plain, proofs: NO_PROOFS };
      case 'call':
        return this.call(pc, instruction, before);
      default:
        throw new Bug(`${row.name} is none for compiled code`);
    }
  }

  /** The interpreter does it, and may change where regions are. */
  private step(
    pc: Pc,
    instruction: Instruction,
    before: Pending,
    changes: readonly number[],
  ): void {
    this.state.step(pc, withWrites(before, instruction), changes);
    this.forgetRegions();
    if (instruction.row.kind !== 'load') this.packet?.spoil();
  }

  /** Calls tell the local what is readable behind them. */
  private call(pc: Pc, instruction: Instruction, before: Pending): Pending {
    const { state } = this;
    const steps = before.steps + 1;
    if (isLocalCall(instruction.row)) {
      state.callFunction(pc, withWrites(before, instruction));
      this.forgetRegions();
      this.packet?.spoil();
      return NONE;
    }
    const lookup = this.lookupAt(pc);
    if (lookup !== undefined) {
      this.lookUp(pc, lookup, before);
      return { steps, readable: 0, proofs: withChanges(before.proofs, R0) };
    }
    this.step(pc, instruction, before, state.used);
    return { ...NONE, steps };
  }

  /** A key that cannot be read is the interpreter's to say. */
  private lookUp(pc: Pc, lookup: KnownLookup, before: Pending): void {
    const { code, state } = this;
    this.regions.check(code, keyAccess(lookup), 0, before.proofs.get(KEY_REGISTER), () =>
      state.leave(pc, before, LEFT.refused),
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
    state.tellCalled(before.readable | R0);
  }

  /** Answers what checks have shown behind it. */
  private access(pc: Pc, instruction: AccessInstruction, before: Pending): Pending['proofs'] {
    const { code, source } = this;
    const { row, slot } = instruction;
    const right = row.kind === 'store' ? this.rightSide(row, pc, slot.src) : NOTHING;
    const isLittle = source.endian === 'little';
    const writes = writesOf(instruction);
    if (this.isOnKnownStack(instruction)) {
      writeAccess(code, instruction, right, onStack(instruction), isLittle);
      return withChanges(before.proofs, writes);
    }
    const wanted = accessOf(instruction);
    const isDoubted = source.isDoubted(pc);
    const done = code.open(OP.block);
    if (isDoubted) this.packet?.loadContext(instruction, done);
    this.regions.check(code, wanted, slot.off, before.proofs.get(wanted.register), () => {
      if (isDoubted) {
        this.step(pc, instruction, before, registersIn(writes));
        code.branch(OP.br, done);
      } else this.state.leave(pc, before, LEFT.refused);
    });
    writeAccess(code, instruction, right, CHECKED, isLittle);
    code.close();
    if (isDoubted) return NO_PROOFS;
    return withChanges(withAccess(before.proofs, wanted, slot.off), writes);
  }
}
