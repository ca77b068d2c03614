/**
 * A unit that judges packet after packet: a loop that gives each its region, as a function of its
 * own, and what the unit does otherwise than any other, at its beginning and at the exits.
 */
import type { Instruction } from '../asm/decode.ts';
import { READ, REGION_START, REGION_TAG, TABLE_AT, WRITE } from '../memory/memory.ts';
import type { LinearAddress, Pc } from '../spec/units.ts';
import { type BatchEntry, type BatchLayout, CONTROL, type ContextValue, LENGTH } from './batch.ts';
import type { KnownRegion } from './known-regions.ts';
import {
  AT,
  BASE_OF_PACKET,
  CONTEXT_REGION,
  END,
  LENGTH_OF_PACKET,
  type LocalSpace,
  READABLE,
  REGION,
  registerLocal,
  STACK,
  STEPS_LEFT,
} from './locals.ts';
import { ROW_BASE, ROW_LENGTH, ROW_SHIFT } from './regions.ts';
import { LEFT, type Pending, type StateWriter } from './state.ts';
import { CONTEXT, type Facts } from './value-flow.ts';
import { CodeWriter, I32, I64, OP, type WasmFunction } from './wasm-writer.ts';

const FRAME = 10;
/** Machine.readable at the start: r10, and r1 and r2 or r1 alone. */
const POINTER_AND_LENGTH = (1 << FRAME) | 0b110;
const POINTER = (1 << FRAME) | 0b10;

function loadWord(code: CodeWriter, address: LinearAddress): void {
  code.i32(0);
  code.access(OP.i32Load, address);
}

/** A packet's word of a column, where a local has the packet. */
function loadField(code: CodeWriter, at: number, column: LinearAddress): void {
  code.get(at);
  code.access(OP.i32Load, column);
}

const FIRST_ADDRESS = (BigInt(REGION_TAG) << 32n) | BigInt(REGION_START);

/** Makes the region's number on the stack the address of its first byte. */
function toAddress(code: CodeWriter): void {
  code.op(OP.i64ExtendI32U);
  code.i64(32n);
  code.op(OP.i64Shl);
  code.i64(FIRST_ADDRESS);
  code.op(OP.i64Add);
}

/** What a unit does for each packet. */
export class PacketUnit {
  readonly entry: BatchEntry;
  private readonly state: StateWriter;
  /** Address of the packet's first byte, and of the context. */
  private readonly start: number;
  private readonly base: number;
  private readonly length: number;
  private readonly context: number;
  /** The context's fields may be other than what the packet came with. */
  private readonly isSpoilt: number;
  private readonly steps: number;
  /** It has something done by the interpreter, and goes on behind it. */
  isAsking = false;
  /** It looks regions up. */
  usesTable = false;

  constructor(state: StateWriter, entry: BatchEntry, locals: LocalSpace) {
    this.state = state;
    this.entry = entry;
    state.beforeCalls = () => tellAt(state.code, entry.layout, AT);
    this.start = locals.add(I64);
    this.base = locals.add(I32);
    this.length = locals.add(I64);
    this.context = locals.add(I64);
    this.isSpoilt = locals.add(I32);
    this.steps = locals.add(I32);
  }

  /** The packet, as long as nothing else has run. */
  get region(): KnownRegion {
    return {
      start: { local: this.start },
      base: { local: this.base },
      length: { local: this.length },
      rights: READ | WRITE,
    };
  }

  /** Registers as the hook gives them; those that are not set are zero. */
  giveRegisters(): void {
    const { code } = this.state;
    const { layout, memory } = this.entry;
    for (const local of [STEPS_LEFT, END]) {
      code.i32(this.entry.steps);
      code.set(local);
    }
    code.i32(memory ? POINTER_AND_LENGTH : POINTER);
    code.set(READABLE);
    code.i64(this.entry.stack.top);
    code.set(registerLocal(FRAME));
    code.i32(this.entry.stack.base);
    code.set(STACK);
    code.get(REGION);
    toAddress(code);
    code.set(this.start);
    code.get(BASE_OF_PACKET);
    code.set(this.base);
    code.get(LENGTH_OF_PACKET);
    code.op(OP.i64ExtendI32U);
    code.set(this.length);
    if (memory === undefined) {
      code.get(CONTEXT_REGION);
      toAddress(code);
      code.tee(this.context);
      code.set(registerLocal(1));
      return;
    }
    code.get(this.start);
    if (memory.offsets[1] > 0) {
      loadField(code, AT, layout.column('offset'));
      code.op(OP.i64ExtendI32U, OP.i64Add);
    }
    code.set(registerLocal(1));
    if (memory.r2 === 'length') code.get(this.length);
    else code.i64(BigInt(memory.r2));
    code.set(registerLocal(2));
  }

