import { toHex } from '../bytes/hex.ts';
import { formatIpv4, formatIpv6 } from '../packet/address.ts';
import type { FieldNode } from '../packet/types.ts';

/** Bits of the packet, by byte from the frame's first. */
export type PacketBits = ReadonlyMap<number, number>;

/** A field of the packet, and which of its bits are meant. */
export interface FieldPart {
  readonly node: FieldNode;
  /** One byte of bits for each of the field's; cut to those there are. */
  readonly bits: Uint8Array;
  /** All of them. */
  readonly isWhole: boolean;
}

export const bytesText = (offset: number, length: number): string =>
  length === 1 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`;

/** Bits of a field's bytes that are its own. */
function ownBits({ length, bits }: FieldNode): Uint8Array {
  const own = new Uint8Array(length).fill(0xff);
  if (bits === undefined) return own;
  for (let bit = 0; bit < length * 8; bit++)
    if (bit < bits.start || bit >= bits.start + bits.count) own[bit >> 3] &= ~(0x80 >> (bit & 7));
  return own;
}

function partOf(node: FieldNode, wanted: PacketBits): FieldPart | undefined {
  const own = ownBits(node);
  const bits = own.map((mask, i) => mask & (wanted.get(node.offset + i) ?? 0));
  if (bits.every((mask) => mask === 0)) return undefined;
  return { node, bits, isWhole: own.every((mask, i) => mask === bits[i]) };
}

/**
 * Parts that are said as the one field they make up: many of it, or several of which one is not
 * whole.
 */
const belongTogether = (parts: readonly FieldPart[]): boolean =>
  parts.length > 2 || (parts.length > 1 && parts.some(({ isWhole }) => !isWhole));

function partsIn(node: FieldNode, wanted: PacketBits, isHeader: boolean): FieldPart[] {
  const whole = partOf(node, wanted);
  if (whole === undefined) return [];
  const inner = node.children.flatMap((child) => partsIn(child, wanted, false));
  const covered =
    node.length <= 8 && !isHeader && (belongTogether(inner) || (inner.length > 1 && whole.isWhole));
  return inner.length === 0 || covered ? [whole] : inner;
}

/** The fields of a dissection that some bits of the packet lie in. */
export function fieldParts(layers: readonly FieldNode[], wanted: PacketBits): FieldPart[] {
  return wanted.size === 0 ? [] : layers.flatMap((layer) => partsIn(layer, wanted, true));
}

/** How many bits a mask has from the front on, where it has no others. */
function prefixLength(bits: Uint8Array): number | undefined {
  const text = Array.from(bits, (mask) => mask.toString(2).padStart(8, '0')).join('');
  return /^1+0+$/.test(text) ? text.indexOf('0') : undefined;
}

/** `10.0.0.0/8`, where a part of an address is a prefix of it. */
function prefixOf({ node, bits }: FieldPart, frame: Uint8Array): string | undefined {
  const length = prefixLength(bits);
  if (length === undefined) return undefined;
  const masked = bits.map((mask, i) => mask & frame[node.offset + i]);
  if (node.length === 4 && /^\d+\.\d+\.\d+\.\d+$/.test(node.text))
    return `${formatIpv4(masked)}/${length}`;
  return node.length === 16 && /^[0-9a-f:.]+$/i.test(node.text)
    ? `${formatIpv6(masked)}/${length}`
    : undefined;
}

/** A part in words: what it is called, and what it is in a packet. */
export interface PartWords {
  /** `ip.dst`, `eth.dst (byte 0) under mask 0x01`. */
  readonly name: string;
  /** `ip.dst (bytes 30 to 33)`; of a part with its bytes alone. */
  readonly placed: string;
  readonly value: string;
  /** The value is a prefix that it lies in. */
  readonly isPrefix: boolean;
}

export function wordsOf(part: FieldPart, frame: Uint8Array): PartWords {
  const { node, bits, isWhole } = part;
  const placed = `${node.name} (${bytesText(node.offset, node.length)})`;
  if (isWhole) return { name: node.name, placed, value: node.text, isPrefix: false };
  const prefix = prefixOf(part, frame);
  if (prefix !== undefined) return { name: node.name, placed, value: prefix, isPrefix: true };
  const first = bits.findIndex((mask) => mask !== 0);
  const last = bits.findLastIndex((mask) => mask !== 0);
  const masks = bits.subarray(first, last + 1);
  const under = masks.every((mask) => mask === 0xff) ? '' : ` under mask 0x${toHex(masks)}`;
  const start = node.offset + first;
  const name = `${node.name} (${bytesText(start, masks.length)})${under}`;
  const value = `0x${toHex(masks.map((mask, i) => mask & frame[start + i]))}`;
  return { name, placed: name, value, isPrefix: false };
}

/** What a part is in a packet: `is 1.1.1.1`, `is in 10.0.0.0/8`. */
export function readingOf(part: FieldPart, frame: Uint8Array): string {
  const { value, isPrefix } = wordsOf(part, frame);
  return value === '' ? 'counts' : `is ${isPrefix ? 'in ' : ''}${value}`;
}

/** How many bits are meant. */
export const bitCount = ({ bits }: FieldPart): number =>
  bits.reduce((sum, mask) => sum + mask.toString(2).replaceAll('0', '').length, 0);
