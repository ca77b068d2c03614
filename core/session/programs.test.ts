import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { differences, readRecorded } from '../testing/recorded-programs.ts';

const folder = join(import.meta.dirname, '../testdata/programs');
const recorded = readRecorded(folder);
const { answers, kernel } = recorded;

test.each(TRIED_ENGINES)(
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
