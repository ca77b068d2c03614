import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { ENGINES } from '../jit/engines.ts';
import { finish } from '../session/session.ts';
import type { FilterQueue, FlowDirection } from '../spec/net-filters.ts';
import { FLOW_DIRECTIONS } from '../spec/net-filters.ts';
import { flowOf, other, program, TestChain, taggedFrame } from '../testing/chains.ts';
import { Random } from '../testing/random.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { filtersAlong } from './chain.ts';
import { ofBoth } from './flow.ts';
import type { ChainFilter } from './types.ts';

const PASS = 'r0 = 0; exit';
const DROP = 'r0 = 1; exit';
/** Drops what has bit 0, or bit 1, in its last byte. */
const ODD = 'r1 += r2; r0 = *(u8 *)(r1 - 1); r0 &= 1; exit';
const BIT1 = 'r1 += r2; r0 = *(u8 *)(r1 - 1); r0 &= 2; exit';

const two = (): Uint8Array[] => [taggedFrame(0), taggedFrame(0, true)];
const after = (filters: ChainFilter[], frames = two(), programs = [PASS, DROP]): TestChain => {
  const chain = new TestChain(programs, filters);
  chain.take(flowOf(frames));
  return chain;
};

describe('the first filter that is not 0 stops the packet', () => {
  test.each<[string, ChainFilter[], string[]]>([
    [
      'two that pass',
      [program('a', 0), program('b', 0)],
      [
        'a to-guest: seen 1, passed 1',
        'a from-guest: seen 1, passed 1',
        'b to-guest: seen 1, passed 1',
        'b from-guest: seen 1, passed 1',
      ],
    ],
    [
      'the head drops: what comes from the guest was seen by the tail first',
      [program('a', 1), program('b', 0)],
      [
        'a to-guest: seen 1, dropped 1',
        'a from-guest: seen 1, dropped 1',
        'b from-guest: seen 1, passed 1',
      ],
    ],
    [
      'the tail drops: what goes to the guest was seen by the head first',
      [program('a', 0), program('b', 1)],
      [
        'a to-guest: seen 1, passed 1',
        'b to-guest: seen 1, dropped 1',
        'b from-guest: seen 1, dropped 1',
      ],
    ],
    ['switched off it sees nothing', [program('a', 1, { status: 'off' })], []],
    [
      'queue=tx: to the guest',
      [program('a', 1, { queue: 'tx' })],
      ['a to-guest: seen 1, dropped 1'],
    ],
    [
      'queue=rx: from the guest',
      [program('a', 1, { queue: 'rx' })],
      ['a from-guest: seen 1, dropped 1'],
    ],
  ])('%s', (_title, filters, said) => expect(after(filters).said).toEqual(said));
});

test.each<[string, string, string]>([
  ['1', 'r0 = 1; exit', 'dropped'],
  ['XDP_PASS', 'r0 = 2; exit', 'dropped'],
  ['-1', 'r0 = -1; exit', 'dropped'],
  ['0', 'r0 = 0; exit', 'passed'],
  ['a number whose low 32 bits are 0', 'r0 = 1; r0 <<= 32; exit', 'dropped'],
  ['a fault', 'r0 = *(u8 *)(r2 + 0); exit', 'dropped'],
])('r0 that is %s: %s', (_title, source, what) => {
  const { run } = after([program('a', 0)], [taggedFrame(0)], [source]);
  const { counts } = run.filters[0];
  expect([counts.passed['to-guest'], counts.dropped['to-guest']]).toEqual(
    what === 'passed' ? [1, 0] : [0, 1],
  );
});

test.each<[string, number[]]>([
  ['802.1Q', [0x81, 0x00]],
  ['ARP', [0x08, 0x06]],
  ['IPv6', [0x86, 0xdd]],
])('a frame of %s passes a program that drops all, and is counted as not run', (_title, type) => {
  const frame = taggedFrame(0);
  frame.set(type, 12);
  const { said } = after([program('a', 1)], [frame]);
  expect(said).toEqual(['a to-guest: seen 1, passed 1, bypassed 1']);
});

