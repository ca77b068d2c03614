/** What each instruction becomes, and what is known behind it. */
import type { Instruction } from '../asm/decode.ts';
import type { Endian } from '../bytes/reader.ts';
import { Bug } from '../errors.ts';
import { STACK_BYTES } from '../machine/machine.ts';
import { READ } from '../memory/memory.ts';
import { changesOf, readsOf, writesOf } from '../program/effects.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';
import type { Pc, Step } from '../spec/units.ts';
import {
  type AccessInstruction,
  accessOf,
  type BytePlace,
  CHECKED,
  FRAME_BIT,
  isAccess,
  isOnStack,
  onStack,
  writeAccess,
} from './accesses.ts';
import type { BatchEntry, Borrowing } from './batch.ts';
import {
  checkKnown,
  isUseful,
  isWithinRegion,
  type KnownRegion,
  push64,
  type Span,
} from './known-regions.ts';
import { LocalSpace, registerLocal, STEPS_LEFT, WHERE } from './locals.ts';
import { LookupWriter } from './lookup-writer.ts';
import { KEY_REGISTER, type KnownLookup } from './map-lookups.ts';
import { type Marks, markAccess } from './marks.ts';
import { pushCondition, type RightSide, writeAlu, writeConversion } from './operations.ts';
import { PacketUnit } from './packet-unit.ts';
import { NO_PROOFS, withAccess, withChanges, withOffset } from './proofs.ts';
import { findStack, type RegionAccess, RegionCaches } from './regions.ts';
import { type Rotation, rotationsIn } from './rotations.ts';
import type { Compilable, UnitBlock, UnitShape } from './shape.ts';
import { LEFT, NONE, type Pending, R0, registersIn, StateWriter } from './state.ts';
import { UnitRegions } from './unit-regions.ts';
import { PACKET_REGION, type PointerSum } from './value-flow.ts';
import type { RegionKey } from './values.ts';
import { type CodeWriter, I64, OP } from './wasm-writer.ts';

/** Code as a unit is made of it. */
export interface UnitSource {
  readonly endian: Endian;
  readonly instructionAt: Compilable;
  /** The constant of an instruction that has one in the place of a register. */
  readonly constantAt: (pc: Pc) => bigint;
  /** Accesses that may be to what is no memory: the unit waits for the interpreter to do them. */
  readonly isDoubted: (pc: Pc) => boolean;
  readonly lookups: ReadonlyMap<Pc, KnownLookup>;
  /** Calls of helpers that are lent the packet. */
  readonly borrows: (pc: Pc) => Borrowing | undefined;
  /** The region that a constant of the code points into, and how far. */
  readonly regionAt: (pc: Pc) => ConstantRegion | undefined;
  /** Accesses that may be elsewhere than it seems: what is known of them is of no use. */
  readonly isElsewhere: (pc: Pc) => boolean;
  /** Told of accesses that are looked at by what is known of them. */
  readonly noteKnown: (pc: Pc) => void;
  /** Whether it counts how often control comes to each block. */
  readonly isCounted?: boolean;
  /** Of what is read and written, where they are kept. */
  readonly marks?: Marks | undefined;
  /** Where it judges packet after packet: an exit is the end of one. */
  readonly batch?: BatchEntry | undefined;
}

/** A region that always lies in the same place. */
export interface ConstantRegion {
  readonly region: KnownRegion & { readonly start: { readonly always: bigint } };
  readonly offset: number;
}

const FRAME = 10;
/** Instructions that are looked at for others by the same pointer. */
const SPAN = 64;

/** As bits. */
const ALL_REGISTERS = (FRAME_BIT << 1) - 1;

/** Of what has none. */
const NOTHING: RightSide = { value: 0n };

const isLocalCall = (row: InstructionRow): boolean =>
  row.kind === 'call' && row.op === 'call_local';

