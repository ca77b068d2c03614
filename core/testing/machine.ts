import { bytesOf } from '../asm/encode.ts';
import { SLOT_BYTES, type Slot } from '../asm/encoding.ts';
import type { Endian } from '../bytes/reader.ts';
import { buildCodeSpace } from '../machine/code-space.ts';
import type { Engine } from '../machine/engine.ts';
import { createStack, Machine } from '../machine/machine.ts';
import { Memory } from '../memory/memory.ts';

const linear = new WebAssembly.Memory({ initial: 1 });

/** A machine that stands before the first of some instructions: no hook, packet, map or helper. */
export function machineOf(engine: Engine, slots: readonly Slot[], endian: Endian): Machine {
  const memory = new Memory(endian, linear);
  const stackRegions = createStack(memory, false);
  const bytes = bytesOf(slots, endian);
  const main = { name: 'main', start: 0, end: bytes.length / SLOT_BYTES, type: undefined };
  const functions = [{ ...main, section: '.text', sectionIndex: 0, sectionOffset: 0 }];
  const code = buildCodeSpace(
    [{ name: 'main', linked: { bytes, functions, lines: [] } }],
    endian,
    () => undefined,
  );
  const unknown = () => ({ kind: 'unknown-helper' as const, message: 'is not there' });
  return new Machine({
    engine,
    memory,
    code,
    maps: [],
    stackRegions,
    helpers: new Map(),
    externs: new Map(),
    describeHelper: unknown,
    describeExtern: unknown,
  });
}
