// npm run kernel:random -- [--count 20000] [--from 1] [--engine jit] [--record FOLDER] Random
// programs in the running kernel and here, so many of each pool; seeds whose answers differ are
// printed. With --record fingerprints of the kernel's answers are kept for the test suite, with
// --words the verifier's reasons are printed.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fingerprint } from '../../session/outcome.ts';
import { helpersHere, helpersInKernel } from '../../testing/compare-helpers.ts';
import { kernelJob, kernelSummary, runHere } from '../../testing/compare-random.ts';
import { TRIED_ENGINES } from '../../testing/engines.ts';
import { askKernel, type KernelAnswer, type KernelJob } from '../../testing/kernel.ts';
import { helperJob, randomHelperProgram } from '../../testing/random-helpers.ts';
import { randomProgram } from '../../testing/random-program.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'interpreter' },
    record: { type: 'string' },
    words: { type: 'boolean' },
  },
});
const BATCH = 250;
const first = Number(values.from);
const wanted = Number(values.count);
const engine = TRIED_ENGINES.find(({ name }) => name === values.engine);
if (engine === undefined) throw new Error(`--engine: there is no ${values.engine}`);

/**
 * A pool of programs: how one is made of a seed, asked of the kernel, and run here. Answers are
 * compared as text.
 */
interface Pool {
  readonly name: string;
  /**
   * The kernel's job and what the kernel's answer comes to, as text; undefined where it did not
   * run.
   */
  readonly job: (seed: number) => KernelJob;
  readonly kernel: (answer: KernelAnswer) => unknown;
  readonly here: (seed: number) => unknown;
}

const POOLS: readonly Pool[] = [
  {
    name: 'instructions, helpers and context',
    job: (seed) => kernelJob(randomProgram(seed)),
    kernel: kernelSummary,
    here: (seed) => runHere(randomProgram(seed), engine),
  },
  {
    name: 'kept pointers, formats and loops',
    job: (seed) => helperJob(randomHelperProgram(seed)),
    kernel: helpersInKernel,
    here: (seed) => helpersHere(randomHelperProgram(seed), engine),
  },
];

/**
 * Compares programs of a pool until so many have run in the kernel; answers the fingerprints of the
 * kernel's answers.
 */
function compare(pool: Pool): { recorded: string[]; different: number[] } {
  const recorded: string[] = [];
  const different: number[] = [];
  let [compared, refused, seed] = [0, 0, first];
  for (; compared < wanted; seed += BATCH) {
    const seeds = Array.from({ length: BATCH }, (_, i) => seed + i);
    const answers = askKernel(
      seeds.map((one) => ({ ...pool.job(one), log: values.words ?? false })),
    );
    for (const [i, one] of seeds.entries()) {
      const answer = pool.kernel(answers[i]);
      if (answer === undefined) {
        refused += 1;
        if (values.words)
          console.log(
            one,
            answers[i].errno,
            answers[i].log?.trim().split('\n').slice(-4, -1).join(' | '),
          );
        continue;
      }
      compared += 1;
      const [here, kernel] = [JSON.stringify(pool.here(one)), JSON.stringify(answer)];
      if (here === kernel) {
        recorded.push(JSON.stringify([one, fingerprint(kernel)]));
        continue;
      }
      different.push(one);
      if (different.length <= 5) console.log(`seed ${one}\n  here   ${here}\n  kernel ${kernel}`);
    }
  }
  console.log(
    `${pool.name}: seeds ${first} to ${seed - 1}: ${compared} programs compared with the ` +
      `kernel, ${different.length} different, ${refused} refused by the verifier`,
  );
  if (different.length > 0) console.log(`different: ${different.slice(0, 500).join(' ')}`);
  return { recorded, different };
}

const results = POOLS.map(compare);
if (values.record) {
  for (const [i, file] of ['random.json', 'random-helpers.json'].entries())
    writeFileSync(`${values.record}/${file}`, `[\n${results[i].recorded.join(',\n')}\n]\n`);
}
process.exitCode = results.every(({ different }) => different.length === 0) ? 0 : 1;
