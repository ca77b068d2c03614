import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { loadObject } from './load.ts';

const folder = join(import.meta.dirname, '../testdata/core-relocations');
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const text = (name: string) => readFileSync(join(folder, name), 'utf8');

type Answer = string | { readonly error: string };
const answers: Record<string, Record<string, Answer>> = JSON.parse(text('answers.json'));

const load = (object: string, types: string) => {
  const { btf } = loadObject(types, read(types));
  return loadObject(object, read(object), { target: { name: types, btf: btf! } });
};

describe('programs are relocated as libbpf does (testdata/core-relocations/record.sh)', () => {
  const counts = { programs: 0, refused: 0, relocations: 0, poisoned: 0 };
  const kinds = new Map<string, number>();
  afterAll(() => console.log('compared with libbpf:', JSON.stringify(counts), JSON.stringify([...kinds])));

  test.each(Object.keys(answers))('%s', (title) => {
    const object = load(...(title.split(' with ') as [string, string]));
    const ours: Record<string, Answer> = {};
    for (const { name, linked } of object.programs)
      ours[name] = 'error' in linked ? { error: linked.error.message } : toHex(linked.bytes);
    const comparable = Object.fromEntries(
      Object.entries(ours).map(([name, answer]) => {
        const theirs = answers[title][name];
        // The words of an error are each one's own.
        return [name, typeof answer === 'string' || typeof theirs !== 'object' ? answer : theirs];
      }),
    );
    expect(comparable).toEqual(answers[title]);
    counts.programs += object.programs.length;
    counts.refused += Object.values(ours).filter((answer) => typeof answer !== 'string').length;
    for (const { kind, how } of object.coreRelocations) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      counts.relocations++;
      if (how === 'poisoned') counts.poisoned++;
    }
  });
});
