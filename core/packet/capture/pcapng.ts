import type { ByteReader, Endian } from '../../bytes/reader.ts';
import { at, InputError } from '../../errors.ts';
import { type CapturedPacket, type CaptureFormat, LARGEST_RECORD } from './capture-file.ts';
import { type CaptureWindow, passOver } from './window.ts';

/**
 * The newer capture file (draft-ietf-opsawg-pcapng): blocks of type, length, body, length again. A
 * section header says the byte order of what follows; interfaces count from 0 in every section.
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
const OPTION_CHECK_SEQUENCE = 13;
const OPTION_OFFSET = 14;
/** Option of a packet, whose bits 5 to 8 are the bytes of its check sequence. */
const OPTION_FLAGS = 2;
const MAX_INTERFACES = 4096;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Time stamp units in a second. */
  readonly perSecond: bigint;
  /** Seconds to add. */
  readonly offset: bigint;
  /** Bytes of the check sequence its frames end in. */
  readonly checkSequence: number;
}

/** pcapng, in either byte order. */
export const PCAPNG: CaptureFormat = {
  is: (bytes) => byteOrder(bytes) !== undefined,
  read: readPcapng,
};

/** The byte order of the section whose header starts so; undefined for another block. */
function byteOrder(block: Uint8Array): Endian | undefined {
  if (block.length < SMALLEST_BLOCK) return undefined;
  const view = new DataView(block.buffer, block.byteOffset, SMALLEST_BLOCK);
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
  /** Of the body, in the file. */
  readonly offset: number;
}

function* readPcapng(file: CaptureWindow, notes: string[]): Generator<CapturedPacket | number> {
  let interfaces: Interface[] = [];
  let number = 1;
  for (const block of blocksOf(file, notes)) {
    if (typeof block === 'number') {
      yield block;
      continue;
    }
    if (block.type === SECTION) interfaces = [];
    if (block.type === INTERFACE && interfaces.length < MAX_INTERFACES)
      interfaces.push(readInterface(block));
    const packet = readPacket(block, interfaces);
    if (packet !== undefined) yield { number: number++, ...packet };
  }
}

function* blocksOf(file: CaptureWindow, notes: string[]): Generator<Block | number> {
  let endian: Endian = 'little';
  for (;;) {
    if (file.left < SMALLEST_BLOCK) yield SMALLEST_BLOCK;
    if (file.left === 0) return;
    if (file.left < SMALLEST_BLOCK) {
      notes.push('The file ends inside a block.');
      return;
    }
    const place = at(file.name, file.offset);
    endian = byteOrder(file.peek(SMALLEST_BLOCK)) ?? endian;
    const little = endian === 'little';
    const [type, length] = [file.u32(0, little), file.u32(4, little)];
    if (length < SMALLEST_BLOCK || length % 4 !== 0) {
      throw new InputError(
        place,
        `block says ${length} bytes, should be a multiple of 4 from ${SMALLEST_BLOCK} on`,
      );
    }
    const isTooLarge = length > LARGEST_RECORD;
    if (!isTooLarge && file.left < length) yield length;
    const there = isTooLarge ? yield* passOver(file, length) : file.left;
    if (there < length) {
      notes.push(`A block says ${length} bytes, the file ends after ${there}: left out.`);
      return;
    }
    if (isTooLarge) {
      notes.push(`A block has ${length} bytes, at most ${LARGEST_RECORD} are read: left out.`);
      continue;
    }
    const body = file.reader(endian, 8, length - 4);
    yield { type, body, place, offset: file.offset + 8 };
    file.take(length);
  }
}

function* optionsOf(
  body: ByteReader,
  start: number,
): Generator<{ code: number; length: number; offset: number }> {
  for (let option = start; option + 4 <= body.length; ) {
    const [code, length] = [body.u16(option), body.u16(option + 2)];
    if (code === OPTION_END) return;
    yield { code, length, offset: option + 4 };
    option += 4 + Math.ceil(length / 4) * 4;
  }
}

function readInterface({ body }: Block): Interface {
  let perSecond = 1_000_000n;
  let offset = 0n;
  let checkSequence = 0;
  for (const { code, length, offset: value } of optionsOf(body, 8)) {
    if (code === OPTION_RESOLUTION && length === 1) perSecond = unitsPerSecond(body.u8(value));
    if (code === OPTION_OFFSET && length === 8) offset = body.i64(value);
    if (code === OPTION_CHECK_SEQUENCE && length === 1)
      checkSequence = bytesOfCheckSequence(body.u8(value));
  }
  const [linkType, snapLength] = [body.u16(0, 'a link type'), body.u32(4, 'a snap length')];
  return { linkType, snapLength, perSecond, offset, checkSequence };
}

/** The draft counts bits, though its example is 4; writers do either. */
const bytesOfCheckSequence = (length: number): number => (length >= 16 ? length >> 3 : length);

/** The high bit chooses between powers of 2 and of 10. */
const unitsPerSecond = (resolution: number): bigint =>
  (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);

type Unnumbered = Omit<CapturedPacket, 'number'>;

function readPacket(block: Block, interfaces: readonly Interface[]): Unnumbered | undefined {
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
function timedPacket(
  { body, place, offset: start }: Block,
  interfaces: readonly Interface[],
  index: number,
): Unnumbered {
  const { linkType, perSecond, offset, checkSequence } = interfaceOf(place, interfaces, index);
  const units = (BigInt(body.u32(4)) << 32n) | BigInt(body.u32(8));
  const captured = body.u32(12);
  const bytes = body.slice(20, captured, 'a packet');
  let ownCheckSequence = 0;
  for (const { code, length, offset: value } of optionsOf(body, 20 + Math.ceil(captured / 4) * 4))
    if (code === OPTION_FLAGS && length === 4) ownCheckSequence = (body.u32(value) >> 5) & 0xf;
  return {
    linkType,
    offset: start + 20,
    bytes,
    timestamp: (units * 1_000_000_000n) / perSecond + offset * 1_000_000_000n,
    originalLength: body.u32(16),
    checkSequence: ownCheckSequence || checkSequence,
  };
}

/** Of the first interface, without a time; its snap length says where it was cut. */
function simplePacket(
  { body, place, offset }: Block,
  interfaces: readonly Interface[],
): Unnumbered {
  const { linkType, snapLength, checkSequence } = interfaceOf(place, interfaces, 0);
  const originalLength = body.u32(0);
  const captured = Math.min(originalLength, snapLength === 0 ? originalLength : snapLength);
  const bytes = body.slice(4, captured, 'a packet');
  return {
    linkType,
    offset: offset + 4,
    bytes,
    timestamp: undefined,
    originalLength,
    checkSequence,
  };
}

function interfaceOf(place: string, interfaces: readonly Interface[], index: number): Interface {
  const found = interfaces[index];
  if (found === undefined)
    throw new InputError(
      place,
      `packet is of interface ${index}, ${interfaces.length} are described`,
    );
  return found;
}
