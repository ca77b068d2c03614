// What is looked at in the rounds of a loop over a packet's bytes: nothing, where what goes before
// it and its own end say that all may be done.
import { expect, test, vi } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { inputsFor } from '../session/inputs.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { Session } from '../session/session.ts';
import { CompiledCode } from './compiled-code.ts';
import { JIT } from './jit.ts';
import { LEFT } from './state.ts';
import { wasmText } from './wasm-text.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

/**
 * How often the loop of a program, or the last one, may be left for bytes out of bounds, and for
 * steps.
 */
function comparedInLoop(source: string, which = 'first'): { bounds: number; steps: number } {
  const written = vi.spyOn(CompiledCode.prototype, 'written');
  const session = new Session(
    { ...inputsFor('test', assemble(source)), hook: 'ubpf', packets: [] },
    linear,
  );
  session.runBy(JIT);
  session.load(64);
  new PacketBatch(session);
  const lines = wasmText(written.mock.results.at(-1)!.value.module);
  written.mockRestore();
  const isLoop = ({ text }: { text: string }) => text.startsWith('loop $loop_');
  const start = which === 'first' ? lines.findIndex(isLoop) : lines.findLastIndex(isLoop);
  const end = lines.findIndex(
    ({ text, depth }, i) => i > start && depth === lines[start].depth && text === 'end',
  );
  const loop = lines.slice(start, end).map(({ text }) => text);
  const count = (text: string) => loop.filter((line) => line === text).length;
  return { bounds: count(`i32.const ${LEFT.refused}`), steps: count(`i32.const ${LEFT.limit}`) };
}

const NOTHING = { bounds: 0, steps: 0 };
const BEGIN = 'r0 = 0; r3 = 0; ';
const SUM = 'r4 = r1; r4 += r3; r5 = *(u8 *)(r4 + 0); r0 += r5; ';
/** Asked at its start. */
const FIRST = 'again: if r3 >= r2 goto out; ';
const NEXT = 'r3 += 1; goto again; out: exit';

test.each([
  ['asked at its start', `${BEGIN}${FIRST}${SUM}${NEXT}`],
  [
    'asked at its end',
    `${BEGIN}if r2 == 0 goto out; again: ${SUM}r3 += 1; if r3 < r2 goto again; out: exit`,
  ],
  [
    'by a pointer',
    'r0 = 0; r3 = r1; r3 += r2; again: if r1 >= r3 goto out; ' +
      'r4 = *(u8 *)(r1 + 0); r0 += r4; r1 += 1; goto again; out: exit',
  ],
  [
    'two at a time, as clang has it',
    'r0 = 0; if r2 < 2 goto out; r3 = 0; r6 = 0; again: r4 = r1; r4 += r3; ' +
      'r5 = *(u16 *)(r4 + 0); r0 += r5; r6 += 2; r5 = r3; r5 += 3; r3 = r6; ' +
      'if r5 < r2 goto again; out: exit',
  ],
  [
    'with ways that meet in it',
    `${BEGIN}${FIRST}${SUM}if r5 == 7 goto next; r0 += 1; next: ${NEXT}`,
  ],
  [
    'as often as a number says, over what grows with it',
    'r0 = 0; r3 = 1; r4 = r10; r4 += -64; again: r5 = *(u32 *)(r4 + 0); r0 += r5; r4 += 4; ' +
      'r3 += 1; if r3 != 17 goto again; exit',
  ],
  [
    'the same below a number, by steps of two, and back to front',
    'r0 = 0; r3 = 0; r4 = r10; again: r5 = *(u64 *)(r4 - 8); r0 += r5; r4 -= 8; ' +
      'r3 += 2; if r3 < 128 goto again; exit',
  ],
  [
    'the same inside of another one',
    'r0 = 0; r6 = 0; outer: r3 = 0; r4 = r10; r4 += -32; again: r5 = *(u8 *)(r4 + 0); r0 += r5; ' +
      'r4 += 1; r3 += 1; if r3 != 32 goto again; r6 += 1; if r6 != 9 goto outer; exit',
    'inner',
  ],
])('%s', (_what, source, which = 'first') =>
  expect(comparedInLoop(source, which)).toEqual(NOTHING),
);

test.each([
  [
    'one byte behind what was asked for',
    `${BEGIN}${FIRST}r4 = r1; r4 += r3; r5 = *(u8 *)(r4 + 1); ${NEXT}`,
    { bounds: 1, steps: 0 },
  ],
  [
    'without growth on one way',
    `${BEGIN}${FIRST}${SUM}if r5 == 7 goto again; ${NEXT}`,
    { bounds: 0, steps: 1 },
  ],
  [
    'one byte behind all rounds',
    'r0 = 0; r3 = 1; r4 = r10; r4 += -63; again: r5 = *(u32 *)(r4 + 0); r0 += r5; r4 += 4; ' +
      'r3 += 1; if r3 != 17 goto again; exit',
    { bounds: 1, steps: 0 },
  ],
  [
    'past the number it is compared with',
    'r0 = 0; r3 = 0; again: r0 ^= r3; r3 += 2; if r3 != 17 goto again; exit',
    { bounds: 0, steps: 1 },
  ],
  [
    'by more on one way',
    'r0 = 0; r3 = 0; r4 = r10; r4 += -64; again: r5 = *(u8 *)(r4 + 0); if r5 == 0 goto next; ' +
      'r4 += 1; next: r4 += 1; r3 += 1; if r3 != 17 goto again; exit',
    { bounds: 1, steps: 0 },
  ],
  [
    'with a call in it',
    'r0 = 0; r9 = r2; r6 = 0; again: if r6 >= r9 goto out; call 7; r6 += 1; goto again; out: exit',
    { bounds: 0, steps: 1 },
  ],
  [
    'by a length that may be less than none',
    `${BEGIN}r2 -= 1; ${FIRST}${SUM}${NEXT}`,
    { bounds: 1, steps: 1 },
  ],
])('not %s', (_what, source, compared) => expect(comparedInLoop(source)).toEqual(compared));
