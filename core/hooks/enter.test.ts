import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { Machine } from '../machine/machine.ts';
import { address, nameAddress, READ, WRITE } from '../memory/memory.ts';
import { finish } from '../session/session.ts';
import { type HookName, PROGRAM_TYPES } from '../spec/program-types.ts';
import { ARP, frame, ICMP4, TAGGED, TAGGED_TWICE, TCP4, TCP6, UDP4 } from '../testing/frames.ts';
import { openSession, session } from '../testing/run.ts';

type Options = [string, string][];

/** The machine before the first instruction, and how the run came out. */
function entered(hook: HookName, bytes: Uint8Array, options: Options = []) {
  const opened = session('r0 = 0; exit', { hook, packet: toHex(bytes), options });
  finish(opened.go({ how: 'reset' }));
  return { machine: opened.machine!, outcome: opened.outcome!, session: opened };
}

const dataOf = ({ memory, packet }: Machine): string =>
  toHex(memory.bytes.subarray(packet.data, packet.end));
const reasonOf = (hook: HookName, bytes: Uint8Array, options: Options = []) => {
  const { outcome } = entered(hook, bytes, options);
  return outcome.ran ? undefined : outcome.verdict.reason;
};

describe('the first byte a program of each hook sees', () => {
  const LINK = 0;
  const NETWORK = 14;
  test.each<[HookName, Options, Uint8Array, number]>([
    ['xdp', [], TCP4, LINK],
    ['tc', [], TCP4, LINK],
    ['tc', [], ARP, LINK],
    ['socket_filter', [], TCP4, LINK],
    ['socket_filter', [['start', 'network']], TCP4, NETWORK],
    ['socket_filter', [['start', 'transport']], TCP4, 34],
    ['socket_filter', [['start', 'transport']], TAGGED, 38],
    ['socket_filter', [['start', 'transport']], TAGGED_TWICE, 42],
    ['socket_filter', [['start', 'transport']], ICMP4, 34],
    ['cgroup_skb', [], TCP4, NETWORK],
    ['cgroup_skb', [], TAGGED, NETWORK],
    ['lwt_in', [], TCP4, NETWORK],
    ['lwt_out', [], TCP6, NETWORK],
    ['lwt_xmit', [], TCP4, NETWORK],
    ['flow_dissector', [], TCP4, LINK],
    ['sk_skb', [], TCP4, 54],
    ['sk_skb', [], UDP4, 42],
    ['sk_skb', [], TCP6, 74],
    ['sk_skb', [['start', 'transport']], TCP4, 34],
    ['sk_skb', [['start', 'network']], TCP4, NETWORK],
    ['sk_skb', [['start', 'link']], TCP4, LINK],
    ['sk_msg', [], TCP4, 54],
    ['sk_msg', [['start', 'link']], TCP4, LINK],
    ['sk_lookup', [], TCP4, TCP4.length],
    ['sk_reuseport', [], TCP4, 34],
    ['netfilter', [], TCP4, NETWORK],
  ])('%s %o', (hook, options, bytes, start) => {
    const { machine, outcome } = entered(hook, bytes, options);
    expect(outcome.ran).toBe(true);
    expect(dataOf(machine)).toBe(toHex(bytes.subarray(start)));
    expect(machine.packet.hidden).toBe(start);
    expect(machine.skb.networkOffset).toBe(NETWORK - start);
    expect(machine.packet).toMatchObject({ meta: machine.packet.data, linear: machine.packet.end });
    expect(nameAddress(machine.memory, address(machine.packet.region))).toBe(`packet+${start}`);
    expect(machine.memory.rights[machine.packet.region]).toBe(READ | WRITE);
    expect(machine.memory.length[machine.packet.region]).toBe(bytes.length - start);
    expect(nameAddress(machine.memory, machine.registers[1])).toBe('context+0');
    expect([...machine.registers.subarray(2, 10)]).toEqual(new Array(8).fill(0n));
    expect(machine.registers[0]).toBe(0n);
    expect(nameAddress(machine.memory, machine.registers[10])).toBe('stack+0');
    expect(machine.readable).toBe(0b100_0000_0010);
  });
});

describe('a header that has been found is known to an skb', () => {
  test.each<[HookName, Options, Uint8Array, number | undefined]>([
    ['tc', [], TCP4, undefined],
    ['cgroup_skb', [], TCP4, undefined],
    ['sk_reuseport', [], TCP4, 0],
    ['sk_skb', [], TCP4, -20],
    ['sk_skb', [], UDP4, -8],
    ['sk_lookup', [], ARP, undefined],
  ])('%s %o', (hook, options, bytes, offset) =>
    expect(entered(hook, bytes, options).machine.skb.transportOffset).toBe(offset),
  );
});

