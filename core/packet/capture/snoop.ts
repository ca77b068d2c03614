import { at, InputError } from '../../errors.ts';
import type { CapturedPacket, CaptureFormat } from './capture-file.ts';
import { OTHER_LINK_TYPES } from './link-types.ts';
import { recordBytes } from './record-bytes.ts';
import { type CaptureWindow, passOver } from './window.ts';

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
const ETHERNET_LINK = 1;
/** Data link types that are Ethernet frames: IEEE 802.3 and Ethernet. */
const ETHERNET_TYPES = [0, 4];

function* readSnoop(file: CaptureWindow, notes: string[]): Generator<CapturedPacket | number> {
  yield HEADER;
  const { name } = file;
  const header = file.reader('big');
  header.need(0, HEADER, 'the snoop header');
  if (header.u32(8) !== VERSION)
    throw new InputError(at(name, 8), `snoop version is ${header.u32(8)}, ${VERSION} is read`);
  const type = header.u32(12);
  const linkType = ETHERNET_TYPES.includes(type)
    ? ETHERNET_LINK
    : OTHER_LINK_TYPES + (type & 0xffff);
  file.take(HEADER);
  for (let number = 1; ; number++) {
    if (file.left < RECORD) yield RECORD;
    if (file.left === 0) return;
    if (file.left < RECORD) {
      notes.push(`The file ends inside the header of packet ${number}.`);
      return;
    }
    const record = file.reader('big', 0, RECORD);
    const [captured, length] = [record.u32(4), record.u32(8)];
    if (length < RECORD + captured)
      throw new InputError(
        at(name, file.offset),
        `record says ${length} bytes, its packet and header take ${RECORD + captured}`,
      );
    file.take(RECORD);
    const { offset } = file;
    const bytes = yield* recordBytes(file, number, captured, notes);
    if (bytes === 'ended') return;
    if (bytes !== 'too large')
      yield {
        number,
        linkType,
        offset,
        bytes,
        timestamp: BigInt(record.u32(16)) * 1_000_000_000n + BigInt(record.u32(20)) * 1000n,
        originalLength: record.u32(0),
        checkSequence: 0,
      };
    yield* passOver(file, length - RECORD - captured);
  }
}

/** snoop, version 2. */
export const SNOOP: CaptureFormat = {
  is: (bytes) => bytes.length >= MAGIC.length && MAGIC.every((byte, i) => bytes[i] === byte),
  read: readSnoop,
};
