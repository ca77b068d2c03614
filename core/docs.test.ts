import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test.each(['ARCHITECTURE.md', 'README.md', 'CONTRIBUTING.md'])(
  'every path that %s names exists',
  (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const paths = [
      ...text.matchAll(/`((?:core|web|e2e|public|docs)\/[\w./-]+)`/g),
      ...text.matchAll(/\((docs\/[\w./-]+)\)/g),
    ].map((found) => found[1]);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  },
);
