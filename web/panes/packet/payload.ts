import { fromHex, toHex } from '../../../core/bytes/hex.ts';

/** Bytes of data that are typed over as text; more are edited in the bytes. */
export const MOST_TYPED = 256;

export const payloadText = (bytes: Uint8Array): string => toHex(bytes).replace(/..(?!$)/g, '$& ');

/** Hex digits, or characters in quotes; a string says what it takes instead. */
export function payloadOf(text: string): Uint8Array | string {
  const quoted = /^"(.*)"$/s.exec(text.trim())?.[1];
  if (quoted !== undefined) return new TextEncoder().encode(quoted);
  return fromHex(text) ?? 'Data is hex, two digits a byte, or characters in quotes: 68 69 or "hi".';
}
