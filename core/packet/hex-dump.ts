import { InputError } from '../errors.ts';
import {
  bytesOfCells,
  cellsOf,
  countCells,
  type DumpRow,
  hasColumn,
  isAsciiColumn,
  MAX_CELLS,
  sizeOf,
} from './dump-row.ts';
import { checkSize, MAX_PACKET, MAX_PACKETS } from './limits.ts';
import { plural, type ReadBytes } from './text-place.ts';

/** How the lines of one dump begin. */
interface Shape {
  readonly prefixed: boolean;
  readonly colon: boolean;
  /** Digits of the first offset. */
  readonly digits: number;
  /** Digits of the first group behind it. */
  readonly cell: number;
}

type Line = { readonly row: DumpRow } | { readonly repeat: number } | { readonly text: string; readonly line: number };

const START = /^\s*(0x)?([0-9a-f]{4,16})(:?)(?=[ \t])/i;
const END = /^\s*([0-9a-f]{6,8})\s*$/i;
const REPEAT = /^\s*\*\s*$/;
/** `Reassembled TCP (200 bytes):`: Wireshark dumps what it put together behind the frame it came in. */
const SOURCE = /^\s*([A-Za-z][^()]{0,60}) \(\d{1,7} bytes?\):?\s*$/;

/** How the first dump line of a text begins; undefined where there is none. */
function shapeOf(lines: readonly string[]): Shape | undefined {
  for (const text of lines) {
    const start = START.exec(text);
    const cell = start && cellsOf(text.slice(0, 200), start[0].length)[0];
    if (!start || !cell) continue;
    const shape = {
      prefixed: start[1] !== undefined,
      colon: start[3] !== '',
      digits: start[2].length,
      cell: cell.digits.length,
    };
    return isOffset(shape, start[2]) ? shape : undefined;
  }
  return undefined;
}

/** Without a colon, only a zero of a length no group of bytes has is an offset. */
function isOffset({ colon, digits, cell }: Shape, offset: string): boolean {
  if (colon) return true;
  return (
    /^0+$/.test(offset) && digits <= 8 && (cell === 2 || ((digits === 6 || digits === 7) && (cell === 4 || cell === 8)))
  );
}

export const isHexDump = (text: string): boolean => shapeOf(text.split('\n')) !== undefined;

/** A dump with offsets: xxd, hexdump, od, tcpdump, Wireshark, several packets where the offset starts again at 0. */
export function readHexDump(text: string): ReadBytes {
  const texts = text.split('\n');
  const shape = shapeOf(texts)!;
  const lines = texts.map((line, i) => classify(line, i + 1, shape));
  const notes: string[] = [];
  const chunks = chunksOf(lines, notes);
  const swapped = isSwapped(shape, chunks);
  const base = baseOf(shape, chunks);
  const read = readChunks(chunks.slice(0, MAX_PACKETS), base, swapped);
  const skipped = lines.filter((line) => 'text' in line && line.text.trim() !== '').length;
  if (chunks.length > MAX_PACKETS) notes.push(`Only the first ${MAX_PACKETS} of ${chunks.length} packets were read.`);
  if (swapped)
    notes.push(`Bytes of each ${shape.cell / 2}-byte word swapped: this dump shows them as little-endian numbers.`);
  if (read.columns) notes.push('ASCII column skipped.');
  if (skipped > 0) notes.push(`${plural(skipped, 'line')} without bytes skipped.`);
  if (read.first > 0) notes.push(`The first offset is ${read.first}, not 0: what is in front of it is missing.`);
  return { dialect: nameOf(shape, swapped, base, read.columns, chunks), packets: read.packets, notes };
}

function classify(text: string, line: number, shape: Shape): Line {
  if (REPEAT.test(text)) return { repeat: line };
  const end = END.exec(text);
  if (end && !shape.colon && end[1].length >= shape.digits)
    return { row: { line, text, offset: end[1], from: text.length, cells: [] } };
  const start = START.exec(text);
  if (
    !start ||
    (start[1] !== undefined) !== shape.prefixed ||
    (start[3] !== '') !== shape.colon ||
    start[2].length < shape.digits
  )
    return { text, line };
  const cells = cellsOf(text, start[0].length);
  if (cells.length > MAX_CELLS)
    throw new InputError(`line ${line}`, `has more than ${MAX_CELLS} groups of bytes behind one offset`);
  if (cells.length > 0) return { row: { line, text, offset: start[2], from: start[0].length, cells } };
  if (!shape.colon) return { text, line };
  throw new InputError(`line ${line}`, 'has an offset and no hex bytes behind it: copy the line again');
}

/** Rows of one packet, and the rows behind which a `*` stands for repetitions. */
interface Chunk {
  readonly rows: DumpRow[];
  readonly repeated: Set<DumpRow>;
}

