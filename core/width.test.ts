import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
/** A screen has room for two files of such lines, and for a diff. */
const FOLDERS = ['core', 'web', 'e2e'];
const WIDEST = 100;
const HAND_WRITTEN = /\.(?:tsx?|mjs|css|py)$/;
/** Written by tools, or examples of what others write. */
const ELSEWHERE = /\.generated\.|(?:^|\/)(?:testdata|node_modules)\//;

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
    (path) => `${folder}/${path.replaceAll('\\', '/')}`,
  ),
).filter((path) => HAND_WRITTEN.test(path) && !ELSEWHERE.test(path));

test(`no line of code is longer than ${WIDEST} characters`, () => {
  expect(files.length).toBeGreaterThan(400);
  const long = files.flatMap((path) =>
    readFileSync(join(ROOT, path), 'utf8')
      .split('\n')
      .flatMap((line, i) => (line.length > WIDEST ? [`${path}:${i + 1}`] : [])),
  );
  expect(long).toEqual([]);
});
