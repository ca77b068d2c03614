import { InputError } from '../errors.ts';
import { cellsOf, type DumpRow, MAX_CELLS } from './dump-row.ts';
import { MAX_PACKETS } from './limits.ts';
import { quote } from './text-place.ts';

/** How the lines of one dump begin. */
export interface Shape {
  readonly prefixed: boolean;
  readonly colon: boolean;
  /** Digits of the first offset. */
  readonly digits: number;
  /** Digits of the first group behind it. */
  readonly cell: number;
}

const START = /^\s*(0x)?([0-9a-f]{4,16})(:?)(?=[ \t])/i;
const END = /^\s*([0-9a-f]{6,8})\s*$/i;
const REPEAT = /^\s*\*\s*$/;
/** `Reassembled TCP (200 bytes):`: Wireshark dumps what it put together behind the frame it came in. */
const SOURCE = /^\s*([A-Za-z][^()]{0,60}) \(\d{1,7} bytes?\):\s*$/;

/** How the first dump line of a text begins; undefined where there is none. */
export function shapeOf(lines: readonly string[]): Shape | undefined {
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

function classify(text: string, line: number, shape: Shape): DumpRow | 'repeat' | 'other' {
  if (REPEAT.test(text)) return 'repeat';
  const end = shape.colon ? null : END.exec(text);
  if (end && end[1].length >= shape.digits) return { line, text, offset: end[1], from: text.length, cells: [] };
  const start = START.exec(text);
  if (!start || !isStart(start, shape)) return 'other';
  const cells = cellsOf(text, start[0].length);
  if (cells.length > MAX_CELLS)
    throw new InputError(`line ${line}`, `has more than ${MAX_CELLS} groups of bytes behind one offset`);
  if (cells.length > 0) return { line, text, offset: start[2], from: start[0].length, cells };
  if (!shape.colon) return 'other';
  throw new InputError(`line ${line}`, 'has an offset and no hex bytes behind it: copy the line again');
}

/** Whether a line starts as the first row does; offsets may get longer. */
const isStart = ([, prefix, digits, colon]: RegExpExecArray, shape: Shape): boolean =>
  (prefix !== undefined) === shape.prefixed && (colon !== '') === shape.colon && digits.length >= shape.digits;

/** Rows of one packet, and the rows behind which a `*` stands for repetitions. */
export interface Chunk {
  readonly rows: DumpRow[];
  readonly repeated: Set<DumpRow>;
}

export interface Chunks {
  readonly chunks: readonly Chunk[];
  /** There were more than are read. */
  readonly more: boolean;
  /** Lines that are no rows and not empty. */
  readonly skipped: number;
  /** What Wireshark dumped beside the frames. */
  readonly left: readonly string[];
}

/** A packet starts where the offset is 0 again. */
export function chunksOf(texts: readonly string[], shape: Shape): Chunks {
  const chunks: Chunk[] = [];
  const left = new Set<string>();
  let skipped = 0;
  let current: Chunk | undefined;
  let foreign = false;
  for (const [i, text] of texts.entries()) {
    const line = classify(text, i + 1, shape);
    if (line === 'repeat') {
      const last = current?.rows.at(-1);
      if (!last) throw new InputError(`line ${i + 1}`, '"*" repeats the line in front, there is none');
      current!.repeated.add(last);
    } else if (line === 'other') {
      if (text.trim() !== '') skipped++;
      const source = SOURCE.exec(text)?.[1];
      if (source === undefined) continue;
      foreign = !/^(?:frame|packet)\b/i.test(source);
      if (foreign) left.add(quote(source));
    } else {
      if (current === undefined || (/^0+$/.test(line.offset) && line.cells.length > 0)) {
        if (chunks.length === MAX_PACKETS && !foreign) return { chunks, more: true, skipped, left: [...left] };
        current = { rows: [], repeated: new Set() };
        if (!foreign) chunks.push(current);
        foreign = false;
      }
      current.rows.push(line);
    }
  }
  return { chunks, more: false, skipped, left: [...left] };
}
