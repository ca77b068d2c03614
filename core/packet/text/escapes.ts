import { either, sequence } from '../../bytes/pattern.ts';
import { InputError } from '../../errors.ts';
import { checkSize } from '../limits.ts';
import { placeAt, quote } from './text-place.ts';

/**
 * How numbers behind a backslash are meant: C counts up to three octal digits, OCaml three decimal
 * ones, Rust knows only `\0`.
 */
export type Escapes = 'octal' | 'decimal' | 'nul';

const SIMPLE = new Map([
  ['n', 10],
  ['t', 9],
  ['r', 13],
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['v', 11],
  ['e', 27],
  ['s', 32],
  ['\\', 92],
  ["'", 39],
  ['"', 34],
  ['?', 63],
  ['/', 47],
  ['#', 35],
  ['$', 36],
  ['@', 64],
  ['`', 96],
]);

const HEX = [
  /x([0-9a-f]{1,2})/,
  /x\{([0-9a-f]{1,2})\}/,
  /u00([0-9a-f]{2})/,
  /u\{([0-9a-f]{1,2})\}/,
];
const NUMERIC: Record<Escapes, RegExp> = {
  octal: sequence('i', /^/, either(...HEX, /(?:o\{)?([0-3]?[0-7]{1,2})\}?/)),
  decimal: sequence('i', /^/, either(...HEX, /(\d{1,3})/)),
  nul: sequence('i', /^/, either(...HEX, /(0)/)),
};

/** Bytes of a literal's content; `loose` text may have white space between the escapes. */
export function unescaped(
  text: string,
  start: number,
  end: number,
  loose: boolean,
  escapes: Escapes,
): Uint8Array {
  const bytes: number[] = [];
  let i = start;
  while (i < end) {
    const char = text.charAt(i);
    if (char === '\\') {
      i = escaped(text, i, end, escapes, bytes);
      continue;
    }
    if (!(loose && /[\s,]/.test(char))) bytes.push(plain(text, i, loose));
    i++;
  }
  checkSize(() => placeAt(text, start), bytes.length);
  return Uint8Array.from(bytes);
}

function plain(text: string, i: number, loose: boolean): number {
  const code = text.charCodeAt(i);
  if (code < 0x80 && !loose) return code;
  const reason = loose ? 'stands between escapes' : 'is not a byte';
  throw new InputError(
    placeAt(text, i),
    `${quote(text.charAt(i))} ${reason}: write bytes as \\x and two hex digits`,
  );
}

/**
 * One escape; answers where it ends. `\x` takes two digits: C would take more, but no byte has
 * more.
 */
function escaped(text: string, i: number, end: number, escapes: Escapes, bytes: number[]): number {
  const rest = text.slice(i + 1, Math.min(end, i + 9));
  const numeric = NUMERIC[escapes].exec(rest);
  if (numeric) {
    const [all, x, braced, u, scalar, digits = ''] = numeric;
    const hex = x ?? braced ?? u ?? scalar;
    const value =
      hex === undefined
        ? Number.parseInt(digits, escapes === 'octal' ? 8 : 10)
        : Number.parseInt(hex, 16);
    if (value > 255)
      throw new InputError(placeAt(text, i), `${quote(`\\${all}`)} does not fit into a byte`);
    bytes.push(value);
    return i + 1 + all.length;
  }
  const lineEnd = /^\s*\n\s*/.exec(rest);
  if (lineEnd) return i + 1 + lineEnd[0].length;
  const value = SIMPLE.get(rest.charAt(0));
  if (value === undefined)
    throw new InputError(
      placeAt(text, i),
      `${quote(`\\${rest.charAt(0)}`)} is not an escape: write \\x and two hex digits`,
    );
  bytes.push(value);
  return i + 2;
}
