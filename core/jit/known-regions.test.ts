import { expect, test } from 'vitest';
import { READ, WRITE } from '../memory/memory.ts';
import { batchHook } from '../session/batch-hooks.ts';
import { runnableSession } from '../session/session.ts';
import { session } from '../testing/run.ts';
import { BatchLayout } from './batch.ts';
import { compiledCodeOf, JIT } from './jit.ts';
import { wasmText } from './wasm-text.ts';

/** How often code for many packets compares a place with the end of a region. */
function checks(access: string): number {
  const opened = session(`if r2 < 14 goto out; ${access}; out: r0 = 2; exit`, {
    packet: '00'.repeat(40),
    engine: JIT,
  });
  opened.load(64);
  const { machine } = runnableSession(opened);
  const layout = new BatchLayout(machine.memory.scratch.start);
  const { entry } = batchHook(opened, layout, READ | WRITE)!;
  const { module } = compiledCodeOf(machine).written(0, 0, entry)!;
  return wasmText(module).filter(({ text }) => /i64\.(?:lt|ge)_u/.test(text)).length;
}

test.each<[title: string, access: string, more: number]>([
  ['the first byte', 'r5 = *(u8 *)(r1 + 0)', 0],
  ['the last byte', 'r5 = *(u8 *)(r1 + 13)', 0],
  ['the last four', 'r5 = *(u32 *)(r1 + 10)', 0],
  ['the byte behind it', 'r5 = *(u8 *)(r1 + 14)', 1],
  ['four, the last of which is behind it', 'r5 = *(u32 *)(r1 + 11)', 1],
  ['the last byte, written', '*(u8 *)(r1 + 13) = 1', 0],
  ['the byte behind it, written', '*(u8 *)(r1 + 14) = 1', 1],
])('as far as the program has looked itself, nothing is looked at again: %s', (_, access, more) =>
  expect(checks(access) - checks('r5 = 0')).toBe(more),
);
