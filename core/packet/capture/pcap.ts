import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at } from '../../errors.ts';
import type { CapturedPacket, CaptureFormat } from './capture-file.ts';

/**
 * The classic capture file (draft-ietf-opsawg-pcap): a header of 24 bytes, then 16 bytes in front
 * of each packet.
 *
 *     byte 0  4         8      12       16            20
 *     magic | version | zone | digits | snap length | link type      the header
 *     seconds | fraction | captured | original length                in front of each packet
 */
const HEADER = 24;
const RECORD = 16;
const LINK_TYPE_MASK = 0xffff;
/**
 * The upper half of the link type's word: that the length of the check sequence is there, and it,
 * in units of 2 bytes.
 */
const CHECK_SEQUENCE_PRESENT = 0x0400_0000;
const CHECK_SEQUENCE_SHIFT = 28;

/**
 * What differs between the variants: the digits of time, and what headers have behind the usual
 * fields.
 */
interface Variant {
  readonly nanoseconds: bigint;
  /** Bytes behind the file's header. */
  readonly header?: number;
  /** Bytes behind the header of a packet. */
  readonly record?: number;
}

/** By magic number, as big-endian files write it; the names are those of Wireshark's wiretap. */
const VARIANTS: ReadonlyMap<number, Variant> = new Map<number, Variant>([
  [0xa1b2_c3d4, { nanoseconds: 1000n }],
  [0xa1b2_3c4d, { nanoseconds: 1n }],
  // "modified": interface index, protocol, packet type and a byte of padding (Alexey Kuznetzov's
  // libpcap)
  [0xa1b2_cd34, { nanoseconds: 1000n, record: 8 }],
  // IXIA's lcap, written by hardware and by software: the size of all records
  [0x1c00_01ac, { nanoseconds: 1n, header: 4 }],
  [0x1c00_01ab, { nanoseconds: 1n, header: 4 }],
]);

function variantOf(bytes: Uint8Array): { endian: Endian; variant: Variant } | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  const [big, little] = [VARIANTS.get(view.getUint32(0)), VARIANTS.get(view.getUint32(0, true))];
  if (big) return { endian: 'big', variant: big };
  return little && { endian: 'little', variant: little };
}

function* readPcap(name: string, bytes: Uint8Array, notes: string[]): Generator<CapturedPacket> {
  const { endian, variant } = variantOf(bytes)!;
  const reader = new ByteReader(bytes, endian, (offset) => at(name, offset));
  const [header, record] = [HEADER + (variant.header ?? 0), RECORD + (variant.record ?? 0)];
  reader.need(0, header, 'the pcap header');
  const word = reader.u32(20);
  const checkSequence = word & CHECK_SEQUENCE_PRESENT ? (word >>> CHECK_SEQUENCE_SHIFT) * 2 : 0;
  for (let offset = header, number = 1; offset < bytes.length; number++) {
    if (bytes.length - offset < record) {
      notes.push(`The file ends inside the header of packet ${number}.`);
      return;
    }
    const captured = reader.u32(offset + 8);
    const start = offset + record;
    if (start + captured > bytes.length) {
      notes.push(
        `Packet ${number} says ${captured} bytes, ` +
          `the file ends after ${bytes.length - start}: left out.`,
      );
      return;
    }
    yield {
      number,
      linkType: word & LINK_TYPE_MASK,
      bytes: bytes.subarray(start, start + captured),
      timestamp:
        BigInt(reader.u32(offset)) * 1_000_000_000n +
        BigInt(reader.u32(offset + 4)) * variant.nanoseconds,
      originalLength: reader.u32(offset + 12),
      checkSequence,
    };
    offset = start + captured;
  }
}

/** pcap, in either byte order, and its variants. */
export const PCAP: CaptureFormat = {
  is: (bytes) => variantOf(bytes) !== undefined,
  read: readPcap,
};
