import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

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
  'jit',
  'helpers',
  'hooks',
  'source',
  'session',
  'view',
  'why',
  'coverage',
  'cover',
  'traffic',
  'netdev',
  'expect',
  'protocol',
  'share',
  'worker',
  'library',
  'cli',
  'bench',
  'tools',
];
/**
 * Files of shared types stand left of where their folders do: they import nothing but types of the
 * left.
 */
const TYPES_ONLY = new Set([
  'netdev/types.ts',
  'object/types.ts',
  'packet/types.ts',
  'protocol/cores.ts',
  'protocol/messages.ts',
  'protocol/netdev.ts',
  'protocol/traffic.ts',
]);

/**
 * Folders of web from left to right. `actions` is what panes and the page around them may do: it
 * stands left of both, so neither needs the other to do it.
 */
const WEB_LAYERS = [
  'theme',
  'browser',
  'ui',
  'stores',
  'engine',
  'actions',
  'editor',
  'panes/shared',
  'panes',
  'app',
  'main.tsx',
];
/** What web may know of core: bytes as text, its messages, its tables and its worker. */
const KNOWN_TO_WEB = /^core\/(bytes|protocol|spec|packet\/types|worker\/worker)/;

const root = join(import.meta.dirname, '..');
const IMPORTED = /(?:from |import |import\(|new Worker\(new URL\()'(\.[^']+)'/g;

const filesOf = (tree: string): string[] =>
  readdirSync(join(root, tree), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(
      (path) =>
        /\.(tsx?|css)$/.test(path) && !path.endsWith('.test.ts') && !path.startsWith('testing/'),
    );

/** The files that a file imports, as paths from the project's root. */
const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(IMPORTED)].map(([, source]) =>
    relative(root, join(root, dirname(path), source)).replaceAll('\\', '/'),
  );

/** The most particular of the layers a path lies in. */
const layerOf = (layers: readonly string[], path: string): number =>
  layers.findIndex((layer) => path === layer || path.startsWith(`${layer}/`));

const TREES: [tree: string, layers: readonly string[], known: (target: string) => boolean][] = [
  ['core', LAYERS, () => false],
  ['web', WEB_LAYERS, (target) => KNOWN_TO_WEB.test(target)],
];

describe.each(TREES)('%s', (tree, layers, isKnown) => {
  const files = filesOf(tree);

  test('every folder has its place in the order', () => {
    expect(files.filter((path) => layerOf(layers, path) < 0)).toEqual([]);
    expect(layers.filter((_, at) => !files.some((path) => layerOf(layers, path) === at))).toEqual(
      [],
    );
  });

  test('a file imports only to the left, and of other trees what it may know', () => {
    const wrong: string[] = [];
    for (const path of files) {
      for (const target of importsOf(`${tree}/${path}`)) {
        const inside = target.startsWith(`${tree}/`) ? target.slice(tree.length + 1) : undefined;
        if (inside === undefined) {
          if (!isKnown(target)) wrong.push(`${path} imports ${target}, outside ${tree}`);
        } else if (!TYPES_ONLY.has(inside) && layerOf(layers, inside) > layerOf(layers, path))
          wrong.push(`${path} imports ${inside}, which is to its right`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test('a pane knows no other pane: what two of them need lies in panes/shared', () => {
  const paneOf = (path: string) => /^web\/panes\/([^/]+)\//.exec(path)?.[1];
  const wrong = filesOf('web').flatMap((path) => {
    const pane = paneOf(`web/${path}`);
    return importsOf(`web/${path}`)
      .filter((target) => pane && ![pane, 'shared', undefined].includes(paneOf(target)))
      .map((target) => `${path} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});
