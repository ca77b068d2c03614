import type { Step } from '../spec/units.ts';
import { execute } from './interpreter.ts';
import type { Machine } from './machine.ts';

/**
 * What carries out instructions. Every engine leaves a machine in the same state after the same
 * number of steps, so that one may go on where another stopped.
 */
export interface Engine {
  /** As the command line has it. */
  readonly name: string;
  /** How many steps it does well in one call. */
  readonly stepsAtOnce: Step;
  /**
   * Runs until `end` steps are done in all, the program ends or faults, or, where `stops` is given,
   * before a slot that has a 1 there.
   */
  run(machine: Machine, end: Step, stops: Uint8Array | null): void;
}

/** The reference: it runs whatever there is, one instruction after the other. */
export const INTERPRETER: Engine = {
  name: 'interpreter',
  // In short calls: a JavaScript engine compiles a function well once it has seen it called.
  stepsAtOnce: 4096,
  run: execute,
};
