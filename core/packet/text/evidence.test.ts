import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCapture } from '../capture/capture.ts';
import { evidenceOf, meanEvidence, type Start, weightAs } from './evidence.ts';

const FOLDER = join(import.meta.dirname, '../../testdata/packets');
const framesOf = (name: string): Uint8Array[] =>
  readCapture(name, new Uint8Array(readFileSync(join(FOLDER, `${name}.pcap`)))).packets.map(
    ({ bytes }) => bytes,
  );
const joined = (...parts: ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const typeOf = (frame: Uint8Array): [number, number] => [frame[12], frame[13]];
const MAC = [2, 0, 0, 0, 0, 1];

/** What a frame becomes when it is captured with another link layer, or without one. */
const LINKS: Readonly<Record<Start, (frame: Uint8Array) => Uint8Array>> = {
  ethernet: (frame) => frame,
  ipv4: (frame) => frame.subarray(14),
  ipv6: (frame) => frame.subarray(14),
  arp: (frame) => frame.subarray(14),
  // LINKTYPE_LINUX_SLL: packet type, ARPHRD_, length of the address, address, protocol.
  cooked: (frame) => joined([0, 4, 0, 1, 0, 6, ...MAC, 0, 0, ...typeOf(frame)], frame.subarray(14)),
  // LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD_, packet type, length, address.
  'cooked v2': (frame) =>
    joined([...typeOf(frame), 0, 0, 0, 0, 0, 3, 0, 1, 4, 6, ...MAC, 0, 0], frame.subarray(14)),
  // LINKTYPE_NULL of a little-endian machine, AF_INET.
  loopback: (frame) => joined([2, 0, 0, 0], frame.subarray(14)),
  vlan: (frame) => joined([0, 5, ...typeOf(frame)], frame.subarray(14)),
};
const STARTS = Object.keys(LINKS) as Start[];
const frames = ['designed', 'cases'].flatMap(framesOf);
const udp = frames.find(
  (frame) => typeOf(frame)[0] === 8 && frame[14] === 0x45 && frame[23] === 17,
)!;
const ipv6 = frames.find((frame) => typeOf(frame)[0] === 0x86)!;
const arp = frames.find((frame) => typeOf(frame)[1] === 6 && typeOf(frame)[0] === 8)!;

describe('a packet is known by its first header', () => {
  test.each<[Start, Uint8Array]>([
    ['ethernet', udp],
    ['ethernet', ipv6],
    ['ethernet', arp],
    ['ipv4', LINKS.ipv4(udp)],
    ['ipv6', LINKS.ipv6(ipv6)],
    ['arp', LINKS.arp(arp)],
    ['cooked', LINKS.cooked(udp)],
    ['cooked', LINKS.cooked(ipv6)],
    ['cooked v2', LINKS['cooked v2'](udp)],
    ['cooked v2', LINKS['cooked v2'](ipv6)],
    ['loopback', LINKS.loopback(udp)],
    ['vlan', LINKS.vlan(udp)],
  ])('%s', (start, bytes) => expect(evidenceOf(bytes).start).toBe(start));
});

test('a header whose length is more than there is says how much is missing', () => {
  for (const missing of [1, 2, 7])
    for (const start of ['ethernet', 'ipv4', 'cooked', 'cooked v2', 'loopback', 'vlan'] as const) {
      const bytes = LINKS[start](udp);
      expect(evidenceOf(bytes.subarray(0, bytes.length - missing))).toMatchObject({
        start,
        missing,
      });
    }
});

test('several packets weigh what they weigh in the mean, and none weigh nothing', () => {
  const weights = frames.slice(0, 24).map((frame) => evidenceOf(frame).weight);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  expect(meanEvidence([])).toBe(0);
  expect(meanEvidence([udp])).toBe(evidenceOf(udp).weight);
  expect(meanEvidence(frames.slice(0, 24))).toBe(sum(weights) / 24);
  // Of more than 24 every second, of more than 48 every third.
  const even = frames.slice(0, 26).filter((_, i) => i % 2 === 0);
  expect(meanEvidence(frames.slice(0, 26))).toBe(meanEvidence(even));
  const third = frames.slice(0, 49).filter((_, i) => i % 3 === 0);
  expect(meanEvidence(frames.slice(0, 49))).toBe(meanEvidence(third));
});

/** `value` as often as it is said in a row. */
function runs(values: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < values.length; ) {
    let end = i;
    while (end < values.length && values[end] === values[i]) end++;
    parts.push(end - i > 1 ? `${end - i}*${values[i]}` : values[i]);
    i = end;
  }
  return parts.join(' ');
}

const found = (bytes: Uint8Array): string => {
  const { start, weight, missing } = evidenceOf(bytes);
  const name = start === undefined ? '-' : STARTS.indexOf(start);
  return `${name}:${weight}${missing ? `-${missing}` : ''}`;
};
const HEADERS = 60;

/** A frame of IEEE 802.3: a length, then where it goes to and comes from above. */
const llc = joined(MAC, MAC, [0, 40, 0x42, 0x42, 3], Array(37).fill(9));
const ether = (type: number, payload: ArrayLike<number>): Uint8Array =>
  joined(MAC, MAC, [type >> 8, type & 255], payload);