test('what a program writes into its packet the next filter does not see', () => {
  const scribbles = 'r1 += r2; *(u8 *)(r1 - 1) = 1; r0 = 0; exit';
  const chain = after(
    [program('a', 0), program('b', 1)],
    Array.from({ length: 500 }, () => taggedFrame(0)),
    [scribbles, ODD],
  );
  expect(chain.said.at(-1)).toBe('b to-guest: seen 500, passed 500');
});

describe('filter-dump', () => {
  test('writes what comes to it, in the order in which it came, cut to maxlen', async () => {
    const dump = other('filter-dump', 'd', {
      properties: [
        ['file', 'x.pcap'],
        ['maxlen', '20'],
      ],
    });
    const chain = after(
      [program('a', 1, { queue: 'rx' }), dump],
      [taggedFrame(1, true), taggedFrame(2), taggedFrame(3, true)],
    );
    const [, filter] = chain.run.filters as unknown as {
      written: { blob: Blob; packets: number };
    }[];
    expect(filter.written.packets).toBe(3);
    const bytes = new Uint8Array(await filter.written.blob.arrayBuffer());
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(0, true)).toBe(0xa1b2c3d4);
    expect(bytes.length).toBe(24 + 3 * (16 + 20));
    const records = [0, 1, 2].map((i) => 24 + i * 36);
    expect(records.map((at) => bytes[at + 16])).toEqual([1, 0, 1]);
    expect(records.map((at) => view.getUint32(at + 4, true))).toEqual([0, 1, 2]);
    expect(view.getUint32(records[0] + 12, true)).toBe(60);
  });
});

describe('filter-buffer', () => {
  const buffer = (interval: number) =>
    other('filter-buffer', 'b', { properties: [['interval', String(interval)]] });

  test('holds packets until its interval is over; then they go on to the next filter', () => {
    const chain = new TestChain([ODD], [buffer(10), program('a', 0)]);
    const frames = Array.from({ length: 25 }, (_, i) => taggedFrame(i));
    // 1 µs apart: the timer fires at 10 and at 20 µs, in front of packets 10 and 20.
    chain.take(flowOf(frames));
    expect(chain.said).toEqual([
      'b to-guest: seen 25, stolen 25, released 20',
      'a to-guest: seen 20, passed 10, dropped 10',
    ]);
    expect(chain.run.counts.held['to-guest']).toBe(5);
    chain.end();
    expect(chain.run.counts.held['to-guest']).toBe(0);
    expect(chain.run.counts.delivered['to-guest']).toBe(13);
  });

  test('of several the one that is due first lets go first', async () => {
    const dump = other('filter-dump', 'd', { properties: [['file', 'x.pcap']] });
    const chain = new TestChain(
      [],
      [{ ...buffer(7), id: 'b1' }, { ...buffer(10), id: 'b2' }, dump],
    );
    // Behind the second packet, at 8 µs, either holds one: the first is due at 14, that of the
    // other at 10.
    chain.take(flowOf([taggedFrame(0), taggedFrame(1), taggedFrame(2)], 8000));
    chain.take(flowOf([taggedFrame(3)], 8000, 5));
    const [, , filter] = chain.run.filters as unknown as { written: { blob: Blob } }[];
    const view = new DataView(await filter.written.blob.arrayBuffer());
    const times = [0, 1].map((i) => view.getUint32(24 + i * (16 + 60) + 4, true));
    expect(times).toEqual([10, 20]);
  });

  test('its queue has room for 10,000 packets: what comes then is dropped', () => {
    const chain = new TestChain([PASS], [buffer(4_000_000_000)]);
    chain.take(flowOf(Array.from({ length: 10_050 }, () => taggedFrame(0))));
    expect(chain.said).toEqual(['b to-guest: seen 10050, dropped 50, stolen 10000']);
    expect(chain.run.counts.dropped['to-guest']).toBe(50);
    const drops = chain.run.drops.last(100).map(({ packet }) => packet);
    expect(drops).toEqual(Array.from({ length: 50 }, (_, i) => 10_049 - i));
  });

  test('switched off, or taken out, it lets go what it holds', () => {
    for (const filters of [[{ ...buffer(1000), status: 'off' as const }], []]) {
      const chain = new TestChain([PASS], [buffer(1000)]);
      chain.take(flowOf([taggedFrame(0), taggedFrame(0, true)]));
      expect(ofBoth(chain.run.counts.held)).toBe(2);
      chain.change(filters);
      expect(ofBoth(chain.run.counts.held)).toBe(0);
      expect(ofBoth(chain.run.counts.delivered)).toBe(2);
    }
  });
});

