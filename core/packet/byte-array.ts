import { InputError } from '../errors.ts';
import { checkSize, MAX_PACKETS } from './limits.ts';
import { readPlainHex } from './plain-hex.ts';
import { blankComments, placeAt, quote, type ReadBytes } from './text-place.ts';

/** An innermost pair of braces or brackets: where its content lies. */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly opening: string;
}

const ELEMENT = /[^\s,]+/g;
const NUMBER = /^(-?)(?:0x([0-9a-f]{1,16})|0b([01]{1,32})|(\d{1,10})|'(.)')(?:u8|i8|[ul]{0,3})$/i;

/** Arrays of a programming language: braces, or brackets with a list in them. */
export function hasArray(source: string): boolean {
  const text = blankComments(source);
  return groupsOf(text).length > 0;
}

/** Innermost groups; where there are braces, brackets only say how long an array is. */
function groupsOf(text: string): Group[] {
  const groups: Group[] = [];
  let open: { index: number; opening: string } | undefined;
  for (const { 0: sign, index } of text.matchAll(/[{}[\]]/g)) {
    if (sign === '{' || sign === '[') open = { index, opening: sign };
    else if (open) {
      groups.push({ start: open.index + 1, end: index, opening: open.opening });
      open = undefined;
    }
  }
  if (open) groups.push({ start: open.index + 1, end: text.length, opening: open.opening });
  const full = groups.filter(({ start, end }) => text.slice(start, end).trim() !== '');
  const braces = full.filter(({ opening }) => opening === '{');
  return braces.length > 0 ? braces : full.filter(({ start, end }) => isList(text.slice(start, end)));
}

const isList = (content: string): boolean => /^\s*(?:0x[0-9a-f]+|\d+)[a-z0-9]*\s*,/i.test(content);

/** One packet an array: hex, decimal, octal and character elements as C has them. */
export function readArrays(source: string): ReadBytes {
  const text = blankComments(source);
  const groups = groupsOf(text);
  const kept = groups.slice(0, MAX_PACKETS);
  const notes: string[] = [];
  if (groups.length > kept.length) notes.push(`Only the first ${kept.length} of ${groups.length} arrays were read.`);
  const last = groups[groups.length - 1];
  if (last.end === text.length) notes.push('The last array has no closing brace: it may have been cut off.');
  const packets = kept.map((group) => readArray(text, group, notes));
  return { dialect: groups[0].opening === '{' ? 'C array' : 'array', packets, notes };
}

function readArray(text: string, { start, end }: Group, notes: string[]): Uint8Array {
  const elements = [...text.slice(start, end).matchAll(ELEMENT)];
  checkSize(placeAt(text, start), elements.length);
  if (isBareHex(elements.map(([element]) => element))) {
    notes.push('Elements read as hex, since they have leading zeros or letters and no 0x.');
    return readPlainHex(text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start, end)).packets[0];
  }
  return Uint8Array.from(elements, ({ 0: element, index }) => elementOf(text, element, start + index));
}

/** Pairs of digits without 0x, of which one cannot be decimal: `{00 1f}`. */
const isBareHex = (elements: readonly string[]): boolean =>
  elements.every((element) => /^[0-9a-f]{2}$/i.test(element)) && elements.some((element) => /^0|[a-f]/i.test(element));

function elementOf(text: string, element: string, index: number): number {
  const match = NUMBER.exec(element);
  if (!match)
    throw new InputError(placeAt(text, index), `${quote(element)} is not a number: elements look like 0x1f or 31`);
  const [, minus, hex, binary, digits, char] = match;
  const value = char === undefined ? numberOf(hex, binary, digits) : char.charCodeAt(0);
  const signed = minus === '' ? value : -value;
  if (!(signed >= -128 && signed <= 255))
    throw new InputError(placeAt(text, index), `${quote(element)} does not fit into a byte: elements are bytes`);
  return signed & 0xff;
}

function numberOf(hex: string | undefined, binary: string | undefined, digits: string): number {
  if (hex !== undefined) return Number.parseInt(hex, 16);
  if (binary !== undefined) return Number.parseInt(binary, 2);
  return Number.parseInt(digits, /^0[0-7]+$/.test(digits) ? 8 : 10);
}
