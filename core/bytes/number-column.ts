import { present } from '../errors.ts';

/** Rows of a block. */
export const BLOCK_ROWS = 65_536;

type Values = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Widths a block may have, with the largest number each holds. */
const WIDTHS: readonly { readonly most: number; readonly make: (rows: number) => Values }[] = [
  { most: 0xff, make: (rows) => new Uint8Array(rows) },
  { most: 0xffff, make: (rows) => new Uint16Array(rows) },
  { most: 0xffff_ffff, make: (rows) => new Uint32Array(rows) },
  { most: Number.MAX_SAFE_INTEGER, make: (rows) => new Float64Array(rows) },
];

/** The rows of one block: one number that all of them have so far, or a number each. */
interface Block {
  readonly same: number;
  readonly values: Values | undefined;
}

/**
 * Whole numbers from 0 to 2^53 of millions of rows, in as few bytes as they need: in blocks, each
 * as wide as its largest number. A block whose rows are all the same takes none.
 */
export class NumberColumn {
  private readonly blocks: Block[] = [];
  /** Of the last block. */
  private values: Values | undefined;
  private same = 0;
  private most = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  push(value: number): void {
    const row = this.count % BLOCK_ROWS;
    if (row === 0) this.begin(value);
    if (this.values === undefined ? value !== this.same : value > this.most) this.widen(value, row);
    if (this.values !== undefined) this.values[row] = value;
    this.count++;
  }

  /** The same number for many rows. */
  pushSame(value: number, count: number): void {
    for (let left = count; left > 0; ) {
      const row = this.count % BLOCK_ROWS;
      this.push(value);
      const more = Math.min(left - 1, BLOCK_ROWS - 1 - row);
      this.values?.fill(value, row + 1, row + 1 + more);
      this.count += more;
      left -= 1 + more;
    }
  }

  /** A number for each of as many rows. */
  pushAll(numbers: Values): void {
    for (let from = 0; from < numbers.length; ) {
      const row = this.count % BLOCK_ROWS;
      const some = numbers.subarray(from, from + BLOCK_ROWS - row);
      if (row === 0) this.begin(some[0] ?? 0);
      const most = largest(some);
      const fits = this.values ? most <= this.most : isEach(some, this.same);
      if (!fits) this.widen(most, row);
      this.values?.set(some, row);
      this.count += some.length;
      from += some.length;
    }
  }

  /** The number of a row that is there. */
  at(row: number): number {
    const { values, same } = present(this.blocks[Math.floor(row / BLOCK_ROWS)], 'a block of rows');
    return values === undefined ? same : present(values[row % BLOCK_ROWS], 'a row');
  }

  private begin(same: number): void {
    this.values = undefined;
    this.same = same;
    this.most = 0;
    this.blocks.push({ same, values: undefined });
  }

  /** Makes room for a number that the rows of the last block cannot hold. */
  private widen(value: number, rows: number): void {
    const largest = Math.max(value, this.same, this.most);
    const width = present(
      WIDTHS.find(({ most }) => largest <= most),
      'a width for a number',
    );
    const wider = width.make(BLOCK_ROWS);
    if (this.values === undefined) wider.fill(this.same, 0, rows);
    else wider.set(this.values);
    this.values = wider;
    this.most = width.most;
    this.blocks[this.blocks.length - 1] = { same: this.same, values: wider };
  }
}

// Loops by index: an iterator or a callback for each of millions takes several times as long.
function largest(numbers: Values): number {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) if ((numbers[i] ?? 0) > most) most = numbers[i] ?? 0;
  return most;
}

function isEach(numbers: Values, number: number): boolean {
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== number) return false;
  return true;
}
