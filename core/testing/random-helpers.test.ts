import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../machine/engine.ts';
import { fingerprint } from '../session/outcome.ts';
import { helpersHere, helpersInKernel } from './compare-helpers.ts';
import { TRIED_ENGINES } from './engines.ts';
import { askKernel, kernelIsThere } from './kernel.ts';
import { helperJob, randomHelperProgram } from './random-helpers.ts';

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/random-helpers.json'), 'utf8'),
) as [seed: number, answer: string][];
/**
 * Seeds that are not recorded, so that each run of the suite on a machine with a kernel may find
 * something new.
 */
const LIVE = { first: 1_000_000 + (Date.now() % 1_000_000_000), count: 60 };

/** Each engine runs every so many of them; `npm run kernel:random` tries as many as wanted. */
const strideOf = ({ name }: Engine): number => (name === 'jit' ? 2 : 4);

describe.each(TRIED_ENGINES)(
  'pointers kept over changes of a map, formats with their values, loops: ' +
    'as the kernel has them, $name',
  (engine) => {
    test(`${recorded.length} recorded programs`, () => {
      const different = recorded.filter(
        ([seed, answer], i) =>
          i % strideOf(engine) === 0 &&
          fingerprint(JSON.stringify(helpersHere(randomHelperProgram(seed), engine))) !== answer,
      );
      expect(different.map(([seed]) => seed)).toEqual([]);
    });

    test.runIf(kernelIsThere())('and new ones in the running kernel', () => {
      const programs = Array.from({ length: LIVE.count }, (_, i) =>
        randomHelperProgram(LIVE.first + i),
      );
      const kernel = askKernel(programs.map(helperJob)).map(helpersInKernel);
      const compared = kernel.filter((answer) => answer !== undefined).length;
      console.log(
        `live kernel: ${compared} of ${LIVE.count} programs of helpers from ` +
          `seed ${LIVE.first} on compared`,
      );
      expect(compared).toBeGreaterThan(LIVE.count * 0.7);
      const different = programs.filter(
        (program, i) =>
          kernel[i] && JSON.stringify(helpersHere(program, engine)) !== JSON.stringify(kernel[i]),
      );
      expect(different.map(({ seed }) => seed)).toEqual([]);
    });
  },
);
