import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { differences, readRecorded } from '../testing/recorded-programs.ts';

/** Cases of 8,388,608 rounds of a loop: `npm run cases:long` has them too. */
const LONG = 'may_goto budget';

const recorded = readRecorded(join(import.meta.dirname, '../testdata/cases'));

describe(`reports from trial use, answered as by Linux ${recorded.kernel}`, () => {
  const rows = recorded.answers
    .flatMap((answer) =>
      answer.objects.map((object) => ({ answer, object, made: recorded.caseOf(answer).made })),
    )
    .filter(({ made }) => made.name !== LONG || process.env.MODE === 'long');
  test.each(rows)(
    '$made.name: $made.program of $object',
    async ({ answer, object }) => {
      expect(await differences(recorded, answer, object)).toEqual([]);
    },
    300_000,
  );
});
