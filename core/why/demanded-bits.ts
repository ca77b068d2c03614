import type { Instruction } from '../asm/decode.ts';
import type { Endian } from '../bytes/reader.ts';
import type { InstructionRow } from '../spec/isa.ts';
import { conversionOf } from '../spec/semantics.ts';

type UnaryRow = Extract<InstructionRow, { kind: 'unary' }>;
type JumpRow = Extract<InstructionRow, { kind: 'jump' }>;

/**
 * Which bits of its operands an instruction's result comes from, for some bits of the result: 64
 * bits as two halves. It never leaves out a bit that could matter.
 */
export class DemandedBits {
  dstLow = 0;
  dstHigh = 0;
  srcLow = 0;
  srcHigh = 0;

  /**
   * `knownLow`, `knownHigh`: what the source operand was; with `reversed`: what the destination
   * was.
   */
  alu(
    instruction: Instruction,
    low: number,
    high: number,
    knownLow: number,
    knownHigh: number,
    reversed: boolean,
  ): void {
    const { row } = instruction;
    if (row.kind !== 'alu') {
      this.both(low, high);
      return;
    }
    const upper = row.width === 64 ? high : 0;
    if ((low | upper) === 0) {
      this.both(0, 0);
      return;
    }
    switch (row.op) {
      case 'mov':
        this.set(0, 0, low, upper);
        return;
      case 'and':
        this.set(low & knownLow, upper & knownHigh, low, upper);
        if (reversed) this.exchange();
        return;
      case 'or':
        this.set(low & ~knownLow, upper & ~knownHigh, low, upper);
        if (reversed) this.exchange();
        return;
      case 'xor':
        this.both(low, upper);
        return;
      case 'lsh':
      case 'rsh':
      case 'arsh':
        this.shifted(row.op, row.width, low, upper, knownLow & (row.width - 1));
        return;
      case 'add':
      case 'sub':
      case 'mul':
        // A bit of a sum comes from those at its place and below.
        this.both(upper === 0 ? smear(low) : -1, smear(upper));
        return;
      default:
        this.both(-1, row.width === 64 ? -1 : 0);
        return;
    }
  }

  private shifted(
    op: 'lsh' | 'rsh' | 'arsh',
    width: number,
    low: number,
    high: number,
    by: number,
  ): void {
    this.srcLow = width - 1;
    this.srcHigh = 0;
    if (op === 'lsh') this.shiftDown(low, high, by);
    else this.shiftUp(low, high, by);
    if (width === 32) this.dstHigh = 0;
    if (op !== 'arsh' || by === 0) return;
    const top = width === 64 ? high : low;
    const filled = by >= 32 ? top !== 0 || low !== 0 : top >>> (32 - by) !== 0;
    if (!filled) return;
    if (width === 64) this.dstHigh |= SIGN;
    else this.dstLow |= SIGN;
  }

  private shiftDown(low: number, high: number, by: number): void {
    this.dstLow =
      by === 0 ? low : by < 32 ? (low >>> by) | (high << (32 - by)) : high >>> (by - 32);
    this.dstHigh = by === 0 ? high : by < 32 ? high >>> by : 0;
  }

  private shiftUp(low: number, high: number, by: number): void {
    this.dstHigh =
      by === 0 ? high : by < 32 ? (high << by) | (low >>> (32 - by)) : low << (by - 32);
    this.dstLow = by === 0 ? low : by < 32 ? low << by : 0;
  }

  /** The byte order of the machine says what a change of the byte order is there. */
  unary(row: UnaryRow, endian: Endian, low: number, high: number): void {
    const { bits } = row;
    switch (conversionOf(row, endian)) {
      case 'extend':
        this.extended(bits, low, high);
        return;
      case 'cut':
        this.both(bits === 16 ? low & 0xffff : low, bits === 64 ? high : 0);
        return;
      case 'swap':
        if (bits === 64) this.both(swapWord(high), swapWord(low));
        else this.both(bits === 32 ? swapWord(low) : swapWord(low) >>> 16, 0);
        return;
      default: {
        const upper = row.width === 64 ? high : 0;
        this.both(smear(low) | (upper === 0 ? 0 : -1), smear(upper));
      }
    }
  }

  /** Of a number whose sign fills the bits above. */
  extended(bits: number, low: number, high: number): void {
    if (bits === 32) this.both(high === 0 ? low : low | SIGN, 0);
    else {
      const mask = (1 << bits) - 1;
      this.both((low & mask) | (high !== 0 || (low & ~mask) !== 0 ? 1 << (bits - 1) : 0), 0);
    }
  }

  /** Of a comparison, whose outcome counts. `known`: the right side, where it is an immediate. */
  jump(
    instruction: Instruction,
    known: number | undefined,
    valueLow: number,
    valueHigh: number,
  ): void {
    const { row } = instruction;
    if (row.kind !== 'jump') {
      this.both(-1, -1);
      return;
    }
    const wide = row.width === 64 ? -1 : 0;
    this.both(-1, wide);
    if (row.op === 'jset') this.set(valueLow, valueHigh & wide, -1, wide);
    else if (known !== undefined) this.compared(row, known);
  }

  /** An order may be told by the upper bits alone. */
  private compared({ op, width, signed, relation }: JumpRow, known: number): void {
    const limit = op === 'jgt' || op === 'jle' ? known + 1 : known;
    const isOrder = relation === 'greater' || relation === 'less';
    if (isOrder && !signed && limit > 0 && (limit & (limit - 1)) === 0) this.dstLow = ~(limit - 1);
    const bySign =
      ((op === 'jslt' || op === 'jsge') && known === 0) ||
      ((op === 'jsgt' || op === 'jsle') && known === -1);
    if (!bySign) return;
    this.dstLow = width === 64 ? 0 : SIGN;
    this.dstHigh = width === 64 ? SIGN : 0;
  }

  private set(dstLow: number, dstHigh: number, srcLow: number, srcHigh: number): void {
    this.dstLow = dstLow;
    this.dstHigh = dstHigh;
    this.srcLow = srcLow;
    this.srcHigh = srcHigh;
  }

  both(low: number, high: number): void {
    this.set(low, high, low, high);
  }

  private exchange(): void {
    this.set(this.srcLow, this.srcHigh, this.dstLow, this.dstHigh);
  }
}

const SIGN = 0x8000_0000 | 0;

/** All bits from the highest one that is set on down. */
function smear(word: number): number {
  let filled = word | (word >>> 1);
  filled |= filled >>> 2;
  filled |= filled >>> 4;
  filled |= filled >>> 8;
  return filled | (filled >>> 16);
}

const swapWord = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
