// kernel/bpf/bpf_iter.c: bpf_iter_num_new, _next and _destroy.
import { describe, expect, test } from 'vitest';
import { runWithMaps } from '../testing/with-maps.ts';

const kfuncs = ['bpf_iter_num_new', 'bpf_iter_num_next', 'bpf_iter_num_destroy'];
const [E2BIG, EINVAL] = [-7n, -22n];
/** BPF_MAX_LOOPS */
const MOST = 8 * 1024 * 1024;

function answer(source: string): bigint {
  const { r0, fault } = runWithMaps(`${source}; exit`, [], { kfuncs });
  expect(fault).toBeUndefined();
  return BigInt.asIntN(64, r0!);
}
const ITERATOR = 'r1 = r10; r1 += -8';
const made = (start: number, end: number): string =>
  `*(u64 *)(r10 - 8) = -1; ${ITERATOR}; r2 = ${start}; r3 = ${end}; r0 = 7; call btf 0 mod 0`;
const NEXT = `${ITERATOR}; call btf 1 mod 0`;
const DESTROY = `${ITERATOR}; call btf 2 mod 0`;
const LEFT = 'r0 = *(u64 *)(r10 - 8)';

test.each([
  ['some', 2, 5, 0n],
  ['none', 5, 5, 0n],
  ['an end in front of the start', 5, 4, EINVAL],
  ['from the least to the most', -(2 ** 31), 2 ** 31 - 1, E2BIG],
  ['as many as there may be', 0, MOST, 0n],
  ['one more', 0, MOST + 1, E2BIG],
  ['as many, from below zero on', -5, MOST - 5, 0n],
  ['one more, from below zero on', -5, MOST - 4, E2BIG],
])('an iterator over numbers: %s', (_title, start, end, r0) => {
  expect(answer(made(start, end))).toBe(r0);
  // One that was refused is over.
  if (r0 !== 0n) expect(answer(`${made(start, end)}; ${LEFT}`)).toBe(0n);
});

describe('numbers come one by one', () => {
  const sum = (start: number, end: number): bigint =>
    answer(`${made(start, end)}; r6 = 0; r7 = 0; again: ${NEXT}; if r0 == 0 goto out
      r1 = *(s32 *)(r0 + 0); r6 += r1; r7 += 1000; goto again; out: r0 = r6; r0 += r7`);
  test.each([
    [0, 4, 0 + 1 + 2 + 3 + 4000],
    [2, 3, 2 + 1000],
    [-2, 2, -2 - 1 + 0 + 1 + 4000],
    [3, 3, 0],
    [4, 3, 0],
  ])('from %d to below %d', (start, end, total) => expect(sum(start, end)).toBe(BigInt(total)));
  test('behind the last it is over, for good', () => {
    expect(answer(`${made(1, 2)}; ${NEXT}; ${NEXT}; ${LEFT}`)).toBe(0n);
    expect(answer(`${made(1, 2)}; ${NEXT}; ${NEXT}; ${NEXT}`)).toBe(0n);
  });
  test('one that is destroyed is over; what it answered before stays in r0', () =>
    expect(answer(`${made(1, 9)}; ${NEXT}; r0 = 5; ${DESTROY}; r6 = r0; ${LEFT}; r0 += r6`)).toBe(
      5n,
    ));
});
