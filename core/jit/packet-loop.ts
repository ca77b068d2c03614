/** The loop around a unit that judges packet after packet: how each begins and ends. */
import type { Instruction } from '../asm/decode.ts';
import { READ, REGION_START, REGION_TAG, TABLE_AT, WRITE } from '../memory/memory.ts';
import type { Pc } from '../spec/units.ts';
import { type BatchEntry, CONTROL, type ContextValue, LENGTH } from './batch.ts';
import { END, type LocalSpace, READABLE, registerLocal, STEPS_LEFT, WHERE } from './locals.ts';
import { ROW_BASE, ROW_LENGTH, ROW_SHIFT } from './regions.ts';
import { LEFT, type Pending, type StateWriter } from './state.ts';
import { I32, I64, OP } from './wasm-writer.ts';

const FRAME = 10;
/** Machine.readable at the start: r10, and r1 and r2 or r1 alone. */
const POINTER_AND_LENGTH = (1 << FRAME) | 0b110;
const POINTER = (1 << FRAME) | 0b10;

/** Writes what stands around the code of each packet. */
export class PacketLoop {
  private readonly state: StateWriter;
  private readonly entry: BatchEntry;
  /** The packet, by bytes of a column; where the ring is; steps that are left for the call. */
  private readonly at: number;
  private readonly ringAt: number;
  private readonly budget: number;
  /** The packet's region, and the address of its first byte. */
  private readonly region: number;
  private readonly start: number;
  private readonly length: number;
  private readonly steps: number;
  /** The address of the context, and whether its fields still are what the packet came with. */
  private readonly context: number;
  private readonly isFresh: number;
  private head = 0;

  constructor(state: StateWriter, entry: BatchEntry, locals: LocalSpace) {
    this.state = state;
    this.entry = entry;
    this.at = locals.add(I32);
    this.ringAt = locals.add(I32);
    this.budget = locals.add(I32);
    this.region = locals.add(I32);
    this.start = locals.add(I64);
    this.length = locals.add(I32);
    this.steps = locals.add(I32);
    this.context = locals.add(I64);
    this.isFresh = locals.add(I32);
  }

  private load(address: number): void {
    const { code } = this.state;
    code.i32(0);
    code.access(OP.i32Load, address);
  }

  private loadField(column: number): void {
    const { code } = this.state;
    code.get(this.at);
    code.access(OP.i32Load, column);
  }

  /** In front of the first packet, and at the start of each. `forget`: what is known of regions. */
  open(forget: () => void): void {
    const { code } = this.state;
    const { layout } = this.entry;
    const { control } = layout;
    for (const [local, word] of [
      [this.at, CONTROL.at],
      [this.ringAt, CONTROL.ringAt],
      [this.budget, CONTROL.budget],
      [this.region, CONTROL.before],
    ] as const) {
      this.load(control + word);
      code.set(local);
    }
    this.head = code.open(OP.loop);
    code.i32(0);
    code.get(this.at);
    code.access(OP.i32Store, control + CONTROL.at);
    this.passBy();
    this.retire();
    this.takeRegion();
    code.get(END);
    code.set(STEPS_LEFT);
    code.i32(this.entry.memory ? POINTER_AND_LENGTH : POINTER);
    code.set(READABLE);
    forget();
    this.giveRegisters();
  }

  /** Packets that the program does not run on. */
  private passBy(): void {
    const { code } = this.state;
    this.loadField(this.entry.layout.column('length'));
    code.tee(this.length);
    code.i32(0);
    code.op(OP.i32LtS);
    code.open(OP.if);
    code.get(this.length);
    code.i32(LENGTH.left);
    code.op(OP.i32Eq);
    code.open(OP.if);
    code.i32(LEFT.packet);
    code.op(OP.return);
    code.close();
    this.next();
    code.close();
  }

  private next(): void {
    const { code } = this.state;
    code.get(this.at);
    code.i32(4);
    code.op(OP.i32Add);
    code.set(this.at);
    code.branch(OP.br, this.head);
  }

  /** Leaves the linear address of a region's row in WHERE. */
  private findRow(region: number): void {
    const { code } = this.state;
    code.get(region);
    code.i32(ROW_SHIFT);
    code.op(OP.i32Shl);
    this.load(TABLE_AT);
    code.op(OP.i32Add);
    code.set(WHERE);
  }

