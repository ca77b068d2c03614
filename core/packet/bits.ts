import { byteAt } from '../bytes/byte-at.ts';

/** A run of bits in a packet: from bit `start` of it, most significant bit of byte 0 first. */
export interface BitRange {
  readonly start: number;
  readonly count: number;
}

/** The unsigned number in at most 32 bits; the caller has checked that they are there. */
export function readBits(bytes: Uint8Array, { start, count }: BitRange): number {
  const end = start + count;
  let value = 0;
  for (let i = start >> 3; i < end / 8; i++) value = value * 256 + byteAt(bytes, i);
  const below = (8 - (end % 8)) % 8;
  return Math.floor(value / 2 ** below) % 2 ** count;
}

/** Sets at most 32 bits and touches no other. */
export function writeBits(bytes: Uint8Array, { start, count }: BitRange, value: number): void {
  let rest = value;
  for (let bit = start + count - 1; bit >= start; bit--) {
    const mask = 0x80 >> (bit % 8);
    const byte = byteAt(bytes, bit >> 3);
    bytes[bit >> 3] = rest % 2 === 1 ? byte | mask : byte & ~mask;
    rest = Math.floor(rest / 2);
  }
}