  /** Behind what may have changed the context, or moved the packet. */
  spoil(): void {
    const { code } = this.state;
    code.i32(1);
    code.set(this.isSpoilt);
  }

  /**
   * A load of a field of the context, where the address is the context's: then it goes on at the
   * level `done`.
   */
  loadContext({ slot, row }: Instruction, done: number): void {
    if (row.kind !== 'load' || row.signed || this.entry.memory !== undefined) return;
    const value = this.entry.contextValue(slot.off, row.size);
    if (value === undefined) return;
    const { code } = this.state;
    code.get(registerLocal(slot.src));
    code.get(this.context);
    code.op(OP.i64Eq);
    code.get(this.isSpoilt);
    code.op(OP.i32Eqz, OP.i32And);
    code.open(OP.if);
    this.pushValue(value);
    code.set(registerLocal(slot.dst));
    code.branch(OP.br, done);
    code.close();
  }

  /** The same where that is known; answers whether it was written. */
  loadKnownContext({ slot, row }: Instruction, facts: Facts | undefined): boolean {
    if (facts?.region !== CONTEXT || facts.value.kind !== 'pointer') return false;
    if (facts.value.low !== 0 || facts.value.high !== 0) return false;
    if (row.kind !== 'load' || row.signed) return false;
    const value = this.entry.contextValue(slot.off, row.size);
    if (value === undefined) return false;
    this.pushValue(value);
    this.state.code.set(registerLocal(slot.dst));
    return true;
  }

  private pushValue(value: ContextValue): void {
    const { code } = this.state;
    if (value.kind === 'constant') code.i64(value.value);
    else if (value.kind === 'column') {
      loadField(code, AT, this.entry.layout.contextColumn(value.column));
      code.op(OP.i64ExtendI32U);
    } else {
      if (value.kind !== 'length') code.get(this.start);
      if (value.kind === 'start') return;
      code.get(this.length);
      if (value.kind === 'end') code.op(OP.i64Add);
    }
  }

  /**
   * At the exit of the program: what came of the packet is noted. One that something else has had a
   * part in may be the last: then its end is left to the interpreter.
   */
  finish(pc: Pc, pending: Pending): void {
    const { code } = this.state;
    const { layout } = this.entry;
    code.get(END);
    code.get(STEPS_LEFT);
    code.op(OP.i32Sub);
    code.i32(pending.steps + 1);
    code.op(OP.i32Add);
    code.set(this.steps);
    if (this.isAsking) {
      code.get(AT);
      loadWord(code, layout.control + CONTROL.end);
      code.op(OP.i32GeU);
      this.state.leaveIf(() => this.state.leave(pc, pending, LEFT.slow));
    }
    const note = (field: 'r0Low' | 'r0High' | 'steps', push: () => void): void => {
      code.get(AT);
      push();
      code.access(OP.i32Store, layout.column(field));
    };
    note('r0Low', () => {
      code.get(registerLocal(0));
      code.op(OP.i32WrapI64);
    });
    note('r0High', () => {
      code.get(registerLocal(0));
      code.i64(32n);
      code.op(OP.i64ShrU, OP.i32WrapI64);
    });
    note('steps', () => code.get(this.steps));
    code.get(this.steps);
    code.op(OP.return);
  }
}

/** Locals of the loop. */
const LOOP = {
  at: 0,
  end: 1,
  ringAt: 2,
  ringLength: 3,
  region: 4,
  length: 5,
  start: 6,
  origin: 7,
  from: 8,
  to: 9,
  context: 10,
  budget: 11,
  answer: 12,
  table: 13,
  row: 14,
} as const;
/** Words of a row for reading and writing, which are as long for a packet. */
const BOTH = 0x1_0000_0001n;

/** The function around a unit, whose number it is given. */
export function writeLoop(packet: PacketUnit, unit: number): WasmFunction {
  const code = new CodeWriter();
  const { layout, memory } = packet.entry;
  for (const [local, word] of [
    [LOOP.at, CONTROL.at],
    [LOOP.end, CONTROL.end],
    [LOOP.ringAt, CONTROL.ringAt],
    [LOOP.ringLength, CONTROL.ringLength],
    [LOOP.region, CONTROL.before],
    [LOOP.origin, CONTROL.origin],
    [LOOP.from, CONTROL.from],
    [LOOP.to, CONTROL.to],
    [LOOP.budget, CONTROL.budget],
  ] as const) {
    loadWord(code, layout.control + word);
    code.set(local);
  }
  const head = code.open(OP.loop);
  passBy(code, layout, head);
  if (packet.usesTable) retire(code);
  takeRegion(code, layout, memory === undefined);
  if (packet.usesTable) fillRow(code);
  for (const local of [LOOP.at, LOOP.region, LOOP.length]) code.get(local);
  code.get(LOOP.start);
  code.get(LOOP.origin);
  code.op(OP.i32Add);
  code.get(LOOP.context);
  code.call(unit);
  code.tee(LOOP.answer);
  code.i32(0);
  code.op(OP.i32GtS);
  code.open(OP.if);
  spend(code);
  next(code, head);
  code.close();
  code.get(LOOP.answer);
  code.op(OP.return);
  code.close();
  code.op(OP.unreachable);
  return {
    type: { parameters: [], results: [I32] },
    locals: Object.values(LOOP).map(() => I32),
    code,
  };
}

