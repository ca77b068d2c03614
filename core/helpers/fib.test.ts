import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { Network } from '../machine/network.ts';
import { parseIpv4, parseIpv6 } from '../packet/address.ts';
import { mapContents } from '../session/outcome.ts';
import { finish } from '../session/session.ts';
import { withMaps } from '../testing/with-maps.ts';

/** BPF_FIB_LKUP_RET_* and BPF_FIB_LOOKUP_* of include/uapi/linux/bpf.h. */
const [SUCCESS, BLACKHOLE, UNREACHABLE, PROHIBIT, NOT_FWDED, FWD_DISABLED] = [0, 1, 2, 3, 4, 5];
const [NO_NEIGH, FRAG_NEEDED, NO_SRC_ADDR] = [7, 8, 9];
const [DIRECT, OUTPUT, SKIP_NEIGH, TBID, SRC, MARK] = [1, 2, 4, 8, 16, 32];
const [EINVAL, ENODEV, EAFNOSUPPORT] = [-22, -19, -97];

const NETWORK: Network = {
  devices: [
    { ifindex: 2, name: 'eth0', mtu: 1500, mac: '02:00:00:00:00:02', forwarding: true },
    { ifindex: 3, name: 'eth1', mtu: 1400, mac: '02:00:00:00:00:03', forwarding: true },
    { ifindex: 4, name: 'eth2', mtu: 1500, mac: '02:00:00:00:00:04', forwarding: false },
  ],
  sockets: [],
  routes: [
    { prefix: '10.0.0.0/8', ifindex: 3, kind: 'unicast' },
    { prefix: '10.1.0.0/16', ifindex: 2, kind: 'unicast', gateway: '10.9.9.9' },
    { prefix: '10.1.1.0/24', ifindex: 2, kind: 'blackhole' },
    { prefix: '10.1.2.0/24', ifindex: 2, kind: 'unreachable' },
    { prefix: '10.1.3.0/24', ifindex: 2, kind: 'prohibit' },
    { prefix: '10.1.4.1', ifindex: 2, kind: 'local' },
    { prefix: '10.1.5.0/25', ifindex: 3, kind: 'unicast', source: '10.1.5.9', mtu: 1000 },
    { prefix: '10.1.6.0/24', ifindex: 9, kind: 'unicast' },
    { prefix: '2001:db8::/32', ifindex: 3, kind: 'unicast' },
    { prefix: '2001:db8:1::/48', ifindex: 2, kind: 'unicast', gateway: '2001:db8::9' },
    { prefix: '2001:db8::1', ifindex: 3, kind: 'local' },
  ],
  neighbours: [
    { address: '10.9.9.9', ifindex: 2, mac: '02:00:00:00:09:09' },
    { address: '10.2.0.1', ifindex: 3, mac: '02:00:00:00:02:01' },
    { address: '10.1.5.1', ifindex: 3, mac: '02:00:00:00:05:01' },
    { address: '2001:db8::9', ifindex: 2, mac: '02:00:00:00:06:09' },
    { address: '2001:db8::7', ifindex: 3, mac: '02:00:00:00:06:07' },
  ],
};

interface Asked {
  readonly to: string;
  readonly from?: string;
  readonly ifindex?: number;
  readonly length?: number;
  readonly family?: number;
  readonly flags?: number;
  readonly size?: number;
  /** False: no address is this host's. */
  readonly own?: boolean;
}

/** What bpf_fib_lookup answers, and struct bpf_fib_lookup behind it. */
function lookUp(asked: Asked): { answer: number; params: Uint8Array } {
  const { to, from, ifindex = 2, length = 0, flags = 0, size = 64, own = true } = asked;
  const routes = NETWORK.routes.filter(({ kind }) => kind !== 'local');
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  const address = (text: string) => parseIpv4(text) ?? parseIpv6(text)!;
  bytes[0] = asked.family ?? (to.includes(':') ? 10 : 2);
  view.setUint16(6, length, true);
  view.setUint32(8, ifindex, true);
  view.setUint32(12, 0x0102_0304, true);
  if (from) bytes.set(address(from), 16);
  bytes.set(address(to), 32);
  bytes.fill(0xee, 48);
  const session = withMaps(
    `r6 = r1; *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0;
     call bpf_map_lookup_elem; if r0 == 0 goto out; r1 = r6; r2 = r0; r3 = ${size};
     r4 = ${flags}; call bpf_fib_lookup; out: exit`,
    [{ valueSize: 64, maxEntries: 1 }],
    {
      network: own ? NETWORK : { ...NETWORK, routes },
      presets: [{ map: 'm0', key: '00000000', value: toHex(bytes) }],
    },
  );
  const { r0, fault } = session.outcome!;
  if (fault) throw new Error(fault.message);
  finish(session.go({ how: 'end' }));
  const [{ value }] = mapContents(session.machine!, 0).entries;
  return { answer: Number(BigInt.asIntN(32, r0!)), params: value };
}

