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
