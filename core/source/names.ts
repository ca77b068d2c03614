import type { Machine } from '../machine/machine.ts';
import type { LoadedObject } from '../object/types.ts';
import type { Names } from './expression.ts';
import { variableNamed } from './variables.ts';

/**
 * Names of expressions: the C variables of the running frame, innermost first, then the global
 * ones.
 */
export const namesOf =
  (machine: Machine, object: LoadedObject, depth = machine.frames.length): Names =>
  (name) =>
    variableNamed(machine, object, depth, name);
