import { type Memory, READ, WRITE } from '../memory/memory.ts';
import type { ContextField } from '../spec/contexts.ts';
import type { LinearAddress, Pc, Step } from '../spec/units.ts';

/** Bits of a byte's history in `Recorder.marks`, and the kind of an access: the rights it took. */
export const EVER_READ = READ;
export const EVER_WRITTEN = WRITE;

const CAPACITY = 64;
/** Bytes of the longest access of an instruction. */
const LONGEST = 8;

/**
 * Told of all that a step reads and writes, in the order it does, while a run is traced
 * (why/trace.ts).
 */
export interface Provenance {
  read(at: LinearAddress, size: number): void;
  wrote(at: LinearAddress, size: number): void;
  /** Bytes go from one place to another as they are. */
  moved(from: LinearAddress, to: LinearAddress, size: number): void;
  /** Bytes become zero, whatever was read. */
  cleared(at: LinearAddress, size: number): void;
  /** A field of the context or of another structure, by the program or by a helper. */
  field(kind: number, field: ContextField): void;
}

/**
 * What a run touched: for the last step every access with the bytes before it, and for the low part
 * of linear memory (stack and packet) which bytes were ever read or written. Cheap enough to be on
 * while a person debugs.
 */
export class Recorder {
  private readonly memory: Memory;
  /** How many bytes of linear memory have marks: those in front of the marks. */
  readonly marked: number;
  /**
   * Linear address of the marks, a byte of EVER_* bits for each, and of as many bytes behind them
   * as one access may be long. They are part of memory, so that compiled code gets at them, and
   * images have them.
   */
  readonly marksAt: LinearAddress;
  /** Accesses of the step numbered `step`, which is the last one once a run has ended. */
  count = 0;
  private step: Step = -1;
  readonly kind = new Uint8Array(CAPACITY);
  readonly at = new Uint32Array(CAPACITY);
  readonly size = new Uint32Array(CAPACITY);
  /** Bytes there before a write, CAPACITY x 8; longer accesses keep their first 8. */
  readonly overwritten = new Uint8Array(CAPACITY * 8);
  /** Fields of the context, or of another structure, that the last step touched. */
  touched: { readonly kind: number; readonly fields: readonly ContextField[] } | undefined;
  /**
   * A helper of the last step went by the packet's protocol: skb->protocol, or where that puts the
   * headers.
   */
  wentByProtocol = false;
  provenance: Provenance | undefined;
  /** r0..r10 before the last step, as halves; unless it changed none. */
  private readonly halves = new Uint32Array(22);
  private isUnchanged = false;
  /** The slot of the last step; -1 before the first. */
  pc: Pc = -1;

  /** Of all that memory has given so far. */
  constructor(memory: Memory) {
    this.memory = memory;
    this.marked = memory.top;
    this.marksAt = memory.allocate(this.marked + LONGEST, 'marks of what is read and written');
  }

  /** The marks; until memory grows. */
  get marks(): Uint8Array {
    return this.memory.bytes.subarray(this.marksAt, this.marksAt + this.marked);
  }

  /**
   * Notes an access of `size` bytes at linear address `at`, by the step that runs when `steps` are
   * done.
   */
  access(kind: number, at: LinearAddress, size: number, steps: Step): void {
    this.note(kind, at, size, steps);
    if (kind === EVER_READ) this.provenance?.read(at, size);
    else this.provenance?.wrote(at, size);
  }

  /** Notes that bytes go from one place to another as they are; before they do. */
  move(from: LinearAddress, to: LinearAddress, size: number, steps: Step): void {
    this.note(EVER_READ, from, size, steps);
    this.note(EVER_WRITTEN, to, size, steps);
    this.provenance?.moved(from, to, size);
  }

  /** Notes that bytes become zero, before they do. */
  clear(at: LinearAddress, size: number, steps: Step): void {
    this.note(EVER_WRITTEN, at, size, steps);
    this.provenance?.cleared(at, size);
  }

  private note(kind: number, at: LinearAddress, size: number, steps: Step): void {
    this.reach(steps);
    this.mark(kind, at, size);
    if (this.count === CAPACITY) return;
    const n = this.count++;
    this.kind[n] = kind;
    this.at[n] = at;
    this.size[n] = size;
    if (kind === EVER_READ) return;
    const kept = size < 8 ? size : 8;
    const { bytes } = this.memory;
    for (let i = 0; i < kept; i++) this.overwritten[n * 8 + i] = bytes[at + i];
  }

  goByProtocol(steps: Step): void {
    this.reach(steps);
    this.wentByProtocol = true;
  }

  mark(kind: number, at: LinearAddress, size: number): void {
    const { marksAt, marked } = this;
    const { bytes } = this.memory;
    const end = marksAt + (at + size < marked ? at + size : marked);
    for (let i = marksAt + at; i < end; i++) bytes[i] |= kind;
  }

  /**
   * The last step is at `pc` and runs when `steps` are done. `halves`: registers before it, null
   * where it changes none.
   */
  last(pc: Pc, steps: Step, halves: Uint32Array | null): void {
    this.reach(steps);
    this.pc = pc;
    this.isUnchanged = halves === null;
    if (halves === null) return;
    for (let i = 0; i < this.halves.length; i++) this.halves[i] = halves[i];
  }

  /** r0..r10 before the last step, from what they are now. */
  before(registers: BigUint64Array): BigUint64Array {
    return this.isUnchanged
      ? registers.slice(0, 11)
      : new BigUint64Array(this.halves.buffer.slice(0));
  }

  private reach(steps: Step): void {
    if (this.step === steps) return;
    this.step = steps;
    this.count = 0;
    this.touched = undefined;
    this.wentByProtocol = false;
  }

  /** No byte was read or written. */
  begin(): void {
    this.marks.fill(0);
  }

  /** The last step is no part of a checkpoint: it stands between two steps. */
  forgetLast(): void {
    this.reach(-1);
    this.pc = -1;
  }
}
