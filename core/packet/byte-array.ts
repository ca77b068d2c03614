import { InputError } from '../errors.ts';
import { checkSize, MAX_PACKETS } from './limits.ts';
import { placeAt, quote, type ReadBytes } from './text-place.ts';

/** An innermost pair of braces or brackets: where its content lies. */
interface Group {
  readonly start: number;
  readonly end: number;
}

const ELEMENT = /[^\s,]+/g;
const NUMBER = /^(-?)(?:0x([0-9a-f]{1,16})|0b([01]{1,32})|(\d{1,10})|'(.)')(?:u8|i8|[ul]{0,3})$/i;

/** Arrays of a programming language: braces, or brackets with a list in them. `text` has no comments any more. */
export const hasArray = (text: string): boolean => groupsOf(text).length > 0;

/** Innermost groups; where there are braces, brackets only say how long an array is. */
function groupsOf(text: string): Group[] {
  const braces = text.includes('{') ? innermost(text, /[{}]/g) : [];
  return braces.length > 0
    ? braces
    : innermost(text, /[[\]]/g).filter(({ start, end }) => isList(text.slice(start, end)));
}

/** The first groups that have something in them: one more than are read. */
function innermost(text: string, signs: RegExp): Group[] {
  const groups: Group[] = [];
  let open: number | undefined;
  const add = (start: number, end: number) => {
    if (/\S/.test(text.slice(start, end))) groups.push({ start, end });
  };
  for (const { 0: sign, index } of text.matchAll(signs)) {
    if (groups.length > MAX_PACKETS) return groups;
    if (sign === '{' || sign === '[') open = index;
    else if (open !== undefined) add(open + 1, index);
    if (sign === '}' || sign === ']') open = undefined;
  }
  if (open !== undefined) add(open + 1, text.length);
  return groups;
}

const isList = (content: string): boolean => /^\s*(?:0x[0-9a-f]+|\d+)[a-z0-9]*\s*,/i.test(content);

/** One packet an array: hex, decimal, octal and character elements as C has them. `hasArray` holds. */
export function readArrays(text: string): ReadBytes {
  const groups = groupsOf(text);
  const kept = groups.slice(0, MAX_PACKETS);
  const notes = new Set<string>();
  if (groups.length > kept.length) notes.add(`Only the first ${kept.length} arrays were read.`);
  if (kept[kept.length - 1].end === text.length)
    notes.add('The last array has no closing brace: it may have been cut off.');
  const packets = kept.map((group) => readArray(text, group, notes));
  return { dialect: text.charAt(kept[0].start - 1) === '{' ? 'C array' : 'array', packets, notes: [...notes] };
}

function readArray(text: string, { start, end }: Group, notes: Set<string>): Uint8Array {
  const elements = [...text.slice(start, end).matchAll(ELEMENT)];
  checkSize(() => placeAt(text, start), elements.length);
  const bareHex = isBareHex(elements.map(([element]) => element));
  if (bareHex) notes.add('Elements read as hex, since they have leading zeros or letters and no 0x.');
  return Uint8Array.from(elements, ({ 0: element, index }) =>
    bareHex ? Number.parseInt(element, 16) : elementOf(text, element, start + index),
  );
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
