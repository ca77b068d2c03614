import type { Endian } from '../../bytes/reader.ts';
import { networkText } from './network-value.ts';
import type { TypeTable } from './type-table.ts';
import type { BtfEnum, BtfInt, BtfMember, BtfType } from './types.ts';

/**
 * A value as its type shows it: a tree of text, plain data. Offsets and sizes are bytes from the
 * start of the value.
 */
export interface FormattedValue {
  /** Of a member, or `[3]` of an array; undefined for the whole value. */
  readonly name?: string;
  /** As C declares it, and its number. */
  readonly type: string;
  readonly typeId: number;
  readonly text: string;
  readonly offset: number;
  readonly size: number;
  readonly children?: readonly FormattedValue[];
}

/** Nodes of one tree, however large the value is. */
const MAX_NODES = 4096;
/** Elements of one array that are shown. */
const MAX_ELEMENTS = 256;
const MAX_DEPTH = 16;
/** A summary of members is for one line of a table. */
const MAX_SUMMARY = 96;

interface Formatter {
  readonly btf: TypeTable;
  readonly bytes: Uint8Array;
  /** Of each byte 1 where it is known; undefined: all are. */
  readonly known?: Uint8Array;
  readonly endian: Endian;
  readonly pointer?: (address: bigint) => string;
  nodesLeft: number;
}

/** Where a value lies, in bits from the start; bitSize is 0 unless it is a bit field. */
interface Place {
  readonly name: string | undefined;
  readonly bitOffset: number;
  readonly bitSize: number;
}

/**
 * Of a whole value: what it is called, which of its bytes are known, where it is a bit field its
 * place in them.
 */
export interface FormatOptions {
  readonly name?: string;
  readonly known?: Uint8Array;
  readonly bits?: { readonly offset: number; readonly size: number };
  /** What an address reads like, where something is known of it; else it is a number in hex. */
  readonly pointer?: (address: bigint) => string;
}

/**
 * The value of type `typeId` in `bytes`; what they do not cover, or is not known, is shown as `?`.
 */
export function formatValue(
  btf: TypeTable,
  typeId: number,
  bytes: Uint8Array,
  endian: Endian,
  { name, known, pointer, bits = { offset: 0, size: 0 } }: FormatOptions = {},
): FormattedValue {
  const formatter = {
    btf,
    bytes,
    endian,
    ...(known && { known }),
    ...(pointer && { pointer }),
    nodesLeft: MAX_NODES,
  };
  return format(formatter, typeId, { name, bitOffset: bits.offset, bitSize: bits.size }, 0);
}

function format(formatter: Formatter, typeId: number, place: Place, depth: number): FormattedValue {
  formatter.nodesLeft--;
  const { btf } = formatter;
  const type = btf.resolve(typeId);
  const size =
    place.bitSize > 0
      ? Math.ceil(((place.bitOffset & 7) + place.bitSize) / 8)
      : (btf.sizeOf(typeId) ?? 0);
  const offset = Math.floor(place.bitOffset / 8);
  const base = {
    ...(place.name === undefined ? {} : { name: place.name }),
    type: btf.declaration(typeId),
    typeId,
    offset,
    size,
  };
  if (type === undefined || depth > MAX_DEPTH) return { ...base, text: '…' };
  const network =
    place.bitSize > 0 ? undefined : networkOf(formatter, typeId, place.name ?? '', offset, size);
  if (type.kind === 'struct' || type.kind === 'union') {
    const children = formatMembers(formatter, type.members, place.bitOffset, depth);
    return { ...base, text: network ?? summary('{', children, '}'), children };
  }
  if (network !== undefined) return { ...base, text: network };
  if (type.kind === 'array') {
    const text = stringOf(formatter, type.type, offset, size);
    if (text !== undefined) return { ...base, text };
    const children = formatElements(formatter, type.type, type.count, place.bitOffset, depth);
    return { ...base, text: summary('[', children, ']'), children };
  }
  return { ...base, text: scalarText(formatter, type, place.bitOffset, place.bitSize || size * 8) };
}

function networkOf(
  formatter: Formatter,
  type: number,
  name: string,
  offset: number,
  size: number,
): string | undefined {
  const bytes = formatter.bytes.subarray(offset, offset + size);
  if (bytes.length < size || !isKnown(formatter, offset, offset + size)) return undefined;
  return networkText({ types: formatter.btf, type, name, bytes });
}

const isKnown = ({ known }: Pick<Formatter, 'known'>, start: number, end: number): boolean =>
  known === undefined || known.subarray(start, end).every((one) => one === 1);

function formatMembers(
  formatter: Formatter,
  members: readonly BtfMember[],
  start: number,
  depth: number,
): FormattedValue[] {
  const children: FormattedValue[] = [];
  for (const { name, type, bitOffset, bitSize } of members) {
    if (formatter.nodesLeft <= 0) break;
    children.push(
      format(formatter, type, { name, bitOffset: start + bitOffset, bitSize }, depth + 1),
    );
  }
  return children;
}

