import { InputError } from '../../errors.ts';
import { MAX_PACKETS } from '../limits.ts';
import { type Cell, MAX_CELLS } from './cells.ts';
import { offsetAt, offsetValue, type Shape, shapeAt, signatureOf, wordStarts } from './shape.ts';
import { quote } from './text-place.ts';

/** A line of a dump. */
export interface Row {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly digits: string;
  /** Column of the offset. */
  readonly start: number;
  /** Column behind the offset. */
  readonly from: number;
  readonly cells: readonly Cell[];
  /** Something else stands between it and the row in front. */
  readonly gap: boolean;
}

/** Rows of one packet, and the rows behind which a `*` stands for repetitions. */
export interface Chunk {
  readonly shape: Shape;
  /** The first has bytes behind its offset. */
  readonly rows: [Row, ...Row[]];
  readonly repeated: Set<Row>;
  /** The lines in front that are no rows: tcpdump's summary. */
  readonly summary: string;
  /** Why it is no packet: `Reassembled TCP (200 bytes)`. */
  readonly foreign: string | undefined;
}

/** Chunks that are read together. */
export type Chunks = readonly [Chunk, ...Chunk[]];

export interface Rows {
  readonly chunks: readonly Chunk[];
  /** There were more than are read. */
  readonly more: boolean;
  /** Lines that belong to dumps, from 0. */
  readonly lines: Set<number>;
}

const LONGEST_SUMMARY = 4000;
const REPEAT = /^\s*\*\s*$/;
/**
 * `Reassembled TCP (200 bytes):`: Wireshark dumps what it put together behind the frame it came in.
 */
const SOURCE = /^\s*([A-Za-z][^()]{0,60}) \((\d{1,7}) bytes?\)(:?)\s*$/;
/** Rows of a kernel's skb_dump that stand beside the packet. */
const BESIDE = /\b(headroom|tailroom)\b/i;

/**
 * All rows of all dumps of a text. A packet starts where the offset is 0 again, or where the form
 * changes.
 */
export function rowsOf(lines: readonly string[]): Rows {
  const chunks: Chunk[] = [];
  const taken = new Set<number>();
  let shape: Shape | undefined;
  let current: Chunk | undefined;
  let gap = false;
  let summary = '';
  let source: RegExpExecArray | undefined;
  let packets = 0;
  for (const [i, text] of lines.entries()) {
    if (text.trim() === '') {
      gap = true;
      continue;
    }
    if (REPEAT.test(text) && current !== undefined) {
      current.repeated.add(current.rows.at(-1) ?? current.rows[0]);
      taken.add(i);
      continue;
    }
    if (REPEAT.test(text) && lines.slice(i + 1, i + 4).some((_, k) => shapeAt(lines, i + 1 + k)))
      throw new InputError(`line ${i + 1}`, '"*" repeats the line in front, there is none');
    let row: Row | undefined = shape && rowAt(text, i, shape, gap, current?.rows.at(-1));
    if (row === undefined) {
      const found = shapeAt(lines, i);
      row = found && rowAt(text, i, found, gap, undefined);
      if (found && row) {
        shape = found;
        current = undefined;
      }
    }
    if (row === undefined || shape === undefined) {
      // tcpdump -v goes on over several lines.
      summary = summary.length < LONGEST_SUMMARY ? `${summary}${text.slice(0, 400)}\n` : text;
      gap = true;
      const announced = SOURCE.exec(text);
      const isPacket = /^(?:frame|packet)\b/i.test(announced?.[1] ?? '');
      source = announced === null || isPacket ? undefined : announced;
      if (announced !== null) current = undefined;
      continue;
    }
    taken.add(i);
    const last = current?.rows.at(-1);
    if (current && last && !isStart(row, last, current.rows[0])) current.rows.push(row);
    else {
      const beside = BESIDE.exec(shape.prefix)?.[0];
      const foreign =
        source && isAnnounced(source, lines, i) ? quote(source[1] ?? '') : beside && quote(beside);
      if (foreign === undefined && ++packets > MAX_PACKETS) {
        for (let rest = i; rest < lines.length; rest++) taken.add(rest);
        return { chunks, more: true, lines: taken };
      }
      current = { shape, rows: [row], repeated: new Set(), summary, foreign };
      chunks.push(current);
      source = undefined;
      summary = '';
    }
    gap = false;
  }
  return { chunks, more: false, lines: taken };
}

/**
 * Whether the rows from a line on are what was announced. tshark -V announces data of a packet it
 * goes on to dump whole; with a colon it is always the dump's title.
 */
function isAnnounced(
  [, , size, colon]: RegExpExecArray,
  lines: readonly string[],
  from: number,
): boolean {
  if (colon !== '') return true;
  let end = from;
  while (/^\s*[0-9a-f]{4,8} {2}/i.test(lines[end + 1] ?? '')) end++;
  const last = /^\s*([0-9a-f]+)/i.exec(lines[end] ?? '');
  const start = Number.parseInt(last?.[1] ?? '', 16);
  return Number(size) > start && Number(size) <= start + 16;
}

/** Zero again; a dump by addresses begins anew where they go down behind something else. */
function isStart(row: Row, last: Row, first: Row): boolean {
  if (row.cells.length === 0) return false;
  if (/^0+$/.test(row.digits)) return true;
  return (
    offsetValue(row.digits, 'hex') <= offsetValue(last.digits, 'hex') &&
    (row.gap ||
      last.cells.length === 0 ||
      offsetValue(row.digits, 'hex') === offsetValue(first.digits, 'hex'))
  );
}

/**
 * A line as a row of a known shape. An offset alone ends a dump; an offset with something else
 * behind it is broken.
 */
function rowAt(
  text: string,
  i: number,
  shape: Shape,
  gap: boolean,
  last: Row | undefined,
): Row | undefined {
  for (const start of wordStarts(text)) {
    const offset = offsetAt(text, start);
    if (offset === undefined) {
      if (shape.prefix === '') return undefined;
      continue;
    }
    if (signatureOf(text.slice(0, start)) !== shape.prefix) {
      if (shape.prefix === '') return undefined;
      continue;
    }
    if (offset.prefixed !== shape.prefixed || offset.digits.length < shape.digits) return undefined;
    const line = i + 1;
    const alone = offset.end >= text.length;
    if (alone && last !== undefined && offset.separator === '') {
      return { line, text, digits: offset.digits, start, from: text.length, cells: [], gap };
    }
    if (offset.separator !== shape.separator) return undefined;
    const cells = shape.format.cellsOf(text, offset.end);
    if (cells.length > MAX_CELLS)
      throw new InputError(
        `line ${line}`,
        `has more than ${MAX_CELLS} groups of bytes behind one offset`,
      );
    if (cells.length > 0)
      return { line, text, digits: offset.digits, start, from: offset.end, cells, gap };
    if (last === undefined || start !== last.start || !follows(offset.digits, last))
      return undefined;
    if (alone)
      throw new InputError(
        `line ${line}`,
        'has an offset and no hex bytes behind it: copy the line again',
      );
    const [word = ''] = text.slice(offset.end).split(/\s/);
    throw new InputError(
      `line ${line}, column ${offset.end + 1}`,
      `${quote(word)} is not made of pairs of hex digits: a byte takes two`,
    );
  }
  return undefined;
}

/** Whether an offset is the one behind a row, in any base. */
const follows = (digits: string, last: Row): boolean =>
  last.cells.length > 0 &&
  (['hex', 'octal', 'decimal', 'tens'] as const).some((base) => {
    const size = offsetValue(digits, base) - offsetValue(last.digits, base);
    return last.cells.some(({ total }) => total === size);
  });
