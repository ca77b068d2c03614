// What compiled code knows of values beforehand, where many packets are judged in one call.
import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import type { Engine } from '../machine/engine.ts';
import { inputsFor } from '../session/inputs.ts';
import { Session } from '../session/session.ts';
import { batchDifferences } from '../testing/compare-batch.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const PACKETS = Array.from({ length: 400 }, (_, i) =>
  Uint8Array.from({ length: 64 }, (_, at) => at + i),
);

/** What many packets in one call come to otherwise than one by one by the interpreter. */
function differences(source: string): string[] {
  const inputs = inputsFor('test', assemble(source));
  return batchDifferences((engine: Engine) => {
    const session = new Session({ ...inputs, hook: 'ubpf' }, linear);
    session.runBy(engine);
    return session;
  }, PACKETS);
}

/** Sizes of a store, and places from the value that lies on the stack on: over it, or beside it. */
const STORES: readonly (readonly [size: number, at: number])[] = [
  ...[-1, 0, 1, 3, 7, 8].map((at) => [1, at] as const),
  ...[-2, -1, 0, 6, 7].map((at) => [2, at] as const),
  ...[-4, -3, 0, 4, 7].map((at) => [4, at] as const),
  ...[-8, -7, -1, 0, 1, 7, 8].map((at) => [8, at] as const),
];

test.each(STORES)('a number on the stack is what %d bytes at %d have left of it', (size, at) => {
  const source = (end: string) => `r0 = 0; if r2 < 60 goto out; r6 = 5; *(u64 *)(r10 - 24) = r6
    *(u${8 * size} *)(r10 - ${24 - at}) = 33; r7 = *(u64 *)(r10 - 24); ${end}; out: exit`;
  expect(differences(source('r1 += r7; r0 = *(u8 *)(r1 + 0)'))).toEqual([]);
  expect(differences(source('r0 = r7; r0 &= 0xff; r1 += r0; r0 = *(u8 *)(r1 + 0)'))).toEqual([]);
});

test.each(STORES)('a pointer on the stack is what %d bytes at %d have left of it', (size, at) => {
  const source = `r0 = 0; if r2 < 60 goto out; *(u64 *)(r10 - 24) = r1
    *(u${8 * size} *)(r10 - ${24 - at}) = 33; r7 = *(u64 *)(r10 - 24); r0 = *(u8 *)(r7 + 1)
    out: exit`;
  expect(differences(source)).toEqual([]);
});
