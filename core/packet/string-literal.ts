import { InputError } from '../errors.ts';
import { checkSize, MAX_PACKETS } from './limits.ts';
import { commentEnd, placeAt, quote, type ReadBytes } from './text-place.ts';

/** A string literal of C, Python, JavaScript or a shell: its content lies between two indices. */
interface Literal {
  readonly start: number;
  readonly end: number;
  /** `b'...'`: bytes, with escapes or without. */
  readonly bytes: boolean;
  /** Nothing but white space, line continuations, `+` and prefixes between it and the one before. */
  readonly joined: boolean;
}

const SIMPLE = new Map([
  ['n', 10],
  ['t', 9],
  ['r', 13],
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['v', 11],
  ['e', 27],
  ['\\', 92],
  ["'", 39],
  ['"', 34],
  ['?', 63],
  ['/', 47],
]);

export const hasEscapes = (text: string): boolean =>
  /\\x[0-9a-f]/i.test(text) || /(?:^|[\s=([,])b["']/i.test(text) || /["']\\[0-7]/.test(text);

/** Strings with `\x` and other escapes: adjacent literals are one packet, separate ones several; without quotes all of it is one. */
export function readStrings(text: string): ReadBytes {
  const literals = literalsOf(text);
  if (literals.length === 0)
    return { dialect: '\\x escapes', packets: [bytesOf(text, { start: 0, end: text.length }, true)], notes: [] };
  const groups: Literal[][] = [];
  for (const literal of literals) {
    if (literal.joined && groups.length > 0) groups[groups.length - 1].push(literal);
    else groups.push([literal]);
  }
  const packets = groups.filter((group) =>
    group.some(({ start, end, bytes }) => bytes || text.slice(start, end).includes('\\')),
  );
  const kept = packets.slice(0, MAX_PACKETS);
  const notes: string[] = [];
  if (packets.length < groups.length) notes.push('Strings without escapes skipped.');
  if (kept.length < packets.length) notes.push(`Only the first ${kept.length} of ${packets.length} strings were read.`);
  return {
    dialect: packets.some(([first]) => first.bytes) ? 'Python bytes' : 'string with \\x escapes',
    packets: kept.map((group) => join(group.map((literal) => bytesOf(text, literal, false)))),
    notes,
  };
}

function literalsOf(text: string): Literal[] {
  const literals: Literal[] = [];
  const start = /\/[/*]|#|(\bb)?(["'])/gi;
  let between = '';
  let end = 0;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    between += text.slice(end, match.index);
    const [all, prefix, quotes] = match;
    if (quotes === undefined) {
      end = commentEnd(text, match.index)!;
    } else {
      const from = match.index + all.length;
      const to = closing(text, from, quotes);
      literals.push({
        start: from,
        end: to,
        bytes: prefix !== undefined,
        joined: /^[\s\\+]*(?:u8|[LUB$])?$/i.test(between),
      });
      between = '';
      end = to + 1;
    }
    start.lastIndex = end;
  }
  return literals;
}

function closing(text: string, from: number, quotes: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quotes) return i;
  }
  throw new InputError(placeAt(text, from - 1), `string has no closing ${quotes}: copy it whole`);
}

/** Bytes of a literal's content; `loose` text may have white space between the escapes. */
function bytesOf(text: string, { start, end }: { start: number; end: number }, loose: boolean): Uint8Array {
  const bytes: number[] = [];
  let i = start;
  while (i < end) {
    const { values, next } = text[i] === '\\' ? escaped(text, i, end) : plain(text, i, loose);
    bytes.push(...values);
    i = next;
  }
  checkSize(() => placeAt(text, start), bytes.length);
  return Uint8Array.from(bytes);
}

interface Piece {
  readonly values: readonly number[];
  readonly next: number;
}

function plain(text: string, i: number, loose: boolean): Piece {
  if (loose && /[\s,]/.test(text[i])) return { values: [], next: i + 1 };
  const code = text.charCodeAt(i);
  if (code < 0x80 && !loose) return { values: [code], next: i + 1 };
  const reason = loose ? 'stands between escapes' : 'is not a byte';
  throw new InputError(placeAt(text, i), `${quote(text[i])} ${reason}: write bytes as \\x and two hex digits`);
}

/** One escape. `\x` takes two digits: C would take more, but no byte has more. */
function escaped(text: string, i: number, end: number): Piece {
  const rest = text.slice(i + 1, Math.min(end, i + 6));
  const numeric = /^(?:x([0-9a-f]{1,2})|u00([0-9a-f]{2})|([0-3]?[0-7]{1,2}))/i.exec(rest);
  if (numeric) {
    const [all, x, u, octal] = numeric;
    return {
      values: [octal === undefined ? Number.parseInt(x ?? u, 16) : Number.parseInt(octal, 8)],
      next: i + 1 + all.length,
    };
  }
  const lineEnd = /^\s*\n/.exec(rest);
  if (lineEnd) return { values: [], next: i + 1 + lineEnd[0].length };
  const value = SIMPLE.get(rest[0]);
  if (value === undefined)
    throw new InputError(
      placeAt(text, i),
      `${quote(`\\${rest[0] ?? ''}`)} is not an escape: write \\x and two hex digits`,
    );
  return { values: [value], next: i + 2 };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  checkSize(() => 'packet text', size);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
