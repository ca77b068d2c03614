import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import type { HookChange, HookListView } from '../protocol/messages.ts';
import { TestPage } from '../testing/page.ts';
import { pcapOf } from '../testing/pcap.ts';

const objectOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../testdata/hook-lists', name)));
const TC_LIST = objectOf('tc-list.o');
const DROPS_MARKED = assemble(
  'r2 = *(u32 *)(r1 + 8); r0 = -1; if r2 != 7 goto out; r0 = 2; out: exit',
);

/** Ethernet and IPv4 with a protocol. */
const packet = (protocol: 'udp' | 'tcp'): string =>
  `5254001234565254006543210800450000200001000040${protocol === 'udp' ? '11' : '06'}` +
  `00000a00000101010101${'00'.repeat(12)}`;

/** A page with mark_udp of tc-list.o at tc, and packets. */
async function opened(...protocols: ('udp' | 'tcp')[]): Promise<TestPage> {
  const page = new TestPage();
  await page.wish({ type: 'open-file', name: 'tc-list.o', bytes: TC_LIST });
  await page.wish({ type: 'select-program', name: 'mark_udp' });
  await page.wish({ type: 'set-packet-text', text: packet(protocols[0]) });
  for (const protocol of protocols.slice(1))
    await page.wish({ type: 'add-packet', text: packet(protocol) });
  await page.wish({ type: 'select-packet', index: 0 });
  return page;
}

const listOf = (page: TestPage): HookListView => page.shown!.hookLists[0];
const change = (page: TestPage, wanted: HookChange) =>
  page.wish({ type: 'hook-change', hook: 'tc', change: wanted });
const names = (page: TestPage): string[] =>
  listOf(page).programs.map(({ id, program, where }) => `${id} ${program} ${where}`);

async function run(page: TestPage): Promise<HookListView> {
  await page.wish({ type: 'hook-order', hook: 'tc', order: 'start' });
  while (listOf(page).run?.hasWork) await page.wish({ type: 'hook-work' });
  return listOf(page);
}

describe('the programs of a hook', () => {
  test('of a session without a list its program stands there alone', async () => {
    const page = await opened('udp');
    expect(names(page)).toEqual(['p1 mark_udp tcx']);
    expect(page.shown!.chain).toBeUndefined();
    expect(page.made!.hookLists).toBeUndefined();
  });

  test('programs are added, moved, switched off and taken out; undo takes it back', async () => {
    const page = await opened('udp');
    await change(page, { kind: 'add', object: 'open', program: 'count_marks' });
    await change(page, { kind: 'add', object: { name: 'own.bin', bytes: DROPS_MARKED } });
    expect(listOf(page).programs.map(({ object }) => object.name)).toEqual([
      ...['tc-list.o', 'tc-list.o', 'own.bin'],
    ]);
    // The open object is in it without a copy.
    expect(page.made!.hookObjects![0].bytes).toBe(page.made!.object.bytes);
    await change(page, { kind: 'move', id: 'p1', to: 1 });
    expect(names(page).map((name) => name.slice(0, 2))).toEqual(['p2', 'p1', 'p3']);
    await change(page, { kind: 'set', id: 'p2', property: 'where', value: 'cls_bpf' });
    expect(names(page).map((name) => name.slice(0, 2))).toEqual(['p1', 'p3', 'p2']);
    await change(page, { kind: 'set', id: 'p3', property: 'status', value: 'off' });
    await change(page, { kind: 'remove', id: 'p1' });
    await change(page, { kind: 'program', id: 'p2', program: 'third' });
    expect(names(page)[1]).toBe('p2 third cls_bpf');
    expect(page.shown!.undo).toBe('program third as p2');
    await page.wish({ type: 'undo' });
    await page.wish({ type: 'undo' });
    expect(names(page).map((name) => name.slice(0, 2))).toEqual(['p1', 'p3', 'p2']);
  });

  test.each<[string, HookChange, string]>([
    ['another that is not there', { kind: 'remove', id: 'p9' }, 'ENOENT (No such file'],
    [
      'a place beside one that is not there',
      { kind: 'add', object: 'open', at: { how: 'before', other: 'p9' } },
      'ENOENT (No such file',
    ],
    [
      'a program that the object lacks',
      { kind: 'program', id: 'p1', program: 'x' },
      'no program "x"',
    ],
    [
      'a priority of tc',
      { kind: 'set', id: 'p1', property: 'priority', value: '3' },
      'programs of tc have no priority',
    ],
  ])('%s is refused, and all is as it was', async (_title, wanted, reason) => {
    const page = await opened('udp');
    await expect(change(page, wanted)).rejects.toThrow(reason);
    expect(names(page)).toEqual(['p1 mark_udp tcx']);
  });

  test('64 programs of tcx are the most', async () => {
    const page = await opened('udp');
    for (let at = 1; at < 64; at++) await change(page, { kind: 'add', object: 'open' });
    await expect(change(page, { kind: 'add', object: 'open' })).rejects.toThrow(
      'ERANGE (Numerical result out of range)',
    );
  });
});

