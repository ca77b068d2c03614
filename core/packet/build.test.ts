import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { canFollow, MADE_HEADERS, PROTOCOLS } from '../spec/layers.ts';
import { BUILT_STACKS, builtPackets } from '../testing/built-packets.ts';
import { TAGGED_TWICE, TCP4, UDP6 } from '../testing/frames.ts';
import { buildPacket } from './build.ts';
import { readCapture } from './capture/capture.ts';
import { dissect } from './dissect.ts';
import { piecesOf, stackRows } from './stack.ts';
import type { StackItem } from './types.ts';

const EMPTY = new Uint8Array();
const PACKETS = join(import.meta.dirname, '../testdata/packets');
const packetsOf = (name: string): Uint8Array[] =>
  readCapture(name, new Uint8Array(readFileSync(join(PACKETS, `${name}.pcap`)))).packets.map(
    ({ bytes }) => bytes,
  );

const made = (...headers: StackItem[]): Uint8Array => buildPacket(EMPTY, headers, true);
const labels = (bytes: Uint8Array): string =>
  stackRows(bytes, 'ethernet')
    .map(({ label }) => label)
    .join(' / ');
const field = (bytes: Uint8Array, name: string): string | undefined =>
  dissect(bytes, 'ethernet')
    .layers.flatMap(({ children }) => children)
    .find((node) => node.name === name)?.text;
const keepAll = (bytes: Uint8Array): { keep: number }[] =>
  piecesOf(bytes, 'ethernet').map((_, keep) => ({ keep }));

describe('every header, and every two that may follow each other, make a packet', () => {
  test.each(BUILT_STACKS)('without a problem: $name', ({ stack }) => {
    expect(dissect(buildPacket(EMPTY, stack, true), 'ethernet').problems).toEqual([]);
  });

  test('the same as those whose fields and checksums Wireshark was asked for', () => {
    // Made anew by `npm run compare:tshark -- --built --record core/testdata/packets/built`.
    expect(builtPackets().map(toHex)).toEqual(packetsOf('built').map(toHex));
  });
});

describe('a packet taken apart and put together again', () => {
  test.each(['designed', 'mutated', 'random', 'built'])('is the same: %s', (file) => {
    for (const bytes of packetsOf(file))
      expect(toHex(buildPacket(bytes, keepAll(bytes), false))).toBe(toHex(bytes));
  });

  test('is the same with everything made right, where all was right before', () => {
    let count = 0;
    for (const bytes of [...packetsOf('designed'), ...packetsOf('random')]) {
      if (dissect(bytes, 'ethernet').problems.length > 0) continue;
      if (bytes.length === 0) continue;
      count += 1;
      expect(toHex(buildPacket(bytes, keepAll(bytes), true))).toBe(toHex(bytes));
    }
    expect(count).toBeGreaterThan(100);
  });
});

test('a VLAN tag, IPv6 and UDP: types, lengths and checksum follow from the stack', () => {
  const payload = Uint8Array.of(1, 2, 3, 4, 5);
  const built = made(
    { header: 'ethernet' },
    { header: 'vlan' },
    { header: 'ipv6' },
    { header: 'udp' },
    { payload },
  );
  expect(toHex(built)).toBe(
    '020000000002020000000001' + // Ethernet
      '8100006486dd' + // VLAN 100
      '60000000000d1140' + // 8 + 5 bytes of UDP (17)
      '20010db8000000000000000000000001' +
      '20010db8000000000000000000000002' +
      `9c401388000d${toHex(built.subarray(64, 66))}` +
      '0102030405',
  );
  expect(dissect(built, 'ethernet').problems).toEqual([]);
});

