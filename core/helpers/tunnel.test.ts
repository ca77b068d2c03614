import { expect, test } from 'vitest';
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
