import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENGINES } from '../machine/engine.ts';
import { differences, readRecorded } from '../testing/recorded-programs.ts';

const folder = join(import.meta.dirname, '../testdata/programs');
const recorded = readRecorded(folder);
const { answers, kernel } = recorded;

test.each(ENGINES)(
  `packet programs do what Linux ${kernel} does with every packet, from every compiler: $name`,
  async (engine) => {
    const different: string[] = [];
    for (const answer of answers)
      for (const name of answer.objects)
        different.push(...(await differences(recorded, answer, name, engine)));
    const runs = answers.reduce(
      (sum, answer) => sum + answer.objects.length * answer.runs.length,
      0,
    );
    const programs = new Set(answers.map(({ program }) => program)).size;
    const built = new Set(answers.flatMap((answer) => answer.objects)).size;
    console.log(
      `${runs} recorded runs of ${programs} programs in ${built} objects ` +
        `compared, ${different.length} differences`,
    );
    expect(different.slice(0, 40)).toEqual([]);
  },
);

test('examples of the gallery that are such programs have the same source', () => {
  const examples = join(import.meta.dirname, '../../public/examples');
  const shared = readdirSync(examples).filter((name) =>
    existsSync(join(folder, `${name.replaceAll('-', '_')}.c`)),
  );
  expect(shared.length).toBeGreaterThanOrEqual(8);
  for (const name of shared)
    expect(
      readFileSync(join(examples, name, 'program.c'), 'utf8'),
      `${name}: run public/examples/build.sh`,
    ).toBe(readFileSync(join(folder, `${name.replaceAll('-', '_')}.c`), 'utf8'));
});
