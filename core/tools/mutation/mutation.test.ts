import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../testing/random.ts';
import { EQUIVALENT, isThat } from './equivalent.ts';
import { mutantsOf, mutated } from './mutants.ts';
import { sampled } from './sample.ts';
import { switched } from './switched.ts';

const changes = (source: string) =>
  mutantsOf('x.ts', source).map((mutant) => mutated(source, mutant));
const kinds = (source: string) =>
  mutantsOf('x.ts', source).map(({ kind, from, to }) => [kind, from, to]);

describe('small changes', () => {
  test.each([
    ['a < b;', ['a <= b']],
    ['a === b;', ['a !== b']],
    ['a && b;', ['a || b']],
    ['a + b;', ['a - b']],
    ['a >>> b;', ['a << b']],
    ['a += b;', ['a -= b']],
  ])('%s', (source, texts) =>
    expect(changes(source).filter((text) => text !== '{}')).toEqual(
      texts.map((text) => `(${text});`),
    ),
  );
  test('constants, flags, arguments, tests, statements, exits', () => {
    expect(kinds('const a = 5, b = 7n, c = true;')).toEqual([
      ['constant', '5', '6'],
      ['constant', '7n', '8n'],
      ['flag', 'true', 'false'],
    ]);
    expect(kinds('const a = f(x, y, y);')).toEqual([['swap arguments', 'x, y', 'y, x']]);
    expect(kinds('function f() { if (a) return b; }')).toEqual([
      ['negate', 'a', '!(a)'],
      ['drop exit', 'return b;', '{}'],
    ]);
  });
  test('none that can make no difference', () => {
    expect(kinds('const a = Math.max(x, y), b = Math.min(x, y);')).toEqual([]);
    expect(kinds('function f() { g(); return undefined; }').map(([kind]) => kind)).toEqual([
      'drop statement',
    ]);
    expect(kinds('const f = () => { if (a) return undefined; return b; };')).toContainEqual([
      'drop exit',
      'return undefined;',
      '{}',
    ]);
  });
  test('not in types, imports and names', () =>
    expect(
      kinds(
        "import a from 'b'; type T = 5 | true; interface I { readonly x: 5 } const o: { 5: " +
          '6 } = { 7: x };',
      ),
    ).toEqual([]));
  test('have the line they are in', () =>
    expect(mutantsOf('x.ts', 'const a = 1;\n\nconst b = 2;').map(({ line }) => line)).toEqual([
      1, 3,
    ]));
});

describe('a file with every change behind a question', () => {
  /**
   * What `source` comes to with the change of that number on trial, and which places were reached.
   */
  const outcome = (source: string, id: number) => {
    const reached: number[] = [];
    const numbered = mutantsOf('x.ts', source).map((mutant, i) => ({ ...mutant, id: i }));
    const ask = (asked: number) => reached.push(asked) > 0 && asked === id;
    const value = new Function('__mutant', `${switched(source, numbered)}; return r;`)(ask);
    return { value, reached: [...new Set(reached)].sort((a, b) => a - b) };
  };
  const plain = (source: string, id: number) => {
    const mutant = mutantsOf('x.ts', source)[id];
    return new Function(`${mutant ? mutated(source, mutant) : source}; return r;`)();
  };
  const SOURCES = [
    'let r = 0; for (let i = 0; i < 3; i++) { if (i === 1) continue; r += i * 2 + 1; }',
    'const f = (a, b) => a - b; const r = f(5, f(7, 2)) > 0 && !false;',
    'let r = 1; switch (r) { case 1: r = 10; break; default: r = 20; }',
    'let r = 3; if (r > 2) r = 4; else r = 5;',
  ];
  test.each(SOURCES)('comes to what the change alone comes to: %s', (source) => {
    const count = mutantsOf('x.ts', source).length;
    expect(count).toBeGreaterThan(3);
    // Without `continue` or with another step a loop may not end: those here all do.
    for (let id = -1; id < count; id++)
      expect([id, outcome(source, id).value]).toEqual([id, plain(source, id)]);
  });
  test('notes the places that were reached', () => {
    const source = 'let r = 0; if (r > 2) r = 4;';
    const { reached } = outcome(source, -1);
    const kindsReached = reached.map((id) => mutantsOf('x.ts', source)[id].kind);
    expect(kindsReached).toEqual(['constant', 'negate', 'comparison', 'constant']);
  });
});

describe('a sample', () => {
  const all = mutantsOf('x.ts', 'const a = [1, 2, 3, 4, 5, 6, 7, 8, 9]; f(a, b, c);');
  const take = (seed: number, count = 5, isTaken = true) =>
    sampled(all, count, new Random(seed), (mutants) => mutants.map(() => isTaken));
  test('is the same for the same seed, and another for another', () => {
    expect(take(1)).toEqual(take(1));
    expect(take(1).mutants).not.toEqual(take(2).mutants);
    expect(take(1).mutants.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
  });
  test('ends where there are no more, without two that cross', () => {
    const { mutants } = take(1, 100);
    expect(mutants.filter(({ kind }) => kind === 'swap arguments').length).toBe(1);
    expect(mutants.length).toBe(all.length - 1);
  });
  test('counts what does not compile apart', () =>
    expect(take(1, 5, false)).toEqual({ mutants: [], refused: all.length }));
});

test('each change that is said to make no difference can be made, and has a reason', () => {
  const files = [...new Set(EQUIVALENT.map(({ file }) => file))];
  const gone = files.flatMap((file) => {
    const source = readFileSync(file, 'utf8');
    const mutants = mutantsOf(file, source);
    return EQUIVALENT.filter(
      (known) =>
        known.file === file &&
        !(known.why !== '' && mutants.some((mutant) => isThat(known, mutant, source))),
    );
  });
  expect(gone).toEqual([]);
});
