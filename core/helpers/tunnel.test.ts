import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

/** BPF_F_ZERO_CSUM_TX, BPF_F_DONT_FRAGMENT, BPF_F_SEQ_NUMBER, BPF_F_NO_TUNNEL_KEY. */
const [ZERO_CSUM, DONT_FRAGMENT, SEQUENCE, NO_KEY] = [2, 4, 8, 16];
/** Bits of ip_tunnel_flags as the program reads them in network byte order. */
const [CSUM, KEY, SEQ, DF, NOCACHE] = [0x0001, 0x0004, 0x0008, 0x0100, 0x2000];

/** What bpf_skb_get_tunnel_key says with BPF_F_TUNINFO_FLAGS behind a set with these. */
function flagsBehind(flags: number): number {
  const zeros = Array.from({ length: 6 }, (_, i) => `*(u64 *)(r10 - ${48 - 8 * i}) = 0`).join('; ');
  const of = (helper: string, more: number) =>
    `r1 = r6; r2 = r10; r2 += -48; r3 = 44; r4 = ${more}; call bpf_skb_${helper}_tunnel_key`;
  const source =
    `r6 = r1; ${zeros}; ${of('set', flags)}; ${of('get', 16)}; ` +
    'r1 = *(u8 *)(r10 - 26); r1 <<= 8; r0 = *(u8 *)(r10 - 25); r0 |= r1; exit';
  return Number(run(source, { hook: 'tc', packet: '00'.repeat(64) }).r0);
}

/** net/core/filter.c, ____bpf_skb_set_tunnel_key. */
test('flags of a tunnel key are read back as the bits they stand for, in any combination', () => {
  for (let bits = 0; bits < 32; bits += 2) {
    const has = (flag: number): boolean => (bits & flag) !== 0;
    const expected =
      NOCACHE |
      (has(ZERO_CSUM) ? 0 : CSUM) |
      (has(NO_KEY) ? 0 : KEY) |
      (has(SEQUENCE) ? SEQ : 0) |
      (has(DONT_FRAGMENT) ? DF : 0);
    expect(flagsBehind(bits)).toBe(expected);
  }
});

const [IPV6, FLAGS] = [1, 16];
const [EINVAL, EPROTO, ENOMEM, ENOENT] = [-22n, -71n, -12n, -2n];
const call = (how: string, what: 'key' | 'opt', size: number, flags = 0): string =>
  `r1 = r6; r2 = r10; r2 += -48; r3 = ${size}; r4 = ${flags}; ` +
  `r0 = 7; call bpf_skb_${how}_tunnel_${what}`;
/** Bytes on the stack where keys and options lie. */
const put = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte, i) => `*(u8 *)(r10 - ${48 - i}) = ${byte}`).join('; ');
/** struct bpf_tunnel_key: an id, remote and local address, tos and ttl. */
function keyOf(change: Partial<Record<number, number>> = {}): Uint8Array {
  const bytes = new Uint8Array(44);
  bytes.set([1, 2, 3, 4]);
  bytes.set([10, 0, 0, 1], 4);
  bytes.set([5, 64], 20);
  bytes.set([10, 0, 0, 2], 28);
  for (const [at, byte] of Object.entries(change)) bytes[Number(at)] = byte!;
  return bytes;
}
const answer = (source: string): bigint => {
  const { r0, fault } = run(`r6 = r1; ${source}; exit`, { hook: 'tc', packet: '00'.repeat(64) });
  expect(fault).toBeUndefined();
  return BigInt.asIntN(64, r0!);
};
/** What lies there behind a program. */
const there = (source: string, size: number): number[] =>
  Array.from({ length: size / 4 }, (_, i) =>
    Number(answer(`${source}; r0 = *(u32 *)(r10 - ${48 - 4 * i})`)),
  ).flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 255));

