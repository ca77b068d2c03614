import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { FIELDS } from '../spec/header-fields.ts';
import { readCapture } from './capture/capture.ts';
import { dissect } from './dissect.ts';
import type { Dissection, FieldNode } from './types.ts';

const FOLDER = join(import.meta.dirname, '../testdata/packets');
const CAPTURE = readCapture(
  'designed.pcap',
  new Uint8Array(readFileSync(join(FOLDER, 'designed.pcap'))),
).packets;
const TITLES: string[] = JSON.parse(readFileSync(join(FOLDER, 'designed.json'), 'utf8')).map(
  ({ title }: { title: string }) => title,
);

const RANDOM = readCapture(
  'random.pcap',
  new Uint8Array(readFileSync(join(FOLDER, 'random.pcap'))),
).packets;

const packet = (title: string): Uint8Array => CAPTURE[TITLES.indexOf(title)].bytes;
const flatten = (nodes: readonly FieldNode[]): FieldNode[] =>
  nodes.flatMap((node) => [node, ...flatten(node.children)]);

test.each([
  ['TCP SYN to 1.1.1.1', 'IPv4 10.0.0.2 -> 1.1.1.1 TCP 40000 -> 50001 [SYN]'],
  ['TCP data with timestamps', 'IPv4 10.0.0.2 -> 1.1.1.1 TCP 40000 -> 50001 [ACK PSH] 16 bytes'],
  ['later fragment', 'IPv4 10.0.0.2 -> 1.1.1.1 fragment at 1480 11 bytes'],
  ['IPv4 of an unknown protocol', 'IPv4 10.0.0.2 -> 1.1.1.1 protocol 253 12 bytes'],
  ['ICMP echo request', 'IPv4 10.0.0.2 -> 1.1.1.1 ICMP Echo request id 4660 seq 7 11 bytes'],
  ['ARP request', 'ARP who has 1.1.1.1? tell 10.0.0.2'],
  ['ARP reply', 'ARP 10.0.0.2 is at 02:00:00:00:00:01'],
  [
    'QinQ of two 802.1Q tags',
    'VLAN 5 VLAN 4095 IPv4 10.0.0.2 -> 1.1.1.1 UDP 40001 -> 50002 5 bytes',
  ],
  ['unknown EtherType', 'Ethernet type 0x1234 12 bytes'],
  ['IPv6 UDP', 'IPv6 2001:db8::2 -> 2606:4700:4700::1111 UDP 40001 -> 50002 9 bytes'],
  [
    'ICMPv6 neighbor solicitation',
    'IPv6 fe80::2 -> ff02::1:ff00:1 ICMPv6 Neighbor solicitation for fe80::1',
  ],
])('%s in one line', (title, summary) =>
  expect(dissect(packet(title), 'ethernet').summary).toBe(summary),
);

test.each([
  ['TCP SYN to 1.1.1.1', []],
  ['IPv4 with a wrong checksum', ['ip.checksum: checksum is 0x12c9, should be 0x2ec9']],
  ['UDP that says more than is there', ['udp.length: header says 40 bytes, 13 are there']],
  ['IPv4 that says more than is there', ['ip.len: header says 200 bytes, 33 are there']],
  ['a header that ends early', ['ip: IPv4 header takes 20 bytes, 16 are there']],
  ['IPv6 UDP without checksum', ['udp.checksum: checksum is 0x0000, IPv6 needs one']],
  ['ICMP time exceeded', []],
  ['first fragment', []],
])('what is wrong with %s', (title, problems) =>
  expect(dissect(packet(title), 'ethernet').problems).toEqual(problems),
);

test.each([
  ['ip', '45000014000100004011000001010101' + '02020202', 'IPv4 1.1.1.1 -> 2.2.2.2 UDP, cut short'],
  ['ip', `6000000000003b40${'00'.repeat(32)}`, 'IPv6 :: -> :: No next header'],
  ['ip', '0011', '2 bytes'],
  ['raw', '45000014', '4 bytes'],
  ['ethernet', '', '0 bytes'],
  ['ethernet', '0011', 'Ethernet, cut short'],
] as const)('%s packet %s', (link, hex, summary) =>
  expect(dissect(fromHex(hex)!, link).summary).toBe(summary),
);

test('bytes behind what the headers say are padding', () => {
  const { layers } = dissect(packet('TCP, padded to 60 bytes'), 'ethernet');
  expect(layers.at(-1)).toMatchObject({ name: 'eth.padding', offset: 54, length: 6 });
});

/**
 * Children lie in their parents, a name stands once at an offset, and what can be edited has a row.
 */
function checkTree({ layers, problems }: Dissection, length: number): void {
  const check = (nodes: readonly FieldNode[], start: number, end: number) => {
    for (const node of nodes) {
      expect(node.offset, node.name).toBeGreaterThanOrEqual(start);
      expect(node.offset + node.length, node.name).toBeLessThanOrEqual(end);
      if (node.bits) expect(node.bits.start + node.bits.count).toBeLessThanOrEqual(node.length * 8);
      if (node.editable) expect(FIELDS.has(node.name), node.name).toBe(true);
      check(node.children, node.offset, node.offset + node.length);
    }
  };
  check(layers, 0, length);
  const all = flatten(layers);
  expect(new Set(all.map(({ name, offset }) => `${name}@${offset}`)).size).toBe(all.length);
  expect(problems.length).toBe(all.filter(({ problem }) => problem !== undefined).length);
}

describe('any bytes', () => {
  test('are dissected, and the tree lies inside them', () => {
    const link = fc.constantFrom('ethernet', 'ip', 'raw') as fc.Arbitrary<
      'ethernet' | 'ip' | 'raw'
    >;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), link, (bytes, kind) =>
        checkTree(dissect(bytes, kind), bytes.length),
      ),
      { numRuns: 500 },
    );
  });

  test('that were once a packet are, too', () => {
    const edits = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...CAPTURE, ...RANDOM),
        edits,
        fc.nat(200),
        ({ bytes }, changes, cut) => {
          const copy = bytes.slice(0, cut > 150 ? bytes.length : cut);
          for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
          checkTree(dissect(copy, 'ethernet'), copy.length);
        },
      ),
      { numRuns: 2500 },
    );
  });

  test.each([
    ['VLAN tags', '0000000000000000000000008100', '00058100'],
    [
      'IPv4 in IPv4',
      '0000000000000000000000000800',
      '45000014000000004004000000000000' + '00000000',
    ],
    ['MPLS labels', '0000000000000000000000008847', '00010040'],
    [
      'GRE in IPv4',
      '0000000000000000000000000800',
      '4500ffff00000000402f0000000000000000000000000800',
    ],
    ['LLDP values', '00000000000000000000000088cc', '0801610a0162'],
    [
      'SCTP chunks',
      `00000000000000000000000008004500ffff000000004084000000000000${'00'.repeat(18)}`,
      '0b000004',
    ],
    [
      'IPv6 options',
      `00000000000000000000000086dd60000000ffff0040${'00'.repeat(32)}`,
      '0000010400000000',
    ],
  ])('of 256 KB of %s are taken to an end', (_name, head, repeated) => {
    const bytes = fromHex((head + repeated.repeat(256 * 1024)).slice(0, 2 * 256 * 1024))!;
    const { layers } = dissect(bytes, 'ethernet');
    expect(layers.length).toBeLessThan(70);
    expect(toHex(bytes)).toContain(repeated);
  });
});
