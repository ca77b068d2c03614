// The text is read by an assembler that is not ours, and its code compared byte for byte.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { folderOf, inputsOfExample } from '../protocol/example.ts';
import { runnableSession, Session } from '../session/session.ts';
import { ENGINE_POOLS } from '../testing/compare-engines.ts';
import { EXAMPLES } from '../testing/examples.ts';
import { session } from '../testing/run.ts';
import { InstructionCounts } from './counts.ts';
import { compiledCodeOf } from './jit.ts';
import { wasmText } from './wasm-text.ts';
import { moduleBytes } from './wasm-writer.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const assembler = await wabt();
const CODE_SECTION = 10;

/** The content of the code section; sections are an id, a size in LEB128, and so many bytes. */
function codeOf(module: Uint8Array): Uint8Array {
  for (let at = 8; at < module.length; ) {
    const id = module[at];
    let size = 0;
    at += 1;
    for (let shift = 0; ; shift += 7) {
      size += (module[at] & 0x7f) * 2 ** shift;
      at += 1;
      if (module[at - 1] < 0x80) break;
    }
    if (id === CODE_SECTION) return module.slice(at, at + size);
    at += size;
  }
  throw new Error('no code');
}

/** Compares the units that begin at functions; answers how many there are. */
function compareUnits(machine: Machine): number {
  const starts = machine.code.programs.flatMap(({ start, linked }) =>
    linked.functions.map((made) => start + made.start),
  );
  let units = 0;
  for (const start of new Set([0, ...starts])) {
    const written = compiledCodeOf(machine).written(start, 0b10);
    if (written === undefined) continue;
    units += 1;
    const text = wasmText(written.module)
      .map((line) => '  '.repeat(line.depth) + line.text)
      .join('\n');
    const assembled = assembler.parseWat('unit.wat', text);
    try {
      expect(codeOf(assembled.toBinary({}).buffer)).toEqual(codeOf(moduleBytes(written.module)));
    } finally {
      assembled.destroy();
    }
  }
  return units;
}

test.each(EXAMPLES)('$name of the gallery', (example) => {
  const file = join(process.cwd(), 'public/examples', folderOf(example), example.object);
  const session = new Session(
    inputsOfExample(example, new Uint8Array(readFileSync(file)), []),
    linear,
  );
  session.load();
  const { machine } = runnableSession(session);
  expect(compareUnits(machine)).toBeGreaterThan(0);
});

test('what a unit counts has a name, too', () => {
  const counted = session('r0 = 3; again: r0 -= 1; if r0 != 0 goto again; exit');
  const { machine } = runnableSession(counted);
  const counts = new InstructionCounts(machine.code.slots);
  compiledCodeOf(machine).watch({ places: new Set(), reached: () => undefined, counts });
  expect(compareUnits(machine)).toBe(1);
  const text = wasmText(compiledCodeOf(machine).written(0, 0b10)!.module).map((line) => line.text);
  expect(text).toEqual(
    expect.arrayContaining([
      '(global $count_1 (export "count_1") (mut i64) (i64.const 0))',
      'global.get $count_1',
      'global.set $count_1',
    ]),
  );
});

test('what is opened is called by what it is: a loop, or what lies before a place', () => {
  const loop = session(
    'r0 = 9; again: r0 -= 1; if r0 == 4 goto next; r0 -= 1; next: if r0 != 0 goto again; exit',
  );
  loop.load();
  const { module } = compiledCodeOf(runnableSession(loop).machine).written(0, 0b10)!;
  const opened = wasmText(module).flatMap(
    ({ text }) => /^(loop|block) \$(?:loop|before)_\d+/.exec(text)?.slice(0, 2) ?? [],
  );
  const pairs = opened.filter((text) => text.includes('$'));
  expect(pairs.some((text) => text.startsWith('loop'))).toBe(true);
  for (const text of pairs) expect(text).toMatch(/^loop \$loop_|^block \$before_/);
});

/** Others in each run of the suite. */
const FIRST = Date.now() % 1_000_000_000;

test.each(Object.entries(ENGINE_POOLS))(`random programs from seed ${FIRST} on: %s`, (_, made) => {
  for (let seed = FIRST; seed < FIRST + 10; seed++) {
    const machine = made(seed)(INTERPRETER);
    if (machine !== undefined) compareUnits(machine);
  }
});
