/** The state of a run in compiled code: where it lies, and how it is handed over. */
import { CALLER_SAVED } from '../spec/isa.ts';
import type { Pc, Step } from '../spec/units.ts';
import { END, READABLE, registerLocal, STEPS_LEFT, WHERE } from './locals.ts';
import { NO_PROOFS, type Proofs } from './proofs.ts';
import { CodeWriter, I32, OP } from './wasm-writer.ts';

/**
 * Why a unit was left, which it answers. One of many packets answers the steps it took where the
 * next one may begin.
 */
export const LEFT = {
  /** For a place outside the unit, or for the end of the run. */
  elsewhere: 0,
  /** Before an instruction that is none for compiled code, nor for the interpreter's own loop. */
  slow: -1,
  /** Fewer steps are left than may be done before it looks again. */
  limit: -2,
  /** Before an access that its check refused. */
  refused: -3,
  /** Before the first instruction, since r10 is no stack. */
  noStack: -4,
  /** Before a packet of many has begun. */
  packet: -5,
} as const;

/**
 * What a unit imports, by number. All take pc, steps and readable, with registers in memory before.
 * `step`: the interpreter does the instruction; answers readable, negative where the code does not
 * go on behind it. `call`: the same with a function of the program up to its return; answers the
 * steps that are left then. `leave`: notes where the unit is left. `help`: a helper that does with
 * the packet as compiled code has it; as `step` otherwise, and r0 alone is another one behind it.
 * `tail`: a tail call that does so; THROUGH where the packet has come to its end.
 */
export const STATE_IMPORTS = ['step', 'call', 'leave', 'help', 'tail'] as const;
/** What `tail` answers where nothing is left to do of a packet, and it was noted. */
export const THROUGH = -2;
type StateImport = (typeof STATE_IMPORTS)[number];

/**
 * What was done since the locals were told, as it is known while code is written, and what checks
 * have shown.
 */
export interface Pending {
  readonly steps: Step;
  readonly readable: number;
  readonly proofs: Proofs;
}

export const NONE: Pending = { steps: 0, readable: 0, proofs: NO_PROOFS };
export const R0 = 1;

const ALL_REGISTERS = Array.from({ length: 11 }, (_, register) => register);
export const registersIn = (bits: number): number[] =>
  ALL_REGISTERS.filter((register) => (bits & (1 << register)) !== 0);

/** Writes what keeps and hands over the state. */
export class StateWriter {
  readonly code = new CodeWriter();
  /** Registers that have locals, and those whose locals may be other than memory. */
  readonly used: readonly number[];
  private readonly written: readonly number[];
  /** Writes what is done before a call of an import. */
  beforeCalls: (() => void) | undefined;
  /** Of what stands around all: its end leaves the unit, for what is on the stack. */
  private readonly outermost: number;

  /** Registers as bits. */
  constructor(used: number, written: number) {
    this.used = registersIn(used);
    this.written = registersIn(written);
    this.outermost = this.code.open(OP.block, I32, 'leave');
  }

  /** Behind all code: where it goes when it leaves. */
  finish(): void {
    const { code } = this;
    code.op(OP.unreachable);
    code.close();
    this.callOut('leave', () => code.get(WHERE), NONE);
    code.op(OP.drop);
  }

  /** Registers as they are in memory. */
  readBack(registers: readonly number[]): void {
    const { code } = this;
    for (const register of registers) {
      code.i32(0);
      code.access(OP.i64Load, 8 * register);
      code.set(registerLocal(register));
    }
  }

  /** Brings the locals up to date. */
  tell({ steps, readable }: Pending): void {
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

  /** Leaves where fewer steps are left than may follow before it looks again. */
  checkLimit(start: Pc, most: Step): void {
    const { code } = this;
    code.get(STEPS_LEFT);
    code.i32(most);
    code.op(OP.i32LtS);
    this.leaveIf(() => this.leave(start, NONE, LEFT.limit));
  }

  /** What does not come back, by the number on the stack. */
  leaveIf(write: () => void): void {
    this.code.open(OP.if);
    write();
    this.code.close();
  }

  /** Leaves before an instruction. */
  leave(pc: Pc, pending: Pending, why: number): void {
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

  /** Behind a call: the registers it may use hold nothing that may be read. */
  tellCalled(readable: number): void {
    const { code } = this;
    this.pushReadable(readable);
    code.i32(~CALLER_SAVED);
    code.op(OP.i32And);
    code.set(READABLE);
  }

  /** Calls an import with the whole state as it is before an instruction. */
  private callOut(what: StateImport, pushPc: () => void, { steps, readable }: Pending): void {
    const { code } = this;
    this.beforeCalls?.();
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
  step(pc: Pc, pending: Pending, changes: readonly number[]): void {
    const { code } = this;
    this.callOut('step', () => code.i32(pc), pending);
    code.set(READABLE);
    this.returnIfNegative(READABLE);
    this.readBack(changes);
  }

  /** A helper that is lent the packet. */
  help(pc: Pc, pending: Pending): void {
    const { code } = this;
    this.callOut('help', () => code.i32(pc), pending);
    code.set(READABLE);
    this.returnIfNegative(READABLE);
    this.readBack([0]);
  }

  /** A tail call that is lent the packet; `end` writes what is done behind one that is through. */
  tail(pc: Pc, pending: Pending, end: () => void): void {
    const { code } = this;
    this.callOut('tail', () => code.i32(pc), pending);
    code.tee(READABLE);
    code.i32(THROUGH);
    code.op(OP.i32Eq);
    code.open(OP.if);
    end();
    code.close();
    this.returnIfNegative(READABLE);
    this.readBack(this.used);
  }

  /** Calls a function of the program. */
  callFunction(pc: Pc, pending: Pending): void {
    const { code } = this;
    this.callOut('call', () => code.i32(pc), pending);
    code.set(STEPS_LEFT);
    this.returnIfNegative(STEPS_LEFT);
    // As leaveFunction (machine/calls.ts) has it.
    this.tellCalled(pending.readable | R0);
    this.readBack(this.used);
  }
}
