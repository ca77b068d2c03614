import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { TCP4 } from '../testing/frames.ts';
import { withMaps } from '../testing/with-maps.ts';

/** What tc reads as r0 behind `source`; r6 is the context. */
function behind(
  source: string,
  read: string,
  context: [string, string][] = [],
): bigint | undefined {
  const { outcome } = withMaps(`r6 = r1; ${source}; ${read}; exit`, [], {
    hook: 'tc',
    packet: toHex(TCP4),
    context,
  });
  expect(outcome!.fault).toBeUndefined();
  return outcome!.r0;
}
/** Network byte order, as programs have it. */
const ntohs = (value: number): number => ((value & 0xff) << 8) | (value >> 8);
const push = (protocol: number, tag: number) =>
  `r1 = r6; r2 = ${ntohs(protocol)}; r3 = ${tag}; call bpf_skb_vlan_push`;
const pop = 'r1 = r6; call bpf_skb_vlan_pop';
const field = (offset: number) => `r0 = *(u32 *)(r6 + ${offset})`;
const [LENGTH, PROTOCOL, PRESENT, TCI, PROTO] = [0, 16, 20, 24, 28];
const word = (at: number) =>
  `r1 = r6; r2 = ${at}; r3 = r10; r3 += -8; r4 = 2; call bpf_skb_load_bytes; ` +
  'r0 = *(u16 *)(r10 - 8); r0 = be16 r0';

// net/core/skbuff.c, skb_vlan_push: a tag stands beside the packet; the one before it goes into it.
describe('bpf_skb_vlan_push', () => {
  test('the first tag is kept beside the packet', () => {
    const one = push(0x8100, 100);
    expect([LENGTH, PROTOCOL, PRESENT, TCI, PROTO].map((at) => behind(one, field(at)))).toEqual(
      [TCP4.length, ntohs(0x0800), 1, 100, ntohs(0x8100)].map(BigInt),
    );
    expect(behind(one, word(12))).toBe(0x0800n);
  });

  test('with the second the first stands in the packet, which is of its protocol then', () => {
    const two = `${push(0x8100, 0x2064)}; ${push(0x88a8, 7)}`;
    expect([LENGTH, PROTOCOL, PRESENT, TCI, PROTO].map((at) => behind(two, field(at)))).toEqual(
      [TCP4.length + 4, ntohs(0x8100), 1, 7, ntohs(0x88a8)].map(BigInt),
    );
    expect([12, 14, 16].map((at) => behind(two, word(at)))).toEqual([0x8100n, 0x2064n, 0x0800n]);
  });

  test('a protocol that is no tag is one of 802.1Q', () =>
    expect(behind(push(0x0800, 1), field(PROTO))).toBe(BigInt(ntohs(0x8100))));
});

test('bpf_skb_vlan_pop takes the tag beside the packet, then that in it', () => {
  const both = `${push(0x8100, 100)}; ${push(0x88a8, 7)}; ${pop}`;
  expect([PRESENT, TCI, PROTO].map((at) => behind(both, field(at)))).toEqual(
    [1, 100, ntohs(0x8100)].map(BigInt),
  );
  expect(behind(both, word(12))).toBe(0x0800n);
  expect(behind(both, field(LENGTH))).toBe(BigInt(TCP4.length));
  expect(behind(`${both}; ${pop}`, field(PRESENT))).toBe(0n);
});

test('a packet that is too short for a tag keeps what it has', () => {
  const ENOMEM = -12n;
  const popped = (length: number) =>
    withMaps(
      `r6 = r1; ${pop}; r7 = r0; r0 = *(u32 *)(r6 + 0); ` +
        'r0 <<= 32; r7 <<= 32; r7 >>= 32; r0 |= r7; exit',
      [],
      {
        hook: 'tc',
        packet: `${'00'.repeat(12)}810000640800${'00'.repeat(length - 18)}`,
      },
    ).outcome!.r0;
  const [length, answer] = [(r0: bigint) => r0 >> 32n, (r0: bigint) => BigInt.asIntN(32, r0)];
  const whole = popped(20)!;
  expect([length(whole), answer(whole)]).toEqual([16n, 0n]);
  const short = withMaps(`r6 = r1; ${pop}; exit`, [], {
    hook: 'tc',
    packet: `${'00'.repeat(12)}81000064`,
  }).outcome!.r0!;
  expect(BigInt.asIntN(64, short)).toBe(ENOMEM);
});
