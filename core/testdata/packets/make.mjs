// Packets to compare against Wireshark: designed ones by title, and mutations of them by a seeded generator.
// Nothing here is shared with core/packet, so that both are not wrong in the same way.

const u16 = (...values) => values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]);
const u32 = (...values) =>
  values.flatMap((value) => [
    value >>> 24,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  ]);
const ip = (text) => text.split('.').map(Number);
const hex = (text) => [...Buffer.from(text.replace(/\s/g, ''), 'hex')];
const ip6 = (text) => {
  const [left, right = []] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const groups = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return groups.flatMap((group) => u16(Number.parseInt(group, 16)));
};

function checksum(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i] * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum ^ 0xffff;
}
const withSum = (bytes, at, front = []) =>
  bytes.toSpliced(at, 2, ...u16(checksum([...front, ...bytes])));

const MACS = hex('020000000002 020000000001');
const eth = (type, payload, pad = 0) => [
  ...MACS,
  ...u16(type),
  ...payload,
  ...Array(Math.max(0, pad - 14 - payload.length)).fill(0),
];
const vlan = (tag, type, payload) => [...u16(tag, type), ...payload];
const SRC = '10.0.0.2';
const DST = '1.1.1.1';

function ip4(
  proto,
  payload,
  { options = [], id = 1, frag = 0x4000, ttl = 64, tos = 0, length } = {},
) {
  const size = 20 + options.length;
  const header = [
    0x40 | (size / 4),
    tos,
    ...u16(length ?? size + payload.length, id, frag),
    ttl,
    proto,
    0,
    0,
    ...ip(SRC),
    ...ip(DST),
    ...options,
  ];
  return [...withSum(header, 10), ...payload];
}
const SRC6 = '2001:db8::2';
const DST6 = '2606:4700:4700::1111';
const ip6header = (
  next,
  payload,
  { src = SRC6, dst = DST6, hops = 64, flow = 0x12345, tclass = 0 } = {},
) => [
  ...u32((6 << 28) | (tclass << 20) | flow),
  ...u16(payload.length),
  next,
  hops,
  ...ip6(src),
  ...ip6(dst),
  ...payload,
];
const pseudo4 = (proto, length) => [...ip(SRC), ...ip(DST), 0, proto, ...u16(length)];
const pseudo6 = (next, length, src = SRC6, dst = DST6) => [
  ...ip6(src),
  ...ip6(dst),
  ...u32(length),
  ...u32(next),
];

function tcp(
  payload,
  {
    options = [],
    flags = 0x018,
    seq = 1,
    ack = 1,
    pseudo = pseudo4,
    ports = [40000, 50001],
    urgent = 0,
  } = {},
) {
  const size = 20 + options.length;
  const bytes = [
    ...u16(...ports),
    ...u32(seq, ack),
    ...u16(((size / 4) << 12) | flags, 8192, 0, urgent),
    ...options,
    ...payload,
  ];
  return withSum(bytes, 16, pseudo(6, bytes.length));
}
function udp(payload, { pseudo = pseudo4, length, none = false, ports = [40001, 50002] } = {}) {
  const bytes = [...u16(...ports, length ?? payload.length + 8, 0), ...payload];
  return none ? bytes : withSum(bytes, 6, pseudo(17, bytes.length));
}
const icmp = (type, code, rest, payload = []) =>
  withSum([type, code, 0, 0, ...rest, ...payload], 2);
const icmp6 = (type, code, body, addresses = {}) =>
  withSum(
    [type, code, 0, 0, ...body],
    2,
    pseudo6(58, body.length + 4, addresses.src, addresses.dst),
  );
const text = (words) => [...Buffer.from(words)];
const SYN_OPTIONS = hex('020405b4 0402 080a 00000457 00000000 01 030307');
const ND = { src: 'fe80::2', dst: 'ff02::1:ff00:1', hops: 255 };
const quoted = ip4(17, udp(text('lost packet')));