describe('bpf_fib_lookup answers', () => {
  test.each<[what: string, asked: Asked, answer: number]>([
    ['a neighbour on the link', { to: '10.2.0.1' }, SUCCESS],
    ['the gateway of the longest prefix', { to: '10.1.0.1' }, SUCCESS],
    ['a neighbour that is not known', { to: '10.2.0.2' }, NO_NEIGH],
    ['which may not be asked for', { to: '10.2.0.2', flags: SKIP_NEIGH }, SUCCESS],
    ['no route', { to: '11.0.0.1' }, NOT_FWDED],
    ['a blackhole', { to: '10.1.1.1' }, BLACKHOLE],
    ['unreachable', { to: '10.1.2.1' }, UNREACHABLE],
    ['prohibited', { to: '10.1.3.1' }, PROHIBIT],
    ['an address of its own', { to: '10.1.4.1' }, NOT_FWDED],
    ['the next address', { to: '10.1.4.2' }, SUCCESS],
    ['the last address of a prefix', { to: '10.1.5.127', flags: SKIP_NEIGH }, SUCCESS],
    ['a device that is not there', { to: '10.1.6.1' }, NOT_FWDED],
    ['one that is asked from', { to: '10.2.0.1', ifindex: 9 }, ENODEV],
    ['one that does not forward', { to: '10.2.0.1', ifindex: 4 }, FWD_DISABLED],
    ['a packet that just fits', { to: '10.2.0.1', length: 1400 }, SUCCESS],
    ['one byte more', { to: '10.2.0.1', length: 1401 }, FRAG_NEEDED],
    ['the MTU of a route', { to: '10.1.5.1', length: 1000 }, SUCCESS],
    ['and one byte more', { to: '10.1.5.1', length: 1001 }, FRAG_NEEDED],
    ['only routes over the device', { to: '10.2.0.1', ifindex: 2, flags: OUTPUT }, NOT_FWDED],
    ['which there is', { to: '10.2.0.1', ifindex: 3, flags: OUTPUT }, SUCCESS],
    ['what refuses is over any', { to: '10.1.1.1', ifindex: 3, flags: OUTPUT }, BLACKHOLE],
    ['any known flags', { to: '10.1.0.1', flags: DIRECT | TBID | MARK | SRC }, SUCCESS],
    ['a flag nobody knows', { to: '10.1.0.1', flags: 64 }, EINVAL],
    ['parameters that are cut', { to: '10.1.0.1', size: 63 }, EINVAL],
    ['another family', { to: '10.1.0.1', family: 1 }, EAFNOSUPPORT],
    ['IPv6 on the link', { to: '2001:db8::7' }, SUCCESS],
    ['IPv6 by a gateway', { to: '2001:db8:1::1' }, SUCCESS],
    ['a neighbour of IPv6 that is not known', { to: '2001:db8::8' }, NO_NEIGH],
    ['an IPv6 address of its own', { to: '2001:db8::1' }, NOT_FWDED],
    ['which is in another table', { to: '2001:db8::1', flags: DIRECT | SKIP_NEIGH }, SUCCESS],
    ['IPv6 without a route', { to: '2001:db9::1' }, NOT_FWDED],
    ['multicast', { to: 'ff02::1' }, NOT_FWDED],
    ['one link only', { to: 'fe80::1' }, NOT_FWDED],
    ['the end of that range', { to: 'febf::1' }, NOT_FWDED],
    ['from one link only', { to: '2001:db8::7', from: 'fe80::1' }, NOT_FWDED],
    ['from multicast', { to: '2001:db8::7', from: 'ff00::' }, NOT_FWDED],
    ['from the loopback', { to: '2001:db8::7', from: '::1' }, NOT_FWDED],
    ['from the address behind it', { to: '2001:db8::7', from: '::2' }, SUCCESS],
  ])('%s', (_, asked, answer) => expect(lookUp(asked).answer).toBe(answer));
  test('IPv6 of a host that has no address to send from', () =>
    expect(lookUp({ to: '2001:db8::7', flags: SRC, own: false }).answer).toBe(NO_SRC_ADDR));
});

