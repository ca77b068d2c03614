import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import { INTERPRETER } from '../machine/engine.ts';
import { loadObject } from '../object/load.ts';
import { CaptureIndex } from '../packet/capture/capture-index.ts';
import { CaptureStream } from '../packet/capture/stream.ts';
import { dissect } from '../packet/dissect.ts';
import { fixChecksums } from '../packet/edit.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { finish, type Work } from '../session/session.ts';
import { GUEST_MAC } from '../spec/net-filters.ts';
import { ICMP4, TCP4, TCP6 } from '../testing/frames.ts';
import { pcapOf } from '../testing/pcap.ts';
import { CaptureFile } from '../traffic/capture-file.ts';
import { DEFAULT_TRAFFIC, emptyChain } from './chain.ts';
import { ChainRun } from './chain-run.ts';
import { directionBy } from './direction.ts';
import { flowCount, flowFrame } from './flow.ts';
import { sourceOfGenerator } from './generator.ts';
import { ChainObjects, LiveChain, MachineMemories } from './live-chain.ts';
import { ArrivalTimes, packed, sourceOfCapture, sourceOfPackets } from './source.ts';

describe('which way a packet goes', () => {
  test.each<[string, Uint8Array, string]>([
    ['02:22:22:22:22:22', TCP4, 'from-guest'],
    ['02:11:11:11:11:11', TCP4, 'to-guest'],
    ['10.0.0.1', TCP4, 'from-guest'],
    ['20.0.0.2', TCP4, 'to-guest'],
    ['10.0.0.1', ICMP4, 'from-guest'],
    ['10.0.0.1', TCP6, 'to-guest'],
    ['2001:db8:0:1::11', TCP6, 'from-guest'],
    ['2001:db8:0:2::22', TCP6, 'to-guest'],
  ])('%s is the guest', (address, frame, way) =>
    expect(directionBy({ rule: 'guest', address })(frame)).toBe(way),
  );
  test('a frame too short for an address goes to the guest', () => {
    for (const address of ['02:22:22:22:22:22', '10.0.0.1'])
      expect(directionBy({ rule: 'guest', address })(new Uint8Array(3))).toBe('to-guest');
  });
  test('what is no address is refused', () =>
    expect(() => directionBy({ rule: 'guest', address: 'me' })).toThrow('"me" is no address'));
});

describe('made packets', () => {
  const { generator } = DEFAULT_TRAFFIC;
  const way = directionBy({ rule: 'guest', address: GUEST_MAC });

  test('have right checksums, and the guest has one address', async () => {
    const told = { ...generator, count: 3000, destinations: [] };
    const flow = await sourceOfGenerator(told).read(0, 3000);
    const guests = new Set<string>();
    const ways = { 'to-guest': 0, 'from-guest': 0 };
    for (let place = 0; place < flowCount(flow); place++) {
      const frame = flowFrame(flow, place);
      const direction = way(frame);
      ways[direction] += 1;
      expect(fixChecksums(frame)).toEqual(frame);
      const ip = dissect(frame, 'ethernet').layers.find(({ name }) => name === 'ip');
      const name = direction === 'to-guest' ? 'ip.dst' : 'ip.src';
      const address = ip?.children.find((field) => field.name === name)?.text;
      if (address) guests.add(address);
    }
    expect([...guests]).toEqual(['10.0.0.2']);
    expect(ways['to-guest']).toBeGreaterThan(1000);
    expect(ways['from-guest']).toBeGreaterThan(1000);
  });

  test('some go to destinations that are asked for, either way, with right checksums', async () => {
    const destinations = ['1.1.1.1', '8.8.4.4:853'];
    const told = { ...generator, templates: ['TCP SYN'], destinations, count: 3000 };
    const flow = await sourceOfGenerator(told).read(0, 3000);
    const goals: Record<string, number> = {};
    for (let place = 0; place < flowCount(flow); place++) {
      const frame = flowFrame(flow, place);
      expect(fixChecksums(frame)).toEqual(frame);
      const text = (name: string): string =>
        dissect(frame, 'ethernet')
          .layers.flatMap(({ children }) => children)
          .find((field) => field.name === name)?.text ?? '';
      const goal = `${way(frame)} ${text('ip.dst')} ${text('tcp.dstport')}`;
      goals[goal] = (goals[goal] ?? 0) + 1;
    }
    for (const direction of ['to-guest', 'from-guest']) {
      expect(goals[`${direction} 1.1.1.1 80`]).toBeGreaterThan(100);
      expect(goals[`${direction} 8.8.4.4 853`]).toBeGreaterThan(100);
    }
    expect(goals['to-guest 10.0.0.2 80']).toBeGreaterThan(1000);
  });

  test('the first example drops some of those that are made by default', async () => {
    const file = new Uint8Array(readFileSync('public/examples/seed-filter/program.o'));
    const loaded = loadObject('program.o', file);
    const source = sourceOfGenerator({ ...generator, count: 2000 });
    const run = new ChainRun({
      chain: {
        ...emptyChain(),
        filters: [
          {
            ...{ id: 'f1', kind: 'filter-ubpf', queue: 'all', status: 'on' },
            ...{ object: 0, properties: [] },
          } as const,
        ],
      },
      directionOf: way,
      start: 0n,
      keepsDumps: false,
      partsOf: () => ({
        object: { name: 'program.o', bytes: file },
        loaded,
        session: { settings: DEFAULT_SETTINGS },
        engine: INTERPRETER,
        memory: new WebAssembly.Memory({ initial: 1 }),
      }),
      free: () => {},
    });
    run.take(await source.read(0, 2000));
    finish(run.advance());
    const { dropped } = run.filters[0].counts;
    expect(dropped['from-guest']).toBeGreaterThan(50);
    expect(dropped['to-guest']).toBeGreaterThan(50);
  });

  test('are the same whenever they are asked for, by seed and number', async () => {
    const source = sourceOfGenerator({ ...generator, count: 500 });
    const [all, some] = [await source.read(0, 500), await source.read(123, 200)];
    for (let place = 0; place < flowCount(some); place++)
      expect(flowFrame(some, place)).toEqual(flowFrame(all, 123 + place));
    const other = await sourceOfGenerator({ ...generator, count: 500, seed: 2 }).read(0, 500);
    expect(other.frames.bytes).not.toEqual(all.frames.bytes);
  });

  test('a seed makes the packets it has always made: a link holds no more of them', async () => {
    const told = { ...generator, templates: ['UDP'], destinations: [], count: 12, seed: 7 };
    const flow = await sourceOfGenerator(told).read(0, 12);
    const sent = Array.from({ length: 12 }, (_, place) => {
      const frame = flowFrame(flow, place);
      return way(frame) === 'to-guest' ? `from ${frame[29]}` : `to ${frame[33]}`;
    });
    expect(sent.join(', ')).toBe(
      'from 113, to 116, to 123, from 127, from 109, to 108, from 104, from 106, from 107, ' +
        'from 117, to 105, to 114',
    );
  });

  test.each([
    [{ count: 0 }, '1 to 1000000000 packets'],
    [{ count: Number.NaN }, '1 to 1000000000 packets'],
    [{ seed: 1.5 }, 'whole number of 32 bits'],
    [{ gap: 'soon' }, 'no time'],
    [{ templates: [] }, 'choose what it makes'],
    [{ templates: ['carrier pigeon'] }, 'is no template'],
    [{ destinations: ['1.1.1'] }, '"1.1.1" is no IPv4 address'],
    [{ destinations: ['1.1.1.1:99999'] }, '"1.1.1.1:99999" is no IPv4 address'],
  ])('%j is refused', (told, words) =>
    expect(() => sourceOfGenerator({ ...generator, ...told })).toThrow(words),
  );
});

