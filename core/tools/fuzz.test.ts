import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FuzzTarget, judge } from './fuzz-targets.ts';

const folder = join(import.meta.dirname, '../testdata/fuzz');
const finds = existsSync(folder) ? readdirSync(folder) : [];

test('what fuzzing once found ends in a value or an InputError within a second', async () => {
  for (const name of finds) {
    const target = name.split('-')[0] as FuzzTarget;
    const found = await judge(target, new Uint8Array(readFileSync(join(folder, name))));
    expect(`${name}: ${found}`).toBe(`${name}: undefined`);
  }
});
