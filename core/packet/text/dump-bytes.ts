import { InputError } from '../../errors.ts';
import { checkSize, MAX_PASTED } from '../limits.ts';
import { isAsciiColumn, tellingBytes } from './ascii.ts';
import { bytesOfCells } from './cells.ts';
import type { Chunk, Chunks, Row } from './dump-rows.ts';
import { BASES, type Base, lastOf, offsetValue } from './shape.ts';
import { quote } from './text-place.ts';

/** What one order of bytes makes of the rows of a dump. */
export interface DumpBytes {
  readonly packets: readonly Uint8Array[];
  /** First row of each packet. */
  readonly first: readonly Row[];
  /**
   * Rows whose ASCII column says the same as their bytes, and rows where it says something else.
   */
  readonly agreeing: number;
  readonly differing: number;
  /** Some row has text behind its bytes. */
  readonly columns: boolean;
  /** The last word of some packet is filled up with zeros that are no bytes. */
  readonly filled: boolean;
  /**
   * Lines with a `*` that repeats bytes which are not all the same: rare enough that a line may be
   * missing.
   */
  readonly odd: ReadonlySet<number>;
}

const sizeOf = ({ cells }: Row, count = cells.length): number => cells[count - 1]?.total ?? 0;

const restBehind = ({ text, cells, from }: Row, count: number): string =>
  text.slice(cells[count - 1]?.end ?? from);

/**
 * od counts in octal or decimal, the others in hex: the base in which most offsets grow by the
 * bytes of their rows.
 */
export function baseOf(chunks: Chunks): Base {
  const [{ shape, rows }] = chunks;
  // od and hexdump both write seven digits; hexdump never does in front of single bytes, and fills
  // a short row with spaces.
  const ofOd =
    shape.digits === 7 &&
    !shape.prefixed &&
    (rows[0].cells[0]?.size !== 2 ||
      chunks.some((chunk) =>
        chunk.rows.some(
          ({ cells, text }) =>
            cells.length > 0 && cells.length < chunk.rows[0].cells.length && !/ $/.test(text),
        ),
      ));
  // Octal offsets are od's alone, so that a dump in hex that lost a line is not taken for one.
  const octal = shape.digits === 7 && !shape.prefixed && shape.separator === '';
  const bases: Base[] = ofOd
    ? ['octal', 'decimal', 'hex', 'tens']
    : BASES.filter((base) => base !== 'octal' || octal);
  let best: { base: Base; score: number } | undefined;
  for (const base of bases) {
    const score = chunks.reduce((sum, chunk) => sum + scoreOf(chunk, base), 0);
    if (best === undefined || score > best.score) best = { base, score };
  }
  return best!.base;
}

const scoreOf = ({ rows, repeated }: Chunk, base: Base): number =>
  rows.reduce((sum, row, i) => {
    const next = rows[i + 1];
    if (next === undefined || row.cells.length === 0) return sum;
    const size = offsetValue(next.digits, base) - offsetValue(row.digits, base);
    const most = sizeOf(row);
    if (repeated.has(row)) return sum + (size > 0 && size % most === 0 ? 1 : 0);
    if (size === most || (next.cells.length === 0 && isFilled(row, size))) return sum + 3;
    return sum + (row.cells.some(({ total }) => total === size) ? 1 : 0);
  }, 0);

/** The last word of a packet that is no multiple of words is filled with zeros. */
function isFilled({ cells }: Row, size: number): boolean {
  const { total, size: word } = lastOf(cells);
  return word > 1 && size < total && size > total - word;
}

/** Whether rows go on by addresses, so that a jump behind other text starts a new packet. */
const isByAddress = (first: Row): boolean => offsetValue(first.digits, 'hex') >= 0x1000;

