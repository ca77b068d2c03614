import { alternate, type Contestant } from './measure.ts';
import { interpreterWorkloads } from './workloads.ts';

/** Instructions a round runs at least, so that a round is long against the clock's grain. */
const ROUND = 3_000_000;
const ROUNDS = 11;

export interface SpeedRow {
  readonly workload: string;
  /** Million instructions a second, without and with the recording of reads and writes. */
  readonly plain: number;
  readonly recording: number;
}

/** The interpreter's speed over the workloads; runs the same in Node and in a browser. */
export function measureInterpreter(objectBytes: Uint8Array): SpeedRow[] {
  const plain = interpreterWorkloads(objectBytes, false);
  const recording = interpreterWorkloads(objectBytes, true);
  return plain.map((workload, i) => {
    const times = Math.ceil(ROUND / workload.run(1));
    const contestants: Contestant[] = [
      { name: 'plain', run: () => workload.run(times) },
      { name: 'recording', run: () => recording[i].run(times) },
    ];
    const result = alternate(contestants, ROUNDS);
    const speed = (name: string) => result.get(name)!.median / 1e6;
    return { workload: workload.name, plain: speed('plain'), recording: speed('recording') };
  });
}
