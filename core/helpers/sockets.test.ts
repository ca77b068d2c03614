import { describe, expect, test } from 'vitest';
import { DEFAULT_NETWORK, type Network } from '../machine/network.ts';
import { ERRNO } from '../spec/errno.ts';
import { run } from '../testing/run.ts';

// BPF_PROG_TEST_RUN is never at tc's ingress, and runs no program of a sockmap or a reuseport
// group: what is said here of those is from net/core/filter.c (bpf_sk_assign, sk_select_reuseport).
// The rest is compared in session/programs.test.ts.

const FRAME = '0200000000010200000000990800450000280001000040060000'.concat(
  '0a0002090a000201',
  '00010050'.padEnd(40, '0'),
);
const NETWORK: Network = {
  ...DEFAULT_NETWORK,
  sockets: [
    { protocol: 'tcp', local: '10.0.2.1', localPort: 80, state: 'listen', uid: 33 },
    {
      protocol: 'tcp',
      local: '10.0.2.1',
      localPort: 80,
      remote: '10.0.2.9',
      remotePort: 1,
      state: 'time_wait',
    },
  ],
};
/**
 * r7: the socket of 10.0.2.1:80 for a packet from 10.0.2.9, port 2, or port 1 whose connection
 * waits.
 */
const lookUp = (port: 1 | 2): string => `r6 = r1
*(u32 *)(r10 - 12) = 0x0902000a; *(u32 *)(r10 - 8) = 0x0102000a;
    *(u32 *)(r10 - 4) = ${0x5000_0000 + port * 256}
r2 = r10; r2 += -12; r3 = 12; r4 = -1; r5 = 0; call bpf_skc_lookup_tcp; r7 = r0;
    if r7 == 0 goto out`;
const RELEASE = 'r8 = r0; r1 = r7; call bpf_sk_release; r0 = r8; out: exit';

const ask = (source: string, direction: 'ingress' | 'egress' = 'ingress') =>
  run(source, { hook: 'tc', packet: FRAME, options: [['direction', direction]], network: NETWORK });
const minus = (name: keyof typeof ERRNO): bigint => BigInt.asUintN(64, BigInt(-ERRNO[name]));

describe('bpf_sk_assign in tc', () => {
  const assign = (flags: number) =>
    `${lookUp(2)}; r1 = r6; r2 = r7; r3 = ${flags}; call bpf_sk_assign; ${RELEASE}`;
  test('chooses the socket of a packet that comes in', () => expect(ask(assign(0)).r0).toBe(0n));
  test('knows no flags', () => expect(ask(assign(1)).r0).toBe(minus('EINVAL')));
  test('is for packets that come in', () =>
    expect(ask(assign(0), 'egress').r0).toBe(minus('EOPNOTSUPP')));
  test('the context then names that socket', () => {
    const source = `${lookUp(2)}; r1 = r6; r2 = r7; r3 = 0; call bpf_sk_assign
      r0 = *(u64 *)(r6 + 168); if r0 == 0 goto none; r0 = *(u32 *)(r0 + 72); none: ${RELEASE}`;
    // BPF_TCP_LISTEN
    expect(ask(source).r0).toBe(10n);
  });
});

describe('a connection in its last wait', () => {
  test('is found by bpf_skc_lookup_tcp', () =>
    expect(ask(`${lookUp(1)}; r0 = *(u32 *)(r7 + 72); ${RELEASE}`).r0).toBe(6n));
  test.each(['bpf_sk_fullsock', 'bpf_tcp_sock', 'bpf_get_listener_sock'])(
    '%s gives nothing for it',
    (helper) => expect(ask(`${lookUp(1)}; r1 = r7; call ${helper}; ${RELEASE}`).r0).toBe(0n),
  );
});

test.each([
  ['bpf_sk_release', 1],
  ['bpf_sk_fullsock', 1],
  ['bpf_tcp_sock', 1],
  ['bpf_get_listener_sock', 1],
  ['bpf_sk_assign', 2],
])('%s faults where r%i is no socket', (helper, register) => {
  const { fault } = ask(`r${register} = r10; r3 = 0; call ${helper}; exit`);
  expect(fault).toMatchObject({
    kind: 'bad-argument',
    message: expect.stringContaining(`wants a socket in r${register}, which is stack`),
  });
});

test('bpf_get_socket_uid of a packet without socket is that of nobody', () =>
  expect(ask('call bpf_get_socket_uid; exit').r0).toBe(65534n));

test('a listener makes SYN cookies for SYNs, a waiting connection none', () => {
  const cookie = (
    port: 1 | 2,
  ) => `${lookUp(port)}; *(u64 *)(r10 - 64) = 0; *(u64 *)(r10 - 56) = 0; *(u32 *)(r10 - 48) = 0
    *(u64 *)(r10 - 40) = 0; *(u64 *)(r10 - 32) = 0; *(u32 *)(r10 - 24) = 0
    *(u8 *)(r10 - 64) = 0x45; *(u16 *)(r10 - 28) = 0x0250
    r1 = r7; r2 = r10; r2 += -64; r3 = 20; r4 = r10; r4 += -40; r5 = 20; call bpf_tcp_gen_syncookie;
    r0 s>>= 32; ${RELEASE}`;
  expect(ask(cookie(2)).r0).toBe(536n);
  // EINVAL, whose upper half is all ones.
  expect(ask(cookie(1)).r0).toBe(0xffff_ffff_ffff_ffffn);
});

// net/ipv4/udp.c, compute_score: a connected socket before one of that address, that before any.
describe('of several sockets of a port', () => {
  const local = '10.0.2.1';
  const remote = '10.0.2.9';
  const sockets: Network['sockets'] = [
    { protocol: 'udp', local: '0.0.0.0', localPort: 53, state: 'established' },
    { protocol: 'udp', local, localPort: 53, state: 'established' },
    { protocol: 'udp', local, localPort: 53, remote, remotePort: 7, state: 'established' },
    {
      protocol: 'udp',
      local: '0.0.0.0',
      localPort: 53,
      remote,
      remotePort: 8,
      state: 'established',
    },
  ];
  /** Local and remote address of the one that a packet from a port of 10.0.2.9 goes to. */
  const found = (port: number, to: number, list: Network['sockets']) => {
    const source = (field: number) => `r6 = r1
      *(u32 *)(r10 - 12) = 0x0902000a; *(u32 *)(r10 - 8) = ${to};
      *(u32 *)(r10 - 4) = ${0x3500_0000 + port * 256}
      r2 = r10; r2 += -12; r3 = 12; r4 = -1; r5 = 0; call bpf_sk_lookup_udp; r7 = r0
      if r7 == 0 goto out; r8 = *(u32 *)(r7 + ${field})
      r1 = r7; call bpf_sk_release; r0 = r8; out: exit`;
    const network = { ...DEFAULT_NETWORK, sockets: list };
    return [24, 52].map((field) => run(source(field), { hook: 'tc', packet: FRAME, network }).r0);
  };
  const [OURS, OTHERS, THEIRS] = [0x0102_000an, 0x0702_000an, 0x0902_000an];
  test.each([
    ['connected', 7, OURS, [OURS, THEIRS]],
    ['connected, of any address', 8, OURS, [0n, THEIRS]],
    ['of that address', 9, OURS, [OURS, 0n]],
    ['of any address', 9, OTHERS, [0n, 0n]],
  ])('the one that is %s', (_title, port, to, addresses) => {
    for (const list of [sockets, sockets.toReversed()])
      expect(found(port, Number(to), list)).toEqual(addresses);
  });
});
