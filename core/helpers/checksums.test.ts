import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { TCP4, UDP4 } from '../testing/frames.ts';
import { Random } from '../testing/random.ts';
import { run } from '../testing/run.ts';

const [EFAULT, EINVAL] = [-14n, -22n];
const [IP_CHECKSUM, UDP_CHECKSUM] = [24, 40];
/** r0 as a signed number, of a program of tc. */
const tc = (source: string, bytes: Uint8Array): bigint => {
  const { r0, fault } = run(`r6 = r1; ${source}; exit`, { hook: 'tc', packet: toHex(bytes) });
  expect(fault).toBeUndefined();
  return BigInt.asIntN(64, r0!);
};
const replace = (helper: 'l3' | 'l4', at: number, from: number, to: number, flags: number) =>
  `r1 = r6; r2 = ${at}; r3 = ${from | 0}; r4 = ${to | 0}; r5 = ${flags}; ` +
  `r0 = 7; call bpf_${helper}_csum_replace`;
/** The checksum that a call leaves. */
const left = (call: string, at: number, bytes: Uint8Array): number =>
  Number(
    tc(
      `${call}; r1 = r6; r2 = ${at}; r3 = r10; r3 += -8; r4 = 2; call bpf_skb_load_bytes; ` +
        'r0 = *(u16 *)(r10 - 8)',
      bytes,
    ),
  );
const word = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8);
/** RFC 1071: sums of 16-bit words are the same whichever way they are added, modulo 0xffff. */
const sumOf = (...numbers: number[]): number => {
  const halves = numbers.flatMap((number) => [number & 0xffff, (number >>> 16) & 0xffff]);
  return halves.reduce((sum, half) => sum + half, 0) % 0xffff;
};
const withChecksum = (bytes: Uint8Array, at: number, checksum: number): Uint8Array =>
  bytes.with(at, checksum & 255).with(at + 1, checksum >> 8);

// RFC 1624: HC' = ~(~HC + ~m + m').
describe.each([
  ['l3', TCP4, IP_CHECKSUM],
  ['l4', UDP4, UDP_CHECKSUM],
] as const)('bpf_%s_csum_replace', (helper, frame, at) => {
  const random = new Random(5);
  test.each([2, 4])('keeps a checksum right where %d bytes it covers change', (size) => {
    for (let round = 0; round < 60; round++) {
      const [from, to, before] = [0, 0, 0].map(() => random.below(2 ** 32));
      const mask = size === 2 ? 0xffff : 0xffff_ffff;
      const bytes = withChecksum(frame, at, before & 0xffff);
      const after = left(replace(helper, at, from, to, size), at, bytes);
      const [old, now] = [(from & mask) >>> 0, (to & mask) >>> 0];
      expect(sumOf(~after & 0xffff, old)).toBe(sumOf(~before & 0xffff, now));
    }
  });
  test('takes a difference of bpf_csum_diff with a size of 0', () => {
    const before = word(frame, at);
    for (const difference of [0, 1, 0x1234, 0xffff, 0x1_0000, 0xffff_fffe]) {
      const after = left(replace(helper, at, 0, difference, 0), at, frame);
      expect(sumOf(~after & 0xffff)).toBe(sumOf(~before & 0xffff, difference));
    }
    expect(tc(replace(helper, at, 1, 5, 0), frame)).toBe(EINVAL);
  });
  test.each([
    ['a whole checksum', at, 2, 0n],
    ['the last two bytes', frame.length - (frame.length % 2) - 2, 2, 0n],
    ['none behind them', frame.length - (frame.length % 2), 2, EFAULT],
    ['an odd place', at + 1, 2, EFAULT],
    ['beyond 64 KiB', 0x1_0000, 2, EFAULT],
    ['a size of 1', at, 1, EINVAL],
    ['a size of 3', at, 3, EINVAL],
    ['a size of 8', at, 8, EINVAL],
    ['flags that nobody knows', at, 0x102, EINVAL],
  ])('answers %s', (_title, place, flags, answer) =>
    expect(tc(replace(helper, place, 1, 2, flags), frame)).toBe(answer),
  );
});

