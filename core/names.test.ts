import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/**
 * Not shipped, or written by a tool: nobody looks for a name there. What other programs import has
 * the names that suit them.
 */
const ELSEWHERE = [
  /\.test\.tsx?$|\.generated\.ts$/,
  /^core\/(?:testing|tools|bench|testdata)\//,
  /^core\/library\/(?:index|types)\.ts$/,
];
const files = ['core', 'web']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
      (path) => `${folder}/${path.replaceAll('\\', '/')}`,
    ),
  )
  .filter((path) => /\.tsx?$/.test(path) && !ELSEWHERE.some((places) => places.test(path)));

const DECLARED =
  /^export (?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;

test('an exported name has one home: who looks for it finds one thing', () => {
  const homes = new Map<string, Set<string>>();
  for (const path of files)
    for (const [, name] of readFileSync(join(ROOT, path), 'utf8').matchAll(DECLARED))
      homes.set(name, (homes.get(name) ?? new Set()).add(path));
  expect(homes.size).toBeGreaterThan(1500);
  const several = [...homes].filter(([, paths]) => paths.size > 1);
  expect(several.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toEqual([]);
});