describe('a header more in a packet that is there', () => {
  test('a VLAN tag in front of IPv4 leaves all behind it as it is', () => {
    const built = buildPacket(
      TCP4,
      [{ keep: 0 }, { header: 'vlan' }, ...keepAll(TCP4).slice(1)],
      true,
    );
    expect(labels(built)).toBe('Ethernet / VLAN / IPv4 / TCP / Data');
    expect(toHex(built.subarray(0, 18))).toBe(`${toHex(TCP4.subarray(0, 12))}810000640800`);
    // The addresses stay; the checksums of the frame by hand were wrong before.
    expect(toHex(built.subarray(30, 38))).toBe(toHex(TCP4.subarray(26, 34)));
  });

  test('a whole packet goes into a tunnel, and comes out again', () => {
    const tunnel: StackItem[] = ['ethernet', 'ipv4', 'udp', 'vxlan'].map((header) => ({
      header: header as 'udp',
    }));
    const inside = buildPacket(UDP6, keepAll(UDP6), true);
    const outside = buildPacket(inside, [...tunnel, ...keepAll(inside)], true);
    expect(labels(outside)).toBe(
      'Ethernet / IPv4 / UDP / VXLAN / Ethernet / IPv6 / UDP / DNS / Data',
    );
    expect(field(outside, 'udp.dstport')).toBe('4789');
    expect(field(outside, 'ip.len')).toBe(`${inside.length + 36} bytes`);
    expect(toHex(outside.subarray(50))).toBe(toHex(inside));
    const out = buildPacket(outside, keepAll(outside).slice(4), true);
    expect(toHex(out)).toBe(toHex(inside));
  });

  test('padding stays at the end of the frame it fills up, and is in no length', () => {
    const short = made({ header: 'ethernet' }, { header: 'ipv4' }, { header: 'icmp' });
    const padded = new Uint8Array(60).fill(0xee);
    padded.set(short);
    const tagged = buildPacket(
      padded,
      [{ keep: 0 }, { header: 'vlan' }, ...keepAll(padded).slice(1)],
      true,
    );
    expect(labels(tagged)).toBe('Ethernet / VLAN / IPv4 / ICMP / Padding');
    expect(field(tagged, 'ip.len')).toBe('28 bytes');
    const tunnelled = buildPacket(
      padded,
      [
        { header: 'ethernet' },
        { header: 'ipv4' },
        { header: 'udp' },
        { header: 'vxlan' },
        ...keepAll(padded),
      ],
      true,
    );
    expect(labels(tunnelled)).toBe(
      'Ethernet / IPv4 / UDP / VXLAN / Ethernet / IPv4 / ICMP / Padding',
    );
    // The inner frame with its padding is what the outer headers carry.
    expect(field(tunnelled, 'udp.length')).toBe(`${8 + 8 + 60} bytes`);
    expect(toHex(tunnelled.subarray(50))).toBe(toHex(padded));
  });
});

describe('headers taken away or in another order', () => {
  test('without its tag a packet says what the tag said', () => {
    const twice = buildPacket(TAGGED_TWICE, keepAll(TAGGED_TWICE), true);
    const built = buildPacket(twice, [{ keep: 0 }, ...keepAll(twice).slice(3)], true);
    expect(labels(built)).toBe('Ethernet / IPv4 / UDP / DNS / Data');
    expect(field(built, 'eth.type')).toBe('IPv4 (0x0800)');
  });

  test('extension headers change places, and the chain of next headers with them', () => {
    const stack: StackItem[] = [
      { header: 'ethernet' },
      { header: 'ipv6' },
      { header: 'destination options' },
      { header: 'ipv6 routing' },
      { header: 'tcp' },
    ];
    const built = made(...stack);
    const turned = buildPacket(
      built,
      [0, 1, 3, 2, 4].map((keep) => ({ keep })),
      true,
    );
    expect(labels(turned)).toBe('Ethernet / IPv6 / Routing / Destination options / TCP');
    expect(field(turned, 'ipv6.nxt')).toBe('IPv6 routing (43)');
    expect(field(turned, 'ipv6.routing.nxt')).toBe('IPv6 destination options (60)');
    expect(field(turned, 'ipv6.dstopts.nxt')).toBe('TCP (6)');
  });

  test('behind the last header nothing follows, and IP says so', () => {
    expect(field(made({ header: 'ethernet' }, { header: 'ipv6' }), 'ipv6.nxt')).toBe(
      'No next header (59)',
    );
  });
});

