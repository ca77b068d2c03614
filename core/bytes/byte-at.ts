import { Bug } from '../errors.ts';

/**
 * The byte at an offset that the caller has checked; an offset without a byte is a Bug, where plain
 * indexing would go on with undefined.
 */
export function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new Bug(`no byte ${offset} of ${bytes.length}`);
  return byte;
}
