import { type Engine, INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import type { Step } from '../spec/units.ts';
import { JIT } from './jit.ts';

/** Steps that the interpreter does first: they take about as long as compiling does. */
const WORTH_COMPILING = 2_000_000;
/** Fewer than these it does as quickly as compiled code is entered and left. */
const FEW = 1000;

/** What the interpreter has done of each machine, of the kind that compiled code may do. */
const interpreted = new WeakMap<Machine, Step>();

/**
 * The interpreter at first, and compiled code where there is much to do: for a person who steps to
 * and fro, most of whose programs are short.
 */
export const TIERED: Engine = {
  name: 'tiered',
  stepsAtOnce: 65_536,
  run(machine, end, stops) {
    const { steps } = machine;
    const done = interpreted.get(machine) ?? 0;
    if (stops === null && end - steps >= FEW && done >= WORTH_COMPILING)
      JIT.run(machine, end, stops);
    else {
      INTERPRETER.run(machine, end, stops);
      if (stops === null) interpreted.set(machine, done + machine.steps - steps);
    }
  },
};
