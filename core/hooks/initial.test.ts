import { describe, expect, test } from 'vitest';
import type { InitialFromPacket } from '../spec/contexts.ts';
import type { HookName } from '../spec/program-types.ts';
import {
  ARP,
  frame,
  ICMP4,
  LLC,
  OPTIONS4,
  TAGGED,
  TAGGED_TWICE,
  TCP4,
  TCP6,
  UDP4,
  UDP6,
} from '../testing/frames.ts';
import {
  entryBytes,
  headerBytes,
  initialBytes,
  initialValue,
  packetSocket,
  tupleBytes,
} from './initial.ts';

const FIELDS: readonly InitialFromPacket[] = [
  'protocol',
  'packet-type',
  'family',
  'ip-protocol',
  'remote-ip4',
  'local-ip4',
  ...([0, 1, 2, 3] as const).flatMap((i): InitialFromPacket[] => [
    `remote-ip6[${i}]`,
    `local-ip6[${i}]`,
  ]),
  'remote-port-high',
  'remote-port-low',
  'local-port',
];

const valuesOf = (bytes: Uint8Array, littleEndian: boolean, outgoing: boolean) =>
  Object.fromEntries(
    FIELDS.map((name) => [
      name,
      initialValue(name, { frame: bytes, length: bytes.length, littleEndian, outgoing }),
    ]),
  );

const NO_IPV4 = { 'remote-ip4': 0n, 'local-ip4': 0n };
const NO_IPV6 = Object.fromEntries(
  FIELDS.filter((name) => name.includes('ip6')).map((name) => [name, 0n]),
);
const NO_PORTS = { 'remote-port-high': 0n, 'remote-port-low': 0n, 'local-port': 0n };

describe('what context fields hold before a run', () => {
  test('of TCP over IPv4 that comes in, on a little-endian machine', () =>
    expect(valuesOf(TCP4, true, false)).toEqual({
      ...NO_IPV6,
      protocol: 0x0008n,
      'packet-type': 0n,
      family: 2n,
      'ip-protocol': 6n,
      'remote-ip4': 0x0100000an,
      'local-ip4': 0x02000014n,
      'remote-port-high': 0x901f_0000n,
      'remote-port-low': 0x901fn,
      'local-port': 50000n,
    }));
  test('that goes out: the source is local', () =>
    expect(valuesOf(TCP4, true, true)).toEqual({
      ...valuesOf(TCP4, true, false),
      'remote-ip4': 0x02000014n,
      'local-ip4': 0x0100000an,
      'remote-port-high': 0x50c3_0000n,
      'remote-port-low': 0x50c3n,
      'local-port': 8080n,
    }));
  test('on a big-endian machine', () =>
    expect(valuesOf(TCP4, false, false)).toEqual({
      ...NO_IPV6,
      protocol: 0x0800n,
      'packet-type': 0n,
      family: 2n,
      'ip-protocol': 6n,
      'remote-ip4': 0x0a000001n,
      'local-ip4': 0x14000002n,
      'remote-port-high': 8080n,
      'remote-port-low': 0x1f90_0000n,
      'local-port': 50000n,
    }));
  test('of UDP over IPv6', () =>
    expect(valuesOf(UDP6, false, false)).toEqual({
      ...NO_IPV4,
      protocol: 0x86ddn,
      'packet-type': 0n,
      family: 10n,
      'ip-protocol': 17n,
      'remote-ip6[0]': 0x20010db8n,
      'remote-ip6[1]': 1n,
      'remote-ip6[2]': 0n,
      'remote-ip6[3]': 0x11n,
      'local-ip6[0]': 0x20010db8n,
      'local-ip6[1]': 2n,
      'local-ip6[2]': 0n,
      'local-ip6[3]': 0x22n,
      'remote-port-high': 53n,
      'remote-port-low': 0x35_0000n,
      'local-port': 0x1234n,
    }));
  test('of what is no IP', () =>
    expect(valuesOf(ARP, false, false)).toEqual({
      ...NO_IPV4,
      ...NO_IPV6,
      ...NO_PORTS,
      protocol: 0x0806n,
      'packet-type': 0n,
      family: 0n,
      'ip-protocol': 0n,
    }));
  test('of a number that is no field of the packet, and of the length the program is given', () => {
    const facts = { frame: TCP4, length: 44, littleEndian: true, outgoing: false };
    expect(initialValue(7, facts)).toBe(7n);
    expect(initialValue('length', facts)).toBe(44n);
  });
  test('a port is there where both its bytes are', () => {
    const ports = (end: number) => {
      const facts = {
        frame: TCP4.subarray(0, end),
        length: end,
        littleEndian: false,
        outgoing: false,
      };
      return [initialValue('remote-port-high', facts), initialValue('local-port', facts)];
    };
    expect(ports(35)).toEqual([0n, 0n]);
    expect(ports(36)).toEqual([8080n, 0n]);
    expect(ports(37)).toEqual([8080n, 0n]);
    expect(ports(38)).toEqual([8080n, 50000n]);
  });
});

