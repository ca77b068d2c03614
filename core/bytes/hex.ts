/** Lower-case hex of bytes, two digits each, no separator. */
export function toHex(bytes: Uint8Array): string {
  // By way of characters as bytes: a string that grows by pairs is slow for values of megabytes.
  const digits = new Uint8Array(2 * bytes.length);
  let at = 0;
  for (const byte of bytes) {
    digits[at++] = DIGITS.charCodeAt(byte >> 4);
    digits[at++] = DIGITS.charCodeAt(byte & 0xf);
  }
  return DECODER.decode(digits);
}

const DIGITS = '0123456789abcdef';
const DECODER = new TextDecoder();

/**
 * Bytes of plain hex digits; white space is skipped. Undefined where it is not hex or an odd digit
 * is left.
 */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** LLVM's hexadecimal with the sign in front: `0x10`, `-0x1`. */
export const signedHex = (value: number | bigint): string =>
  value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
