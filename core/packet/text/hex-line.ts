import { either, sequence } from '../../bytes/pattern.ts';
import { isAsciiColumn } from './ascii.ts';
import { signatureOf } from './shape.ts';

/** A group of digits of a line without an offset. */
export interface DigitGroup {
  /** Without a 0x in front. */
  readonly digits: string;
  readonly prefixed: boolean;
  /** Column, from 0. */
  readonly start: number;
}

/** A line that is digits, behind a label perhaps. */
export interface HexLine {
  /** From 0. */
  readonly line: number;
  readonly tokens: readonly DigitGroup[];
  /** What stands in front, its numbers made alike; empty where the digits begin the line. */
  readonly prefix: string;
  /** Dots in place of bytes: where they stand. */
  readonly ellipsis: number | undefined;
}

/** Everything between separators. */
const TOKEN = /[^\s,;:.\-_|"'`]+/g;
const HEX = /^(?:0x|0b(?=[01]{8}$))?[0-9a-f]+$/i;
/** Whether a word is digits, with separators in it and around it. */
function isWord(word: string): boolean {
  if (!/^[0-9a-fx,;:.\-_|"'`]+$/i.test(word) || !/[0-9a-f]/i.test(word)) return false;
  return (
    !/x/i.test(word) || word.split(/[,;:.\-_|"'`]+/).every((part) => part === '' || HEX.test(part))
  );
}
/** Mnemonics that assemblers and monitors write in front of bytes. */
const MNEMONIC = sequence(
  'i',
  /^\s*(?:[^"']{0,80}[:\])]\s+)?(?:[\w.$]{1,40}:?\s+)?/,
  either(
    /(?:d[bc]|defb|dcb|fcb)\s+(?=0x|\$|[0-9a-f]+h?\s*,)/,
    /(?:\.d[bc](?:\.b)?|dc\.b|\.byte|\.hex)\s+(?=\S)/,
  ),
);
/** What stands in front of digits in one word: something with a sign behind it, or a name. */
const LABEL = sequence(
  'i',
  either(
    /^.*[^0-9a-fx.\-:,].*?[:=>\])]["']?(?=(?:0x)?[0-9a-f]{2,}[,;]?["']?$)/,
    /^[\w[\]."' *]{1,40}[:=]["']?(?=(?:0x)?[0-9a-f]{4,}["',;]*$)/,
  ),
);
const K12 = /^\s*\|\d{1,6}\s*\|((?:[0-9a-f]{2}\|)+)\s*$/i;
/** Lines and words above this have no column and no label: looking for one would take long. */
const LONG = 4000;
const DOTS = /(?:^|[\s,"'])(\.{3,}|\[\.{3}\]|\.\. ?\.\.)(?=[\s,"']|$)/;

/** The digits of a line; undefined where it has none, or words beside them. */
export function hexLineOf(text: string, line: number): HexLine | undefined {
  if (text.trim() === '') return undefined;
  const k12 = K12.exec(text);
  if (k12)
    return {
      line,
      tokens: tokensOf(
        text,
        text.length - text.trimStart().length + k12[0].trimStart().indexOf('|', 1) + 1,
      ),
      prefix: 'K12',
      ellipsis: undefined,
    };
  // Words of assemblers: their byte order is the machine's.
  if (/^\s*(?:\w+:?\s+)?d[dwq]\s+(?:0x|[0-9a-f]+h)/i.test(text)) return undefined;
  const mnemonic = MNEMONIC.exec(text);
  const from = mnemonic?.[0].length ?? 0;
  const end = endOf(text, from);
  const dots = DOTS.exec(text.slice(from, end));
  const ellipsis = dots ? from + dots.index + dots[0].indexOf('.') : undefined;
  const clean = dots ? text.replaceAll(/\[?\.{3,}\]?/g, (found) => ' '.repeat(found.length)) : text;
  const start = startOf(clean, from, end);
  if (start === undefined)
    return ellipsis !== undefined && clean.trim() === ''
      ? { line, tokens: [], prefix: '', ellipsis }
      : undefined;
  const tokens = tokensOf(clean.slice(0, end), start);
  if (tokens.length === 0) return undefined;
  return {
    line,
    tokens,
    prefix: mnemonic && start === from ? '' : signatureOf(clean.slice(0, start)),
    ellipsis,
  };
}

function tokensOf(text: string, from: number): DigitGroup[] {
  const tokens: DigitGroup[] = [];
  TOKEN.lastIndex = from;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const prefixed = /^0x/i.test(match[0]);
    tokens.push({ digits: prefixed ? match[0].slice(2) : match[0], prefixed, start: match.index });
  }
  return tokens;
}

/**
 * Where digits end: in front of a bar or a wide gap with characters behind it that are these bytes,
 * or no digits.
 */
function endOf(text: string, from: number): number {
  if (text.length > LONG) return text.length;
  const column = /(?:\s{2,}(?=\S)|\t|\s[|>"](?=.))/g;
  column.lastIndex = from;
  for (let match = column.exec(text); match !== null; match = column.exec(text)) {
    const rest = text.slice(match.index);
    if (rest.length > 2000) continue;
    const digits = text.slice(from, match.index).replace(/0x|[^0-9a-f]/gi, '');
    if (digits.length < 2 || !isWord(text.slice(from, match.index).replace(/\s+/g, ','))) continue;
    const bytes = (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
    const wordy = rest
      .trim()
      .split(/\s+/)
      .some((word) => !isWord(word));
    if (isAsciiColumn(rest, bytes) || (wordy && rest.trim().length <= bytes.length * 2 + 6))
      return match.index;
  }
  return text.length;
}

/**
 * Where the run of digits begins that goes to the end of a line; behind words only where a sign
 * closes them.
 */
function startOf(text: string, from: number, end: number): number | undefined {
  let start: number | undefined;
  const words = [...text.slice(from, end).matchAll(/\S+/g)];
  for (const { 0: word, index } of words.reverse()) {
    if (!isWord(word)) {
      if (text.length > LONG && start === undefined) return undefined;
      const label = word.length < LONG && LABEL.exec(word);
      if (label && HEX.test(word.slice(label[0].length).replace(/["',;]+$/, '')))
        return from + index + label[0].length;
      if (start === undefined) return undefined;
      return /[:=>|\])]$/.test(word) || /^[-=]+>?$/.test(word) ? start : undefined;
    }
    start = from + index;
  }
  return start;
}
