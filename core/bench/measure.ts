/** Alternating rounds of several contestants, so that a machine that is busy for a while is busy for all of them. */
export interface Contestant {
  readonly name: string;
  /** Does the work once; answers how much was done, in the unit of the row. */
  run(): number;
}

/** Median amount of work per second of each contestant over `rounds` rounds, and per round. */
export function alternate(
  contestants: readonly Contestant[],
  rounds: number,
): Map<string, { median: number; rounds: number[] }> {
  const speeds = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (const contestant of contestants) contestant.run();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contestants) {
      const started = performance.now();
      const amount = run();
      speeds.get(name)!.push(amount / ((performance.now() - started) / 1000));
    }
  }
  return new Map([...speeds].map(([name, list]) => [name, { median: median(list), rounds: list }]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
