import { JIT } from '../jit/jit.ts';
import { judge, load } from '../library/index.ts';
import { MAX_PACKET } from '../packet/limits.ts';
import type { Frames } from '../session/batch-frames.ts';
import { inputsFor } from '../session/inputs.ts';
import { PacketBatch } from '../session/packet-batch.ts';
import { finish, Session } from '../session/session.ts';

const PACKETS = 1_000_000;
const SIZE = 60;
const ROUNDS = 7;

/** IPv4 frames of one size, one in a hundred to 1.1.1.1. */
function manyFrames(): Frames {
  const bytes = new Uint8Array(PACKETS * SIZE);
  for (let i = 0; i < PACKETS; i++) {
    bytes.set([8, 0, 0x45], i * SIZE + 12);
    bytes.set(i % 100 === 0 ? [1, 1, 1, 1] : [10, 0, 0, i & 0xff], i * SIZE + 30);
  }
  return {
    bytes,
    starts: Uint32Array.from({ length: PACKETS }, (_, i) => i * SIZE),
    lengths: new Uint32Array(PACKETS).fill(SIZE),
  };
}

/** Milliseconds of rounds in turns: the library, and the engine under it with nothing around it. */
export async function libraryTimes(
  object: Uint8Array,
): Promise<{ library: number[]; engine: number[]; packets: number }> {
  const frames = manyFrames();
  const filter = await load(object, { hook: 'filter-ubpf' });
  const inputs = { ...inputsFor('program.o', object), hook: 'filter-ubpf' as const };
  const session = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
  session.runBy(JIT);
  session.load(MAX_PACKET);
  const batch = new PacketBatch(session);
  let first = 0;
  const byEngine = (): void => {
    for (let at = 0; at < PACKETS; ) {
      const rest = {
        bytes: frames.bytes,
        starts: frames.starts.subarray(at),
        lengths: frames.lengths.subarray(at),
      };
      at += finish(batch.run(first + at, rest)).count;
    }
    first += PACKETS;
  };
  const library: number[] = [];
  const engine: number[] = [];
  for (let round = -1; round < ROUNDS; round++)
    for (const [times, work] of [
      [library, () => judge(filter, frames)],
      [engine, byEngine],
    ] as const) {
      const started = performance.now();
      work();
      if (round >= 0) times.push(performance.now() - started);
    }
  return { library, engine, packets: PACKETS };
}
