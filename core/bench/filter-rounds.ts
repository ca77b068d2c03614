import { compiledCodeOf, JIT } from '../jit/jit.ts';
import { INTERPRETER } from '../machine/engine.ts';
import type { Machine } from '../machine/machine.ts';
import type { Frames } from '../session/batch-frames.ts';
import { inputsFor } from '../session/inputs.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { finish, Session } from '../session/session.ts';
import { FILTERS } from './filters.ts';

/** ms that a round takes at least: short, so that on a busy machine many are not interrupted. */
const ROUND = 6;

export type FilterEngine = 'jit' | 'interpreter';

/** Rounds of one filter on one engine: what the product does with a capture. */
export interface FilterRounds {
  /**
   * Nanoseconds of a packet. By compiled code: in that code, and around it: bringing packets and
   * taking up what came of them, the last of a batch apart, which is run as any other.
   */
  round(): number[];
  /** What the filter answers to all packets, summed up: that both run the same. */
  sum(): string;
}

export function filterRounds(
  engine: FilterEngine,
  name: string,
  objectBytes: Uint8Array,
): FilterRounds {
  const filter = FILTERS.find((candidate) => candidate.name === name)!;
  const { program, hook, maps } = filter;
  const packets = filter.packets();
  const session = new Session(
    { ...inputsFor('filter.o', objectBytes), program, hook, maps: [...maps], packets: [] },
    new WebAssembly.Memory({ initial: 1 }),
  );
  session.runBy(engine === 'jit' ? JIT : INTERPRETER);
  session.load(Math.max(...packets.map(({ length }) => length)));
  const frames = framesOf(packets);
  const batch = engine === 'jit' ? new PacketBatch(session) : undefined;
  const code = batch && timed(session.machine!);
  let first = 0;
  /** All packets once; answers the sum of r0. */
  const all = (): bigint => {
    let sum = 0n;
    if (batch) {
      const { r0Low, r0High, count } = finish(batch.run(first, frames));
      if (count !== packets.length) throw new Error(`${count} of ${packets.length} packets ran`);
      if (first === 0)
        for (let i = 0; i < count; i++) sum += (BigInt(r0High[i]) << 32n) | BigInt(r0Low[i]);
    } else
      for (const [i, packet] of packets.entries())
        sum += finish(session.runFrame(first + i, packet)).r0 ?? 0n;
    first += packets.length;
    return BigInt.asUintN(64, sum);
  };
  const sum = String(all());
  return {
    sum: () => sum,
    round() {
      code?.reset();
      let alone = 0;
      if (batch) batch.onLooked = () => (alone += 1);
      const started = performance.now();
      let runs = 0;
      let passed = 0;
      for (; passed < ROUND; passed = performance.now() - started) {
        all();
        runs += 1;
      }
      const count = runs * packets.length;
      if (code === undefined) return [(passed * 1e6) / count];
      return [(code.passed * 1e6) / (count - alone), ((passed - code.passed) * 1e6) / count];
    },
  };
}

/** Notes how long compiled code has gone through packets, since the last reset. */
function timed(machine: Machine) {
  const code = compiledCodeOf(machine);
  const runBatch = code.runBatch.bind(code);
  const noted = { passed: 0, reset: () => (noted.passed = 0) };
  code.runBatch = (...given) => {
    const started = performance.now();
    const why = runBatch(...given);
    noted.passed += performance.now() - started;
    return why;
  };
  return noted;
}

function framesOf(packets: readonly Uint8Array[]): Frames {
  const lengths = Uint32Array.from(packets, ({ length }) => length);
  const starts = new Uint32Array(packets.length);
  for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
  const all = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  for (const [i, packet] of packets.entries()) all.set(packet, starts[i]);
  return { bytes: all, starts, lengths };
}
