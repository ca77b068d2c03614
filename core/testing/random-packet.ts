// Random packets of every protocol that is dissected: stacks of headers with random values and
// right lengths. Nothing of what reads packets is used here, so that both are not wrong in the same
// way; checksums are left to the caller.
import type { Random } from './random.ts';

type Bytes = readonly number[];
type Build = (random: Random) => Bytes;

const u16 = (...values: number[]): number[] =>
  values.flatMap((value) => [(value >>> 8) & 0xff, value & 0xff]);
const u32 = (...values: number[]): number[] =>
  values.flatMap((value) => [
    value >>> 24,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  ]);
const u24 = (value: number): number[] => [
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 0xff,
];
const text = (value: string): number[] => [...value].map((char) => char.charCodeAt(0));
const zeros = (count: number): number[] => Array(count).fill(0);
const some = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.below(256));
const n16 = (random: Random): number => random.below(0x1_0000);
const n32 = (random: Random): number => random.below(0x1_0000) * 0x1_0000 + random.below(0x1_0000);
const data = (random: Random): number[] => some(random, random.below(24));
const MAC: Build = (random) => [0x02, ...some(random, 5)];
const IPV4: Build = (random) => [10, ...some(random, 3)];
const IPV6: Build = (random) => [0x20, 0x01, 0x0d, 0xb8, ...some(random, 12)];
const NAMES = ['www.example.com', 'a.b', 'example', 'mail.example.org', 'x-1.test'];
const name = (random: Random): number[] => [
  ...random
    .pick(NAMES)
    .split('.')
    .flatMap((label) => [label.length, ...text(label)]),
  0,
];
const word = (random: Random): number[] =>
  text(random.pick(['eth0', 'host', 'switch-1', 'example.com', 'a']));
const list = (random: Random, most: number, build: Build): Bytes[] =>
  Array.from({ length: random.below(most + 1) }, () => build(random));

const frame = (random: Random, type: number, payload: Bytes): Bytes => [
  ...MAC(random),
  ...MAC(random),
  ...u16(type),
  ...payload,
];

/** A header in front of a payload, with the number that says so. */
type Wrap = (random: Random, payload: Bytes) => Bytes;

const ipv4 = (random: Random, protocol: number, payload: Bytes, options: Bytes = []): Bytes => [
  0x45 + options.length / 4,
  random.below(256),
  ...u16(20 + options.length + payload.length, n16(random), random.pick([0, 0x4000])),
  1 + random.below(255),
  protocol,
  0,
  0,
  ...IPV4(random),
  ...IPV4(random),
  ...options,
  ...payload,
];
const ipv6 = (random: Random, next: number, payload: Bytes): Bytes => [
  ...u32((6 << 28) | random.below(1 << 28)),
  ...u16(payload.length),
  next,
  1 + random.below(255),
  ...IPV6(random),
  ...IPV6(random),
  ...payload,
];
const extension = (next: number, options: Bytes): Bytes => [
  next,
  (options.length + 2) / 8 - 1,
  ...options,
];
const EXTENSIONS: readonly (readonly [number, (random: Random, next: number) => Bytes])[] = [
  [0, (_, next) => extension(next, [5, 2, 0, 0, 1, 0])],
  [60, (_, next) => extension(next, [1, 4, 0, 0, 0, 0])],
  [60, (random, next) => extension(next, [1, 2, 0, 0, 0xc9, 16, ...IPV6(random)])],
  [43, (random, next) => [next, 2, 0, random.below(2), ...zeros(4), ...IPV6(random)]],
  [43, (random, next) => [next, 2, 4, 0, 0, 0, ...u16(n16(random)), ...IPV6(random)]],
  [44, (random, next) => [next, 0, ...u16(0), ...u32(n32(random))]],
];

const udp = (random: Random, port: number, payload: Bytes, back = false): Bytes => {
  const other = 49_152 + random.below(16_000);
  return [
    ...u16(back ? port : other, back ? other : port, 8 + payload.length),
    0xff,
    0xff,
    ...payload,
  ];
};
/**
 * Quoted in an error, where no checksum is judged, since it may have been changed on the way: it
 * has none.
 */
