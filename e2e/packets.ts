/** Frames that stories are told with: a line for each header. */

/** UDP 10.1.2.3:4000 to 10.9.8.7:53, don't fragment, TTL 60. */
export const UDP =
  '0200000000010200000000020800' +
  '45000024000040003c1100000a0102030a090807' +
  '0fa0003500100000' +
  '68656c6c6f212121';

/** TCP from 10.0.0.66 to port 443. */
export const TCP =
  '5254001234565254006543210800' +
  '4500002800010000400666c50a0000420a000001' +
  '9c4001bb00000001000000005002200000000000';

/** A pcap file of Ethernet frames with a UDP packet, the number of each in its destination port. */
export function capture(count: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20);
  const records = Array.from({ length: count }, (_, number) => {
    const record = Buffer.alloc(16 + 42);
    record.writeUInt32LE(42, 8);
    record.writeUInt32LE(42, 12);
    const frame = record.subarray(16);
    frame.set([0x08, 0, 0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 12);
    frame.writeUInt16BE(1000 + number, 36);
    frame.writeUInt16BE(8, 38);
    return record;
  });
  return Buffer.concat([head, ...records]);
}
