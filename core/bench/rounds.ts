import { type Flavour, workloadsOn } from './workloads.ts';

/** Instructions a round runs at least, so that a round is long against the clock's grain. */
const ROUND = 3_000_000;

/** Rounds of one flavour. */
export interface Rounds {
  /** Runs a workload for a round; answers million instructions a second. */
  round(name: string): number;
}

/**
 * The same in Node and in a browser. A realm holds one flavour, as the page's worker does: an
 * engine compiles for it.
 */
export function roundsOf(flavour: Flavour, objectBytes: Uint8Array): Rounds {
  const workloads = workloadsOn(flavour, objectBytes);
  return {
    round: (name) => {
      const workload = workloads.find((candidate) => candidate.name === name)!;
      const times = Math.ceil(ROUND / workload.run(1));
      const started = performance.now();
      const instructions = workload.run(times);
      return instructions / (performance.now() - started) / 1000;
    },
  };
}