const quoted: Build = (random) =>
  ipv4(random, 17, [...u16(n16(random), 50_000, 16, 0), ...zeros(8)]);
const tcp: Build = (random) => {
  const options = random.pick<Bytes>([
    [],
    [2, 4, ...u16(n16(random)), 1, 3, 3, random.below(15), 4, 2, 1, 1],
    [1, 1, 8, 10, ...u32(n32(random), n32(random))],
    [1, 1, 5, 10, ...u32(n32(random), n32(random))],
  ]);
  return [
    ...u16(49_152 + random.below(16_000), 49_152 + random.below(16_000)),
    ...u32(n32(random), n32(random)),
    ...u16(((5 + options.length / 4) << 12) | random.below(0x200), n16(random), 0, n16(random)),
    ...options,
    ...data(random),
  ];
};

const dnsRecord: Build = (random) => {
  const head = (type: number, rdata: Bytes) => [
    ...random.pick<Bytes>([name(random), [0xc0, 12]]),
    ...u16(type, 1),
    ...u32(n32(random)),
    ...u16(rdata.length),
    ...rdata,
  ];
  return random.pick<() => Bytes>([
    () => head(1, IPV4(random)),
    () => head(28, IPV6(random)),
    () => head(5, name(random)),
    () => head(2, name(random)),
    () => head(12, name(random)),
    () => head(15, [...u16(n16(random)), ...name(random)]),
    () => head(16, [4, ...text('text')]),
    () => head(33, [...u16(n16(random), n16(random), n16(random)), ...name(random)]),
    () =>
      head(6, [
        ...name(random),
        ...name(random),
        ...u32(n32(random), n32(random), n32(random), n32(random), n32(random)),
      ]),
  ])();
};
const opt: Build = (random) => [
  0,
  ...u16(41, 1232, 0, random.pick([0, 0x8000]), 8),
  ...u16(65_001, 4),
  ...some(random, 4),
];
const dns: Build = (random) => {
  const [answers, authorities] = [list(random, 3, dnsRecord), list(random, 1, dnsRecord)];
  const additional = list(random, 1, opt);
  return [
    ...u16(n16(random), random.below(2) * 0x8000 + random.below(0x800)),
    ...u16(1, answers.length, authorities.length, additional.length),
    ...name(random),
    ...u16(random.pick([1, 28, 15, 16, 33, 255]), 1),
    ...answers.flat(),
    ...authorities.flat(),
    ...additional.flat(),
  ];
};
const dhcp: Build = (random) => [
  1 + random.below(2),
  1,
  6,
  random.below(4),
  ...u32(n32(random)),
  ...u16(n16(random), random.pick([0, 0x8000])),
  ...IPV4(random),
  ...IPV4(random),
  ...IPV4(random),
  ...IPV4(random),
  ...MAC(random),
  ...zeros(10),
  ...zeros(192),
  0x63,
  0x82,
  0x53,
  0x63,
  ...[53, 1, 1 + random.below(8)],
  ...list(random, 4, (r) =>
    r.pick<() => Bytes>([
      () => [1, 4, 255, 255, 255, 0],
      () => [3, 8, ...IPV4(r), ...IPV4(r)],
      () => [6, 4, ...IPV4(r)],
      () => [12, 4, ...text('host')],
      () => [15, 7, ...text('example')],
      () => [28, 4, ...IPV4(r)],
      () => [50, 4, ...IPV4(r)],
      () => [51, 4, ...u32(n32(r))],
      () => [54, 4, ...IPV4(r)],
      () => [55, 4, 1, 3, 6, 15],
      () => [57, 2, ...u16(n16(r))],
      () => [58, 4, ...u32(n32(r))],
      () => [26, 2, ...u16(n16(r))],
    ])(),
  ).flat(),
  255,
  ...zeros(random.below(8)),
];
const ntp: Build = (random) => [
  (random.below(4) << 6) | (4 << 3) | (1 + random.below(5)),
  ...some(random, 3),
  ...u32(n32(random), n32(random)),
  ...some(random, 36),
];
const bfd: Build = (random) => [
  0x20 | random.below(9),
  (random.below(4) << 6) | ((random.below(16) << 2) & 0x38),
  1 + random.below(9),
  24,
  ...u32(1 + random.below(1000), n32(random), n32(random), n32(random), n32(random)),
];
const hsrp: Build = (random) => [
  0,
  random.below(3),
  16,
  3,
  10,
  random.below(256),
  random.below(256),
  0,
  ...text('cisco'),
  0,
  0,
  0,
  ...IPV4(random),
];
const rip: Build = (random) => [
  1 + random.below(2),
  2,
  0,
  0,
  ...u16(2, 0),
  ...IPV4(random),
  255,
  255,
  255,
  0,
  ...IPV4(random),
  ...u32(1 + random.below(15)),
];

