import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Machine } from '../machine/machine.ts';
import { CONTEXTS, contextFields } from '../spec/contexts.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import { TypedContext } from './context.ts';

interface Access {
  readonly read: string;
  readonly write: string;
}
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/context-access.json'), 'utf8'),
) as {
  kernel: string;
  access: Record<HookName, Access>;
};
const hooks = Object.keys(recorded.access) as HookName[];
const SIZES = [1, 2, 4, 8];

/** What a context needs of a machine to answer whether an access is allowed. */
const bare = { memory: { littleEndian: true }, packet: { region: 1, data: 0, end: 0, meta: 0 } } as Machine;

/** As context-access.json has it: a digit for each offset, bit n set where 2^n bytes may be accessed. */
function digits(
  hook: HookName,
  length: number,
  allowed: (context: TypedContext, offset: number, size: number) => boolean,
) {
  const context = new TypedContext(bare, {
    fields: contextFields(programType(hook).context!),
    hook,
    values: new Map(),
  });
  return Array.from({ length }, (_, offset) =>
    SIZES.reduce((mask, size, bit) => mask | (allowed(context, offset, size) ? 1 << bit : 0), 0).toString(16),
  ).join('');
}

test.each(hooks)(
  `%s: a context field is read and written as Linux ${recorded.kernel} allows, at every offset and width`,
  (hook) => {
    const { read, write } = recorded.access[hook];
    expect(digits(hook, read.length, (context, offset, size) => typeof context.load(offset, size) === 'bigint')).toBe(
      read,
    );
    expect(digits(hook, write.length, (context, offset, size) => context.store(offset, size, 0n) === undefined)).toBe(
      write,
    );
  },
);

test('every field of every context is in the range that was asked', () => {
  for (const hook of hooks)
    expect(recorded.access[hook].read.length).toBeGreaterThan(CONTEXTS[programType(hook).context!].size);
});
