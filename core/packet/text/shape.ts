import { sequence } from '../../bytes/pattern.ts';
import { present } from '../../errors.ts';
import { isAsciiColumn, tellingBytes } from './ascii.ts';
import { bytesOfCells, type Cell, FORMATS, type Format } from './cells.ts';

/** How the rows of one dump begin, and how their bytes are written. */
export interface Shape {
  /** Text in front of the offset, digits and white space made alike. */
  readonly prefix: string;
  readonly prefixed: boolean;
  /** What stands behind the offset, without white space. */
  readonly separator: string;
  /** Digits of the first offset. */
  readonly digits: number;
  readonly format: Format;
}

/** An offset at some place of a line. */
export interface Offset {
  readonly digits: string;
  readonly prefixed: boolean;
  readonly separator: string;
  readonly start: number;
  /** Column of what stands behind it. */
  readonly end: number;
}

const OFFSET = sequence(
  'iy',
  /[[(<]?(0x)?([0-9a-f]{1,16}(?:`[0-9a-f]{8})?)/,
  /(?:[ \t]*<[A-Za-z_.$][^<>\s]{0,80}>)?(?:(h)(?=[:\s]))?/,
  /([ \t]*[\])>:|]+(?=[\s0-9a-f|<]|$)|[ \t]+-(?=[ \t])|(?=[ \t]|$))(?:[ \t]*)/,
);

export function offsetAt(text: string, start: number): Offset | undefined {
  OFFSET.lastIndex = start;
  const match = OFFSET.exec(text);
  if (!match) return undefined;
  const [all, prefix, digits = '', , separator = ''] = match;
  return {
    digits: digits.replace('`', ''),
    prefixed: prefix !== undefined,
    separator: separator.trim(),
    start,
    end: start + all.length,
  };
}

/** Places where a word begins; what counts rows stands near the start of a line. */
export function wordStarts(text: string): number[] {
  const starts: number[] = [];
  const end = Math.min(text.length, 160);
  let white = true;
  for (let i = 0; i < end && starts.length < 14; i++) {
    const code = text.charCodeAt(i);
    const blank = code === 0x20 || (code >= 9 && code <= 13);
    if (white && !blank) starts.push(i);
    white = blank;
  }
  return starts;
}

/** Text in front of an offset, the parts that change from line to line made alike. */
export const signatureOf = (prefix: string): string =>
  prefix.trim().replace(/\d+/g, '#').replace(/\s+/g, ' ');

/** Bases offsets are counted in. The last counts rows of sixteen bytes in decimal tens. */
export const BASES = ['hex', 'octal', 'decimal', 'tens'] as const;
export type Base = (typeof BASES)[number];

/**
 * Value of an offset; of a long address the lower 48 bits. NaN where the digits are none of the
 * base.
 */
export function offsetValue(digits: string, base: Base): number {
  if (base === 'hex') return Number.parseInt(digits.slice(-12), 16);
  if (base === 'octal') return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
  const value = /^\d{1,15}$/.test(digits) ? Number.parseInt(digits, 10) : Number.NaN;
  return base === 'decimal' ? value : value % 10 === 0 ? (value / 10) * 16 : Number.NaN;
}

/** Rows looked at behind the first one. */
const AHEAD = 6;
/** Lines that may stand between rows: a page's number, another program's message. */
const LINES_AHEAD = 10;

interface Sample {
  readonly offset: Offset;
  readonly cells: readonly Cell[];
  readonly rest: string;
}

/**
 * The shape of the dump that begins at a line; undefined where no reading of it counts its bytes.
 */
export function shapeAt(lines: readonly string[], line: number): Shape | undefined {
  const text = lines[line] ?? '';
  if (!/[0-9a-f]\S*\s+\S|[:|>\])][0-9a-f]/i.test(text.slice(0, 400))) return undefined;
  let best: { shape: Shape; score: number } | undefined;
  for (const [word, start] of wordStarts(text).entries()) {
    // Nothing but digits in front of it: it is one of them.
    if (word > 1 && ONLY_DIGITS.test(text.slice(0, start))) continue;
    const offset = offsetAt(text, start);
    if (offset === undefined) continue;
    const prefix = signatureOf(text.slice(0, start));
    const alike = likeRows(lines, line, word, prefix, offset);
    for (const format of FORMATS) {
      const shape = {
        prefix,
        prefixed: offset.prefixed,
        separator: offset.separator,
        digits: offset.digits.length,
        format,
      };
      const score = scoreOf(text, offset, alike, format) - word * 0.01;
      if (score >= LEAST_SCORE && score > (best?.score ?? 0)) best = { shape, score };
    }
  }
  return best?.shape;
}

const LEAST_SCORE = 4;
const ONLY_DIGITS = /^[0-9a-f\s]*$/i;

interface Alike {
  readonly text: string;
  readonly offset: Offset;
}

/** The last cell of a row that has some. */
export const lastOf = (cells: readonly Cell[]): Cell =>
  present(cells.at(-1), 'the last cell of a row');

/** The rows that follow: they begin as the first does, and count on. */
function likeRows(
  lines: readonly string[],
  line: number,
  word: number,
  prefix: string,
  first: Offset,
): Alike[] {
  const rows: Alike[] = [];
  let before = first;
  for (const text of lines.slice(line + 1, line + 1 + LINES_AHEAD)) {
    if (rows.length === AHEAD) break;
    if (text.trim() === '' || text.length > 4000) continue;
    if (/^\s*\*\s*$/.test(text)) break;
    const start = wordStarts(text)[word];
    const offset = start === undefined ? undefined : offsetAt(text, start);
    if (offset === undefined || offset.prefixed !== first.prefixed) continue;
    const alone = offset.end >= text.length;
    if (
      (!alone && offset.separator !== first.separator) ||
      signatureOf(text.slice(0, start)) !== prefix
    )
      continue;
    if (offsetValue(offset.digits, 'hex') <= offsetValue(before.digits, 'hex')) break;
    // The first one says whether there is anything to count.
    if (rows.length === 0 && first.separator === '' && !first.prefixed && first.digits.length < 4) {
      const steps = BASES.map(
        (base) => offsetValue(offset.digits, base) - offsetValue(first.digits, base),
      );
      if (!steps.some((step) => step >= 4 && step <= text.length / 2)) break;
    }
    rows.push({ text, offset });
    before = offset;
  }
  return rows;
}

function scoreOf(text: string, offset: Offset, alike: readonly Alike[], format: Format): number {
  const sample = (row: Alike): Sample => {
    const cells = format.cellsOf(row.text, row.offset.end);
    return { offset: row.offset, cells, rest: row.text.slice(cells.at(-1)?.end ?? row.offset.end) };
  };
  const first = sample({ text, offset });
  const [leading] = first.cells;
  if (leading === undefined || !couldCount(first, alike[0], format)) return 0;
  const rows = [first, ...alike.map(sample)];
  const counted = Math.max(...BASES.map((base) => countedScore(rows, base)));
  // Words of two digits in front of single bytes count by accident only when there is little to
  // count.
  const weak = offset.separator === '' && !offset.prefixed && offset.digits.length < 4;
  if (weak && (rows.length < 3 || lastOf(first.cells).total < 4 || counted < 4 * (rows.length - 1)))
    return 0;
  // A column with letters in it agrees by accident with nothing.
  const columns = rows.reduce((sum, { cells, rest }) => {
    if (rest.trim() === '') return sum;
    const bytes = bytesOfCells(cells, format, false);
    return isAsciiColumn(rest, bytes) ? sum + (tellingBytes(bytes) > 1 ? 4 : 2) : sum;
  }, 0);
  if (format.name === 'characters' && counted < 6) return 0;
  if (format.name === 'decimal' && counted < 4 && columns === 0) return 0;
  return styleOf(offset, leading, format) + counted + Math.min(6, columns);
}

/**
 * Only hex is dumped without an offset that counts its bytes; the others are too like any numbers.
 */
function couldCount({ offset, cells }: Sample, next: Alike | undefined, format: Format): boolean {
  if (next === undefined)
    return format.name === 'hex' || (format.name === 'binary' && offset.separator !== '');
  const { total, size } = lastOf(cells);
  const counts = BASES.some((base) => {
    const step = offsetValue(next.offset.digits, base) - offsetValue(offset.digits, base);
    return step > total - size && step <= total + (format.name === 'characters' ? 16 : 0);
  });
  if (counts || format.name !== 'hex') return counts;
  return offset.separator !== '' || offset.prefixed || offset.digits.length >= 4;
}

/** Zero in the way tools write a first offset. */
function styleOf({ digits, prefixed, separator }: Offset, first: Cell, format: Format): number {
  const zero = /^0+$/.test(digits);
  if (format.name !== 'hex' && format.name !== 'octal') return zero && digits.length >= 6 ? 2 : 0;
  const width = first.token.replace(/^0x/i, '').length;
  // The first byte of plain hex has no colon behind it; no group has so many digits in front of
  // single bytes.
  if (separator === ':' && zero && width === 2 && digits.length >= 2) return 5;
  if (digits.length >= 12 && width === 2) return 5;
  if (separator !== '')
    return digits.length >= 4 && width <= 32 ? (zero ? 5 : 4) : digits.length >= 2 && zero ? 2 : 1;
  if (prefixed) return zero && digits.length >= 4 && !/^0x/i.test(first.token) ? 5 : 0;
  if (!zero || digits.length < 4) return 0;
  if (width === 2) return digits.length <= 8 || digits.length === 16 ? 5 : 3;
  return digits.length === 6 || digits.length === 7 ? (width >= 3 ? 5 : 0) : 0;
}

/**
 * High where offsets grow by the bytes of their rows; a row with a column behind may have more
 * cells than bytes.
 */
function countedScore(rows: readonly Sample[], base: Base): number {
  let score = 0;
  for (const [i, { offset, cells }] of rows.entries()) {
    const next = rows[i + 1];
    if (next === undefined || cells.length === 0) break;
    const size = offsetValue(next.offset.digits, base) - offsetValue(offset.digits, base);
    const { total, size: last } = lastOf(cells);
    if (size === total) score += 4;
    else if (cells.some((cell) => cell.total === size)) score += 2;
    else if (next.cells.length === 0 && size < total && size > total - last) score += 4;
    else score -= 3;
  }
  return Math.max(score, -1);
}