describe('options of a header', () => {
  const tcpOptions = (bytes: Uint8Array): (string | undefined)[] =>
    (stackRows(bytes, 'ethernet').find(({ header }) => header === 'tcp')?.options ?? []).map(
      ({ label, text }) => `${label} ${text}`.trim(),
    );
  const syn = made({ header: 'ethernet' }, { header: 'ipv4' }, { header: 'tcp' });
  const withOptions = buildPacket(
    syn,
    [{ keep: 0 }, { keep: 1 }, { keep: 2, options: [2, 4, 8, 3].map((type) => ({ type })) }],
    true,
  );

  test('are added, the header is filled up, and says its length', () => {
    expect(tcpOptions(withOptions)).toEqual([
      'Maximum segment size 1460',
      'SACK permitted',
      'Timestamps 1',
      'Window scale 7',
    ]);
    expect(field(withOptions, 'tcp.hdr_len')).toBe('40 bytes');
    expect(field(withOptions, 'ip.len')).toBe('60 bytes');
    expect(dissect(withOptions, 'ethernet').problems).toEqual([]);
  });

  test('are taken away and change places; what only fills is no option', () => {
    const fewer = buildPacket(
      withOptions,
      [{ keep: 0 }, { keep: 1 }, { keep: 2, options: [{ keep: 3 }, { keep: 0 }] }],
      true,
    );
    expect(tcpOptions(fewer)).toEqual(['Window scale 7', 'Maximum segment size 1460']);
    expect(field(fewer, 'tcp.hdr_len')).toBe('28 bytes');
    const none = buildPacket(fewer, [{ keep: 0 }, { keep: 1 }, { keep: 2, options: [] }], true);
    expect(toHex(none)).toBe(toHex(syn));
  });

  test.each(['ipv4', 'tcp', 'hop-by-hop options', 'destination options'] as const)(
    'each that %s can have reads without a problem',
    (header) => {
      const front: StackItem[] =
        header === 'ipv4' || header === 'tcp'
          ? [{ header: 'ipv4' }, { header: 'tcp' }]
          : [{ header: 'ipv6' }, { header }, { header: 'udp' }];
      const plain = made({ header: 'ethernet' }, ...front);
      const at = piecesOf(plain, 'ethernet').findIndex((piece) => piece.header === header);
      for (const type of [1, 2, 3, 4, 5, 7, 8, 68, 131, 148, 0xc9]) {
        const stack = keepAll(plain).with(at, { keep: at, options: [{ type }] } as never);
        let built: Uint8Array;
        try {
          built = buildPacket(plain, stack, true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          continue;
        }
        expect(dissect(built, 'ethernet').problems).toEqual([]);
        expect(stackRows(built, 'ethernet')[at].options).toHaveLength(1);
      }
    },
  );
});

describe('what cannot be said is refused', () => {
  test.each<[string, StackItem[], string]>([
    [
      'UDP right behind Ethernet',
      [{ header: 'ethernet' }, { header: 'udp' }],
      'Ethernet: has no way to say that UDP follows',
    ],
    [
      'ERSPAN behind GRE without a sequence number',
      [
        { header: 'ethernet' },
        { header: 'ipv4' },
        { header: 'gre' },
        { header: 'erspan' },
        { header: 'ethernet' },
      ],
      'GRE: is followed by what reads as Ethernet, not as ERSPAN',
    ],
    [
      'a packet in an echo',
      [{ header: 'ethernet' }, { header: 'ipv4' }, { header: 'icmp' }, { header: 'ipv4' }],
      'ICMP: is followed by what reads as Data, not as IPv4',
    ],
    [
      'more than IPv4 can count',
      [{ header: 'ethernet' }, { header: 'ipv4' }, { payload: new Uint8Array(70_000) }],
      'ip.len: Total length takes up to 65535, not 70020',
    ],
    ['a header of another packet', [{ keep: 7 }], 'header 7: is not in the packet'],
    [
      'a form there is none of',
      [{ header: 'ethernet', variant: 9 }],
      'Ethernet: is not one of the headers that can be made',
    ],
    [
      'more bytes than a packet has',
      [{ header: 'ethernet' }, { payload: new Uint8Array(300_000) }],
      'packet: packet has more than 262144 bytes, the most that is read',
    ],
  ])('%s', (_what, stack, says) => {
    expect(() => buildPacket(EMPTY, stack, true)).toThrow(says);
  });

  test('but not where a person wants it wrong', () => {
    const bytes = buildPacket(EMPTY, [{ header: 'ethernet' }, { header: 'udp' }], false);
    expect(toHex(bytes)).toBe('02000000000202000000000100009c4013880000ffff');
  });
});

test('any stack that the table allows, on any packet, is what was asked for or is refused', () => {
  const anyHeader = fc.constantFrom(...MADE_HEADERS);
  const bases = [EMPTY, ...packetsOf('designed').slice(0, 20)];
  fc.assert(
    fc.property(
      fc.constantFrom(...bases),
      fc.array(
        fc.oneof(
          fc.record({ header: anyHeader }),
          fc.nat(12).map((keep) => ({ keep })),
          fc.uint8Array({ maxLength: 30 }).map((payload) => ({ payload })),
        ),
        { maxLength: 8 },
      ),
      (base, stack) => {
        try {
          buildPacket(base, stack, true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('walks through the table: twelve headers deep, all lengths and checksums right', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 12 }), (choices) => {
      const headers: (typeof MADE_HEADERS)[number][] = ['ethernet'];
      for (const choice of choices) {
        const front = headers.at(-1) ?? 'ethernet';
        const next = MADE_HEADERS.filter((behind) => canFollow(front, behind));
        if (next.length === 0) break;
        headers.push(next[choice % next.length]);
      }
      let built: Uint8Array;
      try {
        built = made(...headers.map((header) => ({ header })));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return;
      }
      const found = piecesOf(built, 'ethernet').map(({ header }) => header);
      expect(found.slice(0, headers.length)).toEqual(headers);
      // What is malformed at its end is a header that has to carry something.
      const last = PROTOCOLS[headers.at(-1) ?? 'data'];
      const needsMore = last.follows !== undefined && !('by' in last.follows);
      if (!needsMore && !['ppp', 'vxlan-gpe', 'nsh'].includes(headers.at(-1) ?? ''))
        expect(dissect(built, 'ethernet').problems).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('bytes of any kind are taken apart and put together as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(toHex(buildPacket(bytes, keepAll(bytes), false))).toBe(toHex(bytes));
    }),
    { numRuns: 500 },
  );
  expect(fromHex('')).toEqual(EMPTY);
});

describe('what headers say of each other when everything is made right', () => {
  test('a header with nothing behind it says a length of 0', () => {
    const [ethernet, ipv6] = keepAll(UDP6);
    const bytes = buildPacket(UDP6, [ethernet, ipv6], true);
    expect(field(bytes, 'ipv6.plen')).toMatch(/^0\b/);
    expect(field(UDP6, 'ipv6.plen')).not.toMatch(/^0\b/);
  });

  test.each<[StackItem[], string]>([
    [[{ header: 'ethernet' }, { header: 'arp' }, { header: 'tcp' }], 'ARP'],
    [[{ header: 'ethernet' }, { header: 'ipv4' }, { header: 'icmp' }, { header: 'tcp' }], 'ICMP'],
    [[{ header: 'ethernet' }, { header: 'mpls' }, { header: 'tcp' }], 'MPLS'],
  ])('a header that cannot say what follows is named: %j', (stack, label) =>
    expect(() => made(...stack)).toThrow(`${label}: has no way to say that TCP follows`),
  );
});
