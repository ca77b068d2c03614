// A thread of bench.ts in Node: one flavour of the engines, or one filter on one engine.
import { parentPort, workerData } from 'node:worker_threads';
import { type FilterEngine, filterRounds } from './filter-rounds.ts';
import { roundsOf } from './rounds.ts';
import type { Flavour } from './workloads.ts';

type Given = { readonly objectBytes: Uint8Array } & (
  | { readonly flavour: Flavour }
  | { readonly filter: string; readonly engine: FilterEngine }
);

function answering(given: Given): (question: string) => number | string | number[] {
  if ('flavour' in given) {
    const rounds = roundsOf(given.flavour, given.objectBytes);
    return (name) => rounds.round(name);
  }
  const rounds = filterRounds(given.engine, given.filter, given.objectBytes);
  return (question) => (question === 'sum' ? rounds.sum() : rounds.round());
}

const answer = answering(workerData as Given);
parentPort!.on('message', (question: string) => parentPort!.postMessage(answer(question)));
