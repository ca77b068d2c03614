import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../session/outcome.ts';
import { kernelJob, kernelSummary, runHere } from './compare-random.ts';
import { TRIED_ENGINES } from './engines.ts';
import { askKernel, kernelIsThere } from './kernel.ts';
import { randomProgram } from './random-program.ts';

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/random.json'), 'utf8'),
) as [seed: number, answer: string][];
/**
 * Seeds that are not recorded, so that each run of the suite on a machine with a kernel may find
 * something new.
 */
const LIVE = { first: 1_000_000 + (Date.now() % 1_000_000_000), count: 250 };

/** The interpreter runs every so many of them: `npm run kernel:random` tries as many as wanted. */
const FOR_INTERPRETER = 3;

describe.each(TRIED_ENGINES)('random programs come to what the kernel says, $name', (engine) => {
  test(`${recorded.length} recorded ones`, () => {
    const different = recorded.filter(
      ([seed, answer], i) =>
        (engine.name === 'jit' || i % FOR_INTERPRETER === 0) &&
        fingerprint(JSON.stringify(runHere(randomProgram(seed), engine))) !== answer,
    );
    expect(different.map(([seed]) => seed)).toEqual([]);
  });

  test.runIf(kernelIsThere())('and new ones in the running kernel', () => {
    const programs = Array.from({ length: LIVE.count }, (_, i) => randomProgram(LIVE.first + i));
    const kernel = askKernel(programs.map(kernelJob)).map(kernelSummary);
    const compared = kernel.filter((answer) => answer !== undefined).length;
    console.log(
      `live kernel: ${compared} of ${LIVE.count} random programs from ` +
        `seed ${LIVE.first} on compared`,
    );
    expect(compared).toBeGreaterThan(LIVE.count * 0.9);
    const different = programs.filter(
      (program, i) =>
        kernel[i] && JSON.stringify(runHere(program, engine)) !== JSON.stringify(kernel[i]),
    );
    expect(different.map(({ seed }) => seed)).toEqual([]);
  });
});
