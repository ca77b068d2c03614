// npm run kernel:random -- [--count 20000] [--from 1] [--record FILE]
// Random programs in the running kernel and here; every seed whose answers differ is printed. With --record
// fingerprints of the kernel's answers are kept for the test suite, with --words the verifier's reasons are printed.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fingerprint } from '../../session/outcome.ts';
import { kernelJob, kernelSummary, runHere } from '../../testing/compare-random.ts';
import { askKernel } from '../../testing/kernel.ts';
import { randomProgram } from '../../testing/random-program.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    record: { type: 'string' },
    words: { type: 'boolean' },
  },
});
const BATCH = 500;
const first = Number(values.from);
const wanted = Number(values.count);
let compared = 0;
let refused = 0;
const different: number[] = [];
const recorded: string[] = [];
let seed = first;
for (; compared < wanted; seed += BATCH) {
  const programs = Array.from({ length: BATCH }, (_, i) => randomProgram(seed + i));
  const answers = askKernel(programs.map((program) => ({ ...kernelJob(program), log: values.words ?? false })));
  for (const [i, program] of programs.entries()) {
    const kernel = kernelSummary(answers[i]);
    if (kernel === undefined) {
      refused += 1;
      if (values.words)
        console.log(
          program.seed,
          answers[i].errno,
          answers[i].runs,
          answers[i].log?.trim().split('\n').slice(-4, -1).join(' | '),
        );
      continue;
    }
    compared += 1;
    const here = runHere(program);
    if (JSON.stringify(here) === JSON.stringify(kernel)) {
      if (values.record) recorded.push(JSON.stringify([program.seed, fingerprint(JSON.stringify(kernel))]));
      continue;
    }
    different.push(program.seed);
    if (different.length <= 5)
      console.log(
        `seed ${program.seed} (${program.hook})\n  here   ${JSON.stringify(here)}\n  kernel ${JSON.stringify(kernel)}`,
      );
  }
}
console.log(
  `seeds ${first} to ${seed - 1}: ${compared} programs compared with the kernel, ${different.length} different, ${refused} refused by the verifier`,
);
if (different.length > 0) console.log(`different: ${different.slice(0, 500).join(' ')}`);
if (values.record) writeFileSync(values.record, `[\n${recorded.join(',\n')}\n]\n`);
process.exitCode = different.length === 0 ? 0 : 1;