  /** The packet in front can be reached no more. */
  private retire(): void {
    const { code } = this.state;
    this.findRow(this.region);
    for (const right of [READ, WRITE]) {
      code.get(WHERE);
      code.i32(0);
      code.access(OP.i32Store, ROW_LENGTH[right]);
    }
  }

  /** The next region of the ring becomes the packet's; the one behind it is the context. */
  private takeRegion(): void {
    const { code } = this.state;
    const { layout, memory } = this.entry;
    const next = (offset: number): void => {
      code.get(this.ringAt);
      code.access(OP.i32Load, layout.ring + offset);
    };
    const addressOf = (): void => {
      code.op(OP.i64ExtendI32U);
      code.i64(BigInt(REGION_TAG));
      code.op(OP.i64Add);
      code.i64(32n);
      code.op(OP.i64Shl);
      code.i64(BigInt(REGION_START));
      code.op(OP.i64Or);
    };
    next(0);
    code.tee(this.region);
    addressOf();
    code.set(this.start);
    if (memory === undefined) {
      next(4);
      addressOf();
      code.set(this.context);
      code.i32(1);
      code.set(this.isFresh);
    }
    code.get(this.ringAt);
    code.i32(memory ? 4 : 8);
    code.op(OP.i32Add);
    code.tee(this.ringAt);
    this.load(layout.control + CONTROL.ringLength);
    code.op(OP.i32GeU);
    code.open(OP.if);
    code.get(this.ringAt);
    this.load(layout.control + CONTROL.ringLength);
    code.op(OP.i32Sub);
    code.set(this.ringAt);
    code.close();
    this.findRow(this.region);
    code.get(WHERE);
    this.loadField(layout.column('start'));
    code.access(OP.i32Store, ROW_BASE);
    for (const right of [READ, WRITE]) {
      code.get(WHERE);
      code.get(this.length);
      code.access(OP.i32Store, ROW_LENGTH[right]);
    }
  }

  private giveRegisters(): void {
    const { code, used } = this.state;
    const { layout, memory } = this.entry;
    for (const register of used) {
      if (register === FRAME) continue;
      if (register === 1 && memory === undefined) code.get(this.context);
      else if (register === 1) {
        code.get(this.start);
        this.loadField(layout.column('offset'));
        code.op(OP.i64ExtendI32U, OP.i64Add);
      } else if (register === 2 && memory?.r2 === 'length') {
        code.get(this.length);
        code.op(OP.i64ExtendI32U);
      } else code.i64(register === 2 && memory ? BigInt(memory.r2) : 0n);
      code.set(registerLocal(register));
    }
  }

  /** Behind what may have changed the context, or moved the packet. */
  spoil(): void {
    const { code } = this.state;
    code.i32(0);
    code.set(this.isFresh);
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
    code.get(this.isFresh);
    code.op(OP.i32And);
    code.open(OP.if);
    this.pushValue(value);
    code.set(registerLocal(slot.dst));
    code.branch(OP.br, done);
    code.close();
  }

  private pushValue(value: ContextValue): void {
    const { code } = this.state;
    if (value.kind === 'constant') code.i64(value.value);
    else if (value.kind === 'column') {
      this.loadField(this.entry.layout.contextColumn(value.column));
      code.op(OP.i64ExtendI32U);
    } else {
      if (value.kind !== 'length') code.get(this.start);
      if (value.kind === 'start') return;
      code.get(this.length);
      code.op(OP.i64ExtendI32U);
      if (value.kind === 'end') code.op(OP.i64Add);
    }
  }

  /**
   * At the exit of the program: what came of the packet is noted, and the next one begins. The last
   * one is left to the interpreter, so that the machine stands there as behind any run.
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
    code.get(this.at);
    this.load(layout.control + CONTROL.end);
    code.op(OP.i32GeU);
    code.get(this.budget);
    code.get(this.steps);
    code.op(OP.i32Sub);
    code.tee(this.budget);
    code.i32(0);
    code.op(OP.i32LtS, OP.i32Or);
    this.state.leaveIf(() => this.state.leave(pc, pending, LEFT.slow));
    const note = (field: 'r0Low' | 'r0High' | 'steps', push: () => void): void => {
      code.get(this.at);
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
    this.next();
  }

  close(): void {
    this.state.code.close();
  }
}
