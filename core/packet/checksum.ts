import { byteAt } from '../bytes/byte-at.ts';
import { Bug } from '../errors.ts';
import { readBits, writeBits } from './bits.ts';
import { crc32c } from './headers/check-sequence.ts';
import type { ByteRange } from './types.ts';
import { word } from './words.ts';

/**
 * A checksum a packet holds, of the Internet (RFC 1071) or CRC-32C: where it stands and what it
 * covers.
 */
export interface Checksum {
  /** Byte of the field, an even distance behind the start of what it covers. */
  readonly offset: number;
  readonly covers: ByteRange;
  /** Sum of the pseudo header's 16-bit words; 0 where it has none. */
  readonly pseudo: number;
  /** UDP sends a computed 0 as 0xffff, since 0 means none (RFC 768). */
  readonly zeroMeansNone?: boolean;
  /** The CRC of SCTP (RFC 9260 appendix A) in place of a sum, 4 bytes. */
  readonly crc32c?: boolean;
}

/**
 * Sum of 16-bit big-endian words; an odd last byte is the first of its word. Exact for up to 2^36
 * bytes.
 */
export function sumWords(bytes: Uint8Array, { start, end }: ByteRange): number {
  // Checked once for all of them: this runs over every byte of every packet.
  if (start < end && end > bytes.length) throw new Bug(`no byte ${end - 1} of ${bytes.length}`);
  let sum = 0;
  for (let i = start; i + 1 < end; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  return (end - start) % 2 === 0 ? sum : sum + (byteAt(bytes, end - 1) << 8);
}

const fold = (sum: number): number => (sum === 0 ? 0 : ((sum - 1) % 0xffff) + 1);

/** The value the field should have. */
export function expectedChecksum(bytes: Uint8Array, checksum: Checksum): number {
  const { offset, covers, pseudo, zeroMeansNone } = checksum;
  if (checksum.crc32c) return expectedCrc(bytes, checksum);
  const value = 0xffff - fold(pseudo + sumWords(bytes, covers) - word(bytes, offset));
  return value === 0 && zeroMeansNone ? 0xffff : value;
}

/** With its own field as zeros; sent with the low byte first. */
function expectedCrc(bytes: Uint8Array, { offset, covers }: Checksum): number {
  const covered = bytes.slice(covers.start, covers.end);
  covered.fill(0, offset - covers.start, offset - covers.start + 4);
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, crc32c(covered), true);
  return view.getUint32(0);
}

const sizeOfField = ({ crc32c: isCrc }: Checksum): number => (isCrc ? 4 : 2);
const inHex = (value: number, size: number): string =>
  `0x${value.toString(16).padStart(2 * size, '0')}`;
const actualChecksum = (bytes: Uint8Array, checksum: Checksum): number =>
  readBits(bytes, { start: checksum.offset * 8, count: sizeOfField(checksum) * 8 });

/** What is wrong with a checksum; both encodings of zero in one's complement are right. */
export function checksumProblem(bytes: Uint8Array, checksum: Checksum): string | undefined {
  const actual = actualChecksum(bytes, checksum);
  const expected = expectedChecksum(bytes, checksum);
  const same = actual === expected || (!checksum.crc32c && actual % 0xffff === expected % 0xffff);
  const size = sizeOfField(checksum);
  return same
    ? undefined
    : `checksum is ${inHex(actual, size)}, should be ${inHex(expected, size)}`;
}

/** Sets the field to what it should be. */
export function writeChecksum(bytes: Uint8Array, checksum: Checksum): void {
  const count = sizeOfField(checksum) * 8;
  writeBits(bytes, { start: checksum.offset * 8, count }, expectedChecksum(bytes, checksum));
}
