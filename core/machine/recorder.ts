import { READ, WRITE } from '../memory/memory.ts';

/** Bits of a byte's history in `Recorder.marks`, and the kind of an access: the rights it took. */
export const EVER_READ = READ;
export const EVER_WRITTEN = WRITE;

const CAPACITY = 64;

/**
 * What a run touched: for the last step every access with the bytes before it, and for the low part of linear memory
 * (stack and packet) which bytes were ever read or written. Cheap enough to be on while a person debugs.
 */
export class Recorder {
  /** One byte of EVER_* bits for each byte of linear memory below its length. */
  readonly marks: Uint8Array;
  /** Accesses of the step numbered `step`, which is the last one once a run has ended. */
  count = 0;
  private step = -1;
  readonly kind = new Uint8Array(CAPACITY);
  readonly at = new Uint32Array(CAPACITY);
  readonly size = new Uint32Array(CAPACITY);
  /** Bytes there before a write, CAPACITY x 8; longer accesses keep their first 8. */
  readonly before = new Uint8Array(CAPACITY * 8);
  /** r0..r10 before the last step, as halves; only what the step could change is kept up to date. */
  readonly registers = new Uint32Array(22);
  /** Bit n: register n holds something the program may read. */
  readable = 0;
  /** The slot of the last step; -1 before the first. */
  pc = -1;

  constructor(bytes: number) {
    this.marks = new Uint8Array(bytes);
  }

  /** Notes an access of `size` bytes at linear address `at`, by the step that runs when `steps` are done. */
  access(kind: number, at: number, size: number, memory: Uint8Array, steps: number): void {
    if (this.step !== steps) {
      this.step = steps;
      this.count = 0;
    }
    const { marks } = this;
    if (at < marks.length) {
      const end = at + size < marks.length ? at + size : marks.length;
      for (let i = at; i < end; i++) marks[i] |= kind;
    }
    if (this.count === CAPACITY) return;
    const n = this.count++;
    this.kind[n] = kind;
    this.at[n] = at;
    this.size[n] = size;
    if (kind === EVER_READ) return;
    const kept = size < 8 ? size : 8;
    for (let i = 0; i < kept; i++) this.before[n * 8 + i] = memory[at + i];
  }

  /** Before a step that may change any register: a call, or a return. */
  keepRegisters(halves: Uint32Array): void {
    const { registers } = this;
    for (let i = 0; i < registers.length; i++) registers[i] = halves[i];
  }

  /** At the end of a run: which step was last (`steps` are done), and what its destination register held before. */
  endOfRun(pc: number, steps: number, destination: number, low: number, high: number, readable: number): void {
    if (this.step !== steps - 1 && this.step !== steps) this.count = 0;
    this.pc = pc;
    this.registers[destination] = low;
    this.registers[destination + 1] = high;
    this.readable = readable;
  }

  save(): { marks: Uint8Array; readable: number } {
    return { marks: this.marks.slice(), readable: this.readable };
  }

  /** The last step's accesses are not part of a checkpoint: it stands between two steps. */
  restore(saved: { marks: Uint8Array; readable: number }): void {
    this.marks.set(saved.marks);
    this.readable = saved.readable;
    this.count = 0;
    this.step = -1;
    this.pc = -1;
  }
}