function formatElements(
  formatter: Formatter,
  type: number,
  count: number,
  start: number,
  depth: number,
): FormattedValue[] {
  const bits = (formatter.btf.sizeOf(type) ?? 0) * 8;
  const children: FormattedValue[] = [];
  for (let index = 0; index < Math.min(count, MAX_ELEMENTS) && formatter.nodesLeft > 0; index++) {
    children.push(
      format(
        formatter,
        type,
        { name: `[${index}]`, bitOffset: start + index * bits, bitSize: 0 },
        depth + 1,
      ),
    );
  }
  return children;
}

/** One line: `{ packets: 3, bytes: 180 }`, or `[1, 2, 3]`, cut where it gets long. */
function summary(open: string, children: readonly FormattedValue[], close: string): string {
  let text = '';
  for (const { name, text: value } of children) {
    const part =
      name === undefined || name === '' || name.startsWith('[') ? value : `${name}: ${value}`;
    if (text.length + part.length > MAX_SUMMARY)
      return `${open} ${text}${text === '' ? '' : ', '}… ${close}`;
    text += `${text === '' ? '' : ', '}${part}`;
  }
  return text === '' ? `${open}${close}` : `${open} ${text} ${close}`;
}

/** A char array that holds printable text up to a NUL is shown as a string. */
function stringOf(
  formatter: Formatter,
  elementType: number,
  offset: number,
  size: number,
): string | undefined {
  const { btf, bytes } = formatter;
  const element = btf.resolve(elementType);
  const isChar =
    element?.kind === 'int' && element.size === 1 && (element.char || element.name === 'char');
  if (
    !isChar ||
    size === 0 ||
    offset + size > bytes.length ||
    !isKnown(formatter, offset, offset + size)
  )
    return undefined;
  const field = bytes.subarray(offset, offset + Math.min(size, MAX_ELEMENTS));
  const end = field.indexOf(0);
  const text = end < 0 ? field : field.subarray(0, end);
  const isPrintable = text.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a,
  );
  const isPadded = end < 0 || field.subarray(end).every((byte) => byte === 0);
  return isPrintable && isPadded ? JSON.stringify(String.fromCharCode(...text)) : undefined;
}

function scalarText(
  formatter: Formatter,
  type: BtfType,
  bitOffset: number,
  bitSize: number,
): string {
  const bits = readBitField(formatter, bitOffset, bitSize);
  if (bits === undefined) return '?';
  switch (type.kind) {
    case 'int':
      return intText(type, bits, bitSize);
    case 'enum':
    case 'enum64':
      return enumText(type, bits, bitSize);
    case 'ptr':
      return formatter.pointer?.(bits) ?? `0x${bits.toString(16)}`;
    case 'float':
      return floatText(bits, bitSize);
    default:
      return '…';
  }
}

/**
 * `bitSize` bits from `bitOffset` on. Bit fields start at the low bit of a little-endian unit, at
 * the high bit of a big-endian one.
 */
export function readBitField(
  { bytes, endian, known }: Pick<Formatter, 'bytes' | 'endian' | 'known'>,
  bitOffset: number,
  bitSize: number,
): bigint | undefined {
  const first = Math.floor(bitOffset / 8);
  const last = Math.ceil((bitOffset + bitSize) / 8);
  if (bitSize <= 0 || bitSize > 128 || last > bytes.length || !isKnown({ known }, first, last))
    return undefined;
  const unit = bytes.slice(first, last);
  if (endian === 'little') unit.reverse();
  const value = unit.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const skipped = endian === 'little' ? bitOffset - first * 8 : last * 8 - bitOffset - bitSize;
  return BigInt.asUintN(bitSize, value >> BigInt(skipped));
}

function intText(type: BtfInt, bits: bigint, bitSize: number): string {
  if (type.bool) return bits === 0n ? 'false' : bits === 1n ? 'true' : `true (${bits})`;
  const value = type.signed ? BigInt.asIntN(bitSize, bits) : bits;
  const isLetter = (type.char || type.name === 'char') && bits >= 0x20n && bits < 0x7fn;
  return isLetter ? `${value} '${String.fromCharCode(Number(bits))}'` : String(value);
}

function enumText(type: BtfEnum, bits: bigint, bitSize: number): string {
  const found = type.values.find(({ value }) => BigInt.asUintN(bitSize, value) === bits);
  const value = type.signed ? BigInt.asIntN(bitSize, bits) : bits;
  return found ? `${found.name} (${value})` : String(value);
}

function floatText(bits: bigint, bitSize: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  if (bitSize === 64) return String(view.getFloat64(0));
  return bitSize === 32 ? String(view.getFloat32(4)) : `0x${bits.toString(16)}`;
}
