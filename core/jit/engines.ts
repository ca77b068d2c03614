import { type Engine, INTERPRETER } from '../machine/engine.ts';
import { JIT } from './jit.ts';

/** Every engine that is built: what the command line offers, and tests of the machine try. */
export const ENGINES: readonly Engine[] = [INTERPRETER, JIT];
