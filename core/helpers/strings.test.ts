import { expect, test } from 'vitest';
import { run } from '../testing/run.ts';

const answerOf = (size: number, text: string): [answer: bigint | undefined, copied: bigint] => {
  const bytes = Buffer.concat([Buffer.from(text), Buffer.alloc(8)]).readBigUInt64LE();
  const source =
    `r2 = ${bytes} ll; *(u64 *)(r10 - 8) = r2; r2 = -1; *(u64 *)(r10 - 16) = r2; ` +
    `r1 = r10; r1 += -16; r2 = ${size}; r3 = r10; r3 += -8; call bpf_probe_read_kernel_str; `;
  const packet = '00'.repeat(64);
  const answered = (end: string) => run(`${source} ${end}`, { hook: 'tc', packet }).r0;
  return [answered('exit'), answered('r0 = *(u64 *)(r10 - 16); exit')!];
};

/** mm/maccess.c, strncpy_from_kernel_nofault: the length with the zero, which always is written. */
test.each([
  [0, 'abc', 0n, 0xffff_ffff_ffff_ffffn],
  [0, '', 0n, 0xffff_ffff_ffff_ffffn],
  [1, 'abc', 1n, 0xffff_ffff_ffff_ff00n],
  [3, 'abc', 3n, 0xffff_ffff_ff00_6261n],
  [4, 'abc', 4n, 0xffff_ffff_0063_6261n],
  [8, 'abc', 4n, 0xffff_ffff_0063_6261n],
  [8, '', 1n, 0xffff_ffff_ffff_ff00n],
])('bpf_probe_read_kernel_str of %i bytes of "%s"', (size, text, answer, copied) => {
  expect(answerOf(size, text)).toEqual([answer, copied]);
});
