// npm run kernel:sweep -- [--record] [--count N] Calls of helpers with the values at which they
// change their mind, and random uses of a map of each type, N seeds of each, in the running kernel
// and here; those whose answers differ are printed. With --record fingerprints of the kernel's
// answers are kept for the test suite.
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
import { askKernel, type KernelAnswer, type KernelJob } from '../../testing/kernel.ts';
import {
  MAP_SWEEP_FILE,
  MAP_SWEEP_KEPT,
  mapSweepHere,
  mapSweepInKernel,
  mapSweepJob,
  SWEPT_MAPS,
  type SweptMapName,
} from '../../testing/map-sweep.ts';

const { values } = parseArgs({
  options: { record: { type: 'boolean' }, count: { type: 'string', default: '300' } },
});

/** Things of a kind that are asked of both. */
interface Asked<T> {
  readonly name: (one: T) => string;
  readonly job: (one: T) => KernelJob;
  readonly kernel: (answer: KernelAnswer) => string | undefined;
  readonly here: (one: T) => string;
}
let [compared, refused, different] = [0, 0, 0];

/** Compares all; answers the fingerprints of what the kernel said. */
function compare<T>(all: readonly T[], { name, job, kernel, here }: Asked<T>): string[] {
  const answers = askKernel(all.map(job)).map(kernel);
  for (const [i, one] of all.entries()) {
    const answer = answers[i];
    if (answer === undefined) {
      refused += 1;
      continue;
    }
    compared += 1;
    const mine = here(one);
    if (mine === answer) continue;
    different += 1;
    console.log(`${name(one)}\n  kernel ${answer}\n  here   ${mine}`);
  }
  return answers.map(sweepFingerprint);
}

function report(what: string): void {
  console.log(`${what}: ${compared} compared, ${different} different, ${refused} refused`);
  if (different > 0) process.exitCode = 1;
  [compared, refused, different] = [0, 0, 0];
}

const helpers: Record<string, string> = {};
for (const [group, calls] of sweptCalls())
  helpers[group] = compare(calls, {
    name: (call) => `${group}(${call.values.join(', ')}), ${call.frame.length} bytes`,
    job: sweptJob,
    kernel: sweptInKernel,
    here: (call) => sweptHere(call, INTERPRETER),
  }).join(' ');
report(`calls of ${Object.keys(helpers).length} helpers in hooks`);

const maps: Record<string, string> = {};
const seeds = Array.from({ length: Number(values.count) }, (_, i) => i + 1);
for (const map of Object.keys(SWEPT_MAPS) as SweptMapName[])
  maps[map] = compare(seeds, {
    name: (seed) => `${map}, seed ${seed}`,
    job: (seed) => mapSweepJob(map, seed),
    kernel: mapSweepInKernel,
    here: (seed) => mapSweepHere(map, seed, INTERPRETER),
  })
    .slice(0, MAP_SWEEP_KEPT)
    .join(' ');
report(`uses of ${Object.keys(maps).length} maps`);

if (values.record) {
  writeFileSync(SWEEP_FILE, `${JSON.stringify(helpers, null, 1)}\n`);
  writeFileSync(MAP_SWEEP_FILE, `${JSON.stringify(maps, null, 1)}\n`);
}
