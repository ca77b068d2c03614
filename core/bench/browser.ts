// Run in a page by bench.ts: hands the measurement to it.
import { roundsOf } from './rounds.ts';

Object.assign(globalThis, { roundsOf });
