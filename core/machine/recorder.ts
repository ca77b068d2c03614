import { READ, WRITE } from '../memory/memory.ts';
import type { ContextField } from '../spec/contexts.ts';
import type { LinearAddress, Pc, Step } from '../spec/units.ts';

/** Bits of a byte's history in `Recorder.marks`, and the kind of an access: the rights it took. */
export const EVER_READ = READ;
export const EVER_WRITTEN = WRITE;

const CAPACITY = 64;

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
  /** One byte of EVER_* bits for each byte of linear memory below its length. */
  readonly marks: Uint8Array;
  /** The same bytes, and as many behind them as one access may be long. */
  readonly marksView: DataView;
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

  constructor(bytes: number) {
    const padded = new Uint8Array(bytes + 8);
    this.marks = padded.subarray(0, bytes);
    this.marksView = new DataView(padded.buffer);
  }

  /**
   * Notes an access of `size` bytes at linear address `at`, by the step that runs when `steps` are
   * done.
   */
  access(kind: number, at: LinearAddress, size: number, memory: Uint8Array, steps: Step): void {
    this.note(kind, at, size, memory, steps);
    if (kind === EVER_READ) this.provenance?.read(at, size);
    else this.provenance?.wrote(at, size);
  }

  /** Notes that bytes go from one place to another as they are; before they do. */
  move(
    from: LinearAddress,
    to: LinearAddress,
    size: number,
    memory: Uint8Array,
    steps: Step,
  ): void {
    this.note(EVER_READ, from, size, memory, steps);
    this.note(EVER_WRITTEN, to, size, memory, steps);
    this.provenance?.moved(from, to, size);
  }

  /** Notes that bytes become zero, before they do. */
  clear(at: LinearAddress, size: number, memory: Uint8Array, steps: Step): void {
    this.note(EVER_WRITTEN, at, size, memory, steps);
    this.provenance?.cleared(at, size);
  }

  private note(
    kind: number,
    at: LinearAddress,
    size: number,
    memory: Uint8Array,
    steps: Step,
  ): void {
    this.reach(steps);
    this.mark(kind, at, size);
    if (this.count === CAPACITY) return;
    const n = this.count++;
    this.kind[n] = kind;
    this.at[n] = at;
    this.size[n] = size;
    if (kind === EVER_READ) return;
    const kept = size < 8 ? size : 8;
    for (let i = 0; i < kept; i++) this.overwritten[n * 8 + i] = memory[at + i];
  }

  goByProtocol(steps: Step): void {
    this.reach(steps);
    this.wentByProtocol = true;
  }

  mark(kind: number, at: LinearAddress, size: number): void {
    const { marks } = this;
    const end = at + size < marks.length ? at + size : marks.length;
    for (let i = at; i < end; i++) marks[i] |= kind;
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

  /** The last step is no part of a checkpoint: it stands between two steps. */
  restore(marks: Uint8Array): void {
    this.marks.set(marks);
    this.reach(-1);
    this.pc = -1;
  }
}
