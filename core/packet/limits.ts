import { InputError } from '../errors.ts';

/** Characters of pasted text. */
export const MAX_TEXT = 4 * 1024 * 1024;
/** Bytes of one packet. */
export const MAX_PACKET = 256 * 1024;
/**
 * Bytes of all packets of one paste: text has two characters a byte, but a dump may say that lines
 * repeat.
 */
export const MAX_PASTED = 4 * 1024 * 1024;
/** Packets of one capture or one paste; what is behind them is left out with a note. */
export const MAX_PACKETS = 4096;

/** Refuses a packet that is too large, before its bytes are made. */
export function checkSize(place: () => string, size: number): void {
  if (size > MAX_PACKET)
    throw new InputError(
      place(),
      `packet has more than ${MAX_PACKET} bytes, the most that is read`,
    );
}