test('times of a capture that go back, or are missing, go on', () => {
  const times = new ArrivalTimes();
  expect([100n, 300n, 200n, undefined, 900_000n].map((time) => times.next(time))).toEqual([
    0, 200, 200, 10_200, 899_900,
  ]);
});

describe('the speed at which packets flow', () => {
  const bytes = assemble('r0 = 0; exit');
  const object = { name: 'pass', bytes };
  const loaded = loadObject('pass', bytes);
  const drive = async (work: Work<void>): Promise<boolean> => {
    finish(work);
    return false;
  };
  /** One packet a millisecond. */
  const liveAt = (now: number): LiveChain =>
    new LiveChain(
      {
        whole: {
          chain: {
            ...emptyChain(),
            filters: [
              {
                id: 'f1',
                kind: 'filter-ubpf',
                queue: 'all',
                status: 'on',
                object: 0,
                properties: [],
              },
            ],
          },
          objects: [object],
        },
        source: sourceOfPackets(
          'x',
          Array.from({ length: 100 }, (_, i) => ({
            name: '',
            bytes: TCP4,
            time: String(1_000_000 * i),
          })),
        ),
        session: { settings: DEFAULT_SETTINGS },
        engine: JIT,
        objects: new ChainObjects(),
        loadedOf: () => loaded,
        memories: new MachineMemories(),
      },
      now,
    );

  test('as they came, ten times as fast, so many a second, as fast as it goes', async () => {
    const live = liveAt(5000);
    live.setSpeed({ kind: 'times', factor: 1 }, 5000);
    await live.work(drive, 5010);
    expect(live.run.entered).toBe(11);
    expect(await live.work(drive, 5010)).toBe(false);
    live.setSpeed({ kind: 'times', factor: 10 }, 6000);
    await live.work(drive, 6002);
    expect(live.run.entered).toBe(31);
    live.setSpeed({ kind: 'rate', perSecond: 1000 }, 7000);
    await live.work(drive, 7004);
    expect(live.run.entered).toBe(36);
    live.order('pause', 7004);
    expect(live.hasWork).toBe(false);
    live.order('start', 9000);
    live.setSpeed({ kind: 'max' }, 9000);
    while (live.hasWork) await live.work(drive, 9000);
    expect([live.run.entered, live.state]).toEqual([100, 'done']);
  });

  test('the rate is told by parts of the time, with drops and changes', async () => {
    const live = liveAt(0);
    await live.work(drive, 1);
    live.sample(100);
    expect(live.rate).toEqual([]);
    live.change({ chain: emptyChain(), objects: [] });
    live.sample(400);
    expect(live.rate).toEqual([{ at: 0, length: 400, packets: 100, dropped: 0, changes: 1 }]);
  });
});

test('frames are put one behind the other', () => {
  const frames = packed([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)]);
  expect([...frames.bytes, ...frames.starts, ...frames.lengths]).toEqual([
    ...[1, 2, 3],
    ...[0, 2, 2],
    ...[2, 0, 1],
  ]);
});

test('a capture gives the packets that there are, and no more', async () => {
  const bytes = pcapOf(Array.from({ length: 5 }, () => ({ bytes: TCP4 })));
  const file = new CaptureFile('x.pcap', new Blob([bytes as BlobPart]), false);
  const index = new CaptureIndex('x.pcap');
  for await (const _ of new CaptureStream('x.pcap', file.chunks()).places(index));
  const source = sourceOfCapture({ file, index, isFound: true });
  const flow = await source.read(3, 4099);
  expect([...flow.numbers]).toEqual([3, 4]);
  expect(flowFrame(flow, 1)).toEqual(TCP4);
  expect([...flow.times]).toEqual([3e9, 4e9]);
});
