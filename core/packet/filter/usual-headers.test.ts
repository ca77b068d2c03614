import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filteredPackets } from '../../testing/filters.ts';
import {
  ARP,
  ICMP4,
  LLC,
  OPTIONS4,
  TAGGED,
  TAGGED_TWICE,
  TCP4,
  TCP6,
  UDP4,
  UDP6,
} from '../../testing/frames.ts';
import { Random } from '../../testing/random.ts';
import { randomPacket } from '../../testing/random-packet.ts';
import type { LinkType } from '../types.ts';
import { FILTER_FIELDS } from './fields.ts';
import { UsualHeaders } from './usual-headers.ts';
import { PacketValues, readOf } from './values.ts';

/** Every name of the tree, and those a usual stack has a place for. */
const NAMES = new Set([...FILTER_FIELDS.values()].flatMap(({ name, of = [name] }) => [...of]));
const PLACED = [...NAMES].filter((name) => /^(eth|vlan|ip|ipv6|tcp|udp)(\.|$)/.test(name));
const USUAL = PLACED.filter((name) => UsualHeaders.of(new Set([name])) !== undefined);
/** Those, and the names of headers that no usual stack has. */
const FOREIGN = [...NAMES].filter((name) => UsualHeaders.of(new Set([name])) !== undefined);

function valuesOf(
  names: readonly string[],
  bytes: Uint8Array,
  link: LinkType,
  usual?: UsualHeaders,
) {
  const wanted = new Set(names);
  const subject = { number: 1, bytes, link, length: bytes.length };
  const values = new PacketValues(wanted, usual).lookAt(subject);
  return names
    .map((name) => [name, readOf({ name, label: name, type: 'bytes' })(values)] as const)
    .filter(([name, found]) => found.length > 0 && !/^(frame|verdict|steps|fault)/.test(name));
}

/** One that is asked for what a usual stack has, and one for everything. */
const OWN = [
  'arp',
  'igmp',
  'ospf',
  'vrrp',
  'sctp',
  'dns',
  'mdns',
  'llmnr',
  'dhcp',
  'ntp',
  'rip',
  'bfd',
];
const READERS = [[...USUAL, ...OWN], FOREIGN].map((names) => ({
  names,
  reader: UsualHeaders.of(new Set(names))!,
}));

/** Compares, where the headers are usual; answers whether they are for any of the readers. */
function compared(bytes: Uint8Array, link: LinkType = 'ethernet'): boolean {
  const usual = READERS.filter(({ reader }) => reader.find(bytes, link));
  for (const { names, reader } of usual)
    expect(valuesOf(names, bytes, link, reader)).toEqual(valuesOf(names, bytes, link));
  return usual.length > 0;
}

test('names that stand at places of their own are read without a dissection', () => {
  expect(USUAL.length).toBeGreaterThan(50);
  for (const name of ['ip.dst', 'tcp.flags.syn', 'udp', 'ipv6.flow', 'vlan.id', 'dns.qry.name'])
    expect([name, UsualHeaders.of(new Set([name])) !== undefined]).toEqual([name, true]);
  for (const name of ['data', 'eth.padding', 'eth.len', 'ip.options', 'tcp.options.mss', 'tcp.x'])
    expect([name, UsualHeaders.of(new Set([name]))]).toEqual([name, undefined]);
  expect(UsualHeaders.of(new Set(['ip.dst', 'tcp.options']))).toBeUndefined();
});

describe('a usual stack has the values that its dissection has', () => {
  test('every stack of two addresses and ports', () => {
    const usual = { TCP4, UDP4, TCP6, UDP6, TAGGED, TAGGED_TWICE, OPTIONS4, ARP };
    for (const [name, bytes] of Object.entries(usual))
      expect([name, compared(bytes)]).toEqual([name, true]);
    for (const [name, bytes] of Object.entries({ ICMP4, LLC }))
      expect([name, compared(bytes)]).toEqual([name, false]);
    expect(compared(TCP4.subarray(14), 'ip')).toBe(true);
    expect(compared(UDP6.subarray(14), 'ip')).toBe(true);
    expect(compared(TCP4, 'raw')).toBe(false);
    expect(compared(new Uint8Array(), 'ip')).toBe(false);
    expect(compared(new Uint8Array(), 'ethernet')).toBe(false);
  });

  test('every recorded packet', () => {
    const usual = filteredPackets().filter(({ bytes }) => compared(bytes));
    expect(usual.length).toBeGreaterThan(50);
  });

  test('random packets of all protocols, with bytes changed and cut off', () => {
    let usual = 0;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.tuple(fc.nat(70), fc.nat(255)), { maxLength: 3 }),
        fc.option(fc.nat(80), { freq: 4 }),
        (seed, changes, length) => {
          const bytes = randomPacket(new Random(seed)).slice(0, length ?? undefined);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          if (compared(bytes)) usual += 1;
        },
      ),
      { numRuns: 1500 },
    );
    expect(usual).toBeGreaterThan(20);
  });

  test('usual packets with one byte of their headers changed', () => {
    const stacks = [TCP4, UDP4, TCP6, TAGGED, OPTIONS4];
    let usual = 0;
    for (const stack of stacks)
      for (let at = 12; at < Math.min(stack.length, 60); at++)
        for (const flip of [1, 4, 0x10, 0x40, 0xff]) {
          const bytes = stack.slice();
          bytes[at]! ^= flip;
          if (compared(bytes)) usual += 1;
        }
    expect(usual).toBeGreaterThan(300);
  });
});
