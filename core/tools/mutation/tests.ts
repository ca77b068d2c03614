// The process that runs the tests, told by messages which ones on which change. It is a process of
// its own so that a change that makes a loop endless can be ended with it.
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { createVitest, type TestModule } from 'vitest/node';
import { type Numbered, switched } from './switched.ts';

export interface Begin {
  readonly mutants: readonly Numbered[];
  readonly reached: string;
}
/**
 * Which test files to run on which change; none named: those that import a changed file, of its own
 * folder or of others.
 */
export interface Ask {
  readonly mutant: number;
  readonly own?: boolean;
  readonly files?: readonly string[];
  /** Modules are loaded for each file: what they work out then may be another than without it. */
  readonly apart: boolean;
}
export interface Answer {
  /** Test files that ran, and how long each took in milliseconds. */
  readonly took: readonly (readonly [file: string, milliseconds: number])[];
  readonly failed: readonly string[];
}

async function testsOf({ mutants, reached }: Begin): Promise<(ask: Ask) => Promise<Answer>> {
  const changed = new Map<string, Numbered[]>();
  for (const mutant of mutants)
    changed.set(resolve(mutant.file), [...(changed.get(resolve(mutant.file)) ?? []), mutant]);
  // What vitest answers at the end of a run names modules of earlier runs too.
  let ended: TestModule[] = [];
  const vitest = await createVitest(
    'test',
    {
      watch: false,
      pool: 'threads',
      maxWorkers: 2,
      isolate: true,
      bail: 1,
      reporters: [{ onTestModuleEnd: (module) => void ended.push(module) }],
      related: [...changed.keys()],
      setupFiles: [resolve('core/tools/mutation/set-up.ts')],
    },
    {
      plugins: [
        {
          name: 'mutants',
          enforce: 'pre',
          load: (id) => {
            const mine = changed.get(id.split('?')[0]);
            return mine && switched(readFileSync(id.split('?')[0], 'utf8'), mine);
          },
        },
      ],
    },
  );
  const project = vitest.getRootProject();
  const related = await vitest.getRelevantTestSpecifications();
  const folders = new Set([...changed.keys()].map((file) => dirname(file)));
  return async ({ mutant, own, files, apart }) => {
    project.config.isolate = apart;
    project.provide('mutant', mutant);
    project.provide('reached', reached);
    // Only what fails on a change ends the run; the first one is to see every file.
    project.config.bail = mutant < 0 ? 0 : 1;
    const wanted = files && new Set(files.map((file) => resolve(file)));
    const chosen = related.filter(({ moduleId }) =>
      wanted ? wanted.has(moduleId) : folders.has(dirname(moduleId)) === own,
    );
    ended = [];
    await vitest.runTestSpecifications(chosen);
    const name = (id: string) => relative(process.cwd(), id);
    return {
      took: ended.map((module) => [
        name(module.moduleId),
        module.diagnostic().duration + module.diagnostic().collectDuration,
      ]),
      failed: ended
        .filter((module) => module.state() === 'failed')
        .map((module) => name(module.moduleId)),
    };
  };
}

let ask: Promise<(ask: Ask) => Promise<Answer>>;
process.on('message', async (message: Begin | Ask) => {
  if ('mutants' in message) ask = testsOf(message);
  else process.send!(await (await ask)(message));
});
