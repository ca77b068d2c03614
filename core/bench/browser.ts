// Run in a page by bench.ts: hands the measurement to it.
import { interpreterRounds } from './interpreter.ts';

Object.assign(globalThis, { interpreterRounds });
