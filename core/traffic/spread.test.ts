// The same capture on one core and on several: what becomes of each packet, all sums, and the
// machine in front of any packet.
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { ENGINES } from '../jit/engines.ts';
import { JIT } from '../jit/jit.ts';
import type { LoadedObject } from '../object/types.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, Session } from '../session/session.ts';
import type { SessionInputs } from '../session/types.ts';
import { variations } from '../testing/compare-batch.ts';
import { asText } from '../testing/compare-engines.ts';
import { testCores } from '../testing/cores.ts';
import { openExample } from '../testing/examples.ts';
import { TCP4, TCP6, UDP4, UDP6 } from '../testing/frames.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { randomPacket } from '../testing/random-packet.ts';
import { snapshotOf } from '../view/snapshot.ts';
import { CaptureFile } from './capture-file.ts';
import type { CoresThere } from './cores.ts';
import type { Drive } from './errand.ts';
import { CHANGED, RAN } from './outcomes.ts';
import { Traffic } from './traffic.ts';

const COUNT = 5000;
const MANY = 20_000;
/** More than packets need to come back. */
const MOST_PIECES = 5000;

const all: Drive = async (work) => {
  for (let next = work.next(); !next.done; next = work.next());
  // Others get their turns, as the page's worker lets messages in.
  await new Promise((next) => setTimeout(next, 0));
  return false;
};

interface Program {
  readonly inputs: SessionInputs;
  readonly object: LoadedObject;
}

function programOf(hook: SessionInputs['hook'], source: string): Program {
  const inputs = { ...inputsFor('x.bin', assemble(source)), hook };
  const { object } = new Session(inputs, new WebAssembly.Memory({ initial: 1 }));
  return { inputs, object };
}

const exampleOf = (name: string, settings: Partial<SessionInputs['settings']> = {}): Program => {
  const { inputs, object } = openExample(name);
  return { inputs: { ...inputs, settings: { ...inputs.settings, ...settings } }, object };
};

const packetsOf = (random: Random, count: number): Uint8Array[] => {
  const any = Array.from({ length: 40 }, () => randomPacket(random));
  return variations([TCP4, TCP6, UDP4, UDP6, new Uint8Array(), ...any], count, random);
};

function opened(
  { inputs, object }: Program,
  packets: readonly Uint8Array[],
  cores?: CoresThere,
): Traffic {
  const blob = new Blob([pcapOf(packets.map((bytes) => ({ bytes }))) as BlobPart]);
  const file = new CaptureFile('x.pcap', blob, false);
  const traffic = new Traffic(file, new WebAssembly.Memory({ initial: 1 }), cores);
  traffic.begin({ inputs, object, engine: JIT });
  return traffic;
}

async function finished(traffic: Traffic, isEnough = () => false): Promise<Traffic> {
  for (let pieces = 0; traffic.hasWork && !isEnough(); pieces++) {
    await traffic.work(all);
    expect(pieces).toBeLessThan(MOST_PIECES);
  }
  return traffic;
}

/** All that a capture comes to. */
function told(traffic: Traffic) {
  const { outcomes } = traffic.batch!.summary;
  const rows = Array.from({ length: outcomes.length }, (_, packet) =>
    [
      outcomes.verdicts[outcomes.verdictOf(packet)].name,
      outcomes.stepsOf(packet),
      outcomes.r0Of(packet),
      outcomes.faultOf(packet),
      outcomes.has(packet, RAN),
      outcomes.has(packet, CHANGED),
    ].join(' '),
  );
  const { verdicts, faults } = outcomes;
  return { rows, verdicts, faults, sums: traffic.statistics() };
}

/** What is seen of the session of a packet, and the clock. */
async function stateAt(traffic: Traffic, packet: number, { object }: Program): Promise<string> {
  const found = (await traffic.open(packet, all))!;
  traffic.leave();
  const { linear } = found.origin.build.machine.memory;
  const session = new Session(found.inputs, linear, object);
  session.startFrom(found.origin);
  finish(session.prepareSelected());
  const { time, random } = session.machine!.surroundings;
  return asText([snapshotOf(session), time, random, session.outcome]);
}

const LOOP = `
  r0 = 0
  r3 = 0
  loop: if r3 >= r2 goto end
  r4 = r1
  r4 += r3
  r5 = *(u8 *)(r4 + 0)
  r0 *= 31
  r0 += r5
  r3 += 1
  goto loop
  end: exit`;
/** Faults at one of two places, by what the packet has. */
const FAULTS = `
  r0 = *(u8 *)(r1 + 40)
  if r0 > 100 goto far
  r0 &= 3
  exit
  far: r0 = *(u8 *)(r1 + 70)
  exit`;

const PROGRAMS: readonly [title: string, program: Program][] = [
  ['a number of 64 bits of all bytes of a packet', programOf('ubpf', LOOP)],
  ['faults at two places', programOf('ubpf', FAULTS)],
  ['the seed filter, which QEMU asks for some packets alone', exampleOf('seed-filter')],
  ['tail calls', exampleOf('tail-calls')],
  ['a load out of bounds', exampleOf('out-of-bounds')],
  ['packets that go on as others', exampleOf('tc-rewrite')],
  ['packets with a gap between them', exampleOf('tcp-port', { gap: '1000' })],
  ['packets at the times of the capture', exampleOf('tcp-port', { clock: 'capture' })],
  ['a map that each packet finds as the first one does', exampleOf('nat', { each: 'fresh' })],
];

