import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/**
 * tsconfig.decoders.json says the same of bytes, object and packet. What share imports is not held
 * to it (the machine indexes what it has just measured), so only its own lines are looked at.
 */
test('in what reads links the compiler finds no index that may be out of bounds', () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [TSC, '-p', 'core/tsconfig.share.json', '--pretty', 'false'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect(status).not.toBe(0);
  expect(stdout).toContain('core/machine/');
  expect(stdout.split('\n').filter((line) => line.startsWith('core/share/'))).toEqual([]);
}, 60_000);
