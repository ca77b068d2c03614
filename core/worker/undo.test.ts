import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import type { SessionInputs, Wish } from '../protocol/messages.ts';
import { inputsFor } from '../session/inputs.ts';
import { TestPage } from '../testing/page.ts';
import { Random } from '../testing/random.ts';
import { isSameSession, UndoList } from './undo-list.ts';

const read = (path: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../..', path)));
const firewall = read('public/examples/xdp-firewall/program.o');
const tailCalls = read('public/examples/tail-calls/program.o');
const FRAME =
  '52540012345652540065432108004500002800010000400666c50a0000420a000001' +
  '9c4001bb00000001000000005002200000000000';
const KEY = '0a 00 00 42';
const VALUE = '00 '.repeat(16);

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);

beforeEach(async () => {
  page = new TestPage();
  await wish({ type: 'open-file', name: 'firewall.o', bytes: firewall });
  await wish({ type: 'open-text', text: FRAME, as: 'packet' });
  await wish({ type: 'go', go: { how: 'to-step', step: 3 } });
});

/** Each kind of change, and what its undo is called. */
const CHANGES: readonly [name: string, wanted: Wish][] = [
  ['opening other.o', { type: 'open-file', name: 'other.o', bytes: tailCalls }],
  ['firewall.o built anew', { type: 'open-file', name: 'firewall.o', bytes: tailCalls }],
  [
    'file program.c',
    { type: 'open-file', name: 'program.c', bytes: new TextEncoder().encode('int x;') },
  ],
  ['choice of program firewall', { type: 'select-program', name: 'firewall' }],
  ['choice of hook tc', { type: 'set-hook', hook: 'tc' }],
  ['option attach: devmap', { type: 'set-option', name: 'attach', value: 'devmap' }],
  ['setting seed', { type: 'set-settings', settings: { seed: 7 } }],
  ['packet 2, pasted', { type: 'add-packet', text: FRAME }],
  ['pasted packet', { type: 'set-packet-text', text: `${FRAME}00` }],
  ['removal of packet 1', { type: 'remove-packet', index: 0 }],
  ['copy of packet 1', { type: 'duplicate-packet', index: 0 }],
  ['name of packet 1', { type: 'rename-packet', index: 0, name: 'mine' }],
  ['packet VXLAN', { type: 'add-template', name: 'VXLAN' }],
  [
    'change of the headers',
    {
      type: 'build-packet',
      stack: [{ keep: 0 }, { header: 'vlan' }, { keep: 1 }, { keep: 2 }],
      settle: true,
    },
  ],
  ['edit of byte 3', { type: 'edit-packet', offset: 3, bytes: Uint8Array.of(9) }],
  ['length of 40 bytes', { type: 'resize-packet', length: 40 }],
  [
    'edit of ip.dst',
    { type: 'edit-field', name: 'ip.dst', offset: 30, text: '9.9.9.9', fixChecksums: true },
  ],
  ['value of context.rx_queue_index', { type: 'set-context', field: 'rx_queue_index', value: '3' }],
  [`entry blocked[${KEY}]`, { type: 'set-map-entry', map: 'blocked', key: KEY, value: VALUE }],
  ['import of map blocked', { type: 'import-map', map: 'blocked', text: '[]' }],
  [
    'max_entries of map blocked',
    { type: 'set-map-size', map: 'blocked', field: 'max_entries', value: '9' },
  ],
  ['note at step 2 of packet 1', { type: 'set-note', packet: 0, step: 2, text: 'Look.' }],
  ['breakpoint at instruction 2', { type: 'toggle-breakpoint', pc: 2 }],
  ['watchpoint on r3', { type: 'toggle-watchpoint', target: { kind: 'register', index: 3 } }],
  ['watched expressions', { type: 'set-expressions', expressions: ['r1 + 1'] }],
  ['r3 at step 3', { type: 'edit', target: { kind: 'register', index: 3 }, value: '1' }],
];