describe('packets a hook does not give to its program', () => {
  const SHORT = (count: number) =>
    `The program did not run: the frame has ${count} bytes, an Ethernet header takes 14.`;
  const NO_TRANSPORT = 'The program did not run: there is no IPv4 or IPv6 transport header.';
  const NO_PAYLOAD = 'The program did not run: there is no TCP or UDP payload.';
  test.each<[HookName, Options, Uint8Array, string | undefined]>([
    ['xdp', [], frame(''), undefined],
    ['xdp', [], frame('00'.repeat(13)), undefined],
    ['cgroup_skb', [], frame('00'.repeat(13)), SHORT(13)],
    ['cgroup_skb', [], frame('00'.repeat(14)), undefined],
    ['lwt_out', [], frame(''), SHORT(0)],
    ['socket_filter', [['start', 'network']], frame('00'.repeat(13)), SHORT(13)],
    ['socket_filter', [['start', 'transport']], ARP, NO_TRANSPORT],
    ['socket_filter', [['start', 'transport']], TCP4.subarray(0, 34), undefined],
    ['sk_reuseport', [], ARP, NO_TRANSPORT],
    ['sk_reuseport', [], frame('00'.repeat(13)), SHORT(13)],
    ['sk_skb', [], ICMP4, NO_PAYLOAD],
    ['sk_skb', [], ARP, NO_PAYLOAD],
    ['sk_skb', [], TCP4.subarray(0, 54), undefined],
    ['sk_skb', [], TCP4.subarray(0, 53), NO_PAYLOAD],
    ['sk_msg', [], ICMP4, NO_PAYLOAD],
    ['sk_lookup', [], frame('00'.repeat(13)), SHORT(13)],
  ])('%s %o', (hook, options, bytes, reason) => {
    expect(reasonOf(hook, bytes, options)).toBe(reason);
    if (reason !== undefined) expect(entered(hook, bytes, options).machine.readable).toBe(0);
  });
  test('an IPv4 header that says it is longer than the frame has no transport header in it', () => {
    const long = TCP4.slice(0, 40);
    long[14] = 0x4f;
    expect(reasonOf('sk_reuseport', long)).toBe(NO_TRANSPORT);
  });
});

describe('QEMU filter-ubpf', () => {
  const from = (bytes: Uint8Array, options: Options = []) => {
    const { machine } = entered('filter-ubpf', bytes, options);
    const [place, length] = [
      nameAddress(machine.memory, machine.registers[1]),
      machine.registers[2],
    ];
    const region = machine.packet.region;
    return { place, length, bytes: machine.memory.length[region], readable: machine.readable };
  };
  test.each<[string, Options, object]>([
    ['ip-mode=on', [], { place: 'packet+14', length: 20n, bytes: 58, readable: 0b100_0000_0110 }],
    [
      'ip-mode=off',
      [['ip-mode', 'off']],
      { place: 'packet+0', length: 58n, bytes: 58, readable: 0b100_0000_0110 },
    ],
    [
      'bounds',
      [['bounds', '20-bytes']],
      { place: 'packet+14', length: 20n, bytes: 20, readable: 0b100_0000_0110 },
    ],
    [
      'bounds are of ip-mode alone',
      [
        ['ip-mode', 'off'],
        ['bounds', '20-bytes'],
      ],
      { place: 'packet+0', length: 58n, bytes: 58, readable: 0b100_0000_0110 },
    ],
  ])('%s', (_title, options, what) => expect(from(TCP4, options)).toEqual(what));
  test('bounds end with the frame', () => {
    const short = TCP4.slice(0, 20);
    short[14] = 0x41;
    expect(from(short, [['bounds', '20-bytes']])).toMatchObject({
      place: 'packet+14',
      length: 20n,
      bytes: 6,
    });
  });
  test.each<[Options, string | undefined]>([
    [[['status', 'off']], 'The program did not run: status=off: the netdev skips this filter.'],
    [
      [['queue', 'rx']],
      'The program did not run: queue=rx: this filter does not see packets going to the guest ' +
        '(the tx queue of the netdev).',
    ],
    [
      [
        ['queue', 'tx'],
        ['direction', 'from-guest'],
      ],
      'The program did not run: queue=tx: this filter does not see packets going from the guest ' +
        '(the rx queue of the netdev).',
    ],
    [[['queue', 'tx']], undefined],
  ])('%o', (options, reason) => expect(reasonOf('filter-ubpf', TCP4, options)).toBe(reason));
});

describe('uBPF', () => {
  test('r1 points at the bytes, r2 says how many', () => {
    const { machine } = entered('ubpf', frame('0102'));
    expect(nameAddress(machine.memory, machine.registers[1])).toBe('memory+0');
    expect(machine.registers[2]).toBe(2n);
    expect(machine.readable).toBe(0b100_0000_0110);
  });
  test('r1 is NULL where there are none', () => {
    const { machine } = entered('ubpf', frame(''));
    expect([machine.registers[1], machine.registers[2]]).toEqual([0n, 0n]);
  });
});

