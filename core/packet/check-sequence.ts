/** IEEE 802.3 section 3.2.9: the remainder of this polynomial, its bits reversed. */
const POLYNOMIAL = 0xedb8_8320;
const SIZE = 4;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** CRC-32 of Ethernet. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = (value >>> 8) ^ TABLE[(value ^ byte) & 0xff];
  return ~value >>> 0;
}

/** Whether the last four bytes are the frame check sequence of those in front, the low byte first. */
export function endsInCheckSequence(frame: Uint8Array): boolean {
  if (frame.length <= SIZE) return false;
  const end = frame.length - SIZE;
  return new DataView(frame.buffer, frame.byteOffset + end, SIZE).getUint32(0, true) === crc32(frame.subarray(0, end));
}