describe('and fills in', () => {
  /** length or MTU, interface, metric; source and destination; VLAN, source and next MAC. */
  const filled = (asked: Asked): string[] => {
    const { params } = lookUp(asked);
    const view = new DataView(params.buffer, params.byteOffset, 64);
    const size = params[0] === 2 ? 4 : 16;
    return [
      `family ${params[0]}, mtu ${view.getUint16(6, true)}, ifindex ${view.getUint32(8, true)}`,
      `metric ${view.getUint32(12, true)}`,
      toHex(params.slice(16, 16 + size)),
      toHex(params.slice(32, 32 + size)),
      toHex(params.slice(48, 52)),
      toHex(params.slice(52, 58)),
      toHex(params.slice(58, 64)),
    ];
  };
  const kept = 'eeeeeeeeeeee';
  test.each<[what: string, asked: Asked, fields: string[]]>([
    [
      'interface, MTU and link addresses',
      { to: '10.2.0.1', from: '10.7.0.1' },
      [
        'family 2, mtu 1400, ifindex 3',
        'metric 0',
        '0a070001',
        '0a020001',
        '00000000',
        '020000000003',
        '020000000201',
      ],
    ],
    [
      'the gateway in the place of the destination',
      { to: '10.1.0.1' },
      [
        'family 2, mtu 1500, ifindex 2',
        'metric 0',
        '00000000',
        '0a090909',
        '00000000',
        '020000000002',
        '020000000909',
      ],
    ],
    [
      'the source of the route',
      { to: '10.1.5.1', flags: SRC },
      [
        'family 2, mtu 1000, ifindex 3',
        'metric 0',
        '0a010509',
        '0a010501',
        '00000000',
        '020000000003',
        '020000000501',
      ],
    ],
    [
      'an address of this host where the route has none',
      { to: '10.2.0.1', flags: SRC },
      [
        'family 2, mtu 1400, ifindex 3',
        'metric 0',
        '0a010401',
        '0a020001',
        '00000000',
        '020000000003',
        '020000000201',
      ],
    ],
    [
      'no link addresses where they are not asked for',
      { to: '10.2.0.1', flags: SKIP_NEIGH },
      ['family 2, mtu 1400, ifindex 3', 'metric 0', '00000000', '0a020001', '00000000', kept, kept],
    ],
    [
      'the MTU where the packet does not fit, and nothing else',
      { to: '10.1.5.1', length: 1001 },
      [
        'family 2, mtu 1000, ifindex 2',
        `metric ${0x0102_0304}`,
        '00000000',
        '0a010501',
        'eeeeeeee',
        kept,
        kept,
      ],
    ],
    [
      'what is known before the neighbour is not',
      { to: '10.2.0.2', length: 77 },
      ['family 2, mtu 77, ifindex 3', 'metric 0', '00000000', '0a020002', 'eeeeeeee', kept, kept],
    ],
    [
      'the metric of IPv6 and its gateway',
      { to: '2001:db8:1::1', flags: SRC },
      [
        'family 10, mtu 1500, ifindex 2',
        'metric 1024',
        '20010db8000000000000000000000001',
        '20010db8000000000000000000000009',
        '00000000',
        '020000000002',
        '020000000609',
      ],
    ],
    [
      'nothing of a route that refuses',
      { to: '10.1.1.1', length: 5 },
      [
        'family 2, mtu 5, ifindex 2',
        `metric ${0x0102_0304}`,
        '00000000',
        '0a010101',
        'eeeeeeee',
        kept,
        kept,
      ],
    ],
  ])('%s', (_, asked, fields) => expect(filled(asked)).toEqual(fields));
});