/** Packets of the rows of one shape. */
export function bytesOf(chunks: readonly Chunk[], base: Base, little: boolean): DumpBytes {
  const full = fullRow(chunks, base, little);
  const packets: Uint8Array[] = [];
  const firsts: Row[] = [];
  const counts = { agreeing: 0, differing: 0 };
  let columns = false;
  let filled = false;
  const odd = new Set<number>();
  let total = 0;
  for (const { shape, rows, repeated } of chunks) {
    let packet: number[] = [];
    let [first] = rows;
    const close = () => {
      total += packet.length;
      if (total > MAX_PASTED)
        throw new InputError(
          `line ${first.line}`,
          `packets up to here have ${total} bytes, at most ${MAX_PASTED} are read`,
        );
      packets.push(Uint8Array.from(packet));
      firsts.push(first);
    };
    for (const [i, row] of rows.entries()) {
      if (row.cells.length === 0) break;
      const next = rows[i + 1];
      let size = next === undefined ? undefined : distance(row, next, base);
      const repeats = repeated.has(row);
      const jumps =
        next?.gap && isByAddress(first) && size !== undefined && size > sizeOf(row) && !repeats;
      if (jumps) size = undefined;
      const count = countCells(
        row,
        { ...full, little, ...(size !== undefined && !repeats && { size }) },
        shape,
        next,
      );
      const bytes = bytesOfCells(row.cells.slice(0, count), shape.format, little);
      if (size !== undefined && !repeats && size < bytes.length) {
        if (bytes.slice(size).some((byte) => byte !== 0))
          throw new InputError(
            `line ${row.line}`,
            `has ${bytes.length} bytes, the next offset says ${size}: check that no line is ` +
              `missing or changed`,
          );
        filled = true;
        bytes.length = size;
      }
      if (
        size !== undefined &&
        !repeats &&
        bytes.length < size &&
        shape.format.name === 'characters'
      )
        while (bytes.length < size) bytes.push(0x20);
      for (const byte of bytes) packet.push(byte);
      if (repeats)
        repeat(
          packet,
          bytes,
          row,
          next && offsetValue(next.digits, base) - offsetValue(first.digits, base),
          odd,
        );
      const rest = restBehind(row, count);
      columns ||= rest.trim() !== '';
      if (rest.trim() !== '' && tellingBytes(bytes) > 0) {
        if (isAsciiColumn(rest, bytes)) counts.agreeing++;
        else counts.differing++;
      }
      checkSize(() => `line ${row.line}`, packet.length);
      if (jumps) {
        close();
        packet = [];
        first = next;
      }
    }
    close();
  }
  return { packets, first: firsts, ...counts, columns, filled, odd };
}

/** Bytes from one row to the next. */
function distance(row: Row, next: Row, base: Base): number {
  const size = offsetValue(next.digits, base) - offsetValue(row.digits, base);
  if (size > 0) return size;
  if (Number.isNaN(size))
    throw new InputError(
      `line ${next.line}`,
      `offset ${next.digits} is not counted as ${row.digits} is: check both lines`,
    );
  throw new InputError(
    `line ${next.line}`,
    `offset ${next.digits} does not follow ${row.digits}: lines of a dump go up, ` +
      `a new packet starts at 0`,
  );
}

/**
 * Width of the rows, and where the bytes of a full row end: what the last row of a packet is read
 * by.
 */
function fullRow(
  chunks: readonly Chunk[],
  base: Base,
  little: boolean,
): { width?: number; hexEnd?: number } {
  for (const { rows, repeated, shape } of chunks) {
    const [row, next] = rows;
    if (
      next === undefined ||
      repeated.has(row) ||
      next.cells.length === 0 ||
      row.cells.length === 0
    )
      continue;
    const size = distance(row, next, base);
    if (size > sizeOf(row)) continue;
    const count = countCells(row, { size, little }, shape, next);
    if (count === 0) continue;
    return { width: size, hexEnd: lastOf(row.cells.slice(0, count)).end - row.from };
  }
  return {};
}

/** `*`: the row's bytes again up to the next offset. */
function repeat(
  packet: number[],
  bytes: readonly number[],
  row: Row,
  until: number | undefined,
  odd: Set<number>,
): void {
  if (until === undefined || Number.isNaN(until))
    throw new InputError(
      `line ${row.line + 1}`,
      '"*" needs the offset behind it: copy the dump to its end',
    );
  checkSize(() => `line ${row.line + 1}`, until);
  if ((until - packet.length) % bytes.length !== 0 || until < packet.length) {
    throw new InputError(
      `line ${row.line + 1}`,
      `"*" stands for ${until - packet.length} bytes, the line in front has ${bytes.length}`,
    );
  }
  if (bytes.some((byte) => byte !== bytes[0])) odd.add(row.line + 1);
  while (packet.length < until) for (const byte of bytes) packet.push(byte);
}

