import { fromHex, toHex } from '../bytes/hex.ts';
import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';

const NUMBER_WIDTHS = [1, 2, 4, 8];

/**
 * Bytes of a map's key or value from what a person types, as hex: exactly that many bytes in hex,
 * or a number (decimal, 0x) where they are 1, 2, 4 or 8 bytes wide, in the byte order of the
 * object.
 */
export function mapBytes(text: string, size: number, littleEndian: boolean, place: string): string {
  const bytes = fromHex(text);
  if (bytes !== undefined && bytes.length === size) return toHex(bytes);
  if (!NUMBER_WIDTHS.includes(size))
    throw new InputError(place, `wants ${size} bytes in hex (${size * 2} digits)`);
  const value = parseInteger(text, place);
  const bits = BigInt(size * 8);
  if (value >= 1n << bits || value < -(1n << (bits - 1n)))
    throw new InputError(place, `${text.trim()} does not fit in ${size} bytes`);
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt.asUintN(64, value), littleEndian);
  const whole = new Uint8Array(view.buffer);
  return toHex(littleEndian ? whole.subarray(0, size) : whole.subarray(8 - size));
}
