import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

/**
 * kernel/bpf/verifier.c, update_loop_inline_state and inline_bpf_loop; bpf_loop itself in
 * kernel/bpf/bpf_iter.c.
 */
const TOO_MANY = 8 * 1024 * 1024 + 1;
const INLINED = 0xffff_fff9n;
const CALLED = BigInt.asUintN(64, -7n);
const CALLBACK = 'f: r0 = 0; exit';
const looped = (before: string, count: number | string = TOO_MANY) =>
  run(`${before}; r1 = ${count}; call bpf_loop; exit; ${CALLBACK}; g: r0 = 1; exit`, {
    hook: 'xdp',
    packet: '00'.repeat(14),
  });

/** Slots from a two-slot load at `at` to a function at `target`. */
const load = (register: number, at: number, target: number) =>
  `ld_pseudo r${register}, 0x4, ${target - at - 1}`;

describe('a loop of too many rounds', () => {
  test('is -E2BIG in 32 bits where flags are the constant 0 and the callback is one', () =>
    expect(looped(`${load(2, 0, 7)}; r3 = 0; r4 = 0`).r0).toBe(INLINED));
  test('also where both were copied, or kept on the stack', () => {
    expect(looped(`${load(6, 0, 8)}; r2 = r6; r3 = 0; r4 = 0`).r0).toBe(INLINED);
    expect(looped(`${load(6, 0, 9)}; r2 = r6; r7 = 0; r3 = 0; r4 = r7`).r0).toBe(INLINED);
    expect(
      looped(`${load(6, 0, 9)}; *(u64 *)(r10 - 8) = r6; r3 = 0; r4 = 0; r2 = *(u64 *)(r10 - 8)`).r0,
    ).toBe(INLINED);
    expect(
      looped(`${load(2, 0, 8)}; *(u64 *)(r10 - 8) = 0; r3 = 0; r4 = *(u64 *)(r10 - 8)`).r0,
    ).toBe(INLINED);
    expect(looped(`${load(2, 0, 8)}; r3 = 0; r4 = 0 ll`).r0).toBe(INLINED);
  });
  test('in 64 bits where flags are no constant: of the clock, or stored over in part', () => {
    expect(
      looped(`${load(6, 0, 9)}; call bpf_get_smp_processor_id; r4 = r0; r2 = r6; r3 = 0`).r0,
    ).toBe(CALLED);
    const parts = '*(u64 *)(r10 - 8) = 0; *(u8 *)(r10 - 8) = 0';
    expect(looped(`${load(2, 0, 9)}; ${parts}; r3 = 0; r4 = *(u64 *)(r10 - 8)`).r0).toBe(CALLED);
    expect(
      looped(
        `${load(2, 0, 9)}; *(u64 *)(r10 - 8) = 0; *(u8 *)(r10 - 1) = 0; r3 = 0; ` +
          `r4 = *(u64 *)(r10 - 8)`,
      ).r0,
    ).toBe(CALLED);
  });
  test('what is stored beside the place does not matter', () => {
    const beside = '*(u64 *)(r10 - 8) = 0; *(u8 *)(r10 - 9) = 5';
    expect(looped(`${load(2, 0, 9)}; ${beside}; r3 = 0; r4 = *(u64 *)(r10 - 8)`).r0).toBe(INLINED);
  });
  test('in 64 bits where two ways bring two callbacks', () => {
    const two =
      `r7 = *(u32 *)(r1 + 12); ${load(2, 1, 10)}; if r7 == 5 goto ` +
      `+2; ${load(2, 4, 12)}; r3 = 0; r4 = 0`;
    expect(looped(two).fault?.kind ?? looped(two).r0).toBe(CALLED);
  });
  test('and where two ways bring the same one it is one', () => {
    const same =
      `r7 = *(u32 *)(r1 + 12); ${load(2, 1, 10)}; if r7 == 5 goto ` +
      `+2; ${load(2, 4, 10)}; r3 = 0; r4 = 0`;
    expect(looped(same).r0).toBe(INLINED);
  });
});

describe('rounds', () => {
  const ready = `${load(2, 0, 7)}; r3 = 0; r4 = 0`;
  test.each([0, 1, 5])('%d', (count) => expect(looped(ready, count).r0).toBe(BigInt(count)));
  test('a count has 64 bits where the loop is inlined', () =>
    expect(looped(ready, -1).r0).toBe(INLINED));
  test('a callback that answers 1 ends it', () => {
    const ended = `${load(2, 0, 9)}; r3 = 0; r4 = 0`;
    expect(looped(ended, 5).r0).toBe(1n);
  });
  test('flags other than 0 are refused', () =>
    expect(looped(`${load(2, 0, 7)}; r3 = 0; r4 = 1`, 3).r0).toBe(BigInt.asUintN(64, -22n)));
  test('what is no function is a fault', () =>
    expect(looped('r2 = r10; r3 = 0; r4 = 0', 3).fault).toMatchObject({
      kind: 'bad-argument',
      message: 'instruction 4: bpf_loop wants a function in r2, which is stack+0',
    }));
});