/** title -> bytes */
export const designed = {
  'TCP SYN to 1.1.1.1': eth(
    0x0800,
    ip4(6, tcp([], { options: SYN_OPTIONS, flags: 0x002, ack: 0 })),
  ),
  'TCP data with timestamps': eth(
    0x0800,
    ip4(6, tcp(text('GET / HTTP/1.1\r\n'), { options: hex('0101080a0000045700000458') })),
  ),
  'TCP with selective acknowledgments': eth(
    0x0800,
    ip4(
      6,
      tcp([], { options: hex('0101 0512 00000010 00000020 00000030 00000040'), flags: 0x010 }),
    ),
  ),
  'TCP with an unknown option and an end': eth(
    0x0800,
    ip4(6, tcp([], { options: hex('fd04abcd 1e03aa 00 00000000') })),
  ),
  'TCP with every flag': eth(
    0x0800,
    ip4(6, tcp(text('x'), { flags: 0xfff, urgent: 1 }), { tos: 0xb9 }),
  ),
  'TCP, padded to 60 bytes': eth(0x0800, ip4(6, tcp([], { flags: 0x014 })), 60),
  'TCP with a wrong checksum': eth(0x0800, ip4(6, tcp(text('abc')).with(16, 0x12))),
  'IPv4 with a wrong checksum': eth(0x0800, ip4(6, tcp(text('abc'))).with(10, 0x12)),
  UDP: eth(0x0800, ip4(17, udp(text('hello')))),
  'UDP without checksum': eth(0x0800, ip4(17, udp(text('hello!'), { none: true }))),
  'UDP of odd length with a wrong checksum': eth(0x0800, ip4(17, udp(text('hello')).with(6, 0xee))),
  'UDP that says more than is there': eth(0x0800, ip4(17, udp(text('hello'), { length: 40 }))),
  'UDP without data': eth(0x0800, ip4(17, udp([]))),
  'IPv4 with options': eth(
    0x0800,
    ip4(17, udp(text('options')), { options: hex('94040000 0707040a000001 01 83070401020304 00') }),
  ),
  'IPv4 with a timestamp option': eth(
    0x0800,
    ip4(17, udp(text('ts')), { options: hex('440c0500 00000001 00000000') }),
  ),
  'first fragment': eth(
    0x0800,
    ip4(17, udp(text('first part of more'), { length: 2000 }), { frag: 0x2000 }),
  ),
  'later fragment': eth(0x0800, ip4(17, text('second part'), { frag: 0x20b9 })),
  'IPv4 that says more than is there': eth(0x0800, ip4(17, udp(text('short')), { length: 200 })),
  'IPv4 of an unknown protocol': eth(0x0800, ip4(253, text('what is this'))),
  'IPv4 in IPv4': eth(0x0800, ip4(4, ip4(17, udp(text('inside'))))),
  'ICMP echo request': eth(0x0800, ip4(1, icmp(8, 0, u16(0x1234, 7), text('abcdefghijk')))),
  'ICMP echo reply with a wrong checksum': eth(
    0x0800,
    ip4(1, icmp(0, 0, u16(0x1234, 7), text('abcdefgh')).with(2, 0)),
  ),
  'ICMP destination unreachable': eth(0x0800, ip4(1, icmp(3, 3, u32(0), quoted.slice(0, 28)))),
  'ICMP fragmentation needed': eth(0x0800, ip4(1, icmp(3, 4, u16(0, 1400), quoted.slice(0, 28)))),
  'ICMP redirect': eth(0x0800, ip4(1, icmp(5, 1, ip('10.0.0.254'), quoted.slice(0, 28)))),
  'ICMP time exceeded': eth(0x0800, ip4(1, icmp(11, 0, u32(0), quoted.slice(0, 28)))),
  'ICMP parameter problem': eth(0x0800, ip4(1, icmp(12, 0, u32(0x14000000), quoted.slice(0, 28)))),
  'ARP request': eth(
    0x0806,
    [
      ...u16(1, 0x0800),
      6,
      4,
      ...u16(1),
      ...MACS.slice(6),
      ...ip(SRC),
      ...Array(6).fill(0),
      ...ip(DST),
    ],
    60,
  ),
  'ARP reply': eth(0x0806, [
    ...u16(1, 0x0800),
    6,
    4,
    ...u16(2),
    ...MACS.slice(6),
    ...ip(SRC),
    ...MACS.slice(0, 6),
    ...ip(DST),
  ]),
  'ARP with other address sizes': eth(0x0806, [
    ...u16(7, 0x0800),
    1,
    4,
    ...u16(1),
    0x11,
    ...ip(SRC),
    0,
    ...ip(DST),
  ]),
  VLAN: eth(0x8100, vlan(0xb064, 0x0800, ip4(17, udp(text('tagged'))))),
  'QinQ of two 802.1Q tags': eth(
    0x8100,
    vlan(0x0005, 0x8100, vlan(0x6fff, 0x0800, ip4(17, udp(text('twice'))))),
  ),
  '802.1ad over 802.1Q': eth(
    0x88a8,
    vlan(0x0064, 0x8100, vlan(0x0065, 0x0800, ip4(17, udp(text('service'))))),
  ),
  '802.3 spanning tree': eth(
    39 - 1,
    hex('424203 0000000000 8000020000000001 00000000 8000020000000001 8001 0000 1400 0200 0f00'),
    60,
  ),
  '802.3 with SNAP': eth(8 + 30, [...hex('aaaa03 000000 0800'), ...ip4(17, udp(text('ab')))], 60),
  'unknown EtherType': eth(0x1234, text('nobody knows')),
  'a header that ends early': eth(0x0800, ip4(6, tcp([]))).slice(0, 30),
  'IPv6 TCP': eth(
    0x86dd,
    ip6header(6, tcp(text('over six'), { pseudo: pseudo6, options: SYN_OPTIONS }), {
      tclass: 0xb8,
    }),
  ),
  'IPv6 UDP': eth(0x86dd, ip6header(17, udp(text('over six!'), { pseudo: pseudo6 }))),
  'IPv6 UDP without checksum': eth(0x86dd, ip6header(17, udp(text('none'), { none: true }))),
  'IPv6 with hop-by-hop and destination options': eth(
    0x86dd,
    ip6header(0, [
      60,
      0,
      ...hex('05020000 0100'),
      17,
      1,
      ...hex('0104 00000000 1e06 0102030405 06'),
      ...udp(text('ext'), { pseudo: pseudo6 }),
    ]),
  ),
  'IPv6 source route': eth(
    0x86dd,
    ip6header(43, [
      17,
      2,
      0,
      1,
      ...u32(0),
      ...ip6('2001:db8::99'),
      ...udp(text('routed'), { pseudo: (n, l) => pseudo6(n, l, SRC6, '2001:db8::99') }),
    ]),
  ),
  'IPv6 segment routing': eth(
    0x86dd,
    ip6header(43, [
      17,
      4,
      4,
      1,
      1,
      0,
      0,
      7,
      ...ip6('2001:db8::77'),
      ...ip6(DST6),
      ...udp(text('segments'), { pseudo: (n, l) => pseudo6(n, l, SRC6, '2001:db8::77') }),
    ]),
  ),
  'IPv6 first fragment': eth(
    0x86dd,
    ip6header(44, [
      17,
      0,
      ...u16(0x0001),
      ...u32(0xcafe),
      ...udp(text('part one'), { pseudo: pseudo6, length: 3000 }),
    ]),
  ),
  'IPv6 later fragment': eth(
    0x86dd,
    ip6header(44, [17, 0, ...u16(0x05a8), ...u32(0xcafe), ...text('part two')]),
  ),
  'ICMPv6 echo': eth(
    0x86dd,
    ip6header(58, icmp6(128, 0, [...u16(0x1234, 1), ...text('ping six')])),
  ),
  'ICMPv6 with a wrong checksum': eth(
    0x86dd,
    ip6header(58, icmp6(129, 0, [...u16(0x1234, 1), ...text('pong')]).with(3, 0x55)),
  ),
  'ICMPv6 neighbor solicitation': eth(
    0x86dd,
    ip6header(58, icmp6(135, 0, [...u32(0), ...ip6('fe80::1'), 1, 1, ...MACS.slice(6)], ND), ND),
  ),
  'ICMPv6 neighbor advertisement': eth(
    0x86dd,
    ip6header(
      58,
      icmp6(136, 0, [...u32(0x60000000), ...ip6('fe80::2'), 2, 1, ...MACS.slice(6)], ND),
      ND,
    ),
  ),
  'ICMPv6 router advertisement': eth(
    0x86dd,
    ip6header(
      58,
      icmp6(
        134,
        0,
        [
          64,
          0xc8,
          ...u16(1800),
          ...u32(1000, 2000),
          1,
          1,
          ...MACS.slice(6),
          5,
          1,
          0,
          0,
          ...u32(1500),
          3,
          4,
          64,
          0xc0,
          ...u32(86400, 14400, 0),
          ...ip6('2001:db8:1::'),
          25,
          3,
          0,
          0,
          ...u32(600),
          ...ip6('2001:db8::53'),
          14,
          1,
          ...text('nonce!'),
        ],
        ND,
      ),
      ND,
    ),
  ),
  'ICMPv6 packet too big': eth(
    0x86dd,
    ip6header(
      58,
      icmp6(2, 0, [...u32(1280), ...ip6header(17, udp(text('too big'), { pseudo: pseudo6 }))]),
    ),
  ),
  'ICMPv6 redirect': eth(
    0x86dd,
    ip6header(58, icmp6(137, 0, [...u32(0), ...ip6('fe80::9'), ...ip6(DST6)], ND), ND),
  ),
};

/** Marsaglia's xorshift, seeded, so that the mutations are the same every time. */
export function random(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Each packet with one to three bytes of its headers changed, or cut, or with bytes behind it. */
export function mutated(seed, rounds) {
  const next = random(seed);
  const packets = {};
  for (let round = 0; round < rounds; round++) {
    for (const [title, bytes] of Object.entries(designed)) {
      let copy = [...bytes];
      for (let changes = 1 + next(3); changes > 0; changes--)
        copy[12 + next(Math.min(copy.length - 12, 70))] = next(256);
      if (next(6) === 0) copy = copy.slice(0, 14 + next(copy.length - 14));
      if (next(8) === 0) copy.push(...Array.from({ length: 1 + next(12) }, () => next(256)));
      packets[`${title}, mutation ${round + 1}`] = copy;
    }
  }
  return packets;
}

/** A pcap file, little endian, microseconds. */
export function pcap(packets, linkType = 1) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262144, 16);
  header.writeUInt32LE(linkType, 20);
  const records = packets.map((bytes, i) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + i, 0);
    record.writeUInt32LE(123456, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return Buffer.concat([record, Buffer.from(bytes)]);
  });
  return Buffer.concat([header, ...records]);
}
