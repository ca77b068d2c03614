const SIZE = 4;

/** By the bits-reversed polynomial of a CRC, what a byte adds to it. */
const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });

const crc =
  (table: Uint32Array) =>
  (bytes: Uint8Array): number => {
    let value = 0xffff_ffff;
    // The table has an entry for every byte.
    for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] as number);
    return ~value >>> 0;
  };

/** CRC-32 of Ethernet (IEEE 802.3 section 3.2.9). */
export const crc32 = crc(tableOf(0xedb8_8320));

/** CRC-32C (Castagnoli), which SCTP has in place of a sum (RFC 9260 appendix A). */
export const crc32c = crc(tableOf(0x82f6_3b78));

/**
 * Whether the last four bytes are the frame check sequence of those in front, the low byte first.
 */
export function endsInCheckSequence(frame: Uint8Array): boolean {
  if (frame.length <= SIZE) return false;
  const end = frame.length - SIZE;
  return (
    new DataView(frame.buffer, frame.byteOffset + end, SIZE).getUint32(0, true) ===
    crc32(frame.subarray(0, end))
  );
}
