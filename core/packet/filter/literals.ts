import type { HeaderField } from '../../spec/header-fields.ts';
import { parseIpv4, parseIpv6, parseMac } from '../address.ts';
import { shownNumber } from '../value.ts';
import type { FilterType } from './fields.ts';
import type { FilterValue } from './row-value.ts';
import { type FilterToken, filterError } from './tokens.ts';

/** What stands on the right side of a comparison. */
export interface FilterLiteral {
  readonly value: FilterValue;
  /** Of a network: the bits that count. */
  readonly mask?: Uint8Array;
}

/** What a literal is compared with. */
export interface LiteralFor {
  /** As the filter says it. */
  readonly name: string;
  readonly type: FilterType;
  readonly row?: HeaderField | undefined;
}

/** How values compare: those of one family with each other. */
export type Family = 'number' | 'time' | 'bytes' | 'text';
export const FAMILY: Readonly<Record<FilterType, Family>> = {
  number: 'number',
  flag: 'number',
  time: 'time',
  duration: 'time',
  mac: 'bytes',
  ipv4: 'bytes',
  ipv6: 'bytes',
  bytes: 'bytes',
  header: 'bytes',
  group: 'bytes',
  text: 'text',
  name: 'text',
};

type ReadLiteral = (token: FilterToken, of: LiteralFor) => FilterLiteral | undefined;
interface LiteralForm {
  readonly read: ReadLiteral;
  /** For errors. */
  readonly like: (of: LiteralFor) => string;
}

const bytesLiteral = (value: Uint8Array | undefined): FilterLiteral | undefined =>
  value && { value };
const BYTES_LIKE = 'bytes like 0a:00:01 or a text in quotes';
const BYTES: LiteralForm = {
  read: (token) => bytesLiteral(bytesOf(token)),
  like: () => BYTES_LIKE,
};
const TEXT: LiteralForm = {
  read: ({ text }) => ({ value: text }),
  like: () => 'a text',
};
const TIME: LiteralForm = {
  read: ({ text }) => {
    const [, sign, whole = '', part = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
    if (sign === undefined) return undefined;
    const value = BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0'));
    return { value: sign === '-' ? -value : value };
  },
  like: () => 'seconds like 1700000000.25',
};

const FORMS: Readonly<Record<FilterType, LiteralForm>> = {
  number: { read: numberOf, like: numberLike },
  flag: { read: flagOf, like: () => '0 or 1' },
  mac: {
    read: ({ text }) => bytesLiteral(parseMac(text)),
    like: () => 'a MAC address like 02:00:00:00:00:01',
  },
  ipv4: {
    read: ({ text }) => network(text, parseIpv4, 32),
    like: () => 'an IPv4 address like 10.0.0.1 or a network like 10.0.0.0/8',
  },
  ipv6: {
    read: ({ text }) => network(text, parseIpv6, 128),
    like: () => 'an IPv6 address like 2001:db8::1 or a network like 2001:db8::/32',
  },
  bytes: BYTES,
  header: BYTES,
  group: BYTES,
  text: TEXT,
  name: TEXT,
  time: TIME,
  duration: TIME,
};

/** The literal that a token is, for what it is compared with; refused with what would fit. */
export function literalOf(token: FilterToken, of: LiteralFor): FilterLiteral {
  const form = FORMS[of.type];
  const literal = form.read(token, of);
  if (literal === undefined)
    throw filterError(
      token.column,
      `${of.name} takes ${form.like(of)}, not "${token.text.slice(0, 60)}"`,
    );
  return literal;
}

/** Bytes of any operand, for `contains` and slices. */
export function bytesOperand(token: FilterToken, name: string): Uint8Array {
  const bytes = bytesOf(token);
  if (bytes === undefined)
    throw filterError(
      token.column,
      `${name} takes ${BYTES_LIKE}, not "${token.text.slice(0, 60)}"`,
    );
  return bytes;
}

/** Pairs of hex digits with one kind of sign between them or none; 0x40 is a byte, too. */
const HEX_PAIRS =
  /^(?:0x[0-9a-f]{1,2}|[0-9a-f]{1,2}|[0-9a-f]{2}(?:([:.-]?)[0-9a-f]{2})(?:\1[0-9a-f]{2})*)$/i;

function bytesOf({ kind, text, bytes }: FilterToken): Uint8Array | undefined {
  if (kind === 'string' || kind === 'char') return bytes ?? new TextEncoder().encode(text);
  if (!HEX_PAIRS.test(text)) return undefined;
  const digits = text.replace(/^0x|[:.-]/gi, '');
  const even = digits.length === 1 ? `0${digits}` : digits;
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const NUMBER = /^[+-]?(?:0x[0-9a-f]{1,13}|0b[01]{1,48}|\d{1,15})$/i;

/** As C writes numbers: a leading 0 is octal. NaN where an octal number has an 8. */
function plainNumber(text: string): number {
  const isNegative = text.startsWith('-');
  const digits = text.replace(/^[+-]/, '');
  const value = /^0\d/.test(digits)
    ? /^[0-7]+$/.test(digits)
      ? Number.parseInt(digits, 8)
      : Number.NaN
    : Number(digits);
  return isNegative ? -value : value;
}

function numberOf(
  { kind, text, bytes, column }: FilterToken,
  of: LiteralFor,
): FilterLiteral | undefined {
  const [byte, ...more] = bytes ?? [];
  if (kind === 'char') return byte !== undefined && more.length === 0 ? { value: byte } : undefined;
  const { row } = of;
  const named = [...(row?.names ?? [])].find(
    ([, name]) => name.toLowerCase() === text.toLowerCase(),
  )?.[0];
  if (named !== undefined) return { value: named };
  const fraction = row?.scale !== undefined && /^\d{1,9}\.\d{1,9}$/.test(text);
  if (kind === 'string' || !(fraction || NUMBER.test(text))) return undefined;
  const value = fraction ? Number(text) : plainNumber(text);
  if (Number.isNaN(value)) return undefined;
  const largest = largestOf(row);
  if (value < 0 || value > largest)
    throw filterError(column, `${of.name} is a number from 0 to ${largest}, never ${text}`);
  return { value };
}

const largestOf = (row: HeaderField | undefined): number =>
  row === undefined ? Number.MAX_SAFE_INTEGER : shownNumber(row, 2 ** row.bits - 1);

function numberLike({ row }: LiteralFor): string {
  const names = [...(row?.names?.values() ?? [])].slice(0, 3).map((name) => `"${name}"`);
  const number = row ? `a number from 0 to ${largestOf(row)}` : 'a number';
  return names.length === 0 ? number : `${number} or a name like ${names.join(', ')}`;
}

function flagOf({ text }: FilterToken): FilterLiteral | undefined {
  if (/^(?:1|true|set)$/i.test(text)) return { value: 1 };
  return /^(?:0|false|not set)$/i.test(text) ? { value: 0 } : undefined;
}

/** An address, or with the number of bits that count one of a network. */
function network(
  text: string,
  parse: (text: string) => Uint8Array | undefined,
  bits: number,
): FilterLiteral | undefined {
  const [, address = '', count] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const value = parse(address);
  if (value === undefined || Number(count ?? 0) > bits) return undefined;
  return count === undefined ? { value } : { value, mask: maskOf(bits / 8, Number(count)) };
}

const maskOf = (size: number, bits: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)));
