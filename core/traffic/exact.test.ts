import { describe, expect, test } from 'vitest';
import { ENGINES } from '../jit/engines.ts';
import { JIT } from '../jit/jit.ts';
import type { Engine } from '../machine/engine.ts';
import { CaptureIndex } from '../packet/capture/capture-index.ts';
import { CaptureStream } from '../packet/capture/stream.ts';
import type { Snapshot } from '../protocol/messages.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs, Settings } from '../session/types.ts';
import { EXAMPLES, openExample } from '../testing/examples.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { Batch } from './batch.ts';
import { CaptureFile } from './capture-file.ts';
import { openedPacket } from './open-packet.ts';

const COUNT = 60;
/** So many that compiled code judges them many at a time. */
const MANY = 900;
const linear = new WebAssembly.Memory({ initial: 1 });

/** Packets of an example over and over, some of them with another byte, at uneven times. */
function trafficOf({ inputs }: Session, random: Random, count: number): SessionInputs['packets'] {
  let time = 1_700_000_000_000_000_000n;
  return Array.from({ length: count }, (_, i) => {
    const bytes = inputs.packets[random.below(inputs.packets.length)].bytes.slice();
    if (random.below(3) === 0) bytes[random.below(bytes.length)] = random.below(256);
    time += BigInt(random.below(3_000_000)) * 1000n;
    return { name: `x.pcap #${i + 1}`, bytes, time: time.toString() };
  });
}

async function batchOf(session: Session, packets: SessionInputs['packets'], engine = ENGINES[0]) {
  const bytes = pcapOf(packets.map((packet) => ({ ...packet, timestamp: BigInt(packet.time!) })));
  const file = new CaptureFile('x.pcap', new Blob([bytes as BlobPart]), false);
  const index = new CaptureIndex('x.pcap');
  for await (const _ of new CaptureStream('x.pcap', file.chunks()).places(index));
  const { inputs, object } = session;
  return {
    index,
    file,
    batch: new Batch({ inputs, object, linear, engine, index, read: file.read, name: 'x.pcap' }),
  };
}

/** What is seen of a place, but for what says which packet it is. */
const seen = ({ packet: _packet, ...snapshot }: Snapshot) => ({
  ...snapshot,
  maps: snapshot.maps.map((map) => ({
    ...map,
    entries: map.entries.map(({ changed: _changed, ...entry }) => entry),
  })),
});

/** Judges a capture of an example's packets, and opens some of them. */
async function tryCapture(name: string, engine: Engine, clock: Settings['clock'], count: number) {
  const random = new Random(7);
  const example = openExample(name);
  const packets = trafficOf(example, random, count);
  const settings = { ...example.inputs.settings, clock, gap: '1000' };
  const inputs = { ...example.inputs, edits: [], notes: [], packets, settings };
  const whole = new Session(inputs, new WebAssembly.Memory({ initial: 1 }), example.object);
  finish(whole.prepare());
  const { batch, index, file } = await batchOf(whole, packets, engine);
  for (let chunk = await batch.next(count, []); chunk; chunk = await batch.next(count, [])) {
    // Left and taken up again all the time.
    batch.run(chunk, count).next();
    batch.machine.leave();
  }
  const { outcomes } = batch.summary;
  expect(outcomes.length).toBe(count);
  for (const [i, outcome] of whole.outcomes.entries())
    expect([
      i,
      outcomes.verdicts[outcomes.verdictOf(i)].name,
      outcomes.stepsOf(i),
      outcomes.r0Of(i),
      outcomes.faultOf(i) !== undefined,
    ]).toEqual([
      i,
      outcome?.verdict.name,
      outcome?.steps,
      outcome?.r0 ?? 0n,
      outcome?.fault !== undefined,
    ]);

  for (const number of [0, 1, random.below(count), random.below(count), count - 1]) {
    finish(whole.select(number));
    const place = batch.near(number);
    await batch.again(place, number, async (work) => finish(work) !== undefined);
    const packet = await index.packet(number, file.read);
    const { inputs: opened, origin } = openedPacket(batch, place, packet, 'x.pcap');
    const one = new Session(opened, linear, example.object);
    one.startFrom(origin);
    finish(one.prepareSelected());
    expect(seen(snapshotOf(one))).toEqual(seen(snapshotOf(whole)));
    expect(one.machine?.surroundings.time).toBe(whole.machine?.surroundings.time);
    expect(one.machine?.surroundings.random).toBe(whole.machine?.surroundings.random);
    finish(one.go({ how: 'end' }));
    finish(whole.go({ how: 'end' }));
    expect(seen(snapshotOf(one))).toEqual(seen(snapshotOf(whole)));
  }
}

describe('any packet of a capture is debugged from the state that all in front of it left', () => {
  describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('%s', (_name, engine) => {
    test.each(EXAMPLES.map(({ name }) => name))('%s, at the times of the capture', (name) =>
      tryCapture(name, engine, 'capture', COUNT),
    );
  });

  test.each(['seed-filter', 'xdp-firewall', 'rate-limit', 'nat', 'out-of-bounds', 'vlan-rewrite'])(
    '%s, of many packets with a gap between them',
    (name) => tryCapture(name, JIT, 'gap', MANY),
  );
});
