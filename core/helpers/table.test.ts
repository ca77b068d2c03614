import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { inputsFor } from '../session/inputs.ts';
import { helperByName } from '../spec/helpers.ts';
import { openSession, rawRun } from '../testing/run.ts';

/** The n-th number that bpf_get_prandom_u32 gives. */
function drawn(n: number, seed: number): bigint | undefined {
  const source = `${'call bpf_get_prandom_u32; '.repeat(n)}exit`;
  const inputs = inputsFor('x', assemble(source, { helper: (name) => helperByName(name)?.id }));
  const packets = [{ name: 'x', bytes: new Uint8Array(64) }];
  const settings = { ...inputs.settings, seed };
  return openSession({ ...inputs, hook: 'xdp', packets, settings }).outcome!.r0;
}

// G. Marsaglia, Xorshift RNGs, 2003: the seed and the first numbers of xor().
test('numbers of chance are those of xorshift32: of a seed the same everywhere', () => {
  expect([1, 2, 3].map((n) => drawn(n, 2_463_534_242))).toEqual([
    723_471_715n,
    2_497_366_906n,
    2_064_144_800n,
  ]);
});

test.each<[string, bigint]>([
  ['0', 0n],
  ['15', 3n],
  ['16', 4n],
  ['0xffffffff ll', 65_535n],
  ['0x100000010 ll', 4n],
])('the integer square root of %s, of which 32 bits count, is %i', (value, root) => {
  const program = Buffer.from(assemble(`r1 = ${value}; call 3; exit`)).toString('hex');
  expect(rawRun(program, '')).toBe(root);
});