const vxlan: Wrap = (random, inner) => [0x08, 0, 0, 0, ...u24(random.below(1 << 24)), 0, ...inner];
const vxlanGroup: Wrap = (random, inner) => [
  0x88,
  random.pick([0, 0x40, 0x08]),
  ...u16(n16(random)),
  ...u24(random.below(1 << 24)),
  0,
  ...inner,
];
const vxlanGpe =
  (next: number): Wrap =>
  (random, inner) => [0x0c, 0, 0, next, ...u24(random.below(1 << 24)), 0, ...inner];
const nsh =
  (next: number): Wrap =>
  (random, inner) => [
    ...u16((random.below(64) << 6) | 6),
    1,
    next,
    ...u24(random.below(1 << 24)),
    random.below(256),
    ...some(random, 16),
    ...inner,
  ];
const geneve =
  (type: number): Wrap =>
  (random, inner) => {
    const options = list(random, 2, (r) => {
      const size = r.below(3);
      return [...u16(0xff00 + r.below(256)), random.below(256), size, ...some(r, size * 4)];
    }).flat();
    return [
      options.length / 4,
      random.pick([0, 0x40, 0x80]),
      ...u16(type),
      ...u24(random.below(1 << 24)),
      0,
      ...options,
      ...inner,
    ];
  };
const gtp: Wrap = (random, inner) => {
  const flags = random.pick([0x30, 0x32, 0x34]);
  const session = random.below(2);
  const optional =
    flags === 0x30
      ? []
      : [
          ...u16(flags & 2 ? n16(random) : 0),
          0,
          flags & 4 ? 0x85 : 0,
          ...(flags & 4 ? [1, session << 4, random.below(64), 0] : []),
        ];
  return [
    flags,
    255,
    ...u16(optional.length + inner.length),
    ...u32(n32(random)),
    ...optional,
    ...inner,
  ];
};
const l2tp: Wrap = (random, inner) => {
  const [length, sequence] = [random.below(2), random.below(2)];
  const ppp = [0xff, 0x03, ...u16(inner[0] >> 4 === 6 ? 0x57 : 0x21), ...inner];
  const size = 6 + 2 * length + 4 * sequence + ppp.length;
  return [
    ...u16((length << 14) | (sequence << 11) | 2),
    ...(length ? u16(size) : []),
    ...u16(1 + (n16(random) % 0xfffe), n16(random)),
    ...(sequence ? u16(n16(random), n16(random)) : []),
    ...ppp,
  ];
};
const gre =
  (type: number): Wrap =>
  (random, inner) => {
    const flags = random.below(2) * 0x8000 + random.below(2) * 0x2000 + random.below(2) * 0x1000;
    return [
      ...u16(flags, type),
      ...(flags & 0x8000 ? u16(0xffff, 0) : []),
      ...(flags & 0x2000 ? u32(n32(random)) : []),
      ...(flags & 0x1000 ? u32(n32(random)) : []),
      ...inner,
    ];
  };
const erspan2: Wrap = (random, inner) => [
  ...u16(0x1000, 0x88be),
  ...u32(n32(random)),
  ...u16(0x1000 | random.below(0x1000), n16(random)),
  ...u32(n32(random)),
  ...inner,
];
const erspan3: Wrap = (random, inner) => [
  ...u16(0x1000, 0x22eb),
  ...u32(n32(random)),
  ...u16(0x2000 | random.below(0x1000), n16(random)),
  ...u32(n32(random)),
  ...u16(n16(random), 0x8000 | (random.below(64) << 4) | (random.below(8) << 1)),
  ...inner,
];