describe('packets over several cores come to what they come to on one', () => {
  test.each(PROGRAMS)('%s', async (_title, program) => {
    const packets = packetsOf(new Random(1), COUNT);
    const one = await finished(opened(program, packets));
    const many = await finished(opened(program, packets, testCores(3, new Random(2))));
    expect(many.view.cores).toEqual({ count: 3 });
    expect(one.view.cores).toBeUndefined();
    expect(told(many)).toEqual(told(one));
    for (const packet of [0, 1, 511, 512, 513, 1024, 3000, COUNT - 1])
      expect([packet, await stateAt(many, packet, program)]).toEqual([
        packet,
        await stateAt(one, packet, program),
      ]);
  });

  test.each(ENGINES)('to what they come to one behind the other: $name', async (engine) => {
    const program = exampleOf('tc-rewrite');
    const packets = packetsOf(new Random(4), 2500);
    const linear = new WebAssembly.Memory({ initial: 1 });
    const session = new Session({ ...program.inputs, packets: [] }, linear, program.object);
    session.runBy(engine);
    session.load(65_536);
    const alone = packets.map((bytes, k) => finish(session.runFrame(k, bytes)));
    const many = await finished(opened(program, packets, testCores(2, new Random(3))));
    expect(told(many).rows.map((row) => row.split(' ').slice(0, 3))).toEqual(
      alone.map(({ verdict, steps, r0 = 0n }) => [verdict.name, String(steps), String(r0)]),
    );
  });
});

describe('the work on several cores', () => {
  const packets = packetsOf(new Random(9), COUNT);
  /** So long that a stretch of them is more than a piece. */
  const long = Array.from({ length: MANY }, (_, i) => new Uint8Array(500).fill(i, 0, i % 500));
  const program = programOf('ubpf', LOOP);

  test('is paused, goes on, is given up, and is taken up again', async () => {
    const traffic = opened(program, long, testCores(2, new Random(1)));
    await finished(traffic, () => traffic.view.judged > 5000);
    traffic.order('pause');
    const { judged } = traffic.view;
    await finished(traffic);
    expect(traffic.view).toMatchObject({ judged, state: 'paused', packets: MANY });
    traffic.order('go-on');
    await finished(traffic, () => traffic.view.judged > judged);
    traffic.order('cancel');
    expect(traffic.view.judged).toBeLessThan(MANY);
    await finished(traffic);
    traffic.order('go-on');
    await finished(traffic);
    expect(traffic.view).toMatchObject({ judged: MANY, state: 'done', cores: { count: 2 } });
    expect(told(traffic)).toEqual(told(await finished(opened(program, long))));
  });

  test('begins anew with another set-up', async () => {
    const traffic = opened(programOf('ubpf', FAULTS), packets, testCores(2, new Random(1)));
    await finished(traffic, () => traffic.view.judged > 1500);
    traffic.begin({ ...program, engine: JIT });
    await finished(traffic);
    expect(told(traffic)).toEqual(told(await finished(opened(program, packets))));
  });

  test('is done on one where a worker breaks, and says so', async () => {
    const good = testCores(2, new Random(1));
    let pieces = 0;
    const cores: CoresThere = {
      ...good,
      make: (listener) => {
        const core = good.make(listener);
        return {
          ...core,
          end: () => core.end(),
          post: (wish, moved) => {
            if (wish.type === 'run' && ++pieces > 4) listener.broke('it was ended');
            else core.post(wish, moved);
          },
        };
      },
    };
    const traffic = await finished(opened(program, long, cores));
    expect(traffic.view).toMatchObject({
      judged: MANY,
      cores: { count: 1, why: 'another worker broke: it was ended' },
    });
    expect(told(traffic)).toEqual(told(await finished(opened(program, long))));
  });

  test('is done on one where no worker can be made, or there is no other core', async () => {
    const good = testCores(2, new Random(1));
    const make = () => {
      throw new TypeError('Worker is not defined');
    };
    const none = await finished(opened(program, packets, { ...good, make }));
    expect(none.view).toMatchObject({
      judged: COUNT,
      cores: { count: 1, why: 'no other worker could be started: Worker is not defined' },
    });
    const single = await finished(opened(program, packets, { ...good, count: 1 }));
    expect(single.view.cores).toEqual({ count: 1, why: 'this machine has no other' });
  });

  test('is done on one where it would not be quicker, or runs depend on one another', async () => {
    const good = testCores(2, new Random(1));
    const cheap = await finished(opened(program, packets, { ...good, pays: () => false }));
    expect(cheap.view.cores).toEqual({ count: 1, why: 'others would not make it quicker' });
    const firewall = await finished(opened(exampleOf('xdp-firewall'), packets, good));
    expect(firewall.view.cores).toEqual({
      count: 1,
      why: 'the program changes map blocked, which packets share',
    });
  });
});