describe('what bpf_skb_set_tunnel_key takes', () => {
  test.each<[string, number, number, Uint8Array, bigint]>([
    ['a key', 44, 0, keyOf(), 0n],
    ['those of older headers', 28, 0, keyOf(), 0n],
    ['older ones', 24, 0, keyOf(), 0n],
    ['older still', 22, 0, keyOf(), 0n],
    ['the oldest', 8, 0, keyOf(), 0n],
    ['no other size', 40, 0, keyOf(), EINVAL],
    ['no size between', 12, 0, keyOf(), EINVAL],
    ['a flag that nobody knows', 44, 32, keyOf(), EINVAL],
    ['an IPv6 key', 44, IPV6, keyOf(), 0n],
    ['a flow label of IPv6', 44, IPV6, keyOf({ 24: 1 }), 0n],
    ['none of IPv4', 44, 0, keyOf({ 24: 1 }), EINVAL],
    ['none of IPv4 in its last byte', 44, 0, keyOf({ 27: 1 }), EINVAL],
    ['no extension', 44, 0, keyOf({ 22: 1 }), EINVAL],
    ['no extension in its other byte', 44, 0, keyOf({ 23: 1 }), EINVAL],
  ])('%s', (_title, size, flags, key, r0) =>
    expect(answer(`${put(key)}; ${call('set', 'key', size, flags)}`)).toBe(r0),
  );
});

describe('what bpf_skb_get_tunnel_key gives', () => {
  const behind = (set: number, size: number, flags: number, key = keyOf()) =>
    `${put(key)}; ${call('set', 'key', 44, set)}; ${put(new Uint8Array(44).fill(0xee))}; ` +
    call('get', 'key', size, flags);
  const answers = (set: number, size: number, flags: number) => answer(behind(set, size, flags));
  test('the way back: both addresses have changed places', () => {
    const back = keyOf();
    back.set([10, 0, 0, 2], 4);
    back.set([10, 0, 0, 1], 28);
    expect(answers(0, 44, 0)).toBe(0n);
    expect(there(behind(0, 44, 0), 44)).toEqual([...back]);
  });
  test('of IPv6 all of them, and twenty bits of the flow label', () => {
    const key = keyOf({ 8: 8, 19: 19, 32: 32, 43: 43 });
    new DataView(key.buffer).setUint32(24, 0xffff_ffff, true);
    const back = key.slice();
    back.set(key.subarray(4, 20), 28);
    back.set(key.subarray(28, 44), 4);
    new DataView(back.buffer).setUint32(24, 0xf_ffff, true);
    expect(there(behind(IPV6, 44, IPV6, key), 44)).toEqual([...back]);
  });
  test.each<[string, number, number, number, bigint]>([
    ['as much as older headers have', 0, 28, 0, 0n],
    ['as much as the oldest have', 0, 8, 0, 0n],
    ['of IPv6 no address of one word', IPV6, 8, IPV6, EINVAL],
    ['no other size', 0, 40, 0, EINVAL],
    ['not IPv4 as IPv6', 0, 44, IPV6, EPROTO],
    ['not IPv6 as IPv4', IPV6, 44, 0, EPROTO],
    ['the flags', 0, 44, FLAGS, 0n],
    ['nothing by a flag that nobody knows', 0, 44, 2, EINVAL],
  ])('%s', (_title, set, size, flags, r0) => expect(answers(set, size, flags)).toBe(r0));
  test('zeros where it fails, nothing behind them', () => {
    expect(there(behind(0, 40, 0), 44)).toEqual([...Array(40).fill(0), ...Array(4).fill(0xee)]);
    expect(there(behind(0, 8, 0), 12).slice(8)).toEqual(Array(4).fill(0xee));
    expect(answer(call('get', 'key', 44))).toBe(EINVAL);
  });
});

describe('options of a tunnel', () => {
  const set = (size: number): string =>
    `${put(keyOf())}; ${call('set', 'key', 44)}; ` +
    `${put(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))}; ${call('set', 'opt', size)}`;
  test('are whole words, of a packet with a key', () => {
    expect(answer(call('set', 'opt', 4))).toBe(EINVAL);
    expect([4, 8, 6].map((size) => answer(set(size)))).toEqual([0n, 0n, EINVAL]);
  });
  test('are given where they have room, and how many there are', () => {
    const get = (size: number): string =>
      `${set(8)}; ${put(new Uint8Array(12).fill(0xee))}; ${call('get', 'opt', size)}`;
    expect([8, 12, 4].map((size) => answer(get(size)))).toEqual([8n, 8n, ENOMEM]);
    expect(there(get(12), 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]);
    expect(there(get(4), 8)).toEqual([0, 0, 0, 0, 0xee, 0xee, 0xee, 0xee]);
    expect(answer(`${put(keyOf())}; ${call('set', 'key', 44)}; ${call('get', 'opt', 4)}`)).toBe(
      ENOENT,
    );
  });
});
