import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { TCP4, UDP4 } from '../testing/frames.ts';
import { Random } from '../testing/random.ts';
import {
  explain,
  type Filter,
  InputError,
  judge,
  load,
  readCapture,
  readPackets,
  reset,
  run,
} from './index.ts';

const object = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join('public/examples', name, 'program.o')));
const pcap = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join('core/testdata/captures', name)));

/** Packets one behind the other, with nothing between them. */
function inOnePiece(packets: readonly Uint8Array[]) {
  const bytes = new Uint8Array(packets.reduce((sum, { length }) => sum + length, 0));
  const starts = new Uint32Array(packets.length);
  let at = 0;
  for (const [i, packet] of packets.entries()) {
    starts[i] = at;
    bytes.set(packet, at);
    at += packet.length;
  }
  return { bytes, starts, lengths: Uint32Array.from(packets, ({ length }) => length) };
}

/** Frames of a few senders, some of which are damaged. */
function frames(count: number): Uint8Array[] {
  const random = new Random(3);
  return Array.from({ length: count }, () => {
    const frame = random.pick([TCP4, UDP4]).slice();
    frame[29] = random.below(4);
    frame.set(random.chance(4) ? [1, 1, 1, 1] : [10, 0, 0, 1], 30);
    return random.chance(10) ? frame.subarray(0, random.below(frame.length)) : frame;
  });
}

describe.each(['jit', 'interpreter'] as const)('by the %s', (engine) => {
  const firewall = (): Promise<Filter> => load(object('xdp-firewall'), { engine });
  const source = TCP4.slice(26, 30);

  test('the seed filter drops what goes to 1.1.1.1', async () => {
    const filter = await load(object('seed-filter'), { hook: 'filter-ubpf', engine });
    const frame = TCP4.slice();
    frame.set([1, 1, 1, 1], 30);
    expect(run(filter, frame)).toMatchObject({
      verdict: 'drop',
      r0: 1n,
      steps: 4,
      fault: undefined,
    });
    expect(run(filter, TCP4)).toMatchObject({ verdict: 'pass', action: 'pass', r0: 0n });
    expect(run(filter, TCP4.subarray(0, 5)).reason).toContain(
      'the frame has 5 bytes, an Ethernet header takes 14',
    );
    expect(filter).toMatchObject({ hook: 'filter-ubpf', engine, packets: 3 });
  });

  test('maps are read and written, before the first packet and behind it', async () => {
    const filter = await firewall();
    const blocked = filter.maps.get('blocked')!;
    expect(blocked).toMatchObject({ name: 'blocked', keySize: 4, valueSize: 16 });
    blocked.set(source, new Uint8Array(16));
    expect(run(filter, TCP4).verdict).toBe('XDP_DROP');
    expect(run(filter, TCP4).verdict).toBe('XDP_DROP');
    expect(blocked.get(source)![0]).toBe(2);
    expect([...blocked.entries()].map(([key]) => [...key])).toEqual([[...source]]);
    expect(blocked.delete(source)).toBe(true);
    expect(blocked.delete(source)).toBe(false);
    expect(blocked.get(source)).toBeUndefined();
    expect(run(filter, TCP4).verdict).toBe('XDP_PASS');
    reset(filter);
    expect(filter.packets).toBe(0);
    expect(blocked.get(source)).toEqual(new Uint8Array(16));
    expect(run(filter, TCP4).verdict).toBe('XDP_DROP');
  });

  test('many at a time come to what one behind the other does', async () => {
    const packets = frames(600);
    for (const example of ['seed-filter', 'xdp-firewall', 'tc-rewrite', 'tcp-port']) {
      const one = await load(object(example), { engine });
      const many = await load(object(example), { engine });
      for (const filter of [one, many]) filter.maps.get('blocked')?.set(source, new Uint8Array(16));
      const results = judge(many, inOnePiece(packets));
      const expected = packets.map((packet) => run(one, packet));
      expect(Array.from(results.action, (action) => results.actions[action])).toEqual(
        expected.map(({ action }) => action),
      );
      expect([...results.steps]).toEqual(expected.map(({ steps }) => steps));
      expect([...results.r0Low]).toEqual(
        expected.map(({ r0 = 0n }) => Number(BigInt.asUintN(32, r0))),
      );
      for (const [name, map] of one.maps)
        expect([...many.maps.get(name)!.entries()]).toEqual([...map.entries()]);
      expect(many.packets).toBe(one.packets);
    }
  });

  test('an explanation leaves the filter as it is', async () => {
    const filter = await firewall();
    filter.maps.get('blocked')!.set(source, new Uint8Array(16));
    run(filter, TCP4);
    const { text, causes, bytes, result } = explain(filter, TCP4);
    expect(text).toContain('XDP_DROP');
    expect(causes.some(({ kind }) => kind === 'entry')).toBe(true);
    expect(bytes.some(([from, to]) => from <= 26 && to >= 30)).toBe(true);
    expect(result.verdict).toBe('XDP_DROP');
    expect(filter.packets).toBe(1);
    expect(filter.maps.get('blocked')!.get(source)![0]).toBe(1);
    run(filter, TCP4);
    expect(filter.maps.get('blocked')!.get(source)![0]).toBe(2);
  });

  test('clock, chance and context are what was said', async () => {
    const code = assemble('r6 = r1; call 5; r7 = r0; r0 = *(u32 *)(r6 + 12); r0 += r7; exit');
    const settings = { time: 5_000n, gap: 100n };
    const filter = await load(code, {
      hook: 'xdp',
      engine,
      settings,
      context: { ingress_ifindex: 7 },
    });
    expect(run(filter, TCP4).r0).toBe(5_008n);
    // Six instructions and the gap later.
    expect(run(filter, TCP4).r0).toBe(5_114n);
  });

  test('a fault is no exception', async () => {
    const filter = await load(assemble('r0 = *(u8 *)(r1 + 99); exit'), { hook: 'ubpf', engine });
    const { fault, action, r0 } = run(filter, new Uint8Array(4));
    expect(fault).toMatchObject({ kind: 'out-of-bounds', pc: 0 });
    expect([action, r0]).toEqual(['aborted', undefined]);
  });
});

