import type { ByteRange } from './types.ts';
import { word } from './words.ts';

/** An Internet checksum (RFC 1071) a packet holds: where it stands and what it covers. */
export interface Checksum {
  /** Byte of the 16-bit field, an even distance behind the start of what it covers. */
  readonly offset: number;
  readonly covers: ByteRange;
  /** Sum of the pseudo header's 16-bit words; 0 where it has none. */
  readonly pseudo: number;
  /** UDP sends a computed 0 as 0xffff, since 0 means none (RFC 768). */
  readonly zeroMeansNone?: boolean;
}

/** Sum of 16-bit big-endian words; an odd last byte is the first of its word. Exact for up to 2^36 bytes. */
export function sumWords(bytes: Uint8Array, { start, end }: ByteRange): number {
  let sum = 0;
  for (let i = start; i + 1 < end; i += 2) sum += word(bytes, i);
  return (end - start) % 2 === 0 ? sum : sum + (bytes[end - 1] << 8);
}

const fold = (sum: number): number => (sum === 0 ? 0 : ((sum - 1) % 0xffff) + 1);

/** The value the field should have. */
export function expectedChecksum(bytes: Uint8Array, { offset, covers, pseudo, zeroMeansNone }: Checksum): number {
  const value = 0xffff - fold(pseudo + sumWords(bytes, covers) - word(bytes, offset));
  return value === 0 && zeroMeansNone ? 0xffff : value;
}

const inHex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;

/** What is wrong with a checksum; both encodings of zero in one's complement are right. */
export function checksumProblem(bytes: Uint8Array, checksum: Checksum): string | undefined {
  const actual = word(bytes, checksum.offset);
  const expected = expectedChecksum(bytes, checksum);
  return actual % 0xffff === expected % 0xffff
    ? undefined
    : `checksum is ${inHex(actual)}, should be ${inHex(expected)}`;
}

/** Sets the field to what it should be. */
export function writeChecksum(bytes: Uint8Array, checksum: Checksum): void {
  const expected = expectedChecksum(bytes, checksum);
  bytes[checksum.offset] = expected >> 8;
  bytes[checksum.offset + 1] = expected & 0xff;
}