test('a filter that is put in stands where it was put', () => {
  const ids = ({ run }: TestChain) => run.filters.map(({ filter }) => filter.id).join(' ');
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => program(id, 0));
  for (const filters of [
    [a, d, b, c],
    [d, a, b, c],
    [a, b, d, c],
    [a, b, c, d],
    [c, b, a],
    [b, d, a, c],
  ]) {
    const chain = new TestChain([PASS], [a, b, c]);
    chain.change(filters);
    expect(ids(chain)).toBe(filters.map(({ id }) => id).join(' '));
  }
});

describe('character devices', () => {
  const socket = (id: string, options: string) => ({ id, options: `socket,id=${id},${options}` });
  const chardevs = [
    socket('out', 'path=a.sock,server=on,wait=off'),
    socket('in', 'path=a.sock'),
    socket('else', 'host=127.0.0.1,port=9001'),
  ];
  const mirror = (outdev: string) =>
    other('filter-mirror', 'm', { properties: [['outdev', outdev]] });
  const redirector = (properties: [string, string][], queue: FilterQueue = 'all') =>
    other('filter-redirector', 'r', { queue, properties });
  const chainOf = (filters: ChainFilter[]): TestChain => {
    const chain = new TestChain([ODD], filters, { chain: { chardevs } });
    chain.take(flowOf([taggedFrame(0), taggedFrame(1), taggedFrame(2)]));
    return chain;
  };

  test('a mirror copies, and its packets go on', () => {
    expect(chainOf([mirror('out'), program('a', 0)]).said).toEqual([
      'm to-guest: seen 3, passed 3, copied 3',
      'a to-guest: seen 3, passed 2, dropped 1',
    ]);
  });
  test('a redirector takes packets out', () => {
    const { said, run } = chainOf([redirector([['outdev', 'out']]), program('a', 0)]);
    expect(said).toEqual(['r to-guest: seen 3, stolen 3']);
    expect(run.counts.redirected['to-guest']).toBe(3);
  });
  test('one that only lets in lets pass what comes along', () => {
    expect(chainOf([redirector([['indev', 'in']]), program('a', 0)]).said).toEqual([
      'r to-guest: seen 3, passed 3',
      'a to-guest: seen 3, passed 2, dropped 1',
    ]);
  });
  test('copies come in at the redirector that reads the other end, in its directions', () => {
    const chain = chainOf([mirror('out'), redirector([['indev', 'in']], 'tx'), program('a', 0)]);
    expect(chain.said).toEqual([
      'm to-guest: seen 3, passed 3, copied 3',
      'r to-guest: seen 3, passed 3',
      'a to-guest: seen 6, passed 4, dropped 2',
    ]);
    expect(chain.run.counts.injected).toEqual({ 'to-guest': 3, 'from-guest': 0 });
    expect(chain.run.counts.delivered['to-guest']).toBe(4);
  });
  test('a copy comes in right behind its packet, in front of the next', () => {
    const filters = [mirror('out'), redirector([['indev', 'in']], 'tx'), program('a', 0)];
    const chain = new TestChain([everySecond()], filters, { chain: { chardevs } });
    chain.take(flowOf(Array.from({ length: 5 }, () => taggedFrame(0))));
    // Of the five packets and their copies each second one is a copy.
    expect(chain.run.drops.last(9).map(({ packet }) => packet)).toEqual([4, 3, 2, 1, 0]);
  });
  test('queue=all: what is let in goes both ways', () => {
    const { run } = chainOf([mirror('out'), redirector([['indev', 'in']])]);
    // Those that go back meet the mirror, whose copies come in again: that has an end.
    expect(run.counts.injected['from-guest']).toBeGreaterThan(3);
    expect(run.circling).toBeGreaterThan(0);
  });
  test('other sockets are not joined', () => {
    const { run } = chainOf([mirror('else'), redirector([['indev', 'in']], 'tx')]);
    expect(ofBoth(run.counts.injected)).toBe(0);
  });
});

