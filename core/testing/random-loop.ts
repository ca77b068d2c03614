import type { Random } from './random.ts';

/**
 * A loop over the bytes of a packet (r1, r2 bytes) as people write them, and as they get them
 * wrong: where it begins, how it goes on, what is asked in front and behind, and what is read.
 */
export function randomLoop(random: Random): string {
  const start = random.pick([0, 0, 0, 1, 3, -1]);
  const guard = random.pick([
    '',
    'if r2 == 0 goto out; ',
    'if r2 < 2 goto out; ',
    'if r2 < 5 goto out; ',
  ]);
  const size = random.pick([8, 16, 32, 64]);
  const read =
    `r4 = ${random.pick(['r1; r4 += r3', 'r3; r4 += r1'])}; ` +
    `r5 = *(u${size} *)(r4 ${random.pick(['+ 0', '+ 0', '+ 1', '- 1', '+ 2'])}); r0 += r5; `;
  const step = `r3 += ${random.pick([1, 1, 2, 3, 4, 0, -1])}; `;
  const limit = `r7 = r2; r7 += ${random.pick([0, 0, 0, -1, -2, 1])}; `;
  const sum = random.pick([
    'r6 = r3; ',
    `r6 = r3; r6 += ${random.pick([1, 2, 3, 4, 7, -1])}; `,
    `w6 = w3; r6 += ${random.pick([1, 2, 3])}; `,
  ]);
  const compared = (taken: string, where: string): string => `if r6 ${taken} r7 goto ${where}; `;
  const rare = random.chance(4)
    ? `if r5 == ${random.below(256)} goto ${random.pick(['out', 'next'])}; `
    : '';
  const head = `r0 = 0; r5 = 0; r3 = ${start}; ${guard}${limit}`;
  return random.chance(2)
    ? `${head}again: ${read}${rare}next: ${step}${sum}` +
        `${compared(random.pick(['<', '<', '<=', '!=', 's<']), 'again')}out: exit`
    : `${head}again: ${sum}${compared(random.pick(['>', '>', '>=', '==', 's>']), 'out')}` +
        `${read}${rare}next: ${step}goto again; out: exit`;
}
