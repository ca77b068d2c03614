import { InputError } from '../../errors.ts';

/** A piece of a filter, and where it stands: columns count from 1. */
export interface FilterToken {
  readonly kind: 'word' | 'string' | 'char' | 'sign' | 'slice' | 'end';
  /** Of a string what it says, of a slice what stands between the brackets. */
  readonly text: string;
  /** Of what stands in quotes: its bytes, which need not be those of a text. */
  readonly bytes?: Uint8Array;
  readonly column: number;
}

/** Characters of a filter; far above what a person types. */
export const MAX_FILTER = 4096;

/** What is wrong in a filter, at its column. */
export const filterError = (column: number, reason: string): InputError =>
  new InputError(`column ${column}`, reason);

/**
 * The forms of a piece, in the order they are tried; signs the longest first. `..` is one, so a
 * word ends in front of it.
 */
const FORMS: readonly (readonly [kind: FilterToken['kind'], form: RegExp])[] = [
  ['string', /r"([^"]*)"|"((?:[^"\\]|\\.)*)"/y],
  ['char', /'((?:[^'\\]|\\.)+)'/y],
  ['slice', /\[([^\]]*)\]/y],
  ['sign', /(===|!==|==|!=|~=|>=|<=|&&|\|\||\^\^|\.\.|[><!~&(){},])/y],
  ['word', /((?:[\w:/@+-]|\.(?!\.))+)/y],
];
const SPACE = /\s*/y;

/** As C has them; a quote and a backslash stand for themselves. */
const ESCAPES: Readonly<Record<string, number>> = {
  ...{ n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11 },
  ...{ '"': 34, "'": 39, '\\': 92 },
};
const ESCAPE = /\\(?:x([0-9a-f]{1,2})|([0-7]{1,3})|(.))|[^\\]+/giu;

/** The bytes of what stands between quotes: `\x41`, `\101` and `\n` are one each. */
function unescaped(text: string, column: number): Uint8Array {
  const bytes: number[] = [];
  for (const { 0: whole, 1: hex, 2: octal, 3: other, index } of text.matchAll(ESCAPE)) {
    if (hex) bytes.push(Number.parseInt(hex, 16));
    else if (octal) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (other === undefined) bytes.push(...new TextEncoder().encode(whole));
    else {
      const byte = ESCAPES[other];
      if (byte === undefined)
        throw filterError(column + index, `"${whole}" is no escape: "\\\\" is a backslash`);
      bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

/** The pieces of a filter; the last is its end. */
export function tokensOf(text: string): FilterToken[] {
  if (text.length > MAX_FILTER)
    throw filterError(MAX_FILTER, `a filter has up to ${MAX_FILTER} characters`);
  const tokens: FilterToken[] = [];
  for (let at = afterSpace(text, 0); at < text.length; ) {
    const { token, end } = tokenAt(text, at, tokens.at(-1));
    tokens.push(token);
    at = afterSpace(text, end);
  }
  return [...tokens, { kind: 'end', text: '', column: text.length + 1 }];
}

function afterSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}

function tokenAt(
  text: string,
  at: number,
  before: FilterToken | undefined,
): { token: FilterToken; end: number } {
  for (const [kind, form] of FORMS) {
    form.lastIndex = at;
    const found = form.exec(text);
    if (found === null) continue;
    return { token: tokenOf(kind, found, at + 1, before), end: form.lastIndex };
  }
  const char = text[at] ?? '';
  const open = { '"': 'string', "'": 'character', '[': 'slice' }[char];
  throw filterError(at + 1, open ? `this ${open} has no end` : `"${char}" has no meaning here`);
}

function tokenOf(
  kind: FilterToken['kind'],
  [, first = '', quoted]: RegExpExecArray,
  column: number,
  before: FilterToken | undefined,
): FilterToken {
  if (kind === 'string' && quoted !== undefined && before && isMatch(before))
    return { kind, text: patternOf(quoted), column };
  if (kind !== 'char' && quoted === undefined) return { kind, text: first, column };
  const bytes = unescaped(quoted ?? first, column + 1);
  return { kind, text: new TextDecoder().decode(bytes), bytes, column };
}

const isMatch = ({ kind, text }: FilterToken): boolean =>
  (kind === 'word' && text === 'matches') || (kind === 'sign' && text === '~');

/**
 * A pattern reads escapes by itself, but those of a string come first: `\b` is a backspace in it,
 * and `\\b` the edge of a word.
 */
const patternOf = (quoted: string): string =>
  quoted.replace(/\\(["\\b])/g, (_, char) => (char === 'b' ? '\\x08' : char));
