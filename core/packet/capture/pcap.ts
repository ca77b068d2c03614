import type { Endian } from '../../bytes/reader.ts';
import { present } from '../../errors.ts';
import { MAX_PACKET } from '../limits.ts';
import type { CapturedPacket, CaptureFormat } from './capture-file.ts';
import { type PacketRun, RunColumns } from './packet-run.ts';
import { recordBytes } from './record-bytes.ts';
import type { CaptureWindow } from './window.ts';

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

/** Packets that are given at once. */
const MOST_OF_RUN = 16_384;

/** How packets are written in a file. */
interface Layout {
  readonly little: boolean;
  /** Bytes in front of a packet. */
  readonly record: number;
  /** Of the fraction of a second. */
  readonly nanoseconds: number;
}

/** Takes the packets that are whole in sight, up to one that needs a closer look. */
function takeRun(
  file: CaptureWindow,
  { little, record, nanoseconds }: Layout,
  columns: RunColumns,
): Pick<PacketRun, keyof ReturnType<RunColumns['taken']> | 'bytes' | 'offset'> {
  const { left, offset } = file;
  let at = 0;
  while (!columns.isFull && at + record <= left) {
    const captured = file.u32(at + 8, little);
    const start = at + record;
    if (captured > MAX_PACKET || start + captured > left) break;
    const seconds = file.u32(at, little);
    const fraction = file.u32(at + 4, little) * nanoseconds;
    columns.add(start, captured, file.u32(at + 12, little), seconds, fraction);
    at = start + captured;
  }
  return { ...columns.taken(), bytes: file.take(at), offset };
}

function* readPcap(
  file: CaptureWindow,
  notes: string[],
): Generator<CapturedPacket | PacketRun | number> {
  yield HEADER + 4;
  const { endian, variant } = present(variantOf(file.peek()), 'the variant of a pcap file');
  const little = endian === 'little';
  const [header, record] = [HEADER + (variant.header ?? 0), RECORD + (variant.record ?? 0)];
  file.reader(endian).need(0, header, 'the pcap header');
  const word = file.u32(20, little);
  const checkSequence = word & CHECK_SEQUENCE_PRESENT ? (word >>> CHECK_SEQUENCE_SHIFT) * 2 : 0;
  file.take(header);
  const linkType = word & LINK_TYPE_MASK;
  const layout = { little, record, nanoseconds: Number(variant.nanoseconds) };
  const columns = new RunColumns(MOST_OF_RUN);
  for (let number = 1; ; ) {
    const run = takeRun(file, layout, columns);
    if (run.count > 0) {
      yield { number, linkType, checkSequence, ...run };
      number += run.count;
      continue;
    }
    if (file.left < record) yield record;
    if (file.left === 0) return;
    if (file.left < record) {
      notes.push(`The file ends inside the header of packet ${number}.`);
      return;
    }
    const captured = file.u32(8, little);
    if (captured <= MAX_PACKET && file.left < record + captured) {
      yield record + captured;
      if (file.left >= record + captured) continue;
    }
    const timestamp =
      BigInt(file.u32(0, little)) * 1_000_000_000n +
      BigInt(file.u32(4, little)) * variant.nanoseconds;
    const originalLength = file.u32(12, little);
    file.take(record);
    const { offset } = file;
    const bytes = yield* recordBytes(file, number, captured, notes);
    if (bytes === 'ended') return;
    if (bytes !== 'too large')
      yield { number, linkType, offset, bytes, timestamp, originalLength, checkSequence };
    number += 1;
  }
}

/** pcap, in either byte order, and its variants. */
export const PCAP: CaptureFormat = {
  is: (bytes) => variantOf(bytes) !== undefined,
  read: readPcap,
};
