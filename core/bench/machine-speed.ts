import { toHex } from '../bytes/hex.ts';
import { loadObject } from '../object/load.ts';
import { askKernel, kernelIsThere } from '../testing/kernel.ts';
import { geometricMean, median } from './measure.ts';

/** BPF_PROG_TEST_RUN's mean on the machine that the prototype's figures come from, ns. */
const PROTOTYPE = {
  checksum: { bytes: 1500, repeat: 20_000, ns: 308 },
  siphash: { bytes: 64, repeat: 500, ns: 17_669 },
};
const RUNS = 7;

/**
 * How fast this machine is against the prototype's, by what the Linux kernel's JIT compiler makes
 * of the same C; undefined where there is no kernel to ask. Prints what it is made of.
 */
export function machineFactor(kernelObject: Uint8Array): number | undefined {
  if (!kernelIsThere()) {
    console.log(
      'no kernel to ask how fast this machine is: ratios to the prototype are as they come',
    );
    return undefined;
  }
  const { programs } = loadObject('kernel.o', kernelObject);
  const factors = Object.entries(PROTOTYPE).map(([name, { bytes, repeat, ns }]) => {
    const { linked } = programs.find((program) => program.name === name)!;
    if ('error' in linked) throw linked.error;
    const runs = Array.from({ length: RUNS }, () => ({ packet: 'ab'.repeat(bytes), repeat }));
    const [answer] = askKernel([{ type: 6, insns: toHex(linked.bytes), runs }]);
    const here = median(answer.runs!.map((run) => run.ns!));
    console.log(`kernel JIT, ${name}: ${here} ns, on the prototype's machine ${ns} ns`);
    return ns / here;
  });
  return geometricMean(factors);
}
