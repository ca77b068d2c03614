// npm run jit:random -- [--count 20000] [--seed 1] Random programs on the interpreter, on compiled
// code, and on both in turns: so many of all pools together. What they leave otherwise is printed.
import { parseArgs } from 'node:util';
import {
  accessBatchDifferences,
  helperBatchDifferences,
  loopBatchDifferences,
  randomBatchDifferences,
} from '../testing/compare-batch.ts';
import { ENGINE_POOLS, engineDifferences } from '../testing/compare-engines.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const first = Number(values.seed);
const pools = Object.entries(ENGINE_POOLS);
const count = Math.ceil(Number(values.count) / pools.length);

let different = 0;
for (const [name, programOf] of pools) {
  for (let seed = first; seed < first + count; seed++) {
    const found = engineDifferences(programOf(seed), seed);
    if (found.length === 0) continue;
    different += 1;
    if (different <= 5) console.log(`${name}, seed ${seed}\n  ${found.join('\n  ')}`);
  }
  console.log(`${name}: seeds ${first} to ${first + count - 1}`);
}
/** Of programs that judge many packets each, one in so many. */
const PACKETS_EACH = 20;
const batches = Math.ceil(count / PACKETS_EACH);
for (let seed = first; seed < first + batches; seed++) {
  const found = [
    ...randomBatchDifferences(seed, seed % 3 === 0 ? 'kernel' : 'world', seed % 3 === 1),
    ...accessBatchDifferences(seed),
    ...loopBatchDifferences(seed),
    ...helperBatchDifferences(seed),
  ];
  if (found.length === 0) continue;
  different += 1;
  if (different <= 5) console.log(`many packets, seed ${seed}\n  ${found.join('\n  ')}`);
}
console.log(`many packets: seeds ${first} to ${first + batches - 1}`);
console.log(`${count * pools.length + 4 * batches} programs, ${different} different`);
process.exitCode = different === 0 ? 0 : 1;
