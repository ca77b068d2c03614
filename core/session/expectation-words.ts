import type { Unmet } from './expected.ts';
import type { Expectation } from './types.ts';

/** Characters of bytes in hex that are told in a sentence. */
const MOST_SHOWN = 64;

const shortened = (text: string): string =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;

/** `verdict: expected XDP_DROP, seen XDP_PASS`. */
export const unmetText = ({ what, expected, seen }: Unmet): string =>
  what === 'packet'
    ? `packet: ${differenceText(expected, seen)}`
    : `${what}: expected ${shortened(expected)}, seen ${shortened(seen)}`;

/** The first byte at which two packets in hex part, and what stands there. */
function differenceText(expected: string, seen: string): string {
  const lengths = `expected ${expected.length / 2} bytes, seen ${seen.length / 2}`;
  if (expected.length !== seen.length) return lengths;
  let at = 0;
  while (expected.slice(at, at + 2) === seen.slice(at, at + 2)) at += 2;
  const from = (text: string): string => text.slice(at, at + 16);
  return `expected ${from(expected)} from byte ${at / 2} on, seen ${from(seen)}`;
}

/** What is expected, in few words: `XDP_PASS, the packet that goes on, 2 map entries`. */
export function expectationText({ verdict, r0, packetOut, maps = [], fault }: Expectation): string {
  const parts = [
    ...(verdict === undefined ? [] : [verdict]),
    ...(r0 === undefined ? [] : [`r0 = ${r0}`]),
    ...(fault === undefined ? [] : [`the fault ${fault}`]),
    ...(packetOut === undefined ? [] : ['the packet that goes on']),
    ...(maps.length === 0 ? [] : [`${maps.length} map ${maps.length === 1 ? 'entry' : 'entries'}`]),
  ];
  return parts.join(', ');
}
