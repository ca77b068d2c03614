import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { DEFAULT_NETWORK, type Network } from '../machine/network.ts';
import { TCP4, TCP6 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';

const NETWORK: Network = {
  ...DEFAULT_NETWORK,
  sockets: [
    { protocol: 'tcp', local: '2001:db8:0:2::22', localPort: 50000, state: 'listen' },
    { protocol: 'tcp', local: '20.0.0.2', localPort: 50000, state: 'listen' },
  ],
};
const EINVAL = BigInt.asUintN(64, -22n);
const EPROTONOSUPPORT = BigInt.asUintN(64, -93n);

/**
 * r7: the listening socket of the packet's destination; the headers are copied to the stack: `ip`
 * bytes at r10 - 128,
 * `tcp` bytes at r10 - 64, with `flags` in place of those of the packet.
 */
const listener = (version: 4 | 6, ip: number, tcp: number, flags: number) => {
  const [network, tuple] = version === 4 ? [20, 12] : [40, 36];
  const addresses = version === 4 ? [26, 30] : [22, 38];
  const size = version === 4 ? 4 : 16;
  const load = (from: number, to: number, count: number) =>
    `r1 = r6; r2 = ${from}; r3 = r10; r3 += -${to}; r4 = ${count}; call bpf_skb_load_bytes`;
  return `r6 = r1
    ${load(addresses[0], 200, size)}; ${load(addresses[1], 200 - size, size)};
    ${load(14 + network, 200 - 2 * size, 4)}
    r1 = r6; r2 = r10; r2 += -200; r3 = ${tuple}; r4 = -1; r5 = 0; call bpf_skc_lookup_tcp; r7 = r0;
    if r7 == 0 goto out
    ${load(14, 128, network)}; ${load(14 + network, 64, 20)}; *(u8 *)(r10 - 51) = ${flags}
    r1 = r7; r2 = r10; r2 += -128; r3 = ${ip}; r4 = r10; r4 += -64; r5 = ${tcp}`;
};
const END = 'r8 = r0; r1 = r7; call bpf_sk_release; r0 = r8; out: exit';
const made = (version: 4 | 6, ip: number, tcp: number, flags: number, after = '') => {
  const packet = toHex(version === 4 ? TCP4 : TCP6);
  const { r0, fault } = run(
    `${listener(version, ip, tcp, flags)}; call bpf_tcp_gen_syncookie; ${after}; ${END}`,
    {
      hook: 'tc',
      packet,
      network: NETWORK,
    },
  );
  return fault ? fault.message : r0;
};
const [SYN, ACK, FIN, RST] = [2, 16, 1, 4];

// net/ipv4/tcp_input.c, tcp_parse_mss_option, and the sizes of net/ipv4/syncookies.c, msstab.
test.each<[string, string, bigint]>([
  ['no option but the end', '00000000', 536n],
  ['a size of 1460', '020405b4', 1460n],
  ['one below the next of the table', '020405b3', 1440n],
  ['of 1300', '02040514', 1300n],
  ['below that', '02040513', 536n],
  ['behind a NOP', '01020405b4000000', 1460n],
  ['the last of two', '0204051402040514', 1300n],
  ['the last of two, where that is larger', '02040514020405b4', 1460n],
  ['0, which is none', '020405b402040000', 1460n],
  ['behind another option of the same length', '03040514020405b4', 1460n],
  ['of another length', '0205051400000000', 536n],
  ['behind the end of options', '00000000020405b4', 536n],
  ['an option of no length', '0300000002040514', 536n],
  ['an option longer than the header', '02040514030905b4', 1300n],
])('the size that a SYN says: %s', (_title, options, mss) => {
  const bytes = Buffer.from(options, 'hex');
  const size = 20 + bytes.length;
  const stores = Array.from(bytes, (byte, i) => `*(u8 *)(r10 - ${44 - i}) = ${byte}`).join('; ');
  const { r0, fault } = run(
    `${listener(4, 20, size, SYN)}; ${stores}; *(u8 *)(r10 - 52) = ${(size / 4) << 4}; ` +
      `call bpf_tcp_gen_syncookie; r0 >>= 32; ${END}`,
    { hook: 'tc', packet: toHex(TCP4), network: NETWORK },
  );
  expect(fault?.message ?? r0).toBe(mss);
});

describe('a cookie for a SYN, with the size of segments above it', () => {
  test.each<[4 | 6, number, bigint]>([
    [4, 20, 536n],
    [6, 40, 1220n],
  ])('IPv%d, without an option', (version, ip, mss) =>
    expect(made(version, ip, 20, SYN, 'r0 >>= 32')).toBe(mss),
  );
  test('for a SYN alone', () => {
    for (const flags of [0, ACK, SYN | ACK, SYN | FIN, SYN | RST])
      expect([flags, made(6, 40, 20, flags)]).toEqual([flags, EINVAL]);
  });
  test.each<[4 | 6, number, number, bigint]>([
    [6, 39, 20, EINVAL],
    [4, 19, 20, EINVAL],
    [6, 40, 19, EINVAL],
    [6, 0, 20, EPROTONOSUPPORT],
    [4, 20, 24, EINVAL],
  ])('IPv%d, %d bytes of IP, %d of TCP', (version, ip, tcp, r0) =>
    expect(made(version, ip, tcp, SYN)).toBe(r0),
  );
});

/** include/net/secure_seq.h: both addresses and both ports are what a cookie is good for. */
test.each<[4 | 6, number, string]>([
  [4, 26, 'source address'],
  [4, 29, 'end of the source address'],
  [6, 22, 'source address'],
  [6, 37, 'end of the source address'],
  [4, 34, 'source port'],
  [6, 54, 'source port'],
])('IPv%d: a cookie is of byte %d, the %s', (version, at) => {
  const cookieOf = (change: number) => {
    const bytes = (version === 4 ? TCP4 : TCP6).slice();
    bytes[at] ^= change;
    const given = listener(version, version === 4 ? 20 : 40, 20, SYN);
    const options = { hook: 'tc', packet: toHex(bytes), network: NETWORK } as const;
    return run(`${given}; call bpf_tcp_gen_syncookie; ${END}`, options).r0!;
  };
  const [one, same, other] = [cookieOf(0), cookieOf(0), cookieOf(1)];
  expect([same, other === one]).toEqual([one, false]);
  // Those of errors are below zero.
  expect(BigInt.asIntN(64, one) > 0n && BigInt.asIntN(64, other) > 0n).toBe(true);
});
