// The helpers that filter-ubpf registers with uBPF, as its series has them.
import { describe, expect, test } from 'vitest';
import { run } from '../testing/run.ts';

const MEMORY = '00112233445566778899aabbccddeeff';
const answer = (source: string): bigint | string => {
  const { r0, fault } = run(`${source}; exit`, { hook: 'ubpf', packet: MEMORY });
  return fault ? fault.message : r0!;
};

test('trash_registers leaves r0 to r5 in pieces, and no other', () => {
  const trash = 0xf0f0_f0f0_f0f0_f0f0n;
  expect(answer('call 2')).toBe(trash);
  for (let register = 1; register <= 5; register++)
    expect([register, answer(`call 2; r0 = r${register}`)]).toEqual([register, trash]);
  expect(answer('r6 = 6; r9 = 9; call 2; r0 = r6; r0 += r9')).toBe(15n);
});

describe('memfrob', () => {
  test('changes each byte by 42, and answers where they are', () => {
    const behind = (at: number) =>
      answer(`r6 = r1; r1 += 4; r2 = 3; call 1; r0 = *(u8 *)(r6 + ${at})`);
    expect([3, 4, 5, 6, 7].map(behind)).toEqual([
      0x33n,
      BigInt(0x44 ^ 42),
      BigInt(0x55 ^ 42),
      BigInt(0x66 ^ 42),
      0x77n,
    ]);
    expect(answer('r6 = r1; r2 = 1; call 1; r0 -= r6')).toBe(0n);
  });
  test('of no more than there is', () =>
    expect(answer('r2 = 17; call 1')).toMatch(/memfrob writes 17 bytes/));
});

test('sqrti is the whole part of the root of 32 bits', () => {
  const root = (value: bigint) => answer(`r1 = ${value} ll; call 3`);
  expect([0n, 1n, 3n, 4n, 15n, 16n, 0xffff_ffffn, 0x1_0000_0004n].map(root)).toEqual([
    0n,
    1n,
    1n,
    2n,
    3n,
    4n,
    65_535n,
    2n,
  ]);
});

describe('strcmp_ext', () => {
  /** Texts of up to 7 characters, on the stack. */
  const compared = (one: string, other: string) => {
    const word = (text: string) => Buffer.from(text.padEnd(8, '\0')).readBigUInt64LE();
    return answer(
      `r3 = ${word(one)} ll; *(u64 *)(r10 - 8) = r3; r3 = ${word(other)} ll; ` +
        '*(u64 *)(r10 - 16) = r3; r1 = r10; r1 += -8; r2 = r10; r2 += -16; call 4',
    );
  };
  test.each<[string, string, (sign: bigint) => boolean]>([
    ['abcd', 'abcd', (sign) => sign === 0n],
    ['', '', (sign) => sign === 0n],
    ['abce', 'abcd', (sign) => sign > 0n],
    ['abcd', 'abce', (sign) => sign < 0n],
    ['abc', 'abcd', (sign) => sign < 0n],
    ['abcd', 'abc', (sign) => sign > 0n],
  ])('%s and %s', (one, other, is) =>
    expect(is(BigInt.asIntN(32, compared(one, other) as bigint))).toBe(true),
  );
});
