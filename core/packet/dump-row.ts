import { InputError } from '../errors.ts';
import { quote } from './text-place.ts';

/** One group of hex digits in a dump: a byte, or a word of several. */
export interface Cell {
  readonly digits: string;
  /** Columns, from 0. */
  readonly start: number;
  readonly end: number;
  /** Bytes of the row up to here. */
  readonly total: number;
}

/** A line of a dump: what stands in front of it, and everything behind that could be bytes. */
export interface DumpRow {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** Digits of the offset; empty where the dump has none. */
  readonly offset: string;
  /** Column behind the offset. */
  readonly from: number;
  readonly cells: readonly Cell[];
}

/** Cells read of a line: the widest dump any tool writes has 256. */
export const MAX_CELLS = 256;

/** Runs of hex digits of even length, up to the first thing that is none. */
export function cellsOf(text: string, from: number): Cell[] {
  const cells: Cell[] = [];
  const cell = /[ \t]*((?:[0-9a-f]{2}){1,256})(?=[\s|>]|$)/iy;
  cell.lastIndex = from;
  let total = 0;
  for (let match = cell.exec(text); match !== null && cells.length <= MAX_CELLS; match = cell.exec(text)) {
    const [all, digits] = match;
    total += digits.length / 2;
    cells.push({ digits, start: match.index + all.length - digits.length, end: cell.lastIndex, total });
  }
  return cells;
}

/** Bytes of the first `count` cells. */
export const sizeOf = ({ cells }: DumpRow, count = cells.length): number => (count === 0 ? 0 : cells[count - 1].total);

/** Bytes of cells; `swapped` words have their last byte first, as a little-endian machine reads them. */
export function bytesOfCells(cells: readonly Cell[], swapped: boolean): number[] {
  return cells.flatMap(({ digits }) => {
    const bytes = Array.from({ length: digits.length / 2 }, (_, i) =>
      Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
    return swapped ? bytes.reverse() : bytes;
  });
}

/** What stands behind the first `count` cells, without the bars some dumps put around it. */
const restBehind = ({ text, cells, from }: DumpRow, count: number): string =>
  text.slice(count === 0 ? from : cells[count - 1].end);

/** Whether the text behind the first `count` cells is their bytes as ASCII, dots for what cannot be printed. */
export function isAsciiColumn(row: DumpRow, count: number, swapped: boolean): boolean {
  const rest = restBehind(row, count).trim();
  const size = sizeOf(row, count);
  if (rest === '' || rest.length > size + 2) return false;
  const bytes = bytesOfCells(row.cells.slice(0, count), swapped);
  const shown = rest.replace(/^\|(.*)\|$|^>(.*)<$/, '$1$2').trim();
  // tcpdump writes a dot for a space, the others a space.
  return [' ', '.'].some(
    (space) =>
      shown ===
      bytes
        .map((byte) => printed(byte, space))
        .join('')
        .trim(),
  );
}

const printed = (byte: number, space: string): string =>
  byte === 0x20 ? space : byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';

/** What other rows say about this one. */
export interface RowHint {
  /** Bytes, where the next offset says. */
  readonly size?: number;
  /** Most bytes of a row. */
  readonly width?: number;
  /** Columns from the offset to where the hex of a full row ends. */
  readonly hexEnd?: number;
  readonly swapped: boolean;
}

/**
 * How many cells of a row are bytes; what is behind them is the ASCII column. An ASCII column may look like hex, so the
 * next offset decides first, then which reading makes the column say the same as the bytes, then the column of full rows.
 */
export function countCells(row: DumpRow, hint: RowHint): number {
  if (hint.size !== undefined) return countBySize(row, hint.size);
  const { cells } = row;
  const most = hint.width === undefined ? cells.length : cells.filter(({ total }) => total <= hint.width!).length;
  for (let count = most; count > 0; count--) {
    if (isAsciiColumn(row, count, hint.swapped)) return count;
  }
  const count = Math.min(most, countByColumn(row, hint.hexEnd));
  checkRest(row, count);
  return count;
}

function countBySize(row: DumpRow, size: number): number {
  let bytes = 0;
  let count = 0;
  while (count < row.cells.length && bytes < size) bytes += row.cells[count++].digits.length / 2;
  // The last word of an odd number of bytes is filled up, so a row may have one byte more than counts.
  const behind = row.cells[count];
  if (bytes < size || bytes > size + 1 || (behind && !isGap(row, count))) {
    throw new InputError(
      `line ${row.line}`,
      `has ${sizeOf(row)} bytes, the next offset says ${size}: check that no line is missing or changed`,
    );
  }
  return count;
}

/** Two or more spaces, or a bar, in front of a cell: where an ASCII column starts. */
const isGap = (row: DumpRow, count: number): boolean => /^(?:[ \t]{2}|\s*[|>])/.test(restBehind(row, count));

function countByColumn({ cells, text, from }: DumpRow, hexEnd: number | undefined): number {
  if (hexEnd !== undefined) return cells.filter(({ end }) => end - from <= hexEnd).length;
  const wide = cells.findIndex(
    ({ start }, i) => i > 0 && start - cells[i - 1].end >= 3 && text.slice(cells[i - 1].end, start).trim() === '',
  );
  return wide < 0 ? cells.length : wide;
}

function checkRest(row: DumpRow, count: number): void {
  const rest = restBehind(row, count);
  if (rest.trim() === '' || isGap(row, count)) return;
  const column = row.text.length - rest.trimStart().length + 1;
  throw new InputError(
    `line ${row.line}, column ${column}`,
    `${quote(rest.trim().split(/\s/)[0])} is not made of pairs of hex digits: a byte takes two`,
  );
}

/** Whether anything stands behind the bytes. */
export const hasColumn = (row: DumpRow, count: number): boolean => restBehind(row, count).trim() !== '';