/** What other rows say about one. */
interface RowHint {
  /** Bytes, where the next offset says. */
  readonly size?: number;
  /** Most bytes of a row. */
  readonly width?: number;
  /** Columns from the offset to where the bytes of a full row end. */
  readonly hexEnd?: number;
  readonly little: boolean;
}

/**
 * How many cells of a row are bytes; what is behind them is the ASCII column. An ASCII column may
 * look like hex, so the next offset decides first, then which reading makes the column say the same
 * as the bytes, then the column of full rows.
 */
function countCells(row: Row, hint: RowHint, shape: Chunk['shape'], next: Row | undefined): number {
  if (hint.size !== undefined) return countBySize(row, hint.size, shape, next);
  const { cells } = row;
  const most =
    hint.width === undefined
      ? cells.length
      : cells.filter(({ total }) => total <= hint.width!).length;
  for (let count = most; count > 0; count--) {
    const rest = restBehind(row, count);
    // The longest column has one character a byte and a few around it.
    if (rest.length > sizeOf(row, count) * 2 + 80) break;
    if (isAsciiColumn(rest, bytesOfCells(cells.slice(0, count), shape.format, hint.little)))
      return count;
  }
  // Numbers without zeros in front stand in no columns; nothing else looks like them.
  const count =
    shape.format.name === 'hex' ? Math.min(most, countByColumn(row, hint.hexEnd)) : most;
  checkRest(row, count);
  return count;
}

function countBySize(
  row: Row,
  size: number,
  { format }: Chunk['shape'],
  next: Row | undefined,
): number {
  let count = 0;
  while (count < row.cells.length && sizeOf(row, count) < size) count++;
  const bytes = sizeOf(row, count);
  const filled =
    bytes > size &&
    next?.cells.length === 0 &&
    isFilled({ ...row, cells: row.cells.slice(0, count) }, size);
  // Characters that are spaces at the end of a line get lost.
  const lost = bytes < size && format.name === 'characters' && size - bytes < 16;
  // Without a wide gap, what looks like more bytes has to be the same bytes as characters.
  const more =
    row.cells.length > count &&
    ((format.name !== 'hex' && restBehind(row, count).trim() !== '') ||
      !/^(?: {2}|\s*[|>["'])/.test(restBehind(row, count)));
  const column = () =>
    [false, true].some((little) =>
      isAsciiColumn(
        restBehind(row, count),
        bytesOfCells(row.cells.slice(0, count), format, little),
      ),
    );
  if ((bytes === size || filled || lost) && (!more || column())) return count;
  throw new InputError(
    `line ${row.line}`,
    `has ${sizeOf(row)} bytes, the next offset says ${size}: check that no line is missing or ` +
      `changed`,
  );
}

/** Two or more spaces, or a bar, in front of a cell: where an ASCII column starts. */
const isGap = (row: Row, count: number): boolean =>
  /^(?:[ \t]{2}|\t|\s*[|>["'])/.test(restBehind(row, count));

function countByColumn({ cells, text, from }: Row, hexEnd: number | undefined): number {
  if (hexEnd !== undefined) return cells.filter(({ end }) => end - from <= hexEnd).length;
  const wide = cells.findIndex(({ start }, i) => {
    const gap = text.slice(cells[i - 1]?.end ?? start, start);
    return gap.length >= 3 && gap.trim() === '';
  });
  return wide < 0 ? cells.length : wide;
}

function checkRest(row: Row, count: number): void {
  const rest = restBehind(row, count);
  if (rest.trim() === '' || isGap(row, count)) return;
  const [word = ''] = rest.trim().split(/\s/);
  // One space in front of the column, as web pages leave it: not as long as the bytes are.
  if (/[^0-9a-fx]/i.test(word) && rest.trim().length <= sizeOf(row, count) + 2) return;
  const column = row.text.length - rest.trimStart().length + 1;
  throw new InputError(
    `line ${row.line}, column ${column}`,
    `${quote(word)} is not made of pairs of hex digits: a byte takes two`,
  );
}