describe('what is wrong is said', () => {
  test.each([
    ['an object that is none', () => load(new Uint8Array(3)), /program\.o: /],
    [
      'a hook',
      () => load(object('seed-filter'), { hook: 'xpd' }),
      /hook: there is none called "xpd"/,
    ],
    [
      'an engine',
      () => load(object('seed-filter'), { engine: 'fast' as 'jit' }),
      /engine: there is none called "fast", there are jit, interpreter/,
    ],
    ['a program', () => load(object('seed-filter'), { program: 'x' }), /has no program "x"/],
    [
      'a map',
      () => load(object('xdp-firewall'), { mapSizes: { none: 4 } }),
      /the object has no map "none"/,
    ],
    ['types', () => load(object('seed-filter'), { kernelTypes: new Uint8Array(9) }), /neither BTF/],
  ])('%s', async (_what, loading, message) => {
    await expect(loading()).rejects.toThrow(InputError);
    await expect(loading()).rejects.toThrow(message);
  });
  test('a key or value of a wrong size, a filter that is none', async () => {
    const { maps } = await load(object('xdp-firewall'));
    const blocked = maps.get('blocked')!;
    expect(() => blocked.get(new Uint8Array(5))).toThrow('a key has 4 bytes, this one 5');
    expect(() => blocked.set(new Uint8Array(4), new Uint8Array(1))).toThrow(
      'a value has 16 bytes, this one 1',
    );
    expect(() => run({} as Filter, TCP4)).toThrow('is none that load has made');
  });
});

test('packets of captures and of texts', () => {
  const { packets } = readPackets('0000  52 54 00 12\n\n0000  08 00 45 00 01');
  expect(packets.map(({ bytes }) => bytes.length)).toEqual([4, 5]);
  expect(() => readPackets('no packet')).toThrow(InputError);
  const read = readCapture(pcap('kuznetzov.pcap'));
  expect(read.packets.length).toBeGreaterThan(0);
  expect(typeof read.packets[0].time).toBe('bigint');
});
