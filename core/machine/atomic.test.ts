import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

const MASK = { 4: 0xffff_ffffn, 8: 0xffff_ffff_ffff_ffffn } as const;
const word = fc.bigInt({ min: 0n, max: MASK[8] });

/** What each operation leaves in memory (RFC 9669 section 5.3). */
const OPERATIONS: Record<string, (memory: bigint, operand: bigint) => bigint> = {
  add: (a, b) => a + b,
  or: (a, b) => a | b,
  and: (a, b) => a & b,
  xor: (a, b) => a ^ b,
};
const SIGNS: Record<string, string> = { add: '+=', or: '|=', and: '&=', xor: '^=' };

/** Runs a statement on *(r10 - 8) = a, r1 = b, r0 = c; answers the eight bytes, r1 and r0. */
function leaves(statement: string, a: bigint, b: bigint, c = 0n): bigint[] {
  const begin = `r2 = ${a} ll; *(u64 *)(r10 - 8) = r2; r1 = ${b} ll; r0 = ${c} ll; ${statement}`;
  return ['r0 = *(u64 *)(r10 - 8)', 'r0 = r1', 'r0 = r0'].map(
    (last) => run(`${begin}; ${last}; exit`).r0!,
  );
}

describe.each([8, 4] as const)('of %d bytes', (size) => {
  const [type, register, suffix] = size === 8 ? ['u64', 'r', '64'] : ['u32', 'w', '32'];
  const mask = MASK[size];
  /** A narrow operation leaves the bytes behind it alone. */
  const stored = (before: bigint, value: bigint) => (before & ~mask & MASK[8]) | (value & mask);

  test.each(Object.keys(OPERATIONS))('%s, with and without the old value', (name) =>
    fc.assert(
      fc.property(word, word, (a, b) => {
        const memory = stored(a, OPERATIONS[name](a & mask, b & mask));
        const plain = `lock *(${type} *)(r10 - 8) ${SIGNS[name]} ${register}1`;
        expect(leaves(plain, a, b)).toEqual([memory, b, 0n]);
        const fetch = `${register}1 = atomic_fetch_${name}((${type} *)(r10 - 8), ${register}1)`;
        expect(leaves(fetch, a, b)).toEqual([memory, a & mask, 0n]);
      }),
      { numRuns: 15 },
    ),
  );
  test('exchange', () =>
    fc.assert(
      fc.property(word, word, (a, b) => {
        const statement =
          `${register}1 = xchg${size === 8 ? '_64' : '32_32'}(r10 - ` + `8, ${register}1)`;
        expect(leaves(statement, a, b)).toEqual([stored(a, b), a & mask, 0n]);
      }),
      { numRuns: 15 },
    ));
  test('compare and exchange: r0 is what was there, also where nothing is stored', () =>
    fc.assert(
      fc.property(word, word, fc.boolean(), word, (a, b, same, other) => {
        const expected = same ? a : other;
        const statement =
          `${register}0 = cmpxchg${size === 8 ? '_64' : '32_32'}(r10 - ` +
          `8, ${register}0, ${register}1)`;
        const holds = (a & mask) === (expected & mask);
        expect(leaves(statement, a, b, expected)).toEqual([holds ? stored(a, b) : a, b, a & mask]);
      }),
      { numRuns: 30 },
    ));
  test('load and store in order', () => {
    const a = 0x1122_3344_5566_7788n;
    const b = 0x99aa_bbcc_ddee_ff00n;
    expect(leaves(`${register}1 = load_acquire((${type} *)(r10 - 8))`, a, b)).toEqual([
      a,
      a & mask,
      0n,
    ]);
    expect(leaves(`store_release((${type} *)(r10 - 8), ${register}1)`, a, b)).toEqual([
      stored(a, b),
      b,
      0n,
    ]);
  });
  test(`${suffix} bits that are not all in reach are a fault`, () => {
    const { fault } = run(`r1 = 1; lock *(${type} *)(r10 - ${size - 1}) += ${register}1; exit`);
    expect(fault).toMatchObject({
      kind: 'out-of-bounds',
      pc: 1,
      message:
        `instruction 1 writes ${size} bytes at stack-${size - 1}, the stack frame has 512 ` +
        `bytes below r10`,
    });
    expect(
      run(`r1 = 0; ${register}1 = load_acquire((${type} *)(r1 + 8)); exit`).fault,
    ).toMatchObject({
      kind: 'null-pointer',
      message: `instruction 1 reads ${size} bytes at 0x8, a NULL pointer plus an offset`,
    });
  });
});
