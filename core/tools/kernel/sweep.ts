// npm run kernel:sweep -- [--record] Calls of helpers with the values at which they change their
// mind, in the running kernel and here; those whose answers differ are printed. With --record
// fingerprints of the kernel's answers are kept for the test suite.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { INTERPRETER } from '../../machine/engine.ts';
import {
  SWEEP_FILE,
  sweepFingerprint,
  sweptCalls,
  sweptHere,
  sweptInKernel,
  sweptJob,
} from '../../testing/helper-sweep.ts';
import { askKernel } from '../../testing/kernel.ts';

const { values } = parseArgs({ options: { record: { type: 'boolean' } } });
const recorded: Record<string, string> = {};
let [compared, refused, different] = [0, 0, 0];
for (const [group, calls] of sweptCalls()) {
  const answers = askKernel(calls.map(sweptJob)).map(sweptInKernel);
  recorded[group] = answers.map(sweepFingerprint).join(' ');
  for (const [i, call] of calls.entries()) {
    const answer = answers[i];
    if (answer === undefined) {
      refused += 1;
      continue;
    }
    compared += 1;
    const here = sweptHere(call, INTERPRETER);
    if (here === answer) continue;
    different += 1;
    console.log(`${group}(${call.values.join(', ')}), ${call.frame.length} bytes`);
    console.log(`  kernel ${answer}\n  here   ${here}`);
  }
}
if (values.record) writeFileSync(SWEEP_FILE, `${JSON.stringify(recorded, null, 1)}\n`);
console.log(
  `${compared} calls of ${Object.keys(recorded).length} helpers in hooks compared, ` +
    `${different} different, ${refused} refused by the verifier`,
);
if (different > 0) process.exitCode = 1;
