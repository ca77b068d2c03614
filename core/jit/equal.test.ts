// Compiled code against the interpreter: registers, memory, marks of what is read and written,
// maps, printk, faults and steps, also where one goes on in the middle of the other's run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { Engine } from '../machine/engine.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import { inputsFor } from '../session/inputs.ts';
import { Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { ENGINE_POOLS, engineDifferences, runPackets } from '../testing/compare-engines.ts';
import { EXAMPLES } from '../testing/examples.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

const runOf = (inputs: SessionInputs) => (engine: Engine) => {
  const session = new Session(inputs, linear);
  session.runBy(engine);
  return runPackets(session);
};

test('every conformance vector', () => {
  const file = join(import.meta.dirname, '../testdata/conformance/vectors.json');
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
    name: string;
    program: string;
    memory: string;
  }[];
  const different = vectors.flatMap(({ name, program, memory }, i) => {
    const packets = [{ name: 'memory', bytes: fromHex(memory)! }];
    const inputs = { ...inputsFor(name, fromHex(program)!), hook: 'ubpf' as const, packets };
    return engineDifferences(runOf(inputs), i + 1).map((text) => `${name}: ${text}`);
  });
  expect(different).toEqual([]);
});

test.each(EXAMPLES)('$name of the gallery, every packet', (example) => {
  const file = join(process.cwd(), 'public/examples', folderOf(example), example.object);
  const inputs = inputsOfExample(example, new Uint8Array(readFileSync(file)), []);
  expect(engineDifferences(runOf(inputs), 1)).toEqual([]);
});

/** Others in each run of the suite, so that it may find something new. */
const FIRST = Date.now() % 1_000_000_000;
const COUNT = 100;

test.each(Object.entries(ENGINE_POOLS))(
  `random programs from seed ${FIRST} on: %s`,
  (_name, programOf) => {
    const seeds = Array.from({ length: COUNT }, (_, i) => FIRST + i);
    const different = seeds.flatMap((seed) =>
      engineDifferences(programOf(seed), seed).map((text) => `seed ${seed}: ${text}`),
    );
    expect(different).toEqual([]);
  },
);
