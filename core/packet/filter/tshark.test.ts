import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  answerHere,
  asRanges,
  comparable,
  comparedPackets,
  FILTERED,
  type FilterGolden,
  filteredPackets,
  filterTexts,
} from '../../testing/filters.ts';

/** Recorded by `npm run compare:filters -- --record`. */
const { headers, answers }: FilterGolden = JSON.parse(
  readFileSync(join(FILTERED, 'filters.json'), 'utf8'),
);
const packets = filteredPackets();

const compared = answers.map(({ filter, packets: theirs }) => {
  const { numbers, excepted } = comparedPackets(filter, packets, headers);
  return { filter, theirs: comparable(theirs, numbers), numbers, excepted };
});

test('the recorded answers are those of every filter, over enough packets', () => {
  expect(answers.map(({ filter }) => filter)).toEqual(filterTexts());
  expect(answers.length).toBeGreaterThan(250);
  expect(headers.length).toBe(packets.length);
  // Rules are for single packets: a filter is asked of nearly all of them.
  expect(compared.filter(({ numbers }) => numbers.size > 450).length).toBeGreaterThan(
    answers.length - 10,
  );
  // A filter that leaves none or all of them says little.
  const telling = compared.filter(
    ({ theirs, numbers }) => theirs !== '' && theirs !== asRanges([...numbers]),
  );
  expect(telling.length).toBeGreaterThan(200);
});

test.each(compared.map(({ filter, theirs, numbers }) => [filter, theirs, numbers] as const))(
  '%s',
  (filter, theirs, numbers) => {
    expect(comparable(answerHere(filter, packets), numbers)).toBe(theirs);
  },
);