/** Where the steps of a call are used up, there is no next packet. */
function spend(code: CodeWriter): void {
  code.get(LOOP.budget);
  code.get(LOOP.answer);
  code.op(OP.i32Sub);
  code.tee(LOOP.budget);
  code.i32(0);
  code.op(OP.i32LtS);
  code.open(OP.if);
  code.i32(0);
  code.set(LOOP.end);
  code.close();
}

function next(code: CodeWriter, head: number): void {
  code.get(LOOP.at);
  code.i32(4);
  code.op(OP.i32Add);
  code.set(LOOP.at);
  code.branch(OP.br, head);
}

/**
 * Packets that the program does not run on; the last one, which whoever asked runs as any other, so
 * that the machine stands behind it; those of no bytes, or that are not where they should be.
 */
function passBy(code: CodeWriter, layout: BatchLayout, head: number): void {
  loadField(code, LOOP.at, layout.column('length'));
  code.set(LOOP.length);
  loadField(code, LOOP.at, layout.column('start'));
  code.set(LOOP.start);
  code.get(LOOP.length);
  code.i32(0);
  code.op(OP.i32LeS);
  code.get(LOOP.at);
  code.get(LOOP.end);
  code.op(OP.i32GeU, OP.i32Or);
  code.get(LOOP.start);
  code.get(LOOP.length);
  code.op(OP.i32Add);
  code.get(LOOP.to);
  code.op(OP.i32GtU, OP.i32Or);
  code.get(LOOP.start);
  code.get(LOOP.from);
  code.op(OP.i32LtU, OP.i32Or);
  code.open(OP.if);
  code.get(LOOP.length);
  code.i32(LENGTH.bypassed);
  code.op(OP.i32Eq);
  code.get(LOOP.at);
  code.get(LOOP.end);
  code.op(OP.i32LtU, OP.i32And);
  code.open(OP.if);
  next(code, head);
  code.close();
  tellAt(code, layout, LOOP.at);
  code.i32(LEFT.packet);
  code.op(OP.return);
  code.close();
}

/** Before JavaScript is asked something: which packet it is. */
export function tellAt(code: CodeWriter, { control }: BatchLayout, at: number): void {
  code.i32(0);
  code.get(at);
  code.access(OP.i32Store, control + CONTROL.at);
}

/** Leaves the linear address of the region's row in a local. */
function findRow(code: CodeWriter): void {
  code.get(LOOP.region);
  code.i32(ROW_SHIFT);
  code.op(OP.i32Shl);
  code.get(LOOP.table);
  code.op(OP.i32Add);
  code.set(LOOP.row);
}

/** The packet in front can be reached no more. */
function retire(code: CodeWriter): void {
  // It may have moved during that packet.
  loadWord(code, TABLE_AT);
  code.set(LOOP.table);
  findRow(code);
  code.get(LOOP.row);
  code.i64(0n);
  code.access(OP.i64Store, ROW_LENGTH[READ]);
}

/** The packet is the next region of the ring, the context the one behind it. */
function takeRegion(code: CodeWriter, layout: BatchLayout, hasContext: boolean): void {
  loadField(code, LOOP.ringAt, layout.ring);
  code.set(LOOP.region);
  if (hasContext) {
    loadField(code, LOOP.ringAt, layout.ring + 4);
    code.set(LOOP.context);
  }
  code.get(LOOP.ringAt);
  code.i32(hasContext ? 8 : 4);
  code.op(OP.i32Add);
  code.tee(LOOP.ringAt);
  code.get(LOOP.ringLength);
  code.op(OP.i32GeU);
  code.open(OP.if);
  code.get(LOOP.ringAt);
  code.get(LOOP.ringLength);
  code.op(OP.i32Sub);
  code.set(LOOP.ringAt);
  code.close();
}

/** The packet's row in the table of regions. */
function fillRow(code: CodeWriter): void {
  findRow(code);
  code.get(LOOP.row);
  code.get(LOOP.start);
  code.get(LOOP.origin);
  code.op(OP.i32Add);
  code.access(OP.i32Store, ROW_BASE);
  code.get(LOOP.row);
  code.get(LOOP.length);
  code.op(OP.i64ExtendI32U);
  code.i64(BOTH);
  code.op(OP.i64Mul);
  code.access(OP.i64Store, ROW_LENGTH[READ]);
}
