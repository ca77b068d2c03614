// A thread of bench.ts in Node: one flavour.
import { parentPort, workerData } from 'node:worker_threads';
import { roundsOf } from './rounds.ts';
import type { Flavour } from './workloads.ts';

const { objectBytes, flavour } = workerData as { objectBytes: Uint8Array; flavour: Flavour };
const rounds = roundsOf(flavour, objectBytes);
parentPort!.on('message', (name: string) => parentPort!.postMessage(rounds.round(name)));