const padded = (bytes: Bytes): number[] => [...bytes, ...zeros((4 - (bytes.length % 4)) % 4)];
const chunk = (type: number, flags: number, value: Bytes): number[] =>
  padded([type, flags, ...u16(4 + value.length), ...value]);
const sctp: Build = (random) => {
  const parameter = (type: number, value: Bytes) =>
    padded([...u16(type, 4 + value.length), ...value]);
  const init = () => [
    ...u32(1 + random.below(0xffff), n32(random)),
    ...u16(1 + random.below(99), 1 + random.below(99)),
    ...u32(n32(random)),
    ...(random.below(2) ? parameter(5, IPV4(random)) : []),
    ...(random.below(2) ? parameter(6, IPV6(random)) : []),
    ...(random.below(2) ? parameter(7, some(random, 5)) : []),
  ];
  const chunks = random.pick<() => number[]>([
    () =>
      chunk(0, random.below(16), [
        ...u32(n32(random)),
        ...u16(n16(random), n16(random)),
        ...u32(200),
        ...some(random, 1 + random.below(9)),
      ]),
    () => chunk(1, 0, init()),
    () => chunk(2, 0, init()),
    () =>
      chunk(3, 0, [
        ...u32(n32(random), n32(random)),
        ...u16(1, 1),
        ...u16(1 + random.below(9), 10 + random.below(9)),
        ...u32(n32(random)),
      ]),
    () => chunk(4, 0, parameter(1, some(random, 8))),
    () => chunk(6, 0, [...u16(1, 8), ...u16(n16(random), 0)]),
    () => chunk(7, 0, u32(n32(random))),
    () => [...chunk(10, 0, some(random, 8)), ...chunk(11, 0, [])],
    () => chunk(8, 0, []),
    () => chunk(14, 0, []),
  ])();
  return [
    ...u16(49_152 + random.below(16_000), 49_152 + random.below(16_000)),
    ...u32(n32(random), 0),
    ...chunks,
  ];
};
const dccp: Build = (random) => {
  const type = random.below(10);
  const body = [
    ...(type !== 0 && type !== 2
      ? [...u16(0), ...u16(random.below(256)), ...u32(n32(random))]
      : []),
    ...(type < 2 ? u32(n32(random)) : []),
    ...(type === 7 ? [random.below(12), 0, 0, 0] : []),
  ];
  return [
    ...u16(49_152 + random.below(16_000), 49_152 + random.below(16_000)),
    4 + body.length / 4,
    0,
    0,
    0,
    (type << 1) | 1,
    0,
    ...u16(random.below(256)),
    ...u32(n32(random)),
    ...body,
    ...(type === 2 || type === 4 ? data(random) : []),
  ];
};
const udpLite: Build = (random) => {
  const payload = data(random);
  return [
    ...u16(
      49_152 + random.below(16_000),
      49_152 + random.below(16_000),
      random.pick([0, 8, 8 + payload.length]),
    ),
    0xff,
    0xff,
    ...payload,
  ];
};
const igmp: Build = (random) =>
  random.pick<() => Bytes>([
    () => [0x11, 0, 0, 0, ...IPV4(random)],
    () => [random.pick([0x11, 0x16, 0x17]), 1 + random.below(100), 0, 0, 224, ...some(random, 3)],
    () => [0x12, 0, 0, 0, 224, ...some(random, 3)],
    () => [
      0x11,
      random.below(128),
      0,
      0,
      224,
      0,
      0,
      1,
      random.below(16),
      random.below(128),
      ...u16(1),
      ...IPV4(random),
    ],
    () => [
      0x22,
      0,
      0,
      0,
      0,
      0,
      ...u16(2),
      1 + random.below(6),
      0,
      ...u16(0),
      224,
      0,
      0,
      5,
      4,
      0,
      ...u16(2),
      224,
      0,
      0,
      6,
      ...IPV4(random),
      ...IPV4(random),
    ],
  ])();
