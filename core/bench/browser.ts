// Run in a page by bench.ts: hands the measurement to it.
import { filterRounds } from './filter-rounds.ts';
import { roundsOf } from './rounds.ts';

Object.assign(globalThis, { filterRounds, roundsOf });
