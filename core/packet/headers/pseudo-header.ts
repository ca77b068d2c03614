import { sumWords } from '../checksum.ts';
import type { Carrier } from './layer.ts';

/**
 * Sum of the pseudo header's words: RFC 9293 section 3.1 for IPv4, RFC 8200 section 8.1 for IPv6.
 * The two differ only in where zeros stand, which does not change the sum.
 */
export const pseudoHeader = (
  bytes: Uint8Array,
  { addresses }: Carrier,
  protocol: number,
  length: number,
): number =>
  addresses.reduce(
    (sum, address) => sum + sumWords(bytes, address),
    protocol + (length & 0xffff) + Math.floor(length / 0x10000),
  );