describe('a filter is swapped while packets flow', () => {
  test.each(ENGINES)(
    '$name: each packet is judged by one version, which is the one it has to be',
    (engine) => {
      const random = new Random(11);
      for (let round = 0; round < 25; round++) {
        const count = 1 + random.below(1500);
        const frames = Array.from({ length: count }, () =>
          taggedFrame(random.below(4), random.chance(3)),
        );
        const chain = new TestChain([ODD, BIT1], [program('a', 0), program('z', 1)], { engine });
        let swaps = 0;
        for (let at = 0; at < count; ) {
          const behind = Math.min(count, at + 1 + random.below(600));
          chain.run.take(flowOf(frames.slice(at, behind), 1000, at));
          // In the middle of a piece, or between two: it comes between two packets.
          const work = chain.run.advance();
          if (random.chance(2)) work.next();
          if (random.chance(2)) chain.change([program('a', ++swaps % 2), program('z', 1)]);
          finish(work);
          at = behind;
        }
        const { events, counts, filters, ended } = chain.run;
        expect(events.length).toBe(swaps);
        expect(counts.entered['to-guest'] + counts.entered['from-guest']).toBe(count);
        expect(ofBoth(counts.delivered) + ofBoth(counts.dropped)).toBe(count);
        // A model of one packet at a time, with the changes at the packets they say.
        const versions = [...ended, ...filters].filter(({ filter: { id } }) => id === 'a');
        const bounds = [0, ...events.map(({ packet }) => packet), count];
        for (const [i, { version, counts: own, filter }] of versions.entries()) {
          expect(version).toBe(i + 1);
          const bit = filter.object === 0 ? 1 : 2;
          const mine = frames.slice(bounds[i], bounds[i + 1]);
          // What comes from the guest has passed z before.
          const reach = mine.filter((frame) => frame[0] === 0 || !(frame.at(-1)! & 2));
          expect(ofBoth(own.seen)).toBe(reach.length);
          expect(ofBoth(own.dropped)).toBe(reach.filter((frame) => frame.at(-1)! & bit).length);
        }
      }
    },
  );

  test('1,000,000 packets and 40 swaps: none is lost, none is judged twice', () => {
    const count = 1_000_000;
    const piece = 8192;
    const chain = new TestChain([ODD, BIT1], [program('a', 0)]);
    const tags = Array.from({ length: piece }, (_, i) => taggedFrame(i % 4, i % 3 === 0));
    let swaps = 0;
    for (let at = 0; at < count; at += piece) {
      if (swaps < 40 && at > 0) {
        chain.run.take(flowOf(tags.slice(0, Math.min(piece, count - at)), 1000, at));
        const work = chain.run.advance();
        work.next();
        swaps++;
        chain.change([program('a', swaps % 2)]);
        finish(work);
      } else chain.take(flowOf(tags.slice(0, Math.min(piece, count - at)), 1000, at));
    }
    const { counts, events, ended, filters } = chain.run;
    expect(events.length).toBe(40);
    const versions = [...ended, ...filters];
    const bounds = [0, ...events.map(({ packet }) => packet), count];
    expect(versions.map((filter) => ofBoth(filter.counts.seen))).toEqual(
      bounds.slice(1).map((bound, i) => bound - bounds[i]),
    );
    expect(ofBoth(counts.entered)).toBe(count);
    expect(ofBoth(counts.delivered) + ofBoth(counts.dropped)).toBe(count);
    expect(chain.run.drops.count).toBe(ofBoth(counts.dropped));
    expect(chain.run.drops.notKept).toBe(chain.run.drops.count - 1000);
  }, 60_000);
});

