/** What a unit does otherwise than any other where it is run for many packets. */
import type { Instruction } from '../asm/decode.ts';
import { REGION_START, REGION_TAG } from '../memory/memory.ts';
import type { Pc } from '../spec/units.ts';
import { type BatchEntry, CONTROL, type FieldSource } from './batch.ts';
import type { KnownRegion } from './known-regions.ts';
import { END, type LocalSpace, READABLE, registerLocal, STACK, STEPS_LEFT } from './locals.ts';
import { PacketLoop } from './packet-loop.ts';
import { loadField, loadWord, tellAt, tellWord } from './packet-words.ts';
import { LEFT, type Pending, type StateWriter } from './state.ts';
import { CONTEXT, type Facts } from './value-flow.ts';
import { type CodeWriter, I32, I64, OP } from './wasm-writer.ts';

const FRAME = 10;
/** Machine.readable at the start: r10, and r1 and r2 or r1 alone. */
const POINTER_AND_LENGTH = (1 << FRAME) | 0b110;
const POINTER = (1 << FRAME) | 0b10;

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
  readonly loop: PacketLoop;
  private readonly state: StateWriter;
  /** Address of the packet's first byte, and of the context. */
  private readonly start: number;
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
    this.loop = new PacketLoop(state.code, entry, locals);
    state.beforeCalls = () => tellAt(state.code, entry.layout, this.loop.at);
    this.start = locals.add(I64, 'packet_start');
    this.length = locals.add(I64, 'packet_size');
    this.context = locals.add(I64, 'context');
    this.isSpoilt = locals.add(I32, 'is_spoilt');
    this.steps = locals.add(I32, 'steps');
  }

  /** The packet, as long as nothing else has run. */
  get region(): KnownRegion {
    return {
      start: { local: this.start },
      base: { local: this.loop.base },
      length: { local: this.length },
      rights: this.entry.packetRights,
    };
  }

  /** The next packet, with registers as the hook gives them; those that are not set are zero. */
  begin(): void {
    const { code } = this.state;
    const { layout, memory } = this.entry;
    const { loop } = this;
    loop.open(this.usesTable);
    for (let register = 0; register < FRAME; register++) {
      code.i64(0n);
      code.set(registerLocal(register));
    }
    code.i32(0);
    code.set(this.isSpoilt);
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
    code.get(loop.region);
    toAddress(code);
    code.set(this.start);
    code.get(loop.length);
    code.op(OP.i64ExtendI32U);
    code.set(this.length);
    if (memory === undefined) {
      code.get(loop.context);
      toAddress(code);
      code.tee(this.context);
      code.set(registerLocal(1));
      return;
    }
    code.get(this.start);
    if (memory.offsets[1] > 0) {
      loadField(code, this.loop.at, layout.column('offset'));
      code.op(OP.i64ExtendI32U, OP.i64Add);
    }
    code.set(registerLocal(1));
    if (memory.r2 === 'length') code.get(this.length);
    else code.i64(BigInt(memory.r2));
    code.set(registerLocal(2));
  }

  /** Before something is lent the packet: which regions it and its context are. */
  tellRegions(): void {
    const { code } = this.state;
    const { control } = this.entry.layout;
    tellWord(code, control + CONTROL.packetRegion, this.loop.region);
    tellWord(code, control + CONTROL.contextRegion, this.loop.context);
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

  private pushValue(value: FieldSource): void {
    const { code } = this.state;
    if (value.kind === 'constant') code.i64(value.value);
    else if (value.kind === 'column') {
      loadField(code, this.loop.at, this.entry.layout.contextColumn(value.column));
      code.op(OP.i64ExtendI32U);
    } else {
      if (value.kind !== 'length') code.get(this.start);
      if (value.kind === 'start') return;
      code.get(this.length);
      if (value.kind === 'end') code.op(OP.i64Add);
    }
  }

  /** Behind a packet that has come to its end elsewhere: what came of it is noted. */
  goOnBehind(): void {
    const { code } = this.state;
    loadField(code, this.loop.at, this.entry.layout.column('steps'));
    code.set(this.steps);
    this.loop.goOn(this.steps);
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
      code.get(this.loop.at);
      loadWord(code, layout.control + CONTROL.end);
      code.op(OP.i32GeU);
      this.state.leaveIf(() => this.state.leave(pc, pending, LEFT.slow));
    }
    const note = (field: 'r0Low' | 'r0High' | 'steps', push: () => void): void => {
      code.get(this.loop.at);
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
    this.loop.goOn(this.steps);
  }
}
