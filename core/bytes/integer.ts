import { InputError } from '../errors.ts';

/** A whole number in decimal or 0x, negative allowed. */
export function parseInteger(text: string, place: string): bigint {
  const found = /^\s*(-?)(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})\s*$/.exec(text);
  if (!found) throw new InputError(place, `"${text.slice(0, 40)}" is not a number (decimal or 0x)`);
  const [, sign, digits = ''] = found;
  const value = BigInt(digits);
  return sign === '-' ? -value : value;
}
