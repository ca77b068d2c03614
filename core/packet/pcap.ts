import { ByteReader, type Endian } from '../bytes/reader.ts';
import { at } from '../errors.ts';
import type { CapturedPacket, CaptureFile } from './capture-file.ts';
import { MAX_PACKET, MAX_PACKETS } from './limits.ts';

/**
 * The classic capture file (draft-ietf-opsawg-pcap): a header of 24 bytes, then 16 bytes in front of each packet.
 *
 *     0       4        8     12   16       20              header: magic, version, zone, digits, snap length, link type
 *     seconds | fraction | captured | original length      in front of each packet
 */
const HEADER = 24;
const RECORD = 16;
/** The rest of the field says whether frames end in a check sequence. */
const LINK_TYPE_MASK = 0x0fff_ffff;

const MAGICS: ReadonlyMap<string, { endian: Endian; nanoseconds: bigint }> = new Map([
  ['a1b2c3d4', { endian: 'big', nanoseconds: 1000n }],
  ['d4c3b2a1', { endian: 'little', nanoseconds: 1000n }],
  ['a1b23c4d', { endian: 'big', nanoseconds: 1n }],
  ['4d3cb2a1', { endian: 'little', nanoseconds: 1n }],
]);

const magicOf = (bytes: Uint8Array) =>
  MAGICS.get([...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(''));

export const isPcap = (bytes: Uint8Array): boolean => magicOf(bytes) !== undefined;

/** Packets of a pcap file; `isPcap` holds. Where the file breaks off, what is in front is kept and said. */
export function readPcap(name: string, bytes: Uint8Array): CaptureFile {
  const { endian, nanoseconds } = magicOf(bytes)!;
  const reader = new ByteReader(bytes, endian, (offset) => at(name, offset));
  reader.need(0, HEADER, 'the pcap header');
  const linkType = reader.u32(20) & LINK_TYPE_MASK;
  const packets: CapturedPacket[] = [];
  const notes: string[] = [];
  let offset = HEADER;
  let count = 0;
  while (offset < bytes.length && packets.length < MAX_PACKETS) {
    count++;
    if (bytes.length - offset < RECORD) {
      notes.push(`The file ends inside the header of packet ${count}.`);
      break;
    }
    const captured = reader.u32(offset + 8);
    const start = offset + RECORD;
    if (start + captured > bytes.length) {
      notes.push(`Packet ${count} says ${captured} bytes, the file ends after ${bytes.length - start}: left out.`);
      break;
    }
    const timestamp = BigInt(reader.u32(offset)) * 1_000_000_000n + BigInt(reader.u32(offset + 4)) * nanoseconds;
    if (captured > MAX_PACKET)
      notes.push(`Packet ${count} has ${captured} bytes, at most ${MAX_PACKET} are read: left out.`);
    else
      packets.push({
        linkType,
        bytes: bytes.slice(start, start + captured),
        timestamp,
        originalLength: reader.u32(offset + 12),
      });
    offset = start + captured;
  }
  if (packets.length === MAX_PACKETS && offset < bytes.length)
    notes.push(`Only the first ${MAX_PACKETS} packets were read.`);
  return { packets, notes };
}