describe('packets past them', () => {
  test('what each saw and said, and the way of the chosen packet', async () => {
    const page = await opened('udp', 'tcp', 'udp');
    await change(page, { kind: 'add', object: 'open', program: 'count_marks' });
    await change(page, { kind: 'add', object: { name: 'own.bin', bytes: DROPS_MARKED } });
    const list = await run(page);
    expect(list.run).toMatchObject({ state: 'done', done: 3, total: 3 });
    expect(list.run!.results).toEqual([
      { name: 'TC_ACT_SHOT', action: 'drop', packets: 2 },
      { name: 'TC_ACT_UNSPEC', action: 'pass', packets: 1 },
    ]);
    expect(list.programs.map(({ counts }) => [counts!.seen, counts!.changed])).toEqual([
      [3, 2],
      [3, 0],
      [3, 0],
    ]);
    expect(list.run!.packet).toMatchObject({
      number: 1,
      steps: [
        { id: 'p1', after: 'asked', isChanged: true },
        { id: 'p2', saw: [{ field: 'mark', value: '7' }] },
        { id: 'p3', after: 'final', name: 'TC_ACT_SHOT' },
      ],
      by: 'p3',
    });
    await page.wish({ type: 'select-packet', index: 1 });
    expect(listOf(page).run!.packet).toMatchObject({ number: 2, name: 'TC_ACT_UNSPEC' });
    // Another list: what was counted was of the one before.
    await change(page, { kind: 'remove', id: 'p3' });
    expect(listOf(page).run).toBeUndefined();
  });

  test('a packet is debugged at a program, as those in front of it left it', async () => {
    const page = await opened('udp', 'tcp', 'udp');
    await change(page, { kind: 'add', object: 'open', program: 'count_marks' });
    await change(page, { kind: 'add', object: { name: 'own.bin', bytes: DROPS_MARKED } });
    await run(page);
    await page.wish({ type: 'hook-open', place: { hook: 'tc', id: 'p2', packet: 3 } });
    const { shown } = page;
    expect(shown!.program).toBe('count_marks');
    expect(shown!.packet).toBe(2);
    expect(shown!.context.find(({ field }) => field === 'mark')!.value).toBe('7');
    // The first one took one hop.
    expect(shown!.packetBytes[22]).toBe(0x3f);
    await page.wish({ type: 'go', go: { how: 'end' } });
    const { maps } = (await page.wish({ type: 'go', go: { how: 'end' } })).snapshot!;
    const marked = maps.find(({ name }) => name === 'by_mark')!;
    expect(JSON.stringify(marked)).toContain('0200000000000000');
    // The list is there still, but these packets went past a part of it already.
    await page.wish({ type: 'hook-order', hook: 'tc', order: 'start' });
    expect(listOf(page).problem).toContain('undo goes back');
    await page.wish({ type: 'undo' });
    expect(page.shown!.packetBytes[22]).toBe(0x40);
    expect((await run(page)).run!.done).toBe(3);
  });

  test('a packet that does not come to a program cannot be debugged there', async () => {
    const page = await opened('udp');
    await change(page, { kind: 'add', object: { name: 'own.bin', bytes: DROPS_MARKED } });
    await change(page, { kind: 'add', object: 'open', program: 'count_marks' });
    await expect(
      page.wish({ type: 'hook-open', place: { hook: 'tc', id: 'p3', packet: 1 } }),
    ).rejects.toThrow('packet 1: does not come to program p3');
  });

  test('one that ended tcx does not come to the others; filters have a class of 0', async () => {
    const page = await opened('udp');
    const ends = assemble('r2 = 5; *(u32 *)(r1 + 72) = r2; r0 = 3; exit');
    await change(page, { kind: 'swap', id: 'p1', object: { name: 'ends.bin', bytes: ends } });
    await change(page, { kind: 'add', object: 'open', program: 'count_marks' });
    await change(page, { kind: 'add', object: 'open', program: 'third', where: 'cls_bpf' });
    const open = (id: string) =>
      page.wish({ type: 'hook-open', place: { hook: 'tc', id, packet: 1 } });
    await expect(open('p2')).rejects.toThrow('does not come to program p2');
    await open('p3');
    const field = page.shown!.context.find(({ field: name }) => name === 'tc_classid');
    expect([page.shown!.program, field!.value]).toEqual(['third', '0']);
  });

  test('a link carries the list, its objects and what was handed on', async () => {
    const page = await opened('udp');
    await change(page, { kind: 'add', object: { name: 'own.bin', bytes: DROPS_MARKED } });
    const share = await page.wish({ type: 'share', keeps: 'lines' });
    const other = new TestPage();
    const fragment = (share.value as { fragment: string }).fragment;
    await other.wish({ type: 'open-link', fragment });
    expect(names(other)).toEqual(names(page));
    expect((await run(other)).run!.packet!.by).toBe('p2');
    await other.wish({ type: 'hook-open', place: { hook: 'tc', id: 'p2', packet: 1 } });
    const handed = await other.wish({ type: 'share', keeps: 'lines' });
    const third = new TestPage();
    await third.wish({
      type: 'open-link',
      fragment: (handed.value as { fragment: string }).fragment,
    });
    expect(third.made!.packets[0].handed).toEqual(other.made!.packets[0].handed);
    expect(third.shown!.outcome!.verdict.name).toBe('TC_ACT_SHOT');
  });

  test('the object built anew takes its places in the list', async () => {
    const page = await opened('udp');
    await change(page, { kind: 'add', object: 'open', program: 'third' });
    const again = TC_LIST.slice();
    await page.wish({ type: 'open-file', name: 'tc-list.o', bytes: again });
    expect(names(page)).toEqual(['p1 mark_udp tcx', 'p2 third tcx']);
    expect(page.made!.hookObjects).toHaveLength(1);
    expect(page.made!.hookObjects![0].bytes).toBe(again);
  });
});

