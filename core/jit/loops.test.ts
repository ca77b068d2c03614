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

/** How often the loop of a program may be left for bytes out of bounds, and for steps. */
function comparedInLoop(source: string): { bounds: number; steps: number } {
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
  const start = lines.findIndex(({ text }) => text.startsWith('loop $loop_'));
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
])('%s', (_what, source) => expect(comparedInLoop(source)).toEqual(NOTHING));

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
