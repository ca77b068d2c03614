// Run in a page by bench.ts: hands the measurement to it.
import { measureInterpreter } from './interpreter.ts';

Object.assign(globalThis, { measureInterpreter });
