import { toHex } from '../bytes/hex.ts';
import { InputError, unreachable } from '../errors.ts';
import type { HeaderField } from '../spec/header-fields.ts';
import { formatIpv4, formatIpv6, formatMac, parseIpv4, parseIpv6, parseMac } from './address.ts';
import { type BitRange, readBits, writeBits } from './bits.ts';

/** Bytes shown of a field that is only bytes. */
const SHOWN_BYTES = 24;
/** Characters shown of a string. */
const SHOWN_TEXT = 80;

/** Bytes as hex, shortened; how many there are is said where some are left out. */
export function formatBytes(bytes: Uint8Array): string {
  const shown = toHex(bytes.subarray(0, SHOWN_BYTES)).replace(/..(?!$)/g, '$& ');
  return bytes.length > SHOWN_BYTES ? `${shown} … (${bytes.length} bytes)` : shown;
}

const inHex = (value: number, bits: number): string =>
  `0x${value.toString(16).padStart(Math.ceil(bits / 4), '0')}`;

/**
 * Bytes as a string, what is not printable ASCII as in C; how long it is, is said where it is
 * shortened.
 */
export function formatText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes.subarray(0, SHOWN_TEXT))
    text +=
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`;
  return bytes.length > SHOWN_TEXT ? `${text} … (${bytes.length} bytes)` : text;
}

/** Seconds from 1900 to 1970. */
const NTP_TO_UNIX = 2_208_988_800;

/** Seconds since 1900 and 1/2^32 of one, in UTC; without the first bit they count from 2036 on. */
export function formatNtpTime(seconds: number, fraction: number): string {
  const since1900 = seconds < 2 ** 31 ? seconds + 2 ** 32 : seconds;
  const whole = new Date((since1900 - NTP_TO_UNIX) * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  const nanoseconds = Number((BigInt(fraction) * 1_000_000_000n) >> 32n);
  return `${whole}.${String(nanoseconds).padStart(9, '0')}`;
}

/** The number in a field, its low byte first where the row says so. */
export function readNumber(bytes: Uint8Array, { little }: HeaderField, at: BitRange): number {
  const value = readBits(bytes, at);
  return little ? swapped(value, at.count) : value;
}

function swapped(value: number, bits: number): number {
  let rest = value;
  let result = 0;
  for (let bit = 0; bit < bits; bit += 8) {
    result = result * 256 + (rest % 256);
    rest = Math.floor(rest / 256);
  }
  return result;
}

/** A field's value as people read it; `parseValue` reads the same text back. */
export function formatField(bytes: Uint8Array, field: HeaderField, at: BitRange): string {
  const whole = bytes.subarray(at.start >> 3, (at.start + at.count + 7) >> 3);
  switch (field.kind) {
    case 'mac':
      return formatMac(whole);
    case 'ipv4':
      return formatIpv4(whole);
    case 'ipv6':
      return formatIpv6(whole);
    case 'bytes':
      return formatBytes(whole);
    case 'flag':
      return readBits(bytes, at) === 1 ? 'set' : 'not set';
    case 'flags':
      return formatFlags(bytes, field, at);
    case 'decimal':
    case 'hex':
      return formatNumber(field, readNumber(bytes, field, at), at.count);
    default:
      return unreachable(field.kind);
  }
}

/** A field's number as it is shown and compared: in bytes, in seconds. */
export function shownNumber({ unit = 1, scale, floating }: HeaderField, value: number): number {
  return floating ? floatingValue(value) : value * (scale ?? unit);
}

function formatNumber(row: HeaderField, value: number, bits: number): string {
  const { kind, names, unit, scale, floating } = row;
  const shown = shownNumber(row, value);
  if (floating || scale !== undefined) return String(shown);
  if (unit !== undefined) return `${shown} bytes`;
  const digits = kind === 'hex' ? inHex(value, bits) : String(value);
  const name = names?.get(value);
  return name === undefined ? digits : `${name} (${digits})`;
}

function formatFlags(bytes: Uint8Array, { parts = [] }: HeaderField, at: BitRange): string {
  const names: string[] = [];
  let start = at.start;
  for (const part of parts) {
    if (part.short !== undefined && readBits(bytes, { start, count: 1 }) === 1)
      names.push(part.short);
    start += part.bits;
  }
  const digits = inHex(readBits(bytes, at), at.count);
  return names.length === 0 ? digits : `${names.join(' ')} (${digits})`;
}

/** Sets a field to a number; an InputError where it has not enough bits. */
export function writeNumber(
  bytes: Uint8Array,
  { name, label, little }: HeaderField,
  at: BitRange,
  value: number,
): void {
  if (value >= 2 ** at.count)
    throw new InputError(name, `${label} takes up to ${2 ** at.count - 1}, not ${value}`);
  writeBits(bytes, at, little ? swapped(value, at.count) : value);
}

/** Sets a field from text; an InputError says what it takes instead. */
export function writeValue(
  bytes: Uint8Array,
  field: HeaderField,
  at: BitRange,
  text: string,
): void {
  const value = parseValue(field, at.count, text.trim());
  if (typeof value === 'number') writeNumber(bytes, field, at, value);
  else bytes.set(value, at.start >> 3);
}

const ADDRESSES = {
  mac: { parse: parseMac, like: 'a MAC address like 02:00:00:00:00:01' },
  ipv4: { parse: parseIpv4, like: 'an IPv4 address like 10.0.0.1' },
  ipv6: { parse: parseIpv6, like: 'an IPv6 address like 2001:db8::1' },
};

function parseValue(field: HeaderField, bits: number, text: string): number | Uint8Array {
  switch (field.kind) {
    case 'mac':
    case 'ipv4':
    case 'ipv6': {
      const { parse, like } = ADDRESSES[field.kind];
      return parse(text) ?? refuse(field, text, `takes ${like}`);
    }
    case 'bytes':
      return refuse(field, text, 'is edited in the bytes');
    case 'flag':
      return parseFlag(field, text);
    case 'flags':
      return parseFlags(field, bits, text);
    case 'decimal':
    case 'hex':
      return parseNumber(field, bits, text);
    default:
      return unreachable(field.kind);
  }
}

function refuse(field: HeaderField, text: string, takes: string): never {
  throw new InputError(field.name, `${takes}, not "${text.slice(0, 60)}"`);
}

function parseFlag(field: HeaderField, text: string): number {
  if (/^(1|on|set|yes|true)$/i.test(text)) return 1;
  if (/^(0|off|not set|unset|no|false)$/i.test(text)) return 0;
  return refuse(field, text, 'takes 0, 1, on or off');
}

/** `SYN, ACK`, a number, or the text that is shown: `SYN ACK (0x012)`. */
function parseFlags(field: HeaderField, bits: number, text: string): number {
  const shown = /\((0x[0-9a-f]+)\)$/i.exec(text)?.[1] ?? text;
  if (/^\d/.test(shown)) return parseNumber(field, bits, shown);
  const shorts = field.parts?.flatMap(({ short = [] }) => short) ?? [];
  let value = 0;
  for (const name of text
    .toUpperCase()
    .split(/[\s,|+]+/)
    .filter(Boolean)) {
    const position = bitOf(field, name);
    if (position === undefined)
      return refuse(field, text, `takes ${shorts.join(', ')} or a number`);
    value |= 1 << (bits - 1 - position);
  }
  return value;
}

/** Position of a flag in its field, 0 is the most significant bit. */
function bitOf({ parts = [] }: HeaderField, short: string): number | undefined {
  let position = 0;
  for (const part of parts) {
    if (part.short === short) return position;
    position += part.bits;
  }
  return undefined;
}

/** A number, a known name, or the text that is shown: `TCP (6)`, `20 bytes`. */
function parseNumber(field: HeaderField, bits: number, text: string): number {
  const { names, unit = 1, scale } = field;
  if (scale !== undefined) return parseScaled(field, scale, bits, text);
  if (field.floating) return parseFloating(field, text);
  const named = [...(names ?? [])].find(
    ([, name]) => name.toLowerCase() === text.toLowerCase(),
  )?.[0];
  if (named !== undefined) return named;
  const shown = /\((0x[0-9a-f]+|\d+)\)$/i.exec(text)?.[1] ?? text;
  const digits = field.unit === undefined ? shown : shown.replace(/\s*bytes?$/i, '');
  const largest = (2 ** bits - 1) * unit;
  if (!/^(0x[0-9a-f]{1,16}|\d{1,16})$/i.test(digits))
    return refuse(field, text, `takes a number from 0 to ${largest}${examples(field)}`);
  const value = Number(digits);
  if (value > largest) return refuse(field, text, `takes a number from 0 to ${largest}`);
  if (value % unit !== 0) return refuse(field, text, `takes a multiple of ${unit}`);
  return value / unit;
}

const floatingValue = (code: number): number =>
  code < 128 ? code : ((code & 0xf) | 0x10) << (((code >> 4) & 7) + 3);

/** The code of a number, where it has one: above 127 not every number does. */
function parseFloating(field: HeaderField, text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  for (let code = 0; code < 256; code++) if (floatingValue(code) === value) return code;
  return refuse(
    field,
    text,
    'takes a number from 0 to 127, or 16 to 31 times a power of 2 from 8 to 1024',
  );
}

function parseScaled(field: HeaderField, scale: number, bits: number, text: string): number {
  const value = Number(text) / scale;
  const largest = (2 ** bits - 1) * scale;
  if (!/^\d{1,10}(\.\d{1,10})?$/.test(text) || value >= 2 ** bits)
    return refuse(field, text, `takes a number from 0 to ${largest}`);
  if (!Number.isInteger(value)) return refuse(field, text, `takes a multiple of ${scale}`);
  return value;
}

const examples = ({ names }: HeaderField): string => {
  const some = [...(names?.values() ?? [])].slice(0, 3);
  return some.length === 0 ? '' : ` or a name like ${some.join(', ')}`;
};
