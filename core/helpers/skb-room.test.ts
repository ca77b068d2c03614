import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { ARP, TCP4, TCP6 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';

const answerOf = (source: string, bytes: Uint8Array, hook: 'tc' | 'sk_skb' = 'tc'): number =>
  Number(
    BigInt.asIntN(
      64,
      run(`r6 = r1; ${source}; exit`, { hook, packet: toHex(bytes) }).r0 ?? 999_999n,
    ),
  );

const [EFAULT, EINVAL, EALREADY, ENOTSUPP] = [-14, -22, -114, -524];
/** BPF_ADJ_ROOM_NET, BPF_ADJ_ROOM_MAC. */
const [NET, MAC] = [0, 1];
/** BPF_F_ADJ_ROOM_* */
const F = {
  encap4: 1n << 1n,
  encap6: 1n << 2n,
  gre: 1n << 3n,
  udp: 1n << 4n,
  ethernet: 1n << 6n,
  decap4: 1n << 7n,
  decap6: 1n << 8n,
};
const inner = (bytes: number): bigint => BigInt(bytes) << 56n;

const adjusted = (difference: number, mode: number, flags: bigint, bytes = TCP4): number =>
  answerOf(
    `r1 = r6; r2 = ${difference}; r3 = ${mode}; r4 = ${flags} ll; call bpf_skb_adjust_room`,
    bytes,
  );

/** net/core/filter.c, bpf_skb_adjust_room and bpf_skb_net_grow. */
describe('bpf_skb_adjust_room', () => {
  const eth = F.encap4 | F.ethernet;
  test.each<[number, number, bigint, number]>([
    [20, MAC, 0n, 0],
    [20, NET, 0n, 0],
    [20, 2, 0n, ENOTSUPP],
    [20, MAC, 1n << 9n, EINVAL],
    [0x1000, MAC, 0n, EFAULT],
    [-0x1000, MAC, 0n, EFAULT],
    [20, MAC, F.encap4, 0],
    [20, MAC, F.encap4 | F.encap6, EINVAL],
    [40, MAC, F.encap6 | F.gre, 0],
    [40, MAC, F.encap4 | F.gre | F.udp, EINVAL],
    [40, MAC, eth | inner(13), EINVAL],
    [40, MAC, eth | inner(14), 0],
    [40, MAC, eth | inner(40), 0],
    [40, MAC, eth | inner(41), EINVAL],
    [20, MAC, F.encap4 | inner(20), 0],
    [20, MAC, F.encap4 | inner(21), EINVAL],
    [20, MAC, F.decap4, EINVAL],
    [-20, MAC, F.encap4, EINVAL],
    [-4, MAC, F.decap4 | F.decap6, EINVAL],
    [-4, MAC, F.decap4, 0],
    [-4, MAC, 0n, 0],
    [-24, MAC, F.decap4, 0],
    [-25, MAC, F.decap4, ENOTSUPP],
    [-4, MAC, F.decap6, 0],
    [-5, MAC, F.decap6, ENOTSUPP],
    [-44, MAC, 0n, ENOTSUPP],
  ])('by %i, mode %i, flags %i: %i', (difference, mode, flags, answer) =>
    expect(adjusted(difference, mode, flags)).toBe(answer),
  );

  test('only of IP, and of no more than an skb has room for', () => {
    expect(adjusted(4, MAC, 0n, ARP)).toBe(ENOTSUPP);
    expect(adjusted(4, MAC, 0n, TCP6)).toBe(0);
    const large = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      bytes.set(TCP4);
      return bytes;
    };
    const most = 4 * 4096 - 320;
    expect(adjusted(4, MAC, 0n, large(most - 4))).toBe(0);
    expect(adjusted(4, MAC, 0n, large(most - 3))).toBe(ENOTSUPP);
  });

  test('a packet is put into another once', () => {
    const encap = `r1 = r6; r2 = 20; r3 = 1; r4 = ${F.encap4}; call bpf_skb_adjust_room`;
    expect(answerOf(`${encap}; ${encap}`, TCP4)).toBe(EALREADY);
  });
});

/** net/core/filter.c, ____bpf_skb_change_head. */
describe('bpf_skb_change_head', () => {
  const head = (count: bigint, flags = 0n): number =>
    answerOf(`r1 = r6; r2 = ${count} ll; r3 = ${flags} ll; call bpf_skb_change_head`, TCP4);
  const most = 4 * 4096 - 320 - TCP4.length;
  test.each<[bigint, bigint, number]>([
    [0n, 0n, 0],
    [4n, 0n, 0],
    [4n, 1n, EINVAL],
    [BigInt(most), 0n, 0],
    [BigInt(most + 1), 0n, EINVAL],
    [0x7fff_ffffn, 0n, EINVAL],
    [0xffff_ffffn, 0n, EINVAL],
  ])('%i bytes, flags %i: %i', (count, flags, answer) => expect(head(count, flags)).toBe(answer));
});
