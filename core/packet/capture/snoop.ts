import { ByteReader } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import type { CapturedPacket, CaptureFormat } from './capture-file.ts';
import { OTHER_LINK_TYPES } from './link-types.ts';

/**
 * The capture file of Solaris (RFC 1761), big endian throughout: a header of 16 bytes, then 24 in
 * front of each packet.
 *
 *     byte 0  8         12
 *     magic | version | data link type                                         the header
 *     original | captured | record length | drops | seconds | microseconds     each packet's
 */
const MAGIC = [...'snoop\0\0\0'].map((char) => char.charCodeAt(0));
const HEADER = 16;
const RECORD = 24;
const VERSION = 2;
const ETHERNET = 1;
/** Data link types that are Ethernet frames: IEEE 802.3 and Ethernet. */
const ETHERNET_TYPES = [0, 4];

function* readSnoop(name: string, bytes: Uint8Array, notes: string[]): Generator<CapturedPacket> {
  const reader = new ByteReader(bytes, 'big', (offset) => at(name, offset));
  reader.need(0, HEADER, 'the snoop header');
  if (reader.u32(8) !== VERSION)
    throw new InputError(at(name, 8), `snoop version is ${reader.u32(8)}, ${VERSION} is read`);
  const type = reader.u32(12);
  const linkType = ETHERNET_TYPES.includes(type) ? ETHERNET : OTHER_LINK_TYPES + (type & 0xffff);
  for (let offset = HEADER, number = 1; offset < bytes.length; number++) {
    if (bytes.length - offset < RECORD) {
      notes.push(`The file ends inside the header of packet ${number}.`);
      return;
    }
    const [captured, length] = [reader.u32(offset + 4), reader.u32(offset + 8)];
    if (length < RECORD + captured)
      throw new InputError(
        at(name, offset),
        `record says ${length} bytes, its packet and header take ${RECORD + captured}`,
      );
    const start = offset + RECORD;
    if (start + captured > bytes.length) {
      notes.push(
        `Packet ${number} says ${captured} bytes, ` +
          `the file ends after ${bytes.length - start}: left out.`,
      );
      return;
    }
    yield {
      number,
      linkType,
      bytes: bytes.subarray(start, start + captured),
      timestamp:
        BigInt(reader.u32(offset + 16)) * 1_000_000_000n + BigInt(reader.u32(offset + 20)) * 1000n,
      originalLength: reader.u32(offset),
      checkSequence: 0,
    };
    offset += length;
  }
}

/** snoop, version 2. */
export const SNOOP: CaptureFormat = {
  is: (bytes) => bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte),
  read: readSnoop,
};
