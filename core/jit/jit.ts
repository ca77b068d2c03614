import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import { MOST_STEPS } from '../machine/run.ts';
import { CompiledCode } from './compiled-code.ts';

/** Constants of the code are addresses of the machine's own maps, so it is compiled for each. */
const compiled = new WeakMap<Machine, CompiledCode>();

export function compiledCodeOf(machine: Machine): CompiledCode {
  const known = compiled.get(machine);
  if (known !== undefined) return known;
  const made = new CompiledCode(machine);
  compiled.set(machine, made);
  return made;
}

/**
 * Compiles what runs to WebAssembly. While accesses are recorded, or where a run stops before
 * slots, it is the interpreter: both look at each instruction.
 */
export const JIT: Engine = {
  name: 'jit',
  stepsAtOnce: MOST_STEPS,
  run(machine, end, stops) {
    if (machine.recorder !== null || stops !== null) INTERPRETER.run(machine, end, stops);
    else compiledCodeOf(machine).run(end);
  },
};