describe('undo takes back, redo makes again', () => {
  test.each(CHANGES)('%s', async (name, wanted) => {
    const before = page.made!;
    const nothing = ['removal of packet 1', 'import of map blocked'].includes(name) ? [name] : [];
    if (name === 'removal of packet 1') await wish({ type: 'add-packet', text: FRAME });
    if (name === 'import of map blocked')
      await wish({ type: 'set-map-entry', map: 'blocked', key: KEY, value: VALUE });
    if (name === 'choice of program firewall') {
      // The object has one program: what is chosen with it is what changes.
      await wish({ type: 'toggle-breakpoint', pc: 1 });
    }
    const start = page.made!;
    const { view } = await wish(wanted);
    const after = page.made!;
    expect(view!.undo).toBe(name);
    expect(isSameSession(start, after)).toBe(false);
    const undone = await wish({ type: 'undo' });
    expect(isSameSession(page.made!, start)).toBe(true);
    expect(undone.view!.redo).toBe(name);
    if (nothing.length === 0 && start === before) expect(undone.snapshot!.step).toBe(3);
    await wish({ type: 'redo' });
    expect(isSameSession(page.made!, after)).toBe(true);
  });

  test.each<[name: string, wanted: Wish]>([
    ['packet 2 moved to place 1', { type: 'move-packet', index: 1, to: 0 }],
    ['name of packet 2', { type: 'rename-packet', index: 1, name: 'mine' }],
    ['copy of packet 2', { type: 'duplicate-packet', index: 1 }],
    ['removal of packet 2', { type: 'remove-packet', index: 1 }],
    ['packet 3, pasted', { type: 'add-packet', text: FRAME }],
    ['packet 2, pasted', { type: 'set-packet-text', text: `${FRAME}00` }],
  ])('of two packets: %s', async (name, wanted) => {
    await wish({ type: 'add-packet', text: FRAME });
    const { view } = await wish(wanted);
    expect(view!.undo).toBe(name);
  });

  test('a change drops what could have been made again', async () => {
    await wish({ type: 'toggle-breakpoint', pc: 1 });
    await wish({ type: 'undo' });
    const { view } = await wish({ type: 'toggle-breakpoint', pc: 2 });
    expect([view!.undo, view!.redo]).toEqual(['breakpoint at instruction 2', undefined]);
    expect(await wish({ type: 'redo' })).toEqual({ notice: 'There is nothing to redo' });
  });

  test('steps, other packets, what is refused and what is as it was are no changes', async () => {
    const { undo } = (await wish({ type: 'add-packet', text: FRAME })).view!;
    const asked: Wish[] = [
      { type: 'go', go: { how: 'into' } },
      { type: 'select-packet', index: 0 },
      { type: 'set-hook', hook: 'xdp' },
      { type: 'set-settings', settings: { seed: 1 } },
      { type: 'set-map-entry', map: 'blocked', key: 'zz', value: '0' },
      { type: 'set-option', name: 'none', value: 'x' },
      { type: 'show-packets', from: 0, count: 10 },
    ];
    for (const wanted of asked) {
      await wish(wanted).catch((error) => expect(error).toBeInstanceOf(InputError));
    }
    const { view } = await wish({ type: 'select-packet', index: 1 });
    // The hook was taken from the section's name until it was chosen.
    expect([undo, view!.undo]).toEqual(['packet 2, pasted', 'choice of hook xdp']);
  });
});

/** Anything a person does in any order; some of it is refused. */
function anyWish(random: Random): Wish {
  const [, wanted] = random.pick(CHANGES);
  if (random.chance(5)) return { type: 'undo' };
  if (random.chance(8)) return { type: 'redo' };
  if (random.chance(6)) return { type: 'go', go: { how: random.pick(['into', 'run', 'reset']) } };
  if (random.chance(8)) return { type: 'select-packet', index: random.below(3) };
  if (wanted.type === 'edit-packet')
    return { ...wanted, offset: random.below(40), bytes: Uint8Array.of(random.below(256)) };
  if (wanted.type === 'toggle-breakpoint') return { ...wanted, pc: random.below(9) };
  return wanted;
}

test.each(Array.from({ length: 12 }, (_, seed) => [seed]))(
  'any changes: all undone is the beginning, all redone the end (%i)',
  async (seed) => {
    const random = new Random(seed + 1);
    const first = page.made!;
    for (let i = 0; i < 40; i++)
      await wish(anyWish(random)).catch((error) => expect(error).toBeInstanceOf(InputError));
    while (page.shown?.redo) await wish({ type: 'redo' });
    const last = page.made!;
    const places: SessionInputs[] = [];
    while (page.shown!.undo) {
      places.push(page.made!);
      await wish({ type: 'undo' });
    }
    // The packet was pasted before.
    expect(isSameSession({ ...page.made!, packets: first.packets }, first)).toBe(true);
    expect(page.made!.packets).toEqual([]);
    for (const place of places.reverse()) {
      await wish({ type: 'redo' });
      expect(isSameSession(page.made!, place)).toBe(true);
    }
    expect(isSameSession(page.made!, last)).toBe(true);
    expect(page.shown!.redo).toBeUndefined();
  },
);

describe('the list of changes', () => {
  const inputs = (size: number): SessionInputs => ({
    ...inputsFor('a.o', new Uint8Array(8)),
    packets: [{ name: 'p', bytes: new Uint8Array(size) }],
  });
  const standing = (size: number) => ({ inputs: inputs(size), packetNotes: [] });
  const length = (list: UndoList): number => {
    let count = 0;
    for (let next = list.next('undo'); next; next = list.next('undo')) {
      list.move('undo', standing(1));
      count += 1;
    }
    return count;
  };

  test('holds a hundred, and says once that an old one went', () => {
    const list = new UndoList();
    const words = Array.from({ length: 103 }, (_, i) =>
      list.note(`change ${i}`, standing(1), inputs(1)),
    ).filter((word) => word !== undefined);
    expect(words).toEqual([
      'Undo goes 100 changes back: what was changed before them stays as it is',
    ]);
    expect([list.names.undo, length(list)]).toEqual(['change 102', 100]);
  });
  test('holds 64 MB of files that are open no more, and the last change whatever it holds', () => {
    const list = new UndoList();
    const big = 30 * 1024 * 1024;
    for (let i = 0; i < 5; i++) list.note('capture', standing(big), inputs(1));
    expect(length(list)).toBe(2);
    list.note('capture', standing(3 * big), inputs(1));
    expect(length(list)).toBe(1);
  });
});
