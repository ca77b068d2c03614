import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Folders of core from left to right: a file imports from its own folder and from those to the left
 * of it (ARCHITECTURE.md).
 */
const LAYERS = [
  'errors.ts',
  'bytes',
  'spec',
  'asm',
  'packet',
  'memory',
  'object',
  'program',
  'maps',
  'machine',
  'helpers',
  'hooks',
  'source',
  'session',
  'view',
  'why',
  'coverage',
  'protocol',
  'share',
  'worker',
  'cli',
  'bench',
  'tools',
];
/**
 * Two shared type files stand left of where their folders do: they import nothing but types of the
 * left.
 */
const TYPES_ONLY = new Set(['object/types.ts', 'packet/types.ts', 'protocol/messages.ts']);

const core = import.meta.dirname;
const files = readdirSync(core, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('testing/'),
  );
const layerOf = (path: string): number => LAYERS.indexOf(path.split('/')[0]);

test('every folder of core has its place in the order', () => {
  expect(files.filter((path) => layerOf(path) < 0)).toEqual([]);
});

test('core imports only to the left, and never from web', () => {
  const wrong: string[] = [];
  for (const path of files) {
    for (const [, source] of readFileSync(join(core, path), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const target = relative(core, join(core, dirname(path), source)).replaceAll('\\', '/');
      if (target.startsWith('..')) wrong.push(`${path} imports ${target}, outside core`);
      else if (!TYPES_ONLY.has(target) && layerOf(target) > layerOf(path))
        wrong.push(`${path} imports ${target}, which is to its right`);
    }
  }
  expect(wrong).toEqual([]);
});

test('web knows core only by its messages, its tables and its worker', () => {
  const web = join(core, '../web');
  const allowed = /^core\/(protocol|spec|packet\/types|worker\/worker)/;
  const wrong: string[] = [];
  for (const path of readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  )) {
    for (const [, source] of readFileSync(join(web, path), 'utf8').matchAll(
      /'(\.[^']*core\/[^']+)'/g,
    )) {
      const target = relative(join(core, '..'), join(web, dirname(path), source)).replaceAll(
        '\\',
        '/',
      );
      if (!allowed.test(target)) wrong.push(`web/${path} imports ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});
