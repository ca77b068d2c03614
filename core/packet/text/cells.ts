/** One group behind an offset: a byte, or a word of several. */
export interface Cell {
  readonly token: string;
  /** Columns, from 0. */
  readonly start: number;
  readonly end: number;
  readonly size: number;
  /** Bytes of the row up to here. */
  readonly total: number;
}

/** How a tool writes bytes or words: what one looks like and how many bytes it is. */
export interface Format {
  readonly name: 'hex' | 'binary' | 'octal' | 'decimal' | 'characters';
  cellsOf(text: string, from: number): Cell[];
  bytesOf(cell: Cell, little: boolean): number[];
}

/** Cells read of a line: the widest dump any tool writes has 256. */
export const MAX_CELLS = 256;

function numbered(value: bigint, size: number, little: boolean): number[] {
  const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
  return little ? bytes : bytes.reverse();
}

function tokens(
  text: string,
  from: number,
  pattern: RegExp,
  sizeOf: (token: string) => number,
): Cell[] {
  const cells: Cell[] = [];
  let total = 0;
  pattern.lastIndex = from;
  for (
    let match = pattern.exec(text);
    match !== null && cells.length <= MAX_CELLS;
    match = pattern.exec(text)
  ) {
    const [, token = ''] = match;
    const size = sizeOf(token);
    if (size === 0) break;
    const end = pattern.lastIndex;
    total += size;
    cells.push({ token, start: end - token.length, end, size, total });
  }
  return cells;
}

/** Runs of hex digits, with or without 0x; a dash, colon, comma or bar may stand between them. */
const HEX_CELL =
  /(?:[ \t]+|,[ \t]*|[-:|](?=0x|[0-9a-f]))?((?:0x)?[0-9a-f]{1,512})(?=[\s\-:|,>"']|$)/iy;
const hexSize = (token: string): number => {
  const prefixed = /^0x/i.test(token);
  const digits = token.length - (prefixed ? 2 : 0);
  return prefixed && digits === 1 ? 1 : digits % 2 === 0 ? digits / 2 : 0;
};

const HEX: Format = {
  name: 'hex',
  cellsOf: (text, from) => tokens(text, from, HEX_CELL, hexSize),
  bytesOf({ token }, little) {
    const digits = /^0x/i.test(token) ? token.slice(2).padStart(2, '0') : token;
    const bytes = Array.from({ length: digits.length / 2 }, (_, i) =>
      Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
    return little ? bytes.reverse() : bytes;
  },
};

const BINARY: Format = {
  name: 'binary',
  cellsOf: (text, from) => tokens(text, from, /[ \t]*((?:0b)?[01]{8})(?=\s|$)/iy, () => 1),
  bytesOf: ({ token }) => [Number.parseInt(token.replace(/^0b/i, ''), 2)],
};

/** Digits that od and hexdump write for 1, 2, 4 and 8 bytes in octal. */
const OCTAL_WIDTHS = new Map([
  [3, 1],
  [6, 2],
  [11, 4],
  [22, 8],
]);

const OCTAL: Format = {
  name: 'octal',
  cellsOf(text, from) {
    let width = 0;
    return tokens(text, from, /[ \t]*([0-7]{3,22})(?=\s|$)/y, (token) => {
      width ||= token.length;
      const size = token.length === width ? (OCTAL_WIDTHS.get(width) ?? 0) : 0;
      return size > 0 && BigInt(`0o${token}`) < 1n << BigInt(8 * size) ? size : 0;
    });
  },
  bytesOf: ({ token, size }, little) => numbered(BigInt(`0o${token}`), size, little),
};

/** Decimal numbers of one size: the offsets tell which. */
const decimal = (size: number): Format => ({
  name: 'decimal',
  cellsOf: (text, from) =>
    tokens(text, from, /[ \t,]*(-?\d{1,20})(?=[\s,]|$)/y, (token) => {
      const value = BigInt(token);
      return value < 1n << BigInt(8 * size) && value >= -(1n << BigInt(8 * size - 1)) ? size : 0;
    }),
  bytesOf: ({ token }, little) => numbered(BigInt.asUintN(8 * size, BigInt(token)), size, little),
});

const ESCAPES = new Map([
  ['\\0', 0],
  ['\\a', 7],
  ['\\b', 8],
  ['\\t', 9],
  ['\\n', 10],
  ['\\v', 11],
  ['\\f', 12],
  ['\\r', 13],
]);

/** od -c and hexdump -c: four columns a byte, the character in the last of them. */
const CHARACTERS: Format = {
  name: 'characters',
  cellsOf(text, from) {
    const cells: Cell[] = [];
    // The offset takes the first column with it where a matcher has skipped white space.
    const start = text.slice(0, from).trimEnd().length;
    for (let at = start; at < text.length && cells.length < MAX_CELLS; at += 4) {
      const token = text
        .slice(at, at + 4)
        .padEnd(4)
        .replace(/^ {1,2}(?=\S)|^ {3}/, '');
      const shown = token === ' ' ? ' ' : token;
      const known = /^.$/.test(shown) || ESCAPES.has(shown) || /^[0-3][0-7]{2}$/.test(shown);
      const code = shown.length === 1 ? shown.charCodeAt(0) : 0;
      if (!known || code > 0x7e || text[at] !== ' ') return [];
      cells.push({
        token: shown,
        start: at,
        end: Math.min(at + 4, text.length),
        size: 1,
        total: cells.length + 1,
      });
    }
    return cells;
  },
  bytesOf: ({ token }) => [
    token.length === 1 ? token.charCodeAt(0) : (ESCAPES.get(token) ?? Number.parseInt(token, 8)),
  ],
};

/** From the most usual to the least: where two fit as well, the first is taken. */
export const FORMATS: readonly Format[] = [
  HEX,
  BINARY,
  OCTAL,
  decimal(1),
  CHARACTERS,
  decimal(2),
  decimal(4),
  decimal(8),
];

export const bytesOfCells = (cells: readonly Cell[], format: Format, little: boolean): number[] =>
  cells.flatMap((cell) => format.bytesOf(cell, little));
