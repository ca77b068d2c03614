import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { ReadText } from './types.ts';

export const looksLikePacket = (text: string): boolean => fromHex(text) !== undefined;

export function readPacketText(text: string): ReadText {
  const bytes = fromHex(text);
  if (bytes === undefined || bytes.length === 0) throw new InputError('line 1', 'is not hex');
  return { packets: [{ name: 'pasted', bytes }], dialect: 'plain hex', notes: [] };
}
