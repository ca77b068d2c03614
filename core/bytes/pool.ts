import { present } from '../errors.ts';

const BITS = 16;
const BLOCK = 1 << BITS;

/** Numbers of 32 bits, one behind the other; it grows by blocks, so that growing copies nothing. */
export class Pool {
  private readonly blocks: Int32Array[] = [];
  length = 0;

  private block(index: number): Int32Array {
    return present(this.blocks[index >>> BITS], 'a block of numbers');
  }

  push(value: number): void {
    const place = this.length & (BLOCK - 1);
    if (place === 0) this.blocks.push(new Int32Array(BLOCK));
    this.block(this.length)[place] = value;
    this.length += 1;
  }

  at(index: number): number {
    // Every index up to the end of its block has a number; only a whole block can be missing.
    return this.block(index)[index & (BLOCK - 1)] as number;
  }

  set(index: number, value: number): void {
    this.block(index)[index & (BLOCK - 1)] = value;
  }

  /** Index of the first of every `stride` numbers that is not below `value`, where these ascend. */
  lowerBound(value: number, stride = 1): number {
    let low = 0;
    for (let high = this.length / stride; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.at(middle * stride) < value) low = middle + 1;
      else high = middle;
    }
    return low * stride;
  }

  get bytes(): number {
    return this.blocks.length * BLOCK * 4;
  }
}