/** Drops every second packet that it sees, of either direction. */
const EVERY_SECOND =
  'ld_pseudo r1, 0x2, 0; r0 = *(u64 *)(r1 + 0); r2 = r0; r2 += 1; ' +
  '*(u64 *)(r1 + 0) = r2; r0 &= 1; exit';
const everySecond = () => objectWithMaps(assemble(EVERY_SECOND), [{ maxEntries: 1 }]);

test('a program with variables finds what packets of both directions left, in their order', () => {
  const random = new Random(3);
  const frames = Array.from({ length: 400 }, () => taggedFrame(0, random.chance(2)));
  const chain = new TestChain([everySecond()], [program('a', 0)]);
  chain.take(flowOf(frames.slice(0, 150)));
  // Told to see another part of the packet, it is still the same program with the same variables.
  chain.change([program('a', 0, { properties: [] })]);
  chain.take(flowOf(frames.slice(150), 1000, 150));
  const odd = frames.flatMap((_, number) => (number % 2 === 1 ? [number] : []));
  const dropped = chain.run.drops.last(400).map(({ packet }) => packet);
  expect(dropped.sort((one, other) => one - other)).toEqual(odd);
  expect(chain.run.filters[0].version).toBe(1);
});

test.each<[string, number[]]>([
  ['one of them', [0, 1, 2]],
  ['two of them, each of which sees what the other left', [0, 2, 0]],
  ['three of them', [2, 2, 2]],
])('programs with variables among others: %s', (_title, objects) => {
  const random = new Random(9);
  for (let round = 0; round < 10; round++) {
    const frames = Array.from({ length: 200 }, () =>
      taggedFrame(random.below(4), random.chance(2)),
    );
    const filters = objects.map((object, i) => program(`f${i}`, object));
    const chain = new TestChain([ODD, BIT1, everySecond()], filters);
    chain.take(flowOf(frames));
    // A model of one packet at a time.
    const seen = filters.map(() => 0);
    const dropped = filters.map(() => 0);
    for (const frame of frames) {
      const isFromGuest = frame[0] === 1;
      const way = filters.map((_, i) => (isFromGuest ? filters.length - 1 - i : i));
      for (const i of way) {
        const tag = frame.at(-1)!;
        const isDrop = [tag & 1, tag & 2, seen[i] % 2][objects[i]] !== 0;
        seen[i] += 1;
        if (!isDrop) continue;
        dropped[i] += 1;
        break;
      }
    }
    expect(chain.run.filters.map(({ counts }) => ofBoth(counts.seen))).toEqual(seen);
    expect(chain.run.filters.map(({ counts }) => ofBoth(counts.dropped))).toEqual(dropped);
  }
});

test('any chain of filters comes to what one packet after the other comes to', () => {
  const random = new Random(17);
  const queues: FilterQueue[] = ['all', 'rx', 'tx'];
  for (let round = 0; round < 60; round++) {
    const filters = Array.from({ length: random.below(5) }, (_, i) =>
      program(`f${i}`, random.below(3), {
        queue: random.pick(queues),
        status: random.chance(5) ? 'off' : 'on',
      }),
    );
    const frames = Array.from({ length: 300 }, () =>
      taggedFrame(random.below(4), random.chance(2)),
    );
    const chain = new TestChain([ODD, BIT1, PASS], filters);
    chain.take(flowOf(frames));
    const expected = new Map<string, number>();
    for (const frame of frames) {
      const direction: FlowDirection = frame[0] === 1 ? 'from-guest' : 'to-guest';
      const stop = filtersAlong(filters, direction).find(
        ({ object }) => frame.at(-1)! & [1, 2, 0][object!],
      );
      const name = `${stop?.id ?? 'delivered'} ${direction}`;
      expected.set(name, (expected.get(name) ?? 0) + 1);
    }
    for (const direction of FLOW_DIRECTIONS) {
      expect(chain.run.counts.delivered[direction]).toBe(
        expected.get(`delivered ${direction}`) ?? 0,
      );
      for (const { filter, counts } of chain.run.filters)
        expect(counts.dropped[direction]).toBe(expected.get(`${filter.id} ${direction}`) ?? 0);
    }
  }
});
