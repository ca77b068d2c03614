import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Engine } from '../machine/engine.ts';
import { TRIED_ENGINES } from './engines.ts';
import { SWEEP_FILE, sweepFingerprint, sweptCalls, sweptHere } from './helper-sweep.ts';
import {
  MAP_SWEEP_FILE,
  MAP_SWEEP_KEPT,
  mapSweepHere,
  SWEPT_MAPS,
  type SweptMapName,
} from './map-sweep.ts';

/** Recorded from Linux 6.18 by `npm run kernel:sweep -- --record`, which compares all of them. */
const recorded = JSON.parse(readFileSync(SWEEP_FILE, 'utf8')) as Record<string, string>;
const groups = sweptCalls();
/**
 * Of each group every so many calls: all of them take too long for every run of the tests. Compiled
 * code leaves helpers to the machine, so it is tried on fewer.
 */
const strideOf = ({ name }: Engine): number => (name === 'jit' ? 36 : 10);

test('every helper that can be swept is recorded', () => {
  expect([...groups.keys()]).toEqual(Object.keys(recorded));
  expect(groups.size).toBeGreaterThan(90);
});

test.each(
  TRIED_ENGINES.flatMap((engine) => [...groups].map(([name, calls]) => ({ engine, name, calls }))),
)(
  '$name on the $engine.name answers as Linux does at the ends of its arguments',
  ({ engine, name, calls }) => {
    const answers = recorded[name].split(' ');
    expect(answers.length).toBe(calls.length);
    const different = calls.filter(
      (call, i) =>
        i % strideOf(engine) === 0 &&
        answers[i] !== '-' &&
        sweepFingerprint(sweptHere(call, engine)) !== answers[i],
    );
    expect(different.map(({ values }) => values.join())).toEqual([]);
  },
);

const maps = JSON.parse(readFileSync(MAP_SWEEP_FILE, 'utf8')) as Record<SweptMapName, string>;
const names = Object.keys(SWEPT_MAPS) as SweptMapName[];

test.each(TRIED_ENGINES.flatMap((engine) => names.map((name) => ({ engine, name }))))(
  'random uses of $name on the $engine.name answer as in Linux',
  ({ engine, name }) => {
    const answers = maps[name].split(' ');
    expect(answers.length).toBe(MAP_SWEEP_KEPT);
    const different = answers.flatMap((answer, i) =>
      sweepFingerprint(mapSweepHere(name, i + 1, engine)) === answer ? [] : [i + 1],
    );
    expect(different).toEqual([]);
  },
);