describe('XDP in pieces', () => {
  /** 4096 bytes less headroom and struct skb_shared_info (net/bpf/test_run.c). */
  const FIRST = 3520;
  const lengths = (length: number, frags: string) => {
    const { machine } = entered('xdp', new Uint8Array(length).fill(7), [['frags', frags]]);
    const { data, end, linear, low, high, region } = machine.packet;
    return {
      end: end - data,
      linear: linear - data,
      region: machine.memory.length[region],
      front: data - low,
      high: high - data,
    };
  };
  test.each([
    ['no', 100, { end: 100, linear: 100, region: 100, front: 256, high: FIRST }],
    ['yes', 100, { end: 100, linear: 100, region: 100, front: 256, high: FIRST }],
    ['yes', FIRST, { end: FIRST, linear: FIRST, region: FIRST, front: 256, high: FIRST }],
    [
      'yes',
      FIRST + 1,
      { end: FIRST + 1, linear: FIRST, region: FIRST, front: 256, high: FIRST + 1 },
    ],
    [
      'no',
      FIRST + 1,
      { end: FIRST + 1, linear: FIRST + 1, region: FIRST + 1, front: 256, high: FIRST + 1 },
    ],
  ])('frags=%s, %d bytes', (frags, length, expected) =>
    expect(lengths(length, frags)).toEqual(expected),
  );
});

describe('the socket of a packet', () => {
  const socketOf = (hook: HookName, options: Options = []) =>
    entered(hook, TCP4, options).machine.ownSocket?.socket;
  const INCOMING = {
    protocol: 'tcp',
    local: '20.0.0.2',
    localPort: 50000,
    remote: '10.0.0.1',
    remotePort: 8080,
    state: 'established',
  };
  const OUTGOING = {
    ...INCOMING,
    local: '10.0.0.1',
    localPort: 8080,
    remote: '20.0.0.2',
    remotePort: 50000,
  };
  test.each<[HookName, Options, object | undefined]>([
    ['xdp', [], undefined],
    ['tc', [], undefined],
    ['tc', [['socket', 'own']], INCOMING],
    ['lwt_in', [['socket', 'own']], INCOMING],
    ['lwt_xmit', [], undefined],
    ['socket_filter', [], INCOMING],
    ['cgroup_skb', [], INCOMING],
    ['cgroup_skb', [['direction', 'egress']], OUTGOING],
    ['sk_skb', [], INCOMING],
    ['sk_msg', [], OUTGOING],
    ['sk_reuseport', [], INCOMING],
    ['sk_lookup', [], undefined],
    ['netfilter', [], undefined],
    ['flow_dissector', [], undefined],
  ])('%s %o', (hook, options, socket) => expect(socketOf(hook, options)).toEqual(socket));
});

describe('an skb on its way in', () => {
  test.each<[HookName, Options, boolean]>([
    ['tc', [['direction', 'ingress']], true],
    ['tc', [], false],
    ['cgroup_skb', [['direction', 'ingress']], false],
  ])('%s %o: %s', (hook, options, ingress) =>
    expect(entered(hook, TCP4, options).machine.skb.ingress).toBe(ingress),
  );
  test('its hash is known where the user gave one', () => {
    expect(entered('tc', TCP4).machine.skb.hashed).toBe(false);
    const hashed = openSession({ ...entered('tc', TCP4).session.inputs, context: [['hash', '5']] });
    expect(hashed.machine!.skb.hashed).toBe(true);
  });
});

test('flow_keys hold where the network header is, and its type', () => {
  const { machine } = entered('flow_dissector', TCP4);
  const field = machine.context!.get('flow_keys');
  expect(nameAddress(machine.memory, field)).toBe('flow_keys+0');
  const region = Number(field >> 32n) - 0x1000;
  const at = machine.memory.base[region];
  expect(machine.memory.length[region]).toBe(56);
  // struct bpf_flow_keys: nhoff, thoff, addr_proto, three flags, ip_proto, n_proto
  // (include/uapi/linux/bpf.h).
  expect(toHex(machine.memory.bytes.subarray(at, at + 56))).toBe(
    `0e000e0000000000${'0000'}0800${'00'.repeat(44)}`,
  );
});

describe('a second packet starts as the first one did', () => {
  const SOURCE = 'r0 = r7; r7 = 77; *(u64 *)(r10 - 8) = 5; r0 = 77; exit';
  test.each(PROGRAM_TYPES.map(({ name }) => name))(
    '%s: registers are 0 again, nothing is left of the first',
    (hook) => {
      const { inputs, machine: alone } = session(SOURCE, { hook, packet: toHex(TCP4) });
      const first = alone!.registers[10];
      const packets = [inputs.packets[0], { name: 'second', bytes: UDP4 }];
      const { machine } = openSession({ ...inputs, packets, packet: 1 });
      expect(machine!.steps).toBe(0);
      expect([machine!.registers[0], ...machine!.registers.slice(3, 10)]).toEqual(
        new Array(8).fill(0n),
      );
      expect(machine!.registers[10]).toBe(first);
      expect(dataOf(machine!)).toBe(toHex(UDP4.subarray(machine!.packet.hidden)));
    },
  );
});
