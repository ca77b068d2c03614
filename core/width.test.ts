import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Folders whose files fit beside one another: on a small screen, and in a diff. */
const FOLDERS = ['core', 'web', 'e2e'];
const WIDEST = 100;
/** Written by tools, or examples of what others write. */
const ELSEWHERE = /\.generated\.|(?:^|[\\/])testdata[\\/]/;

test.each(FOLDERS)(`no line in %s is wider than ${WIDEST} characters`, (folder) => {
  const root = join(import.meta.dirname, '..', folder);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(tsx?|m?js|css|py)$/.test(path) && !ELSEWHERE.test(path),
  );
  const wide = files
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .map((line, at) => ({ place: `${folder}/${path}:${at + 1}`, width: line.length })),
    )
    .filter(({ width }) => width > WIDEST);
  expect(wide).toEqual([]);
});
