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

/**
 * A loop that goes on for as many rounds as a number says, or seems to, over bytes of the stack or
 * of a packet (r1, r2 bytes) by pointers that grow with it; perhaps inside of another one.
 */
export function randomCountedLoop(random: Random): string {
  const rounds = random.pick([1, 2, 3, 16, 17, 64]);
  const step = random.pick([1, 1, 1, 2, 4, -1, 0]);
  const stride = random.pick([1, 1, 2, 4, 8, -1, -4]);
  const size = random.pick([8, 16, 32, 64]);
  const start = random.pick([0, 0, 1, 5]);
  const base = random.chance(3)
    ? 'r4 = r1; '
    : `r4 = r10; r4 += ${-random.pick([0, 1, 4, 8, 16, 63, 64, 128, 512])}; `;
  const end = start + step * rounds + random.pick([0, 0, 0, 0, -1, 1]);
  const access = `*(u${size} *)(r4 ${random.pick(['+ 0', '+ 0', '+ 1', '- 1', '- 8'])})`;
  const touch = random.pick([`r5 = ${access}; r0 += r5; `, `${access} = r3; `]);
  const more = random.pick([
    '',
    '',
    `if r5 == ${random.below(4)} goto next; r4 += ${stride}; `,
    `if r5 == ${random.below(4)} goto out; `,
    `r3 += ${random.pick([1, 2])}; `,
    'r3 ^= 1; ',
  ]);
  const order = random.pick(['!=', '!=', '!=', '<', '<=', 's<', '>']);
  const wide = random.chance(4) ? 'w3' : 'r3';
  const loop =
    `${base}r3 = ${start}; again: ${touch}${more}next: r4 += ${stride}; r3 += ${step}; ` +
    `if ${wide} ${order} ${end} goto again; `;
  const outer = random.chance(3)
    ? `r7 = 0; outer: ${loop}r7 += 1; if r7 ${random.pick(['!=', '<'])} 3 goto outer; `
    : loop;
  return `r0 = 0; r5 = 0; ${outer}out: r0 += r4; r0 -= r10; exit`;
}
