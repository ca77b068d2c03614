import { toHex } from '../bytes/hex.ts';
import { word } from './words.ts';

/** `02:00:00:00:00:01` */
export const formatMac = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

export const formatIpv4 = (bytes: Uint8Array): string => bytes.join('.');

/**
 * RFC 5952: the longest run of two or more zero groups is `::`, the first of equals; mapped IPv4
 * addresses end in dots.
 */
export function formatIpv6(bytes: Uint8Array): string {
  if (toHex(bytes.subarray(0, 12)) === '00000000000000000000ffff')
    return `::ffff:${formatIpv4(bytes.subarray(12))}`;
  const groups = Array.from({ length: 8 }, (_, i) => word(bytes, 2 * i));
  const run = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [i, group] of groups.entries()) {
    if (group !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}

const MAC = [
  /^[0-9a-f]{1,2}([:-])(?:[0-9a-f]{1,2}\1){4}[0-9a-f]{1,2}$/i,
  /^[0-9a-f]{12}$/i,
  /^[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}$/i,
];

/** Six pairs of hex digits with `:`, `-` or nothing between, or three groups of four with dots. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!MAC.some((shape) => shape.test(text))) return undefined;
  const digits = /[:-]/.test(text)
    ? text
        .split(/[:-]/)
        .map((pair) => pair.padStart(2, '0'))
        .join('')
    : text.replace(/\./g, '');
  return Uint8Array.from({ length: 6 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/**
 * Four decimal numbers below 256; leading zeros are refused, as some readers take them for octal.
 */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  )
    return undefined;
  return Uint8Array.from(parts, Number);
}

/** RFC 4291 section 2.2, all three forms. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const dotted = /^(.*:)([\d.]*\.[\d.]*)$/.exec(text);
  const [, head = '', last = ''] = dotted ?? [];
  const tail = dotted && parseIpv4(last);
  if (dotted && !tail) return undefined;
  const groups = ipv6Groups(
    dotted && tail ? `${head}${toHex(tail.subarray(0, 2))}:${toHex(tail.subarray(2))}` : text,
  );
  return groups && Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split('::');
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || ![...before, ...after].every((group) => /^[0-9a-f]{1,4}$/i.test(group)))
    return undefined;
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...new Array<string>(missing).fill('0'), ...after].map((group) =>
    Number.parseInt(group, 16),
  );
}
