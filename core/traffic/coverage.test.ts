// What compiled code that is left in front of the unseen finds, against the interpreter stopping.
import { describe, expect, test } from 'vitest';
import { ENGINES } from '../jit/engines.ts';
import { JIT } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import { CaptureIndex } from '../packet/capture/capture-index.ts';
import { CaptureStream } from '../packet/capture/stream.ts';
import type { TrafficCoverage } from '../protocol/traffic.ts';
import { finish, type Session, type Work } from '../session/session.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { withMaps } from '../testing/with-maps.ts';
import { Batch } from './batch.ts';
import { CaptureFile } from './capture-file.ts';
import { coverage } from './coverage.ts';
import { RerunErrand } from './errand.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
/** So many that compiled code judges them many at a time. */
const MANY = 400;

const all = async (work: Work<void>): Promise<boolean> => {
  finish(work);
  return false;
};

/** The program of a session on packets, each of which has its verdict then. */
async function judged({ inputs, object }: Session, packets: readonly Uint8Array[], engine: Engine) {
  const bytes = pcapOf(packets.map((one, i) => ({ bytes: one, timestamp: BigInt(i) * 1000n })));
  const file = new CaptureFile('x.pcap', new Blob([bytes as BlobPart]), false);
  const index = new CaptureIndex('x.pcap');
  for await (const _ of new CaptureStream('x.pcap', file.chunks()).places(index));
  const parts = { inputs, object, linear, engine, index, read: file.read, name: 'x.pcap' };
  const batch = new Batch(parts);
  for (;;) {
    const chunk = await batch.next(packets.length, []);
    if (chunk === undefined) return batch;
    finish(batch.run(chunk, packets.length));
  }
}

async function covered(batch: Batch): Promise<TrafficCoverage> {
  const errand = new RerunErrand(batch, coverage(batch));
  while (!errand.isDone) await errand.piece(all);
  const result = errand.result();
  if (result.kind !== 'traffic-coverage') throw new Error('no coverage');
  return result;
}

/** The packets of an example over and over, some with another byte. */
function variations({ inputs }: Session): Uint8Array[] {
  const random = new Random(11);
  return Array.from({ length: MANY }, () => {
    const bytes = random.pick(inputs.packets).bytes.slice();
    if (random.below(3) === 0) bytes[random.below(bytes.length)] = random.below(256);
    return bytes;
  });
}

describe.each(EXAMPLES.map(({ name }) => name))('%s of the gallery', (name) => {
  test('the same instructions are reached, by the same packets and as often', async () => {
    const session = openExample(name);
    const packets = variations(session);
    const results: TrafficCoverage[] = [];
    for (const engine of ENGINES)
      results.push(await covered(await judged(session, packets, engine)));
    const [first, ...others] = results;
    expect(first).toMatchObject({ packets: packets.length, isWhole: true });
    for (const other of others) expect(other).toEqual(first);
    const place = ({ file, line }: { file: string; line: number }) =>
      `${file}\0${String(line).padStart(9, '0')}`;
    const places = first.lines.map(place);
    expect(places).toEqual([...new Set(places)].sort());
    expect(first.slots.map(({ pc }) => pc)).toEqual(
      first.slots.map(({ pc }) => pc).toSorted((a, b) => a - b),
    );
  });
});

describe('the first packet that reached an instruction', () => {
  const source =
    'r0 = 0; r2 = *(u32 *)(r1 + 4); r3 = *(u32 *)(r1 + 0); r2 -= r3; ' +
    'if r2 != 61 goto out; r0 = 1; out: exit';
  const packets = Array.from({ length: 20_000 }, (_, i) => new Uint8Array(i === 17_003 ? 61 : 60));
  test('is found far behind, where compiled code has gone on for long', async () => {
    const { slots, ran, instructions } = await covered(
      await judged(withMaps(source, []), packets, JIT),
    );
    expect(slots.find(({ first }) => first > 0)).toEqual({ pc: 5, first: 17_003, count: 1 });
    expect(ran).toBe(instructions);
  });
  test('is not what others have run meanwhile', async () => {
    const batch = await judged(withMaps(source, []), packets, JIT);
    const errand = new RerunErrand(batch, coverage(batch));
    // Between two pieces of work another place of the capture runs.
    const elsewhere = async (work: Work<void>): Promise<boolean> => {
      for (let next = work.next(); !next.done; next = work.next())
        await batch.again(batch.near(17_000), 17_010, all);
      return false;
    };
    while (!errand.isDone) await errand.piece(elsewhere);
    const alone = await covered(await judged(withMaps(source, []), packets, JIT));
    expect(errand.result()).toEqual(alone);
  });
  test('is told of those that were looked at, where it is stopped', async () => {
    const batch = await judged(withMaps(source, []), packets, JIT);
    const errand = new RerunErrand(batch, coverage(batch));
    await errand.piece(all);
    expect(errand.result()).toMatchObject({ isWhole: false, instructions: 7, ran: 6 });
  });
});
