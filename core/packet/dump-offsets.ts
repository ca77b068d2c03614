import { InputError } from '../errors.ts';
import type { Chunk, Shape } from './dump-lines.ts';
import { type DumpRow, sizeOf } from './dump-row.ts';

/**
 * od counts in octal or decimal, the others in hex: the base in which most offsets grow by the bytes of their lines.
 * Where several do (a dump that is all `*`), the one whose tool writes such lines.
 */
export function baseOf(shape: Shape, chunks: readonly Chunk[]): number {
  if (shape.prefixed) return 16;
  const bases = isOfOd(shape, chunks) ? [8, 10, 16] : [16, 8, 10];
  const scores = bases.map((base) => ({ base, score: chunks.reduce((sum, chunk) => sum + scoreOf(chunk, base), 0) }));
  return scores.reduce((best, next) => (next.score > best.score ? next : best)).base;
}

/** hexdump writes seven digits too, but never in front of single bytes, and fills a short line up with spaces. */
const isOfOd = ({ digits, cell }: Shape, chunks: readonly Chunk[]): boolean =>
  digits === 7 &&
  (cell === 2 ||
    chunks.some(({ rows }) =>
      rows.some(({ cells, text }) => cells.length > 0 && cells.length < rows[0].cells.length && !/ $/.test(text)),
    ));

/** High where offsets fit: a row that ends behind its bytes fits exactly, one with an ASCII column behind any of its cells. */
const scoreOf = ({ rows, repeated }: Chunk, base: number): number =>
  rows.reduce((sum, row, i) => {
    const next = rows[i + 1];
    if (next === undefined) return sum;
    const size = offsetOf(next, base) - offsetOf(row, base);
    const most = sizeOf(row);
    if (repeated.has(row)) return sum + (size > 0 && size % most === 0 ? 1 : 0);
    // The last word of an odd number of bytes is filled up.
    if (size === most || (next.cells.length === 0 && size === most - 1)) return sum + 3;
    return sum + (row.cells.some(({ total }) => total === size) ? 1 : 0);
  }, 0);

/** Bytes in front of a row; NaN where the digits are none of the base. */
export const offsetOf = ({ offset }: DumpRow, base: number): number =>
  /^[0-7]+$/.test(offset) || base !== 8 ? Number.parseInt(offset, base) : Number.NaN;

/** Bytes from one row to the next. */
export function distance(row: DumpRow, next: DumpRow, base: number): number {
  const size = offsetOf(next, base) - offsetOf(row, base);
  if (size > 0) return size;
  throw new InputError(
    `line ${next.line}`,
    `offset ${next.offset} does not follow ${row.offset}: lines of a dump go up, a new packet starts at 0`,
  );
}
