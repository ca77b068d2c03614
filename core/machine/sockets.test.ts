import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { BPF_SOCK, BPF_TCP_SOCK } from '../spec/sockets.ts';
import { TCP4, TCP6, UDP4, UDP6 } from '../testing/frames.ts';
import { session } from '../testing/run.ts';
import type { Machine } from './machine.ts';
import { DEFAULT_NETWORK, deviceOf, type Network, type Socket } from './network.ts';
import { addressBytes, openSocket, socketAt, socketNumber, socketNumbered } from './sockets.ts';

const network = (...sockets: Socket[]): Network => ({ ...DEFAULT_NETWORK, sockets });
const made = (
  bytes: Uint8Array,
  given = network(),
  options: [string, string][] = [['socket', 'own']],
) =>
  session('r0 = 0; exit', { hook: 'tc', packet: toHex(bytes), options, network: given }).machine!;

/** Fields of a structure that are not 0. */
function fields(machine: Machine, address: bigint, table: typeof BPF_SOCK | typeof BPF_TCP_SOCK) {
  const access = machine.typed.get(Number(address >> 32n) - 0x1000)!;
  return Object.fromEntries(
    table.fields
      .map(({ name }) => [name, access.get(name)] as const)
      .filter(([, value]) => value !== 0n),
  );
}

describe('a socket made from a packet, as programs see it on a little-endian machine', () => {
  const QUEUE = { rx_queue_mapping: 0xffff_ffffn };
  test('TCP over IPv4: its addresses are also those of IPv6, mapped', () => {
    const machine = made(TCP4);
    const { address, tcpAddress, family } = machine.ownSocket!;
    expect(family).toBe(2);
    expect(fields(machine, address, BPF_SOCK)).toEqual({
      ...QUEUE,
      family: 2n,
      type: 1n,
      protocol: 6n,
      state: 1n,
      src_ip4: 0x0200_0014n,
      'src_ip6[2]': 0xffff_0000n,
      'src_ip6[3]': 0x0200_0014n,
      src_port: 50000n,
      dst_port: 0x901fn,
      dst_ip4: 0x0100_000an,
      'dst_ip6[2]': 0xffff_0000n,
      'dst_ip6[3]': 0x0100_000an,
    });
    expect(fields(machine, tcpAddress, BPF_TCP_SOCK)).toEqual({
      snd_cwnd: 10n,
      snd_ssthresh: 0x7fff_ffffn,
      mss_cache: 1448n,
    });
  });
  test('UDP over IPv4 has neither', () => {
    const machine = made(UDP4);
    const { address, tcpAddress } = machine.ownSocket!;
    expect(tcpAddress).toBe(0n);
    expect(fields(machine, address, BPF_SOCK)).toEqual({
      ...QUEUE,
      family: 2n,
      type: 2n,
      protocol: 17n,
      state: 7n,
      src_ip4: 0x0200_0014n,
      src_port: 0x1234n,
      dst_port: 0x3500n,
      dst_ip4: 0x0100_000an,
    });
  });
  test('IPv6: an address of IPv4 stands for its own (LOOPBACK4_IPV6)', () => {
    const machine = made(TCP6);
    const { address, family } = machine.ownSocket!;
    expect(family).toBe(10);
    expect(fields(machine, address, BPF_SOCK)).toEqual({
      ...QUEUE,
      family: 10n,
      type: 1n,
      protocol: 6n,
      state: 1n,
      src_ip4: 0x0600_007fn,
      'src_ip6[0]': 0xb80d_0120n,
      'src_ip6[1]': 0x0200_0000n,
      'src_ip6[3]': 0x2200_0000n,
      src_port: 50000n,
      dst_port: 0x901fn,
      dst_ip4: 0x0600_007fn,
      'dst_ip6[0]': 0xb80d_0120n,
      'dst_ip6[1]': 0x0100_0000n,
      'dst_ip6[3]': 0x1100_0000n,
    });
    expect(made(UDP6).ownSocket!.family).toBe(10);
  });
});

describe('sockets of the session', () => {
  const own: Socket = {
    protocol: 'tcp',
    local: '20.0.0.2',
    localPort: 50000,
    remote: '10.0.0.1',
    remotePort: 8080,
    state: 'established',
    mark: 9,
  };
  test('one with the ends of the packet is the one it belongs to', () => {
    const machine = made(TCP4, network({ ...own, localPort: 1 }, own));
    expect(machine.ownSocket).toBe(machine.sockets[1]);
    expect([machine.sockets[0].cookie, machine.sockets[1].cookie]).toEqual([1n, 2n]);
    expect(fields(machine, machine.ownSocket!.address, BPF_SOCK).mark).toBe(9n);
  });
  test.each<[string, Partial<Socket>]>([
    ['another protocol', { protocol: 'udp' }],
    ['another local port', { localPort: 50001 }],
    ['another remote port', { remotePort: 8081 }],
    ['another local address', { local: '20.0.0.3' }],
    ['another remote address', { remote: '10.0.0.2' }],
  ])('one with %s is not: it is made, with the next cookie', (_title, other) => {
    const machine = made(TCP4, network({ ...own, ...other }));
    expect(machine.ownSocket).not.toBe(machine.sockets[0]);
    expect(machine.ownSocket!.cookie).toBe(2n);
  });
  test('are found by address and by number, those that maps took behind them', () => {
    const machine = made(TCP4, network({ ...own, localPort: 1 }));
    const [first] = machine.sockets;
    const mine = machine.ownSocket!;
    expect([
      socketAt(machine, first.address),
      socketAt(machine, first.tcpAddress),
      socketAt(machine, mine.address),
    ]).toEqual([first, first, mine]);
    expect([socketAt(machine, 0n), socketAt(machine, mine.address + 1n)]).toEqual([
      undefined,
      undefined,
    ]);
    expect([
      socketNumber(machine, first),
      socketNumber(machine, mine),
      socketNumber(machine, mine),
    ]).toEqual([1, 2, 2]);
    expect([0, 1, 2, 3].map((number) => socketNumbered(machine, number))).toEqual([
      undefined,
      first,
      mine,
      undefined,
    ]);
    expect(machine.mappedSockets).toEqual([mine]);
  });
  test('what is no address, and two addresses of different families, are refused', () => {
    const machine = made(TCP4);
    expect(() => addressBytes('10.0.0', 'socket 1')).toThrow(
      'socket 1: "10.0.0" is no IPv4 or IPv6 address',
    );
    expect(() => openSocket(machine, 'tc', { ...own, remote: '::1' }, 'socket 1', 1n)).toThrow(
      'socket 1: its two addresses are of different families',
    );
    expect(
      openSocket(
        machine,
        'tc',
        { protocol: 'tcp', local: '::', localPort: 80, state: 'listen' },
        'x',
        1n,
      ).remote,
    ).toEqual(new Uint8Array(16));
  });
});

test('devices by number', () => {
  expect([0, 1, 2, 3, 4].map((ifindex) => deviceOf(DEFAULT_NETWORK, ifindex)?.name)).toEqual([
    undefined,
    'lo',
    'eth0',
    'eth1',
    undefined,
  ]);
  expect(DEFAULT_NETWORK.devices.map(({ mtu, mac, forwarding }) => [mtu, mac, forwarding])).toEqual(
    [
      [65536, '00:00:00:00:00:00', true],
      [1500, '02:00:00:00:00:02', true],
      [1500, '02:00:00:00:00:03', true],
    ],
  );
});
