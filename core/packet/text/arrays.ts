import { either, sequence } from '../../bytes/pattern.ts';
import { InputError } from '../../errors.ts';
import { checkSize, MAX_PACKETS } from '../limits.ts';
import { CONVINCING, evidenceOf } from './evidence.ts';
import { join } from './hex-lines.ts';
import type { Broken, Reading } from './reading.ts';
import { linesOf } from './strings.ts';
import { blankComments, placeAt, pluralOf, quote } from './text-place.ts';

/** An innermost pair of braces, brackets or parentheses: where its content lies. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly closed: boolean;
}

const PAIRS: readonly (readonly [string, string])[] = [
  ['{', '}'],
  ['[', ']'],
  ['(', ')'],
  ['<', '>'],
];

/** One element with everything a language writes around it: casts, quotes, suffixes, radixes. */
const NUMBER = sequence(
  'i',
  /^(?:\((?:[\w ]{1,20})\)\s*|[a-z_]\w{0,15}\()?["']?(-?)/,
  either(
    /(?:0x|\$|&h)([0-9a-f]{1,16})/,
    /0b([01]{1,32})/,
    /0o([0-7]{1,11})/,
    /16#([0-9a-f]{1,4})#/,
    /8'h([0-9a-f]{1,2})/,
    /x"([0-9a-f]{2})/,
    /(\d{1,10})/,
  ),
  /["']?\)?/,
  /(?:_?u8|_?i8|uy|[ul]{0,3}|\.to(?:U?Byte|Byte)\(\)|\s+as\s+(?:u8|byte)|y)\)?$/,
);
const CHARACTER = /^(?:b)?'(?:\\x([0-9a-f]{2})|\\([0-3]?[0-7]{1,2})|\\(.)|(.))'$/i;
const BARE = /^["']?([0-9a-f]{1,2})["']?$/i;
/** gdb prints a number and the character it is. */
const WITH_CHARACTER = /^(-?\d{1,3})\s+'.{1,5}'$/;
const REPEATED = /^(.*?)\s*<repeats (\d{1,6}) times>$/i;
const ESCAPED = new Map([
  ['n', 10],
  ['t', 9],
  ['r', 13],
  ['0', 0],
  ['\\', 92],
  ["'", 39],
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['v', 11],
]);

/**
 * Arrays and lists of a programming language, a packet each: hex, decimal, octal, binary and
 * character elements.
 */
export function readArrays(lines: readonly string[]): (Reading | Broken)[] {
  const text = blankComments(lines.join('\n'));
  const lists = listsOf(text);
  if (lists.length > 0) return both(text, lists);
  // Java and others print elements alone.
  if (
    /^\s*-?\d{1,3}(?:\s*,\s*-?\d{1,3}){13,}\s*,?\s*$/.test(text) &&
    /-\d/.test(text) &&
    text.length < 2_000_000
  )
    return both(text, [{ start: 0, end: text.length, closed: true }]);
  return [];
}

/** Elements of two digits alone may be decimal or hex. */
function both(text: string, lists: readonly Group[]): (Reading | Broken)[] {
  const readings: (Reading | Broken)[] = [];
  for (const hex of [false, true]) {
    try {
      const reading = readAs(text, lists, hex);
      if (reading && !readings.some((other) => 'packets' in other && same(other, reading)))
        readings.push(reading);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (!hex) readings.push({ name: 'array', form: 45, error });
    }
  }
  return readings;
}

const same = (one: Reading, other: Reading): boolean =>
  one.packets.length === other.packets.length &&
  one.packets.every((bytes, i) => bytes.join() === other.packets[i]?.join());

/**
 * Innermost groups with a list in them. Where there are braces or brackets, those count that hold
 * numbers.
 */
function listsOf(text: string): Group[] {
  for (const [open, close] of PAIRS) {
    if (!text.includes(open)) continue;
    const lists = innermost(text, open, close).filter((group) => isList(text, group, open));
    if (lists.length > 0) return lists;
  }
  return [];
}

const SIGNS: ReadonlyMap<string, RegExp> = new Map([
  ['{', /[{}]/g],
  ['[', /[[\]]/g],
  ['(', /[()]/g],
  ['<', /[<>]/g],
]);

/** The first groups that have something in them: one more than are read. */
function innermost(text: string, open: string, close: string): Group[] {
  const groups: Group[] = [];
  let start: number | undefined;
  // Casts and calls in a list are part of its elements.
  let inner = 0;
  const signs = SIGNS.get(open)!;
  for (const { 0: sign, index } of text.matchAll(signs)) {
    if (groups.length > MAX_PACKETS * 4) return groups;
    if (sign === open) {
      if (
        open === '(' &&
        start !== undefined &&
        /[\w,(]\s*$/.test(text.slice(Math.max(start, index - 4), index)) &&
        index > start
      )
        inner++;
      else start = index + 1;
    } else if (inner > 0) inner--;
    else if (sign === close && start !== undefined) {
      if (text.slice(start, Math.min(index, start + 200)).trim() !== '')
        groups.push({ start, end: index, closed: true });
      start = undefined;
    }
  }
  if (start !== undefined && text.slice(start, start + 200).trim() !== '')
    groups.push({ start, end: text.length, closed: false });
  return groups;
}

/** Starts as a list of numbers does: two elements that could be bytes, or one in braces. */
function isList(text: string, { start, end }: Group, open: string): boolean {
  // A string in brackets is a string.
  if (
    /^\s*(?:[a-z]{1,2})?["'][^"',]{2,}["']\s*$/i.test(
      text.slice(start, Math.min(end, start + 4000)),
    ) ||
    /^\s*["'][^"',]{9}/.test(text.slice(start, start + 40))
  )
    return false;
  const head = text.slice(start, Math.min(end, start + 120)).replace(/^\s*Buffer\s+/, '');
  const elements = elementsOf(head, 0).map(({ text: element }) => element);
  const whole = end - start <= 120 ? elements : elements.slice(0, -1);
  const [first] = whole;
  if (first === undefined) return false;
  const good = whole.slice(0, 6).every((element) => isElement(element));
  if (good && (whole.length > 1 || (open === '{' && (NUMBER.test(first) || CHARACTER.test(first)))))
    return open !== '(' || whole.length > 3;
  return (
    open === '{' &&
    whole.length > 1 &&
    whole.slice(0, 6).filter(isElement).length >= Math.min(3, whole.length - 1) &&
    NUMBER.test(first)
  );
}

const isElement = (element: string): boolean =>
  NUMBER.test(element) ||
  CHARACTER.test(element) ||
  BARE.test(element) ||
  REPEATED.test(element) ||
  WITH_CHARACTER.test(element) ||
  /^\.{3}$/.test(element);

interface Element {
  readonly text: string;
  readonly index: number;
}

/** Elements between commas; where there are none, between white space. */
function elementsOf(content: string, from: number): Element[] {
  const separated = content.includes(',') || content.includes(';');
  const pattern = separated ? /(?:'[^'\n\\]'|'\\[^'\n]{1,3}'|[^,;'\n]|'|\n)+/g : /'\s'|[^\s]+/g;
  const elements: Element[] = [];
  for (const { 0: raw, index } of content.matchAll(pattern)) {
    const text = raw.trim();
    if (text === '') continue;
    const at = from + index + (raw.length - raw.trimStart().length);
    // A comma forgotten at a line's end, or none between numbers of one row.
    if (
      separated &&
      /\s/.test(text) &&
      !NUMBER.test(text) &&
      !REPEATED.test(text) &&
      !WITH_CHARACTER.test(text) &&
      text.split(/\s+/).every(isElement)
    ) {
      for (const { 0: part, index: inner } of text.matchAll(/\S+/g))
        elements.push({ text: part, index: at + inner });
    } else elements.push({ text, index: at });
  }
  return elements;
}

function readAs(text: string, lists: readonly Group[], hex: boolean): Reading | undefined {
  const notes = new Set<string>();
  const kept = lists.slice(0, MAX_PACKETS);
  if (kept.length < lists.length) notes.add(`Only the first ${kept.length} arrays were read.`);
  if (!kept.at(-1)?.closed)
    notes.add('The last array has no closing brace: it may have been cut off.');
  const arrays = kept.map((group) => ({ group, ...arrayOf(text, group, hex) }));
  if (hex && !arrays.some(({ bareHex, bareDecimal }) => bareHex || bareDecimal)) return undefined;
  if (arrays.some(({ bareHex }) => bareHex))
    notes.add('Elements read as hex, since they have leading zeros or letters and no 0x.');
  else if (hex) notes.add('Elements read as hex.');
  // Addresses and ports of a printed structure stand beside the buffer.
  const convinced = arrays.some(({ bytes }) => evidenceOf(bytes).weight >= CONVINCING);
  const packets = arrays.filter(({ bytes }) => !convinced || bytes.length >= 14);
  if (packets.length < arrays.length)
    notes.add(
      `${pluralOf(arrays.length - packets.length, 'array')} of less than 14 bytes left out.`,
    );
  return {
    name: hex && !arrays.some(({ bareHex }) => bareHex) ? 'array-hex' : 'array',
    dialect: kept[0] && text.charAt(kept[0].start - 1) === '{' ? 'C array' : 'array',
    packets: packets.map(({ bytes }) => bytes),
    notes: [...notes],
    form: hex && !arrays.some(({ bareHex }) => bareHex) ? 36 : 50,
    read: linesOf(text, kept),
  };
}

function arrayOf(
  text: string,
  { start, end }: Group,
  hex: boolean,
): { bytes: Uint8Array; bareHex: boolean; bareDecimal: boolean } {
  const buffer = /^\s*Buffer\s+/.exec(text.slice(start, start + 40));
  const from = start + (buffer?.[0].length ?? 0);
  const elements = elementsOf(text.slice(from, end), from);
  checkSize(() => placeAt(text, start), elements.length);
  const dots = elements.find((element) => /^\.{3}|^\.{2}$|more (?:items|bytes)/.test(element.text));
  if (dots)
    throw new InputError(
      placeAt(text, dots.index),
      '"..." stands for elements that are left out: paste the whole array',
    );
  const texts = elements.map((element) => element.text.replace(/^["']|["']$/g, ''));
  const pairs =
    texts.every((element) => /^[0-9a-f]{2}$/i.test(element)) &&
    !elements.some(({ text: element }) => CHARACTER.test(element));
  const bareHex = pairs && (texts.some((element) => /^0|[a-f]/i.test(element)) || buffer !== null);
  if (bareHex || (hex && pairs))
    return {
      bytes: Uint8Array.from(texts, (element) => Number.parseInt(element, 16)),
      bareHex,
      bareDecimal: pairs,
    };
  const parts: Uint8Array[] = elements.map((element) => {
    const repeated = REPEATED.exec(element.text);
    const [, one = element.text, count = 1] = repeated ?? [];
    const value = elementOf(text, one, element.index);
    return new Uint8Array(Math.min(Number(count), 300_000)).fill(value);
  });
  return { bytes: join(parts), bareHex: false, bareDecimal: pairs };
}

function elementOf(text: string, element: string, index: number): number {
  const match = NUMBER.exec(element);
  const character = CHARACTER.exec(element);
  if (character) {
    const [, x, octal, escaped, char = ''] = character;
    if (x !== undefined) return Number.parseInt(x, 16);
    if (octal !== undefined) return Number.parseInt(octal, 8) & 0xff;
    return escaped !== undefined
      ? (ESCAPED.get(escaped) ?? escaped.charCodeAt(0))
      : char.charCodeAt(0);
  }
  const both = WITH_CHARACTER.exec(element);
  if (both) return Number(both[1]) & 0xff;
  if (!match)
    throw new InputError(
      placeAt(text, index),
      `${quote(element)} is not a number: elements look like 0x1f or 31`,
    );
  const [, minus, x, binary, octal, ada, verilog, vhdl, digits = ''] = match;
  const hex = x ?? ada ?? verilog ?? vhdl;
  const value = hex !== undefined ? Number.parseInt(hex, 16) : numberOf(binary, octal, digits);
  const signed = minus === '' ? value : -value;
  if (!(signed >= -128 && signed <= 255))
    throw new InputError(
      placeAt(text, index),
      `${quote(element)} does not fit into a byte: elements are bytes`,
    );
  return signed & 0xff;
}

function numberOf(binary: string | undefined, octal: string | undefined, digits: string): number {
  if (binary !== undefined) return Number.parseInt(binary, 2);
  if (octal !== undefined) return Number.parseInt(octal, 8);
  return Number.parseInt(digits, /^0[0-7]+$/.test(digits) ? 8 : 10);
}
