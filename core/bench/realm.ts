// A thread of bench.ts in Node: one flavour of the interpreter.
import { parentPort, workerData } from 'node:worker_threads';
import { interpreterRounds } from './interpreter.ts';

const { objectBytes, recording } = workerData as { objectBytes: Uint8Array; recording: boolean };
const rounds = interpreterRounds(objectBytes, recording);
parentPort!.on('message', (name: string) => parentPort!.postMessage(rounds.round(name)));
