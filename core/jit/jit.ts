import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import type { Recorder } from '../machine/recorder.ts';
import { MOST_STEPS } from '../machine/run.ts';
import { CompiledCode } from './compiled-code.ts';

/** Constants of the code are addresses of the machine's own maps, so it is compiled for each. */
const compiled = new WeakMap<Machine, CompiledCode>();
/** The same with marks of what is read and written. */
const marking = new WeakMap<Machine, CompiledCode>();

export const compiledCodeOf = (machine: Machine): CompiledCode => codeOf(machine, compiled);

function codeOf(
  machine: Machine,
  made: WeakMap<Machine, CompiledCode>,
  marks?: Recorder,
): CompiledCode {
  const known = made.get(machine);
  if (known !== undefined) return known;
  const code = new CompiledCode(machine, marks);
  made.set(machine, code);
  return code;
}

/**
 * Compiles what runs to WebAssembly. Where a run is traced, or stops before slots, it is the
 * interpreter: both look at each instruction.
 */
export const JIT: Engine = {
  name: 'jit',
  stepsAtOnce: MOST_STEPS,
  run(machine, end, stops) {
    const { recorder } = machine;
    if (stops !== null || recorder?.provenance !== undefined) INTERPRETER.run(machine, end, stops);
    else if (recorder !== null) codeOf(machine, marking, recorder).run(end);
    else compiledCodeOf(machine).run(end);
  },
};