const FRAMES: readonly [string, Uint8Array][] = [
  ['TCP over IPv4', TCP4],
  ['UDP over IPv4', UDP4],
  ['ICMP', ICMP4],
  ['TCP over IPv6', TCP6],
  ['ARP', ARP],
  ['802.3', LLC],
  ['a VLAN tag', TAGGED],
  ['two tags', TAGGED_TWICE],
  ['IPv4 with options', OPTIONS4],
];

const numbersIn = (ranges: readonly (readonly [number, number])[]): number[] =>
  [
    ...new Set(
      ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)),
    ),
  ].sort((a, b) => a - b);

/** Bytes whose change, to any of some values, changes an answer. */
function decisive(bytes: Uint8Array, answer: (frame: Uint8Array) => unknown): number[] {
  const before = JSON.stringify(answer(bytes), (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return [...bytes.keys()].filter((at) =>
    [0, 1, 6, 8, 0x11, 0x45, 0x46, 0x81, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x80].some((value) => {
      const other = bytes.slice();
      other[at] = value;
      return (
        before !==
        JSON.stringify(answer(other), (_key, item) =>
          typeof item === 'bigint' ? String(item) : item,
        )
      );
    }),
  );
}

describe.each(FRAMES)('bytes behind the context of a frame with %s', (_title, bytes) => {
  test.each(FIELDS.flatMap((name) => [[name, false] as const, [name, true] as const]))(
    '%s, outgoing %s: none is left out',
    (name, outgoing) => {
      const found = decisive(bytes, (other) =>
        initialValue(name, { frame: other, length: other.length, littleEndian: true, outgoing }),
      );
      const named = numbersIn(initialBytes(name, bytes, outgoing));
      expect(found.filter((at) => !named.includes(at))).toEqual([]);
    },
  );
});

describe('exactly', () => {
  test.each<[InitialFromPacket | number, Uint8Array, boolean, [number, number][]]>([
    [5, TCP4, false, []],
    ['length', TCP4, false, []],
    ['packet-type', TCP4, false, [[0, 6]]],
    ['protocol', TAGGED, false, [[12, 14]]],
    ['family', TCP4, false, [[12, 14]]],
    [
      'family',
      TAGGED,
      false,
      [
        [12, 14],
        [16, 18],
      ],
    ],
    [
      'family',
      TAGGED_TWICE,
      false,
      [
        [12, 14],
        [16, 18],
        [20, 22],
      ],
    ],
    ['ip-protocol', ARP, false, [[12, 14]]],
    [
      'ip-protocol',
      TCP4,
      false,
      [
        [12, 14],
        [23, 24],
      ],
    ],
    [
      'ip-protocol',
      TCP6,
      false,
      [
        [12, 14],
        [20, 21],
      ],
    ],
    [
      'remote-ip4',
      TCP4,
      false,
      [
        [12, 14],
        [26, 30],
      ],
    ],
    [
      'local-ip4',
      TCP4,
      false,
      [
        [12, 14],
        [30, 34],
      ],
    ],
    [
      'remote-ip4',
      TCP4,
      true,
      [
        [12, 14],
        [30, 34],
      ],
    ],
    ['remote-ip4', TCP6, false, [[12, 14]]],
    ['remote-ip6[0]', TCP4, false, [[12, 14]]],
    [
      'remote-ip6[0]',
      TCP6,
      false,
      [
        [12, 14],
        [22, 26],
      ],
    ],
    [
      'remote-ip6[3]',
      TCP6,
      false,
      [
        [12, 14],
        [34, 38],
      ],
    ],
    [
      'local-ip6[1]',
      TCP6,
      false,
      [
        [12, 14],
        [42, 46],
      ],
    ],
    [
      'local-port',
      TCP4,
      false,
      [
        [12, 14],
        [14, 15],
        [23, 24],
        [36, 38],
      ],
    ],
    [
      'local-port',
      TCP4,
      true,
      [
        [12, 14],
        [14, 15],
        [23, 24],
        [34, 36],
      ],
    ],
    [
      'remote-port-high',
      TCP6,
      false,
      [
        [12, 14],
        [14, 15],
        [20, 21],
        [54, 56],
      ],
    ],
  ])('%s', (name, bytes, outgoing, ranges) =>
    expect(initialBytes(name, bytes, outgoing)).toEqual(ranges),
  );

  test('the headers of a frame and the two ends it goes between', () => {
    expect(headerBytes(ARP)).toEqual([[12, 14]]);
    expect(headerBytes(TAGGED)).toEqual([
      [12, 14],
      [16, 18],
      [18, 19],
    ]);
    expect(tupleBytes(ARP)).toEqual([[12, 14]]);
    expect(tupleBytes(TCP4)).toEqual([
      [12, 14],
      [14, 15],
      [23, 24],
      [26, 34],
      [34, 38],
    ]);
    expect(tupleBytes(TCP6)).toEqual([
      [12, 14],
      [14, 15],
      [20, 21],
      [22, 54],
      [54, 58],
    ]);
    expect(tupleBytes(TCP4.subarray(0, 36))).toEqual([
      [12, 14],
      [14, 15],
      [23, 24],
      [26, 34],
      [34, 36],
    ]);
  });
});

describe('bytes by which a hook runs its program at all', () => {
  const at = (hook: HookName, bytes: Uint8Array, options: [string, string][] = []) =>
    entryBytes(hook, new Map(options), bytes);
  test.each<[string, HookName, Uint8Array, [string, string][], [number, number][]]>([
    ['XDP runs on every frame', 'xdp', TCP4, [], []],
    ['a socket filter on the link layer too', 'socket_filter', TCP4, [['start', 'link']], []],
    [
      'one of a UDP socket where there is a transport header',
      'socket_filter',
      TCP4,
      [['start', 'transport']],
      [
        [12, 14],
        [14, 15],
        [23, 24],
      ],
    ],
    [
      'a reuseport group as well',
      'sk_reuseport',
      TCP6,
      [],
      [
        [12, 14],
        [14, 15],
        [20, 21],
      ],
    ],
    [
      'sk_skb where there is a payload: the header of TCP says how long it is',
      'sk_skb',
      TCP4,
      [],
      [
        [12, 14],
        [14, 15],
        [23, 24],
        [46, 47],
      ],
    ],
    ['what is no IP has no transport header', 'sk_skb', ARP, [], [[12, 14]]],
    [
      'a frame that ends before that byte',
      'sk_skb',
      TCP4.subarray(0, 46),
      [],
      [
        [12, 14],
        [14, 15],
        [23, 24],
      ],
    ],
    [
      "QEMU's filter looks for IPv4",
      'filter-ubpf',
      TCP4,
      [],
      [
        [12, 14],
        [14, 15],
      ],
    ],
    [
      'behind two tags',
      'filter-ubpf',
      TAGGED_TWICE,
      [],
      [
        [12, 22],
        [22, 23],
      ],
    ],
    [
      'and no further than the frame',
      'filter-ubpf',
      TCP4.subarray(0, 14),
      [],
      [
        [12, 14],
        [13, 14],
      ],
    ],
  ])('%s', (_title, hook, bytes, options, ranges) =>
    expect(at(hook, bytes, options)).toEqual(ranges),
  );
});

describe('the socket a packet belongs to', () => {
  test.each([
    [
      'TCP that comes in',
      TCP4,
      false,
      {
        protocol: 'tcp',
        local: '20.0.0.2',
        localPort: 50000,
        remote: '10.0.0.1',
        remotePort: 8080,
        state: 'established',
      },
    ],
    [
      'TCP that goes out',
      TCP4,
      true,
      {
        protocol: 'tcp',
        local: '10.0.0.1',
        localPort: 8080,
        remote: '20.0.0.2',
        remotePort: 50000,
        state: 'established',
      },
    ],
    [
      'UDP over IPv6',
      UDP6,
      false,
      {
        protocol: 'udp',
        local: '2001:db8:0:2::22',
        localPort: 0x1234,
        remote: '2001:db8:0:1::11',
        remotePort: 53,
        state: 'close',
      },
    ],
    [
      'UDP behind two tags',
      TAGGED_TWICE,
      true,
      {
        protocol: 'udp',
        local: '10.0.0.1',
        localPort: 53,
        remote: '20.0.0.2',
        remotePort: 0x1234,
        state: 'close',
      },
    ],
    [
      'no IP at all',
      ARP,
      false,
      {
        protocol: 'tcp',
        local: '0.0.0.0',
        localPort: 0,
        remote: '0.0.0.0',
        remotePort: 0,
        state: 'established',
      },
    ],
  ])('%s', (_title, bytes, outgoing, socket) =>
    expect(packetSocket(bytes, outgoing)).toEqual(socket),
  );
  test('an empty frame has none of it', () =>
    expect(packetSocket(frame(''), false)).toEqual({
      protocol: 'tcp',
      local: '0.0.0.0',
      localPort: 0,
      remote: '0.0.0.0',
      remotePort: 0,
      state: 'established',
    }));
});

test('a frame is the same wherever it lies in a larger piece of memory', () => {
  for (const bytes of [TCP4, UDP4, ICMP4, TCP6, UDP6, ARP, LLC, TAGGED, TAGGED_TWICE, OPTIONS4]) {
    const around = new Uint8Array(bytes.length + 50).fill(0x5a);
    around.set(bytes, 30);
    const inside = around.subarray(30, 30 + bytes.length);
    for (const field of FIELDS)
      for (const outgoing of [false, true])
        expect(initialBytes(field, inside, outgoing)).toEqual(initialBytes(field, bytes, outgoing));
    expect(packetSocket(inside, true)).toEqual(packetSocket(bytes, true));
  }
});
