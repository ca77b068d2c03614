import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';

// Runs before each test file, in its worker: the function that the changed files ask, and a list of
// the places reached: while modules were loaded, and in all.
declare module 'vitest' {
  export interface ProvidedContext {
    /** The change on trial; -1 for none. */
    mutant: number;
    /** Where the places reached are noted, one file a test file. */
    reached: string;
  }
}

const active = inject('mutant');
const folder = inject('reached');
const places = new Set<number>();
Object.assign(globalThis, {
  __mutant: (id: number): boolean => {
    places.add(id);
    return id === active;
  },
});

let loaded: readonly number[] = [];
beforeAll(() => {
  loaded = [...places];
});

afterAll(() => {
  if (active >= 0) return;
  mkdirSync(folder, { recursive: true });
  const name = encodeURIComponent(expect.getState().testPath ?? '');
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ loaded, all: [...places] }));
});