describe('flags of bpf_l4_csum_replace', () => {
  const [PSEUDO, MARK_MANGLED_0, ENFORCE, IPV6] = [16, 32, 64, 128];
  test('those of its own are unknown to bpf_l3_csum_replace', () => {
    for (const flag of [PSEUDO, MARK_MANGLED_0, ENFORCE, IPV6]) {
      expect(tc(replace('l4', UDP_CHECKSUM, 1, 2, 2 | flag), UDP4)).toBe(0n);
      expect(tc(replace('l3', IP_CHECKSUM, 1, 2, 2 | flag), UDP4)).toBe(EINVAL);
    }
  });
  // RFC 768: 0 says that there is none, a sum of 0 is written as 0xffff.
  const none = withChecksum(UDP4, UDP_CHECKSUM, 0);
  test.each([
    ['none stays none', MARK_MANGLED_0, 0],
    ['unless it is enforced', MARK_MANGLED_0 | ENFORCE, 0xffff - 1],
    ['or nothing says that there may be none', 0, 0xffff - 1],
    ['whatever else is said', PSEUDO | ENFORCE | IPV6, 0xffff - 1],
  ])('%s', (_title, flags, after) => {
    const call = replace('l4', UDP_CHECKSUM, 1, 2, 2 | flags);
    expect(left(call, UDP_CHECKSUM, none)).toBe(after);
  });
  test('one that becomes 0 is written as 0xffff, where 0 would say that there is none', () => {
    // ~0x0001 + ~0x0001 + 0x0002 is 0xffff, whose complement is 0.
    const bytes = withChecksum(UDP4, UDP_CHECKSUM, 1);
    const kept = (flags: number) =>
      left(replace('l4', UDP_CHECKSUM, 1, 2, 2 | flags), UDP_CHECKSUM, bytes);
    expect([kept(0), kept(MARK_MANGLED_0)]).toEqual([0, 0xffff]);
  });
});

// net/core/filter.c, bpf_csum_diff, as it is since Linux 6.13.
describe('bpf_csum_diff', () => {
  const diff = (from: string, to: string, seed = 0): number => {
    const put = (at: number, hex: string) =>
      (hex.match(/../g) ?? []).map((byte, i) => `*(u8 *)(r10 - ${at - i}) = 0x${byte}`);
    const call =
      `r1 = r10; r1 += -32; r2 = ${from.length / 2}; r3 = r10; r3 += -16; ` +
      `r4 = ${to.length / 2}; r5 = ${seed}; call bpf_csum_diff`;
    return Number(tc([...put(32, from), ...put(16, to), call].join('; '), TCP4));
  };
  test.each<[string, string, string, number, number]>([
    ['what is new', '', '01020304', 0, 0x0201 + 0x0403],
    ['what was', '01020304', '', 0, 0xffff - 0x0201 - 0x0403],
    ['the one for the other', '01000000', '03000000', 0, 2],
    ['nothing for the same', 'deadbeef', 'deadbeef', 0, 0xffff],
    ['with what was before', '', '01000000', 0x1234, 0x1235],
    ['with a seed of 32 bits, folded', '', '01000000', 0x1_0001, 3],
    ['an odd number of bytes', '', '010205', 0, 0x0201 + 5],
    ['of other lengths', '0100', '030000000500', 0, 7],
  ])('is the sum of %s', (_title, from, to, seed, sum) =>
    expect(sumOf(diff(from, to, seed))).toBe(sum % 0xffff),
  );
  test('of nothing is the seed, folded', () => {
    expect([diff('', '', 0), diff('', '', 0x1234), diff('', '', 0x2_0003)]).toEqual([0, 0x1234, 5]);
  });
});

// net/core/filter.c, bpf_l3_csum_replace and bpf_l4_csum_replace: an offset of 16 bits, and even.
test.each(['l3', 'l4'] as const)('a checksum lies in the first 64 KB of a packet: %s', (level) => {
  const bytes = new Uint8Array(66_000);
  bytes.set(TCP4);
  const at = (offset: number) => tc(replace(level, offset, 1, 2, 2), bytes);
  expect([65_534, 65_536, 65_535, 65_537].map(at)).toEqual([0n, EFAULT, EFAULT, EFAULT]);
});
