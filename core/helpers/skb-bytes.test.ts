// net/core/filter.c: bpf_skb_load_bytes, _store_bytes, _load_bytes_relative and _pull_data.
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { TCP4 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';

const [EFAULT, EINVAL, ENOMEM] = [-14n, -22n, -12n];
const BYTES = Uint8Array.from({ length: 40 }, (_, i) => i + 1);
const tc = (source: string, bytes: Uint8Array = BYTES): bigint => {
  const { r0, fault } = run(`r6 = r1; ${source}; exit`, { hook: 'tc', packet: toHex(bytes) });
  expect(fault).toBeUndefined();
  return BigInt.asIntN(64, r0!);
};
const call = (helper: string, offset: number, length: number, last = 0): string =>
  `*(u64 *)(r10 - 8) = -1; r1 = r6; r2 = ${offset}; r3 = r10; r3 += -8; r4 = ${length}; ` +
  `r5 = ${last}; r0 = 7; call bpf_skb_${helper}`;
const THERE = 'r0 = *(u64 *)(r10 - 8)';

describe('bpf_skb_load_bytes', () => {
  test.each([
    [0, 8, 0n],
    [32, 8, 0n],
    [33, 8, EFAULT],
    [39, 1, 0n],
    [40, 1, EFAULT],
    [2 ** 31 - 1, 1, EFAULT],
    [-1, 1, EFAULT],
  ])('from %d, %d bytes', (offset, length, answer) =>
    expect(tc(call('load_bytes', offset, length))).toBe(answer),
  );
  test('gives the bytes of the packet, as many as it is told', () => {
    expect(tc(`${call('load_bytes', 2, 8)}; ${THERE}`)).toBe(0x0a09080706050403n);
    expect(tc(`${call('load_bytes', 2, 2)}; ${THERE}`)).toBe(-0xfbfdn);
  });
  test('gives zeros where it fails, as many', () => {
    expect(tc(`${call('load_bytes', 40, 8)}; ${THERE}`)).toBe(0n);
    expect(tc(`${call('load_bytes', 40, 2)}; ${THERE}`)).toBe(-0x10000n);
  });
});

describe('bpf_skb_store_bytes', () => {
  test.each([
    [0, 8, 0, 0n],
    [32, 8, 3, 0n],
    [33, 8, 0, EFAULT],
    [40, 1, 0, EFAULT],
    [-1, 1, 0, EFAULT],
    [0, 8, 4, EINVAL],
    [40, 8, 4, EINVAL],
  ])('at %d, %d bytes, flags %d', (offset, length, flags, answer) =>
    expect(tc(call('store_bytes', offset, length, flags))).toBe(answer),
  );
  test('the hash stays, unless BPF_F_INVALIDATE_HASH is said', () => {
    const hash = (flags: number) =>
      `r1 = r6; r2 = 0x77; call bpf_set_hash; ${call('store_bytes', 4, 2, flags)}; ` +
      'r0 = *(u32 *)(r6 + 68)';
    expect([0, 1, 2, 3].map((flags) => tc(hash(flags)))).toEqual([0x77n, 0x77n, 0n, 0n]);
  });
  test('puts them into the packet, and no other', () => {
    const behind = (from: number) =>
      `${call('store_bytes', 4, 2)}; ${call('load_bytes', from, 8)}; ${THERE}`;
    expect(tc(behind(1))).toBe(0x0908_07ff_ff04_0302n);
  });
});

describe('bpf_skb_load_bytes_relative', () => {
  test('counts from the link header or from the network header', () => {
    expect(tc(`${call('load_bytes_relative', 2, 8, 0)}; ${THERE}`)).toBe(0x0a09080706050403n);
    expect(tc(`${call('load_bytes_relative', 2, 8, 1)}; ${THERE}`)).toBe(0x1817161514131211n);
  });
  test.each([
    [32, 0, 0n],
    [33, 0, EFAULT],
    [18, 1, 0n],
    [19, 1, EFAULT],
    [0, 2, EFAULT],
    [-1, 0, EFAULT],
  ])('from %d, by %d', (offset, start, answer) => {
    const source = call('load_bytes_relative', offset, 8, start);
    expect(tc(source)).toBe(answer);
    if (answer !== 0n) expect(tc(`${source}; ${THERE}`)).toBe(0n);
  });
});

test('of the bytes that are there any number is in one piece already, no more', () => {
  const pull = (length: number) =>
    tc(`r1 = r6; r2 = ${length}; r0 = 7; call bpf_skb_pull_data`, TCP4);
  expect([0, 1, TCP4.length, TCP4.length + 1].map(pull)).toEqual([0n, 0n, 0n, ENOMEM]);
});