/** Those that the interpreter does while the unit waits: the code goes on behind them. */
const isStepped = (row: InstructionRow): boolean =>
  row.kind === 'packet' ||
  (row.kind === 'goto' && row.op !== 'ja') ||
  (row.kind === 'call' && row.op !== 'call_local');

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
  private readonly known: UnitRegions;
  private readonly shape: UnitShape;
  /** Blocks that several others lead to. */
  private readonly merged: ReadonlySet<Pc>;
  /** Where instructions stand in their blocks. */
  private readonly places = new Map<Pc, { readonly block: UnitBlock; readonly at: number }>();
  private readonly lookupWriter: LookupWriter;
  /** By register: local of how far it is from the start of its region. */
  private readonly offsets: number[] = [];
  /** By what puts both halves of one together, and by the first of its shifts: its local. */
  private readonly rotations = new Map<Pc, Rotation>();
  private readonly rotated = new Map<Pc, number>();
  private readonly rotatedLocals: number[] = [];

  constructor(shape: UnitShape, source: UnitSource) {
    this.source = source;
    this.shape = shape;
    this.merged = new Set([...shape.merges.values()].flat());
    const pcs = [...shape.blocks.values()].flatMap((block) => block.pcs);
    for (const block of shape.blocks.values())
      for (const [at, pc] of block.pcs.entries()) this.places.set(pc, { block, at });
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
    this.lookupWriter = new LookupWriter(this.state.code, this.space);
    this.packet = batch && new PacketUnit(this.state, batch, this.space);
    this.knowsStack = (written & FRAME_BIT) === 0 && (read & FRAME_BIT) !== 0;
    this.known = new UnitRegions(shape, source, this.packet, this.space, this.knowsStack);
    const checked = pcs.flatMap((pc) => {
      const access = this.checkedAt(pc);
      return access && this.knownAt(pc, access.access, access.off) === undefined
        ? [access.access]
        : [];
    });
    this.regions = new RegionCaches(checked, this.space);
    for (const block of shape.blocks.values()) this.findRotations(block);
    if (this.packet) {
      this.packet.usesTable = checked.length > 0;
      this.packet.isAsking = pcs.some((pc) => this.isAsking(pc));
      this.packet.loop.isShort = shape.heads.size === 0 && !this.packet.isAsking;
    }
  }

  /** What they rotate is kept in locals, the same ones in every block. */
  private findRotations({ pcs }: UnitBlock): void {
    const { instructionAt, constantAt } = this.source;
    const found = rotationsIn(pcs, (pc) => instructionAt(pc)!, constantAt);
    for (const [pc, rotation] of found) this.rotations.set(pc, rotation);
    const shifts = new Set([...found.values()].map(({ shift }) => shift));
    for (const [i, shift] of [...shifts].entries()) {
      this.rotatedLocals[i] ??= this.space.add(I64, 'rotated');
      this.rotated.set(shift, this.rotatedLocals[i]);
    }
  }

  /** Types of its locals that are no parameters. */
  localsBehind(parameters: readonly number[]): readonly number[] {
    return this.space.behind(parameters);
  }

  get localNames(): readonly string[] {
    return this.space.names;
  }

  /** Whether something else may have a part in an instruction, and the code goes on behind it. */
  private isAsking(pc: Pc): boolean {
    const { row } = this.source.instructionAt(pc)!;
    if (this.source.borrows(pc) === 'asks') return false;
    if (isAccess(this.source.instructionAt(pc)!)) return this.source.isDoubted(pc);
    return this.lookupAt(pc) === undefined && (isStepped(row) || isLocalCall(row));
  }

  /**
   * What has to be looked at before an instruction is done, and how far it is from its register.
   */
  private checkedAt(pc: Pc): { readonly access: RegionAccess; readonly off: number } | undefined {
    const instruction = this.source.instructionAt(pc)!;
    const lookup = this.lookupAt(pc);
    if (lookup) return { access: keyAccess(lookup), off: 0 };
    if (!isAccess(instruction) || this.isOnKnownStack(instruction)) return undefined;
    return { access: accessOf(instruction), off: instruction.slot.off };
  }

  /** What is known of it, where that is of use. */
  private knownAt(pc: Pc, access: RegionAccess, off: number) {
    if (this.source.isDoubted(pc) || this.source.isElsewhere(pc)) return undefined;
    const known = this.known.at(pc);
    return known && isUseful(known.region, access, off, known.facts) ? known : undefined;
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
    if (this.packet) {
      this.packet.begin();
      this.forgetRegions();
    } else state.readBack(state.used);
    if (this.knowsStack && !this.packet)
      findStack(state.code, () => state.leaveIf(() => state.leave(entry, NONE, LEFT.noStack)));
    const { stackStart } = this.known;
    if (stackStart === undefined) return;
    const { code } = state;
    code.get(registerLocal(FRAME));
    code.i64(BigInt(STACK_BYTES));
    code.op(OP.i64Sub);
    code.set(stackStart);
  }

  /**
   * In front of a loop of which it is known how many rounds it has at most, each of `most` steps:
   * leaves where fewer are left than all of them may take. Answers whether it is known.
   */
  checkRounds(head: Pc, most: Step): boolean {
    const rounds = this.known.roundsAt(head);
    if (rounds === undefined) return false;
    const { code, state } = this;
    if ('always' in rounds.length) code.i64(BigInt((rounds.length.always + rounds.more) * most));
    else {
      push64(code, rounds.length);
      code.i64(BigInt(rounds.more));
      code.op(OP.i64Add);
      code.i64(BigInt(most));
      code.op(OP.i64Mul);
    }
    code.get(STEPS_LEFT);
    code.op(OP.i64ExtendI32U, OP.i64GtS);
    state.leaveIf(() => state.leave(head, NONE, LEFT.limit));
    return true;
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
      case 'alu': {
        const sum = this.known.sums.get(pc);
        const offset = sum && this.noteOffset(slot.dst, sum);
        if (!this.rotate(pc, slot.dst))
          writeAlu(code, row.op, row.width, slot.dst, this.rightSide(row, pc, slot.src));
        if (sum === undefined || offset === undefined) return { ...plain, proofs };
        return { ...plain, proofs: withOffset(proofs, slot.dst, sum.region, offset) };
      }
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

  /** Answers whether the instruction was done by it. */
  private rotate(pc: Pc, dst: number): boolean {
    const { code } = this;
    const kept = this.rotated.get(pc);
    if (kept !== undefined) {
      code.get(registerLocal(dst));
      code.set(kept);
    }
    const rotation = this.rotations.get(pc);
    if (rotation === undefined) return false;
    code.get(this.rotated.get(rotation.shift)!);
    code.i64(BigInt(rotation.by));
    code.op(OP.i64Rotl);
    code.set(registerLocal(dst));
    return true;
  }

  /** Before a pointer is made: how far it will be from the start of its region, in a local. */
  private noteOffset(pointer: number, { register, more }: PointerSum): number {
    const { code } = this;
    const local = this.offsets[pointer] ?? this.space.add(I64, `r${pointer}_offset`);
    this.offsets[pointer] = local;
    code.get(registerLocal(register));
    if (more !== 0) {
      code.i64(BigInt(more));
      code.op(OP.i64Add);
    }
    code.set(local);
    return local;
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
    const borrowing = this.source.borrows(pc);
    if (isLocalCall(instruction.row) || borrowing === 'calls') {
      this.packet?.tellRegions();
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
    if (borrowing !== undefined) {
      this.packet!.tellRegions();
      const pending = withWrites(before, instruction);
      if (borrowing === 'asks') state.help(pc, pending);
      else state.tail(pc, pending, () => this.packet!.goOnBehind());
      this.forgetRegions();
      return { ...NONE, steps };
    }
    this.step(pc, instruction, before, state.used);
    return { ...NONE, steps };
  }

  /** A key that cannot be read is the interpreter's to say. */
  private lookUp(pc: Pc, lookup: KnownLookup, before: Pending): void {
    const { state } = this;
    const refuse = (): void => state.leave(pc, before, LEFT.refused);
    this.findBytes(pc, keyAccess(lookup), 0, before, refuse);
    this.lookupWriter.write(lookup, this.known.found.get(pc));
    state.tellCalled(before.readable | R0);
  }

  /**
   * An access with those by the same pointer that follow it: to look at all of them at once may
   * only send more to the interpreter. Of a packet those of its block alone: how long that is, a
   * branch may ask before the next one.
   */
  private spanOf(pc: Pc, access: RegionAccess, off: number, region: RegionKey): Span {
    const span = { low: off, high: off + access.size };
    const { block, at } = this.places.get(pc)!;
    if (!this.changes(pc, access.register))
      this.widen(span, access, block, at + 1, region !== PACKET_REGION, SPAN);
    return span;
  }

  private widen(
    span: { low: number; high: number },
    access: RegionAccess,
    block: UnitBlock,
    from: number,
    goesOn: boolean,
    most: number,
  ): void {
    const pcs = block.pcs.slice(from, from + most);
    for (const pc of pcs) {
      const instruction = this.source.instructionAt(pc)!;
      if (isAccess(instruction)) {
        const { register, right, size } = accessOf(instruction);
        if (register === access.register && right === access.right) {
          span.low = Math.min(span.low, instruction.slot.off);
          span.high = Math.max(span.high, instruction.slot.off + size);
        }
      }
      if (this.changes(pc, access.register)) return;
    }
    if (!goesOn || pcs.length >= most) return;
    for (const to of block.leadsTo)
      if (this.shape.leads(block.start, to) && !this.isMet(to))
        this.widen(span, access, this.shape.blocks.get(to)!, 0, true, most - pcs.length);
  }

  private changes(pc: Pc, register: number): boolean {
    return (changesOf(this.source.instructionAt(pc)!) & (1 << register)) !== 0;
  }

  /** Whether ways meet in front of a block, where nothing of what was looked at is kept. */
  private isMet(start: Pc): boolean {
    const { heads, checked } = this.shape;
    return heads.has(start) || checked.has(start) || this.merged.has(start);
  }

  /** Leaves the linear address of bytes in WHERE. */
  private findBytes(
    pc: Pc,
    access: RegionAccess,
    off: number,
    before: Pending,
    refuse: () => void,
  ): void {
    const { code } = this;
    const proven = before.proofs.get(access.register);
    const known = this.knownAt(pc, access, off);
    if (known === undefined) {
      this.regions.check(code, access, off, proven, refuse);
      return;
    }
    this.source.noteKnown(pc);
    const { region, facts } = known;
    const span = { low: off, high: off + access.size };
    const place = checkKnown(code, region, access, off, span, facts, proven, refuse);
    code.get(place.local);
    code.i32(place.offset);
    code.op(OP.i32Add);
    code.set(WHERE);
  }

  /** An access that may be done. */
  private carryOut(instruction: AccessInstruction, right: RightSide, place: BytePlace): void {
    const { code, source } = this;
    if (source.marks) markAccess(code, instruction.row, place, source.marks);
    writeAccess(code, instruction, right, place, source.endian === 'little');
  }

  /** Answers what checks have shown behind it. */
  private access(pc: Pc, instruction: AccessInstruction, before: Pending): Pending['proofs'] {
    const { code, source } = this;
    const { row, slot } = instruction;
    const right = row.kind === 'store' ? this.rightSide(row, pc, slot.src) : NOTHING;
    const writes = writesOf(instruction);
    if (this.isOnKnownStack(instruction)) {
      this.carryOut(instruction, right, onStack(instruction));
      return withChanges(before.proofs, writes);
    }
    const wanted = accessOf(instruction);
    const isDoubted = source.isDoubted(pc);
    const known = this.knownAt(pc, wanted, slot.off);
    if (known) {
      source.noteKnown(pc);
      const { region, facts } = known;
      const proven = before.proofs.get(wanted.register);
      const refuse = (): void => this.state.leave(pc, before, LEFT.refused);
      const span = this.spanOf(pc, wanted, slot.off, facts.region);
      const place = checkKnown(code, region, wanted, slot.off, span, facts, proven, refuse);
      this.carryOut(instruction, right, place);
      const isFixed =
        facts.value.kind === 'pointer' && isWithinRegion(region, wanted, slot.off, facts);
      const proofs = isFixed
        ? before.proofs
        : withAccess(before.proofs, wanted, slot.off, facts.region, span);
      return withChanges(proofs, writes);
    }
    if (isDoubted && this.packet?.loadKnownContext(instruction, this.known.facts.get(pc)))
      return withChanges(before.proofs, writes);
    const done = code.open(OP.block);
    if (isDoubted) this.packet?.loadContext(instruction, done);
    this.regions.check(code, wanted, slot.off, before.proofs.get(wanted.register), () => {
      if (isDoubted) {
        this.step(pc, instruction, before, registersIn(writes));
        code.branch(OP.br, done);
      } else this.state.leave(pc, before, LEFT.refused);
    });
    this.carryOut(instruction, right, CHECKED);
    code.close();
    if (isDoubted) return NO_PROOFS;
    return withChanges(withAccess(before.proofs, wanted, slot.off), writes);
  }
}
