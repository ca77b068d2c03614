import { ByteReader, type Endian } from '../bytes/reader.ts';
import { at, InputError } from '../errors.ts';
import type { CapturedPacket, CaptureFile } from './capture-file.ts';
import { MAX_PACKET, MAX_PACKETS } from './limits.ts';

/**
 * The newer capture file (draft-ietf-opsawg-pcapng): blocks of type, length, body, length again. A section header says
 * the byte order of what follows; interfaces count from 0 in every section.
 */
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const SMALLEST_BLOCK = 12;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_END = 0;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;
const MAX_INTERFACES = 4096;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Time stamp units in a second. */
  readonly perSecond: bigint;
  /** Seconds to add. */
  readonly offset: bigint;
}

export const isPcapng = (bytes: Uint8Array): boolean => byteOrder(bytes, 0) !== undefined;

/** The byte order of the section whose header starts here; undefined for another block. */
function byteOrder(bytes: Uint8Array, block: number): Endian | undefined {
  if (block + SMALLEST_BLOCK > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + block, SMALLEST_BLOCK);
  if (view.getUint32(0) !== SECTION) return undefined;
  if (view.getUint32(8) === BYTE_ORDER_MAGIC) return 'big';
  return view.getUint32(8, true) === BYTE_ORDER_MAGIC ? 'little' : undefined;
}

/** A block: its reader sees the body alone, so that nothing is read behind it. */
interface Block {
  readonly type: number;
  readonly body: ByteReader;
  /** Where it starts in the file, for errors. */
  readonly place: string;
}

/** Packets of a pcapng file; `isPcapng` holds. Where the file breaks off, what is in front is kept and said. */
export function readPcapng(name: string, bytes: Uint8Array): CaptureFile {
  const packets: CapturedPacket[] = [];
  const notes: string[] = [];
  let interfaces: Interface[] = [];
  for (const block of blocksOf(name, bytes, notes)) {
    if (block.type === SECTION) interfaces = [];
    if (block.type === INTERFACE && interfaces.length < MAX_INTERFACES) interfaces.push(readInterface(block));
    const packet = readPacket(block, interfaces);
    if (packet === undefined) continue;
    if (packets.length === MAX_PACKETS) {
      notes.push(`Only the first ${MAX_PACKETS} packets were read.`);
      break;
    }
    if (packet.bytes.length <= MAX_PACKET) packets.push(packet);
    else notes.push(`A packet of ${packet.bytes.length} bytes left out, at most ${MAX_PACKET} are read.`);
  }
  return { packets, notes };
}

function* blocksOf(name: string, bytes: Uint8Array, notes: string[]): Generator<Block> {
  let endian: Endian = 'little';
  let offset = 0;
  while (offset < bytes.length) {
    const place = at(name, offset);
    if (offset + SMALLEST_BLOCK > bytes.length) {
      notes.push('The file ends inside a block.');
      return;
    }
    endian = byteOrder(bytes, offset) ?? endian;
    const header = new ByteReader(bytes.subarray(offset, offset + 8), endian, () => place);
    const [type, length] = [header.u32(0), header.u32(4)];
    if (length < SMALLEST_BLOCK || length % 4 !== 0) {
      throw new InputError(place, `block says ${length} bytes, should be a multiple of 4 from ${SMALLEST_BLOCK} on`);
    }
    if (offset + length > bytes.length) {
      notes.push(`A block says ${length} bytes, the file ends after ${bytes.length - offset}: left out.`);
      return;
    }
    const body = new ByteReader(bytes.subarray(offset + 8, offset + length - 4), endian, (inBody) =>
      at(name, offset + 8 + inBody),
    );
    yield { type, body, place };
    offset += length;
  }
}

function readInterface({ body }: Block): Interface {
  let perSecond = 1_000_000n;
  let offset = 0n;
  for (let option = 8; option + 4 <= body.length; ) {
    const [code, length] = [body.u16(option), body.u16(option + 2)];
    if (code === OPTION_END) break;
    if (code === OPTION_RESOLUTION && length === 1) perSecond = unitsPerSecond(body.u8(option + 4));
    if (code === OPTION_OFFSET && length === 8) offset = body.i64(option + 4);
    option += 4 + Math.ceil(length / 4) * 4;
  }
  return { linkType: body.u16(0, 'a link type'), snapLength: body.u32(4, 'a snap length'), perSecond, offset };
}

/** The high bit chooses between powers of 2 and of 10. */
const unitsPerSecond = (resolution: number): bigint => (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);

function readPacket(block: Block, interfaces: readonly Interface[]): CapturedPacket | undefined {
  switch (block.type) {
    case ENHANCED_PACKET:
      return timedPacket(block, interfaces, block.body.u32(0, 'an interface number'));
    case OLD_PACKET:
      return timedPacket(block, interfaces, block.body.u16(0, 'an interface number'));
    case SIMPLE_PACKET:
      return simplePacket(block, interfaces);
    default:
      return undefined;
  }
}

/** Enhanced and old packet blocks differ only in the first word. */
function timedPacket({ body, place }: Block, interfaces: readonly Interface[], index: number): CapturedPacket {
  const { linkType, perSecond, offset } = interfaceOf(place, interfaces, index);
  const units = (BigInt(body.u32(4)) << 32n) | BigInt(body.u32(8));
  return {
    linkType,
    bytes: body.slice(20, body.u32(12), 'a packet').slice(),
    timestamp: (units * 1_000_000_000n) / perSecond + offset * 1_000_000_000n,
    originalLength: body.u32(16),
  };
}

/** Of the first interface, without a time; its snap length says where it was cut. */
function simplePacket({ body, place }: Block, interfaces: readonly Interface[]): CapturedPacket {
  const { linkType, snapLength } = interfaceOf(place, interfaces, 0);
  const originalLength = body.u32(0);
  const captured = Math.min(originalLength, snapLength === 0 ? originalLength : snapLength);
  return { linkType, bytes: body.slice(4, captured, 'a packet').slice(), timestamp: undefined, originalLength };
}

function interfaceOf(place: string, interfaces: readonly Interface[], index: number): Interface {
  const found = interfaces[index];
  if (found === undefined)
    throw new InputError(place, `packet is of interface ${index}, ${interfaces.length} are described`);
  return found;
}
