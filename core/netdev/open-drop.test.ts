import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { JIT } from '../jit/jit.ts';
import { loadObject } from '../object/load.ts';
import { parseMac } from '../packet/address.ts';
import { DEFAULT_SETTINGS } from '../session/defaults.ts';
import { finish, Session } from '../session/session.ts';
import { GUEST_MAC } from '../spec/net-filters.ts';
import { other, program, taggedFrame } from '../testing/chains.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import type { Drive } from '../traffic/errand.ts';
import { emptyChain } from './chain.ts';
import { ofBoth } from './flow.ts';
import { ChainObjects, LiveChain, MachineMemories } from './live-chain.ts';
import { openedDrop } from './open-drop.ts';
import { sourceOfPackets } from './source.ts';
import type { ChainFilter, NetChain } from './types.ts';

const drive: Drive = async (work) => {
  finish(work);
  return false;
};

/** Counts packets in its variable; drops those whose last byte is 1. */
const COUNTS =
  'r1 += r2; r3 = *(u8 *)(r1 - 1); ld_pseudo r1, 0x2, 0; r2 = *(u64 *)(r1 + 0); r2 += 1; ' +
  '*(u64 *)(r1 + 0) = r2; r0 = r3; exit';
const counting = assemble(COUNTS);
const plain = assemble('r0 = 1; exit');
const OBJECTS = [
  {
    object: { name: 'counts', bytes: counting },
    loaded: objectWithMaps(counting, [{ maxEntries: 1 }]),
  },
  { object: { name: 'plain', bytes: plain }, loaded: loadObject('plain', plain) },
];

/** A frame of the guest, or to it; it is dropped where its tag is 1. */
function frameOf(tag: number, isFromGuest: boolean): Uint8Array {
  const frame = taggedFrame(tag);
  if (isFromGuest) frame.set(parseMac(GUEST_MAC)!, 6);
  return frame;
}

/** The frames through a chain, and how a drop of it is opened. */
async function flown(
  filters: readonly ChainFilter[],
  frames: readonly Uint8Array[],
  chain: Partial<NetChain> = {},
) {
  const objects = new ChainObjects();
  const loadedOf = ({ bytes }: { readonly bytes: Uint8Array }) =>
    OBJECTS.find(({ object }) => object.bytes === bytes)!.loaded;
  const session = { settings: DEFAULT_SETTINGS };
  const live = new LiveChain(
    {
      whole: {
        chain: { ...emptyChain(), ...chain, filters },
        objects: OBJECTS.map(({ object }) => object),
      },
      source: sourceOfPackets(
        'some',
        frames.map((bytes, i) => ({ name: `packet ${i + 1}`, bytes, time: String(1000 * i) })),
      ),
      session,
      engine: JIT,
      objects,
      loadedOf,
      memories: new MachineMemories(),
    },
    0,
  );
  while (live.hasWork) await live.work(drive, 0);
  const linear = new WebAssembly.Memory({ initial: 1 });
  const open = (packet: number, told: { id?: string; version?: number } = {}) =>
    openedDrop(
      { packet, id: 'a', version: 1, direction: 'to-guest', ...told },
      { live, objects, loadedOf, session, engine: JIT, linear, drive },
    );
  return { live, open, linear };
}

/** What the variable of a drop's session holds before its packet runs, and the verdict on it. */
async function openedIn(flow: Awaited<ReturnType<typeof flown>>, packet: number) {
  const { inputs, loaded, origin } = (await flow.open(packet))!;
  const session = new Session(inputs, flow.linear, loaded);
  if (origin) session.startFrom(origin);
  finish(session.prepareSelected());
  const { maps, memory } = session.machine!;
  const [{ value }] = [...maps[0].entries()];
  const before = new DataView(memory.linear.buffer).getUint32(value, true);
  finish(session.go({ how: 'end' }));
  return [before, session.outcome?.verdict.name];
}

describe('a drop is opened with what the packets in front of it left in variables', () => {
  test('of many thousands, which are read in several parts', async () => {
    const dropped = new Set([0, 1, 4095, 4096, 4097, 8192, 9000]);
    const frames = Array.from({ length: 9001 }, (_, i) => frameOf(dropped.has(i) ? 1 : 0, false));
    const flow = await flown([program('a', 0)], frames);
    expect(ofBoth(flow.live.run.counts.dropped)).toBe(dropped.size);
    for (const packet of dropped) expect(await openedIn(flow, packet)).toEqual([packet, 'drop']);
  });

  test('behind a buffer: those to the guest are judged after later ones from it', async () => {
    const buffer = other('filter-buffer', 'b', { properties: [['interval', '1000000']] });
    const frames = Array.from({ length: 10 }, (_, i) => frameOf(1, i % 2 === 1));
    const flow = await flown([buffer, program('a', 0)], frames);
    // 1, 3, 5, 7, 9 come from the guest and are judged at once, then 0, 2, 4, 6, 8.
    expect(await openedIn(flow, 9)).toEqual([4, 'drop']);
    expect(await openedIn(flow, 0)).toEqual([5, 'drop']);
    expect(await openedIn(flow, 8)).toEqual([9, 'drop']);
  });

  test('where copies come in again right behind their packets', async () => {
    const socket = (id: string) => ({ id, options: `socket,id=${id},path=a.sock` });
    const filters = [
      other('filter-mirror', 'm', { properties: [['outdev', 'out']] }),
      other('filter-redirector', 'r', { queue: 'tx', properties: [['indev', 'in']] }),
      program('a', 0),
    ];
    const frames = Array.from({ length: 6 }, (_, i) => frameOf(i === 5 ? 1 : 0, false));
    const flow = await flown(filters, frames, { chardevs: [socket('out'), socket('in')] });
    expect(await openedIn(flow, 5)).toEqual([10, 'drop']);
  });
});

describe('what a drop is opened with', () => {
  const frames = [frameOf(1, false), frameOf(1, false)];

  test('without variables: the packets it came with', async () => {
    const { open } = await flown([program('a', 1)], frames);
    const { inputs, origin } = (await open(1))!;
    expect(inputs.packets.map(({ name }) => name)).toEqual(['packet 1', 'packet 2']);
    expect(inputs.packet).toBe(1);
    expect(inputs.options).toContainEqual(['direction', 'to-guest']);
    expect(origin).toBeUndefined();
  });

  test('with variables: the packet alone, since the others are in them already', async () => {
    const { open } = await flown([program('a', 0)], frames);
    const { inputs } = (await open(1))!;
    expect(inputs.packets).toEqual([{ name: 'some #2', bytes: frames[1] }]);
    expect(inputs.packet ?? 0).toBe(0);
  });

  test.each<[string, { id: string; version: number }, string]>([
    ['a filter without a program', { id: 'b', version: 1 }, 'packet 2: filter b has no program'],
    ['a version that is not kept', { id: 'a', version: 2 }, 'packet 2: is too long ago'],
    ['a filter of another name', { id: 'c', version: 1 }, 'packet 2: is too long ago'],
  ])('%s', async (_title, told, words) => {
    const buffer = other('filter-buffer', 'b', { properties: [['interval', '10']] });
    const { open } = await flown([program('a', 1), buffer], frames);
    await expect(open(1, told)).rejects.toThrow(words);
  });
});
