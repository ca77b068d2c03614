import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referenceText } from './reference-text.ts';

test('docs/reference.md is what the tables say; if not, run `npm run generate`', () => {
  expect(readFileSync(join(import.meta.dirname, '../../docs/reference.md'), 'utf8')).toBe(
    referenceText(),
  );
});
