import { byteAt } from '../bytes/byte-at.ts';

/** The 16-bit big-endian number at a byte; the caller has checked that it is there. */
export const word = (bytes: Uint8Array, offset: number): number =>
  (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
