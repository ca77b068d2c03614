import { InputError } from '../errors.ts';

/** Characters of pasted text. */
export const MAX_TEXT = 4 * 1024 * 1024;
/** Bytes of one packet. */
export const MAX_PACKET = 256 * 1024;
/** Packets of one capture or one paste; what is behind them is left out with a note. */
export const MAX_PACKETS = 4096;

/** Refuses a packet that is too large, before its bytes are made. */
export function checkSize(place: string, size: number): void {
  if (size > MAX_PACKET) throw new InputError(place, `packet has ${size} bytes, at most ${MAX_PACKET} are read`);
}