/** A packet starts where the offset is 0 again. */
function chunksOf(lines: readonly Line[], notes: string[]): Chunk[] {
  const chunks: Chunk[] = [];
  let current: Chunk | undefined;
  let foreign = false;
  for (const line of lines) {
    if ('row' in line) {
      if (current === undefined || (/^0+$/.test(line.row.offset) && line.row.cells.length > 0)) {
        current = { rows: [], repeated: new Set() };
        if (!foreign) chunks.push(current);
        foreign = false;
      }
      current.rows.push(line.row);
    } else if ('repeat' in line) {
      const last = current?.rows.at(-1);
      if (!last) throw new InputError(`line ${line.repeat}`, '"*" repeats the line in front, there is none');
      current!.repeated.add(last);
    } else {
      const source = SOURCE.exec(line.text)?.[1];
      if (source === undefined) continue;
      foreign = !/^(?:frame|packet)\b/i.test(source);
      if (foreign) notes.push(`Bytes of "${source}" left out: they are not of a frame.`);
    }
  }
  return chunks;
}

/** Words without a colon behind the offset are numbers of a little-endian machine (hexdump, od -x); with one, xxd -e may have written them. */
function isSwapped({ colon, prefixed, cell }: Shape, chunks: readonly Chunk[]): boolean {
  if (cell === 2 || prefixed) return false;
  if (!colon) return true;
  const row = chunks[0]?.rows[0];
  const fits = (swapped: boolean) => row?.cells.some((_, i) => isAsciiColumn(row, i + 1, swapped)) === true;
  return row !== undefined && !fits(false) && fits(true);
}

/**
 * od counts in octal or decimal, the others in hex: the base in which most offsets grow by the bytes of their lines.
 * Where several do (a dump that is all `*`), the one whose tool writes such lines.
 */
function baseOf(shape: Shape, chunks: readonly Chunk[]): number {
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

const offsetOf = ({ offset }: DumpRow, base: number): number =>
  /^[0-7]+$/.test(offset) || base !== 8 ? Number.parseInt(offset, base) : Number.NaN;

interface ReadChunks {
  readonly packets: readonly Uint8Array[];
  /** Some row has an ASCII column. */
  readonly columns: boolean;
  /** Offset of the first row. */
  readonly first: number;
}

function readChunks(chunks: readonly Chunk[], base: number, swapped: boolean): ReadChunks {
  const full = fullRow(chunks, base, swapped);
  let columns = false;
  const packets = chunks.map(({ rows, repeated }) => {
    const packet: number[] = [];
    const first = offsetOf(rows[0], base);
    for (const [i, row] of rows.entries()) {
      const next = rows[i + 1];
      const size = next && distance(row, next, base);
      if (row.cells.length === 0) break;
      const repeats = repeated.has(row);
      const count = countCells(row, { ...full, swapped, ...(size !== undefined && !repeats && { size }) });
      const bytes = bytesOfCells(row.cells.slice(0, count), swapped).slice(0, repeats ? undefined : size);
      for (const byte of bytes) packet.push(byte);
      if (repeats) repeat(packet, bytes, row, next && offsetOf(next, base) - first);
      columns ||= hasColumn(row, count);
      checkSize(`line ${row.line}`, packet.length);
    }
    return Uint8Array.from(packet);
  });
  return { packets, columns, first: offsetOf(chunks[0].rows[0], base) };
}

function distance(row: DumpRow, next: DumpRow, base: number): number {
  const size = offsetOf(next, base) - offsetOf(row, base);
  if (size > 0) return size;
  throw new InputError(
    `line ${next.line}`,
    `offset ${next.offset} does not follow ${row.offset}: lines of a dump go up, a new packet starts at 0`,
  );
}

/** Width of the rows, and where the hex of a full row ends: what the last row of a packet is read by. */
function fullRow(chunks: readonly Chunk[], base: number, swapped: boolean): { width?: number; hexEnd?: number } {
  for (const { rows, repeated } of chunks) {
    const [row, next] = rows;
    if (next === undefined || repeated.has(row) || next.cells.length === 0) continue;
    const size = distance(row, next, base);
    const count = countCells(row, { size, swapped });
    return { width: size, hexEnd: row.cells[count - 1].end };
  }
  return {};
}

/** `*`: the row's bytes again up to the next offset. */
function repeat(packet: number[], bytes: readonly number[], row: DumpRow, until: number | undefined): void {
  if (until === undefined)
    throw new InputError(`line ${row.line + 1}`, '"*" needs the offset behind it: copy the dump to its end');
  if (until > MAX_PACKET) checkSize(`line ${row.line + 1}`, until);
  if ((until - packet.length) % bytes.length !== 0 || until < packet.length) {
    throw new InputError(
      `line ${row.line + 1}`,
      `"*" stands for ${until - packet.length} bytes, the line in front has ${bytes.length}`,
    );
  }
  while (packet.length < until) packet.push(...bytes);
}

function nameOf(
  { prefixed, colon, digits, cell }: Shape,
  swapped: boolean,
  base: number,
  columns: boolean,
  chunks: readonly Chunk[],
): string {
  if (prefixed) return columns ? 'tcpdump -X' : 'tcpdump -x';
  if (colon) return swapped ? 'xxd -e' : digits === 8 ? 'xxd' : 'hex dump';
  if (swapped) return base === 16 && digits === 7 ? 'hexdump' : 'od -x';
  if (chunks[0].rows[0].text.includes('|') && columns) return 'hexdump -C';
  if (digits === 4) return 'Wireshark hex dump';
  return cell === 2 && digits >= 6 ? (digits === 8 ? 'hexdump -C' : 'od -t x1') : 'hex dump';
}
