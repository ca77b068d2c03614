import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { ARP, TCP4, TCP6 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';

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
    // BPF_F_ADJ_ROOM_FIXED_GSO and BPF_F_ADJ_ROOM_NO_CSUM_RESET.
    [20, MAC, 1n, 0],
    [20, MAC, 1n << 5n, 0],
    [-4, MAC, 1n << 5n, 0],
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

/** net/core/filter.c, sk_skb_adjust_room: of a stream, at its start. */
describe('bpf_skb_adjust_room of sk_skb', () => {
  const ENOMEM = -12;
  const stream = (difference: number, mode = 0, flags = 0): string =>
    `r1 = r6; r2 = ${difference}; r3 = ${mode}; r4 = ${flags}; call bpf_skb_adjust_room`;
  const streamed = (source: string) => answerOf(source, TCP4, 'sk_skb');
  /** Of the stream the packet has these bytes. */
  const BYTES = 4;
  test.each<[number, number, number, number]>([
    [0, 0, 0, 0],
    [0xfff, 0, 0, 0],
    [0x1000, 0, 0, EFAULT],
    [-0x1000, 0, 0, EFAULT],
    [-BYTES, 0, 0, 0],
    [-BYTES - 1, 0, 0, ENOMEM],
    [4, 1, 0, EINVAL],
    [4, 0, 1, EINVAL],
  ])('by %i, mode %i, flags %i: %i', (difference, mode, flags, answer) =>
    expect(streamed(stream(difference, mode, flags))).toBe(answer),
  );
  test('makes room or takes it', () => {
    const length = 'r0 = *(u32 *)(r6 + 0)';
    expect(streamed(`${stream(0)}; ${length}`)).toBe(BYTES);
    expect(streamed(`${stream(9)}; ${length}`)).toBe(BYTES + 9);
    expect(streamed(`${stream(-3)}; ${length}`)).toBe(BYTES - 3);
  });
});

test('bytes that bpf_skb_change_tail adds are zero, whatever was there', () => {
  const tail = (length: number) =>
    `r1 = r6; r2 = ${length}; r3 = 0; call bpf_skb_change_tail; if r0 != 0 goto out`;
  const last = TCP4.length - 1;
  expect(TCP4[last - 1] | 1).not.toBe(0);
  const source =
    `${tail(last - 8)}; ${tail(last + 1)}; ` +
    `r1 = r6; r2 = ${last - 8}; r3 = r10; r3 += -8; r4 = 8; ` +
    'call bpf_skb_load_bytes; if r0 != 0 goto out; r0 = *(u64 *)(r10 - 8); out: r0 = r0';
  const bytes = TCP4.slice().fill(0xab, last - 8);
  expect(answerOf(source, bytes)).toBe(0);
  // Without the first of the two it is what the packet has.
  expect(answerOf(source.replace(`${tail(last - 8)}; `, ''), bytes)).not.toBe(0);
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

/** net/core/filter.c, bpf_skb_proto_4_to_6 and bpf_skb_proto_6_to_4. */
describe('bpf_skb_change_proto', () => {
  const [IPV4, IPV6] = [0x0008, 0xdd86];
  const ENOMEM = -12;
  const change = (protocol: number, flags = 0) =>
    `r1 = r6; r2 = ${protocol}; r3 = ${flags}; call bpf_skb_change_proto`;
  const behind = (source: string, bytes: Uint8Array, read: string) =>
    answerOf(`${source}; ${read}`, bytes);
  const length = 'r0 = *(u32 *)(r6 + 0)';
  const byte = (at: number) =>
    `r1 = r6; r2 = ${at}; r3 = r10; r3 += -8; r4 = 1; call bpf_skb_load_bytes; ` +
    'r0 = *(u8 *)(r10 - 8)';

  test.each<[string, number, number, Uint8Array, number]>([
    ['IPv4 to IPv6', IPV6, 0, TCP4, 0],
    ['IPv6 to IPv4', IPV4, 0, TCP6, 0],
    ['IPv4 to itself', IPV4, 0, TCP4, ENOTSUPP],
    ['IPv6 to itself', IPV6, 0, TCP6, ENOTSUPP],
    ['ARP', IPV4, 0, ARP, ENOTSUPP],
    ['flags', IPV6, 1, TCP4, EINVAL],
    ['IPv6 that is cut in its first bytes', IPV4, 0, TCP6.slice(0, 33), ENOMEM],
    ['IPv6 with just the bytes that go', IPV4, 0, TCP6.slice(0, 34), 0],
  ])('%s', (_title, protocol, flags, bytes, said) =>
    expect(answerOf(change(protocol, flags), bytes)).toBe(said),
  );

  test('makes room behind the Ethernet header, or takes it', () => {
    expect(behind(change(IPV6), TCP4, length)).toBe(TCP4.length + 20);
    expect(behind(change(IPV6), TCP4, byte(34))).toBe(TCP4[14]);
    expect(behind(change(IPV4), TCP6, length)).toBe(TCP6.length - 20);
    expect(behind(change(IPV4), TCP6, byte(13))).toBe(TCP6[13]);
    expect(behind(change(IPV4), TCP6, byte(14))).toBe(TCP6[34]);
  });

  test('the packet is of the other protocol then, and its hash is worked out anew', () => {
    expect(behind(change(IPV4), TCP6, 'r0 = *(u32 *)(r6 + 16)')).toBe(IPV4);
    const hashed = (source: string) =>
      withMaps(`r6 = r1; ${source}; r0 = *(u32 *)(r6 + 68); exit`, [], {
        hook: 'tc',
        packet: toHex(TCP6),
        context: [['hash', '5']],
      }).outcome!.r0;
    expect([hashed('r0 = 0'), hashed(change(IPV4))]).toEqual([5n, 0n]);
  });

  test('of a protocol that was set in the context the 16 bits of it count', () => {
    const opened = withMaps(`${change(IPV6).replace('r1 = r6; ', '')}; exit`, [], {
      hook: 'tc',
      packet: toHex(TCP4),
      context: [['protocol', String(0x1_0008)]],
    });
    expect(opened.outcome!.r0).toBe(0n);
  });
});