const icmp: Build = (random) =>
  random.pick<() => Bytes>([
    () => [random.pick([0, 8]), 0, 0, 0, ...u16(n16(random), n16(random)), ...data(random)],
    () => [
      random.pick([13, 14]),
      0,
      0,
      0,
      ...u16(n16(random), n16(random)),
      ...u32(n32(random), n32(random), n32(random)),
    ],
    () => [random.pick([17, 18]), 0, 0, 0, ...u16(n16(random), n16(random)), 255, 255, 255, 0],
    () => [random.pick([15, 16]), 0, 0, 0, ...u16(n16(random), n16(random))],
    () => [3, random.below(4), 0, 0, 0, 0, 0, 0, ...quoted(random)],
    () => [11, 0, 0, 0, 0, 0, 0, 0, ...quoted(random)],
    () => [5, 1, 0, 0, ...IPV4(random), ...quoted(random)],
  ])();
const icmpv6: Build = (random) =>
  random.pick<() => Bytes>([
    () => [128 + random.below(2), 0, 0, 0, ...u16(n16(random), n16(random)), ...data(random)],
    () => [135, 0, 0, 0, ...zeros(4), ...IPV6(random), 1, 1, ...MAC(random)],
    () => [136, 0, 0, 0, 0x60, 0, 0, 0, ...IPV6(random), 2, 1, ...MAC(random)],
    () => [
      134,
      0,
      0,
      0,
      64,
      0,
      ...u16(1800),
      ...u32(n32(random), n32(random)),
      5,
      1,
      0,
      0,
      ...u32(1500),
    ],
  ])();
const vrrp: Build = (random) =>
  random.pick<() => Bytes>([
    () => [
      0x21,
      random.below(256),
      random.below(256),
      2,
      0,
      random.below(256),
      0,
      0,
      ...IPV4(random),
      ...IPV4(random),
      ...zeros(8),
    ],
    () => [
      0x31,
      random.below(256),
      random.below(256),
      1,
      ...u16(random.below(0x1000)),
      0,
      0,
      ...IPV4(random),
    ],
  ])();
const ospf: Build = (random) => [
  2,
  1,
  ...u16(44),
  ...IPV4(random),
  ...IPV4(random),
  0,
  0,
  0,
  0,
  ...zeros(8),
  255,
  255,
  255,
  0,
  ...u16(10),
  2,
  random.below(256),
  ...u32(40),
  ...IPV4(random),
  ...IPV4(random),
];
const pim: Build = (random) =>
  random.pick<() => Bytes>([
    () => [0x20, 0, 0, 0, ...u16(1, 2, 105)],
    () => [0x21, 0, 0, 0, ...u32(0), ...ipv4(random, 17, udp(random, 50_000, data(random)))],
  ])();
const esp: Build = (random) => [
  ...u32(256 + (n32(random) % 0xffff), n32(random)),
  ...some(random, 24),
];
const ah: Wrap = (random, inner) => [
  17,
  4,
  0,
  0,
  ...u32(n32(random), n32(random)),
  ...some(random, 12),
  ...inner,
];

const stp: Build = (random) => {
  const rapid = random.below(2) * 2;
  const bpdu = [
    0,
    0,
    rapid,
    rapid,
    random.below(256),
    ...u16(n16(random)),
    ...MAC(random),
    ...u32(n32(random)),
    ...u16(n16(random)),
    ...MAC(random),
    ...u16(n16(random)),
    ...u16(random.below(20) * 256, 20 * 256, 2 * 256, 15 * 256),
    ...(rapid ? [0] : []),
  ];
  return [
    ...MAC(random),
    ...MAC(random),
    ...u16(3 + bpdu.length),
    0x42,
    0x42,
    3,
    ...bpdu,
    ...zeros(8),
  ];
};
const snap: Build = (random) => {
  const inner = ipv4(random, 17, udp(random, 50_000, data(random)));
  return [
    ...MAC(random),
    ...MAC(random),
    ...u16(8 + inner.length),
    0xaa,
    0xaa,
    3,
    0,
    0,
    0,
    8,
    0,
    ...inner,
  ];
};
const llc: Build = (random) => {
  const payload = data(random);
  return [
    ...MAC(random),
    ...MAC(random),
    ...u16(4 + payload.length),
    0xf0,
    0xf0,
    random.below(128) * 2,
    random.below(256),
    ...payload,
  ];
};
const lldp: Build = (random) => {
  const tlv = (type: number, value: Bytes) => [...u16((type << 9) | value.length), ...value];
  return frame(random, 0x88cc, [
    ...tlv(
      1,
      random.pick<Bytes>([
        [4, ...MAC(random)],
        [7, ...word(random)],
      ]),
    ),
    ...tlv(
      2,
      random.pick<Bytes>([
        [3, ...MAC(random)],
        [5, ...word(random)],
      ]),
    ),
    ...tlv(3, u16(n16(random))),
    ...list(random, 3, (r) =>
      r.pick<() => Bytes>([
        () => tlv(4, word(r)),
        () => tlv(5, word(r)),
        () => tlv(6, word(r)),
        () => tlv(7, u16(r.below(256), r.below(256))),
        () => tlv(8, [5, 1, ...IPV4(r), 2, ...u32(n32(r)), 0]),
      ])(),
    ).flat(),
    0,
    0,
  ]);
};
const arp: Build = (random) =>
  frame(random, 0x0806, [
    ...u16(1, 0x0800),
    6,
    4,
    ...u16(1 + random.below(2)),
    ...MAC(random),
    ...IPV4(random),
    ...MAC(random),
    ...IPV4(random),
  ]);