const mpls = ether(0x8847, joined([0, 1, 1, 64], LINKS.ipv4(udp)));
const SELECTORS: readonly (readonly [what: string, bytes: Uint8Array, at: number])[] = [
  ['the high byte of the EtherType', udp, 12],
  ['the low byte of the EtherType', udp, 13],
  ['the low byte of a length or type', llc, 13],
  ['the DSAP', llc, 14],
  ['the EtherType behind 0x88', ether(0x8800, LINKS.ipv4(udp)), 13],
  ['the first byte of PPPoE', ether(0x8864, [0x11, ...Array(30).fill(0)]), 14],
  ['the first byte of LLDP', ether(0x88cc, [2, 7, 4, ...MAC, 0, 0]), 14],
  ['the third byte of an MPLS label', mpls, 16],
  ['the first byte behind an MPLS label', mpls, 18],
  ['version and length of IPv4', udp, 14],
  ['the protocol of IPv4', udp, 23],
  ['the low byte of the length of UDP', udp, 39],
  ['version of IPv6', ipv6, 14],
  ['the next header of IPv6', ipv6, 20],
  ['the low byte of the length of IPv6', ipv6, 19],
  ['the operation of ARP', arp, 21],
  ['the hardware type of ARP', arp, 15],
  ['the packet type of a cooked packet', LINKS.cooked(udp), 1],
  ['the high byte of the ARPHRD_ of a cooked packet', LINKS.cooked(udp), 2],
  ...[0, 2, 3, 0xff].map(
    (high) => [`the ARPHRD_ from ${high << 8} on`, LINKS.cooked(udp).with(2, high), 3] as const,
  ),
  ['the length of the address of a cooked packet', LINKS.cooked(udp), 5],
  ['the reserved byte of a cooked packet of version 2', LINKS['cooked v2'](udp), 3],
  ['the packet type of a cooked packet of version 2', LINKS['cooked v2'](udp), 10],
  ['the length of the address in version 2', LINKS['cooked v2'](udp), 11],
  ['the address family in front, little-endian', LINKS.loopback(udp), 0],
  ['the address family in front, big-endian', LINKS.loopback(udp).with(0, 0), 3],
  ['the second byte of the family', LINKS.loopback(udp), 1],
  ['the third byte of the family', LINKS.loopback(udp), 2],
  ['the EtherType behind a tag', LINKS.vlan(udp), 3],
  ...[0x8100, 0x88a8, 0x9100, 0x9200].map(
    (tag) => [`the byte behind tag ${tag.toString(16)}`, ether(tag, LINKS.vlan(udp)), 17] as const,
  ),
];
/** Four tags are read, a fifth is not. */
const tags = (count: number): Uint8Array =>
  joined(MAC, MAC, ...Array(count).fill([0x81, 0, 0, 5]), typeOf(udp), udp.subarray(14));

/**
 * How much headers count is weighed so that every text of the corpus is read right; this keeps the
 * weights: of packets cut, filled up, and with each byte of their headers another.
 */
test('what speaks for packets, whole and damaged', async () => {
  const kinds = new Map<string, Uint8Array>();
  for (const frame of frames) {
    const protocol = typeOf(frame)[0] === 0x86 ? frame[20] : frame[23];
    const key = `${typeOf(frame)} ${frame[14] >> 4} ${protocol}`;
    if (!kinds.has(key)) kinds.set(key, frame);
  }
  expect(kinds.size).toBeGreaterThan(20);
  const lines: string[] = [];
  for (const [kind, frame] of kinds)
    for (const start of STARTS) {
      const bytes = LINKS[start](frame);
      if (start !== 'ethernet' && weightAs(bytes, start) === 0) continue;
      const cut = Array.from({ length: Math.min(bytes.length, 80) }, (_, size) =>
        found(bytes.subarray(0, size)),
      );
      const [zeros, ones] = [0, 1].map((fill) =>
        Array.from({ length: 64 }, (_, count) => found(joined(bytes, Array(count).fill(fill)))),
      );
      const changed = [1, -1, 0x10, 0x80].map((by) =>
        Array.from({ length: Math.min(bytes.length, HEADERS) }, (_, at) =>
          found(bytes.with(at, bytes[at] + by)),
        ),
      );
      lines.push(`${kind}, ${start}`);
      for (const values of [cut, zeros, ones, ...changed]) lines.push(`  ${runs(values)}`);
    }
  for (const [what, bytes, at] of SELECTORS) {
    const all = Array.from({ length: 256 }, (_, value) => found(bytes.with(at, value)));
    lines.push(`every value of ${what}`, `  ${runs(all)}`);
  }
  lines.push(
    `0 to 6 tags`,
    `  ${[0, 1, 2, 3, 4, 5, 6].map((count) => found(tags(count))).join(' ')}`,
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(FOLDER, 'evidence.txt'));
});

// LINKTYPE_NULL: the family in the byte order of the machine that captured; 2 is AF_INET, 10
// (Linux), 24, 28 and 30 (the BSDs) AF_INET6.
test.each<[number[], boolean]>([
  [[2, 0, 0, 0], true],
  [[0, 0, 0, 2], true],
  [[0, 0, 0, 24], true],
  [[30, 0, 0, 0], true],
  [[1, 0, 0, 0], false],
  [[0, 0, 0, 3], false],
  [[0, 2, 0, 0], false],
  [[0, 0, 2, 0], false],
  [[1, 0, 0, 2], false],
  [[0, 1, 0, 2], false],
  [[0, 0, 1, 2], false],
  [[2, 0, 0, 1], false],
  [[2, 0, 1, 0], false],
  [[2, 1, 0, 0], false],
])('%j in front of IPv4 is a family of the loopback: %s', (family, is) => {
  const ipv4 = framesOf('designed').find((frame) => frame[12] === 8 && frame[13] === 0)!;
  expect(weightAs(joined(family, ipv4.subarray(14)), 'loopback') > 0).toBe(is);
});
