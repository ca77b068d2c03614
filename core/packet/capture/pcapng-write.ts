/**
 * Writes the newer capture file (draft-ietf-opsawg-pcapng), in little endian: a section, one
 * Ethernet interface with times in nanoseconds, then a block a packet.
 *
 *     type | length | interface | time | captured | original | bytes | options | length
 */
const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const ETHERNET_LINK = 1;
const OPTION_COMMENT = 1;
const OPTION_RESOLUTION = 9;
/** 10^-9 s. */
const NANOSECONDS = 9;
const BLOCK = 12;

const padded = (length: number): number => (length + 3) & ~3;

function block(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const size = BLOCK + padded(body.length);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, size, true);
  bytes.set(body, 8);
  view.setUint32(size - 4, size, true);
  return bytes;
}

const option = (code: number, value: Uint8Array): number[] => [
  ...[code & 0xff, code >> 8, value.length & 0xff, value.length >> 8],
  ...value,
  ...new Array<number>(padded(value.length) - value.length).fill(0),
];
const NO_MORE_OPTIONS = [0, 0, 0, 0];

/** What a file begins with. */
export function pcapngHead(): Uint8Array[] {
  const section = new Uint8Array(16).fill(0xff);
  const view = new DataView(section.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint32(4, 1, true);
  const device = [
    ...[ETHERNET_LINK, 0, 0, 0],
    // No limit of the captured length.
    ...[0, 0, 0, 0],
    ...option(OPTION_RESOLUTION, Uint8Array.of(NANOSECONDS)),
    ...NO_MORE_OPTIONS,
  ];
  return [block(SECTION, section), block(INTERFACE, Uint8Array.from(device))];
}

/** A packet that is written. */
export interface WrittenPacket {
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** Bytes on the wire. */
  readonly wireLength: number;
  readonly comment: string;
}

/** The block of a packet. */
export function pcapngPacket({ bytes, time, wireLength, comment }: WrittenPacket): Uint8Array {
  const options = [
    ...option(OPTION_COMMENT, new TextEncoder().encode(comment)),
    ...NO_MORE_OPTIONS,
  ];
  const body = new Uint8Array(20 + padded(bytes.length) + options.length);
  const view = new DataView(body.buffer);
  view.setUint32(4, Number((time >> 32n) & 0xffff_ffffn), true);
  view.setUint32(8, Number(time & 0xffff_ffffn), true);
  view.setUint32(12, bytes.length, true);
  view.setUint32(16, wireLength, true);
  body.set(bytes, 20);
  body.set(options, 20 + padded(bytes.length));
  return block(ENHANCED_PACKET, body);
}