const pause: Build = (random) => [
  1,
  0x80,
  0xc2,
  0,
  0,
  1,
  ...MAC(random),
  ...u16(0x8808, 1, n16(random)),
  ...zeros(42),
];
const eapol: Build = (random) => frame(random, 0x888e, [1 + random.below(2), 1, 0, 0]);
const discovery: Build = (random) => {
  const tag = (type: number, value: Bytes) => [...u16(type, value.length), ...value];
  const tags = [
    ...tag(0x0101, random.below(2) ? word(random) : []),
    ...list(random, 2, (r) =>
      r.pick<() => Bytes>([
        () => tag(0x0102, word(r)),
        () => tag(0x0103, some(r, 6)),
        () => tag(0x0104, some(r, 5)),
      ])(),
    ).flat(),
  ];
  return frame(random, 0x8863, [
    0x11,
    random.pick([0x09, 0x07, 0x19, 0x65]),
    ...u16(n16(random), tags.length),
    ...tags,
  ]);
};

/** What an IP packet carries, by its number. */
const TRANSPORTS: readonly (readonly [protocol: number, Build])[] = [
  [6, tcp],
  [17, (r) => udp(r, 50_000, data(r))],
  [17, (r) => udp(r, 53, dns(r), r.below(2) === 1)],
  [17, (r) => udp(r, 5353, dns(r))],
  [17, (r) => udp(r, 5355, dns(r))],
  [17, (r) => udp(r, 67, dhcp(r))],
  [17, (r) => udp(r, 123, ntp(r))],
  [17, (r) => udp(r, 3784, bfd(r))],
  [17, (r) => udp(r, 520, rip(r))],
  [17, (r) => udp(r, 4500, esp(r))],
  [132, sctp],
  [33, dccp],
  [136, udpLite],
  [50, esp],
  [51, (r) => ah(r, udp(r, 50_000, data(r)))],
];
const OVER_IPV6: typeof TRANSPORTS = [...TRANSPORTS, [58, icmpv6]];
const OVER_IPV4: typeof TRANSPORTS = [
  ...TRANSPORTS,
  [1, icmp],
  [2, igmp],
  [112, vrrp],
  [89, ospf],
  [103, pim],
];