describe('a capture of more packets than a session holds', () => {
  const COUNT = 5000;
  const bytes = pcapOf(
    Array.from({ length: COUNT }, (_, i) => ({
      bytes: fromHex(packet(i % 2 === 0 ? 'udp' : 'tcp'))!,
    })),
  );

  test('goes past the programs; its chosen packet is debugged as the others left it', async () => {
    const page = await opened('udp');
    await change(page, { kind: 'add', object: 'open', program: 'count_marks' });
    await page.wish({ type: 'open-blob', name: 'x.pcap', blob: new Blob([bytes as BlobPart]) });
    while (page.shown!.traffic?.hasWork) await page.wish({ type: 'traffic-work' });
    await page.wish({ type: 'traffic-open', packet: 4000 });
    const { run: ran, programs } = await run(page);
    expect(ran).toMatchObject({ state: 'done', done: COUNT, total: COUNT });
    expect(programs.map(({ counts }) => [counts!.seen, counts!.changed])).toEqual([
      [COUNT, COUNT / 2],
      [COUNT, 0],
    ]);
    expect(ran!.packet).toMatchObject({ number: 4001, name: 'TC_ACT_UNSPEC' });
    await page.wish({ type: 'hook-open', place: { hook: 'tc', id: 'p2', packet: 4001 } });
    expect(page.shown!.program).toBe('count_marks');
    expect(page.shown!.packetBytes[22]).toBe(0x3f);
    const { snapshot } = await page.wish({ type: 'go', go: { how: 'end' } });
    const marked = snapshot!.maps.find(({ name }) => name === 'by_mark')!;
    // 2,000 of UDP were in front of it, and it is one itself.
    expect(JSON.stringify(marked)).toContain('d107000000000000');
    // The capture is there still: it goes past the list as before.
    const again = await run(page);
    expect(again.run!.packet).toMatchObject({ number: 4001 });
    expect(again.run).not.toHaveProperty('missing');
    // Of another the way was not kept; that it is not said of one that is still to come.
    await page.wish({ type: 'traffic-open', packet: 10 });
    expect(listOf(page).run).toMatchObject({ missing: 11 });
    expect(listOf(page).run).not.toHaveProperty('packet');
    await page.wish({ type: 'hook-order', hook: 'tc', order: 'start' });
    expect(listOf(page).run).toMatchObject({ done: 0, state: 'running' });
    expect(listOf(page).run).not.toHaveProperty('missing');
  });
});

test('what is asked of a list is done or refused, and undo goes back to the start', async () => {
  const random = fc.record({
    kind: fc.constantFrom('add', 'remove', 'move', 'swap', 'program', 'set', 'direction', 'run'),
    id: fc.constantFrom('p1', 'p2', 'p3', 'p9'),
    to: fc.integer({ min: -2, max: 5 }),
    program: fc.constantFrom('mark_udp', 'third', 'none'),
    property: fc.constantFrom('status', 'where', 'priority', 'actions'),
    value: fc.constantFrom('on', 'off', 'tcx', 'cls_bpf', '3', 'XDP_DROP', ''),
  });
  const wished = ({ kind, id, to, program, property, value }: Record<string, unknown>) =>
    ({
      add: { kind, object: 'open', program },
      remove: { kind, id },
      move: { kind, id, to },
      swap: { kind, id, object: { name: 'own.bin', bytes: DROPS_MARKED } },
      program: { kind, id, program },
      set: { kind, id, property, value },
      direction: { kind, direction: to === 0 ? 'ingress' : 'egress' },
    })[kind as string] as HookChange | undefined;
  await fc.assert(
    fc.asyncProperty(fc.array(random, { maxLength: 12 }), async (all) => {
      const page = await opened('udp');
      const before = names(page);
      for (const one of all) {
        const wanted = wished(one);
        const doing = wanted ? change(page, wanted) : run(page);
        await doing.catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
        const { run: ran, programs } = await run(page);
        const isAny = programs.some(({ status }) => status === 'on');
        expect(ran!.packet!.steps.length > 0).toBe(isAny);
      }
      while (page.shown!.undo?.match(/program|direction|where|status|added|swap|removal of p/))
        await page.wish({ type: 'undo' });
      expect(names(page)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});