/** Tunnels, each with the packet or frame it carries. */
const TUNNELS: readonly (readonly [protocol: number, (random: Random, depth: number) => Bytes])[] =
  [
    [4, (r, depth) => network(r, depth, 4)],
    [41, (r, depth) => network(r, depth, 6)],
    [47, (r, depth) => gre(0x0800)(r, network(r, depth, 4))],
    [47, (r, depth) => gre(0x86dd)(r, network(r, depth, 6))],
    [47, (r, depth) => gre(0x6558)(r, ethernet(r, depth))],
    [47, (r, depth) => gre(0x8847)(r, labels(r, network(r, depth, 4)))],
    [47, (r, depth) => erspan2(r, ethernet(r, depth))],
    [47, (r, depth) => erspan3(r, ethernet(r, depth))],
    [97, (r, depth) => [0x30, 0, ...ethernet(r, depth)]],
    [17, (r, depth) => udp(r, 4789, vxlan(r, ethernet(r, depth)))],
    [17, (r, depth) => udp(r, 4789, vxlanGroup(r, ethernet(r, depth)))],
    [17, (r, depth) => udp(r, 4790, vxlanGpe(3)(r, ethernet(r, depth)))],
    [17, (r, depth) => udp(r, 4790, vxlanGpe(1)(r, network(r, depth, 4)))],
    [17, (r, depth) => udp(r, 4790, vxlanGpe(4)(r, nsh(1)(r, network(r, depth, 4))))],
    [17, (r, depth) => udp(r, 6081, geneve(0x6558)(r, ethernet(r, depth)))],
    [17, (r, depth) => udp(r, 6081, geneve(0x0800)(r, network(r, depth, 4)))],
    [17, (r, depth) => udp(r, 2152, gtp(r, network(r, depth, r.pick([4, 6]))))],
    [17, (r, depth) => udp(r, 1701, l2tp(r, network(r, depth, r.pick([4, 6]))))],
    [17, (r, depth) => udp(r, 6635, labels(r, network(r, depth, 4)))],
  ];

function labels(random: Random, inner: Bytes): Bytes {
  const count = 1 + random.below(3);
  return [
    ...Array.from({ length: count }, (_, i) =>
      u32(
        (16 + random.below(1 << 19)) * 4096 +
          random.below(8) * 512 +
          (i === count - 1 ? 256 : 0) +
          random.below(256),
      ),
    ).flat(),
    ...inner,
  ];
}

function network(random: Random, depth: number, version: 4 | 6): Bytes {
  const tunnel = depth > 0 && random.below(2) === 1;
  const [protocol, build] = tunnel
    ? random.pick(TUNNELS)
    : random.pick(version === 4 ? OVER_IPV4 : OVER_IPV6);
  const payload = build(random, depth - 1);
  if (version === 4)
    return ipv4(random, protocol, payload, random.below(8) === 0 ? [148, 4, 0, 0] : []);
  if (random.below(3) > 0) return ipv6(random, protocol, payload);
  const [number, header] = random.pick(EXTENSIONS);
  return ipv6(random, number, [...header(random, protocol), ...payload]);
}

function ethernet(random: Random, depth: number): Bytes {
  const version = random.pick<4 | 6>([4, 4, 6]);
  const type = version === 4 ? 0x0800 : 0x86dd;
  const inner = network(random, depth, version);
  return random.pick<() => Bytes>([
    () => frame(random, type, inner),
    () => frame(random, type, inner),
    () => frame(random, type, inner),
    () =>
      frame(random, random.pick([0x8100, 0x88a8, 0x9100]), [...u16(n16(random), type), ...inner]),
    () => frame(random, 0x88a8, [...u16(n16(random), 0x8100, n16(random), type), ...inner]),
    () => frame(random, random.pick([0x8847, 0x8848]), labels(random, inner)),
    () =>
      frame(random, 0x8864, [
        0x11,
        0,
        ...u16(n16(random), inner.length + 2, version === 4 ? 0x21 : 0x57),
        ...inner,
      ]),
    () => frame(random, 0x894f, nsh(version === 4 ? 1 : 2)(random, inner)),
  ])();
}

/** To all routers: Wireshark knows it by this address. */
const hsrpFrame: Build = (random) => {
  const message = hsrp(random);
  const datagram = [...u16(1985, 1985, 8 + message.length), 0xff, 0xff, ...message];
  const packet = [...ipv4(random, 17, datagram)];
  packet.splice(16, 4, 224, 0, 0, 2);
  return frame(random, 0x0800, packet);
};

const FRAMES: readonly Build[] = [hsrpFrame, arp, stp, snap, llc, lldp, pause, eapol, discovery];

/** A frame of headers inside headers; its checksums are not yet right. */
export const randomPacket = (random: Random): Uint8Array =>
  Uint8Array.from(random.below(6) === 0 ? random.pick(FRAMES)(random) : ethernet(random, 2));
