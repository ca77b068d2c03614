import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { loadObject } from '../object/load.ts';
import { hookListFrom } from '../testing/hook-lists.ts';
import { actionsOf, changedHookLists, type HookChange, priorityOf } from './edit-hook-list.ts';
import { checkHookList, inAskedOrder, settledPrograms, type WholeHookLists } from './hook-list.ts';
import type { ChainObject } from './types.ts';

const OPEN: ChainObject = { name: 'open.bin', bytes: assemble('r0 = 0; exit') };
const loadedOf = ({ name, bytes }: ChainObject) => loadObject(name, bytes);

/** Lists with programs of one hook, whose ids are p1, p2, ... */
const listsOf = (...given: Parameters<typeof hookListFrom>): WholeHookLists => {
  const { list, objects } = hookListFrom(...given);
  return { lists: [list], objects };
};
const changed = (lists: WholeHookLists, change: HookChange): WholeHookLists =>
  changedHookLists(lists, lists.lists[0].hook, change, OPEN, loadedOf);
const asked = ({ lists: [list], objects }: WholeHookLists): string[] =>
  inAskedOrder(settledPrograms({ list, objects }, loadedOf)).map(({ entry }) => entry.id);

const PROGRAM = { source: 'r0 = 0; exit' };
const tc = (...places: ('tcx' | 'cls_bpf')[]) =>
  listsOf(
    'tc',
    places.map((where) => ({ ...PROGRAM, where })),
  );

describe('a program of tc goes where BPF_PROG_ATTACH puts it', () => {
  test.each<[string, HookChange, string[]]>([
    ['behind the others of tcx', { kind: 'add', object: 'open' }, ['p1', 'p2', 'p4', 'p3']],
    [
      'in front of all',
      { kind: 'add', object: 'open', at: { how: 'first' } },
      ['p4', 'p1', 'p2', 'p3'],
    ],
    [
      'before another',
      { kind: 'add', object: 'open', at: { how: 'before', other: 'p2' } },
      ['p1', 'p4', 'p2', 'p3'],
    ],
    [
      'after another',
      { kind: 'add', object: 'open', at: { how: 'after', other: 'p1' } },
      ['p1', 'p4', 'p2', 'p3'],
    ],
    [
      'in the place of another',
      { kind: 'add', object: 'open', at: { how: 'replace', other: 'p1' } },
      ['p4', 'p2', 'p3'],
    ],
    [
      'behind all where it is a filter of clsact',
      { kind: 'add', object: 'open', where: 'cls_bpf' },
      ['p1', 'p2', 'p3', 'p4'],
    ],
  ])('%s', (_title, change, order) => {
    expect(asked(changed(tc('tcx', 'tcx', 'cls_bpf'), change))).toEqual(order);
  });

  test('moved, it stays with those that stand where it stands', () => {
    const lists = tc('tcx', 'tcx', 'cls_bpf', 'cls_bpf');
    expect(asked(changed(lists, { kind: 'move', id: 'p1', to: 3 }))).toEqual([
      ...['p2', 'p1', 'p3', 'p4'],
    ]);
    expect(asked(changed(lists, { kind: 'move', id: 'p4', to: 0 }))).toEqual([
      ...['p1', 'p2', 'p4', 'p3'],
    ]);
  });
});

test('moved, a program of XDP gets a priority by which it is asked there', () => {
  const priorities = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(priorities, fc.nat(), fc.nat(), (given, from, to) => {
      const lists = listsOf(
        'xdp',
        given.map((priority) => ({ ...PROGRAM, priority })),
      );
      const before = asked(lists);
      const id = before[from % before.length];
      const place = to % before.length;
      const wanted = before.filter((other) => other !== id).toSpliced(place, 0, id);
      expect(asked(changed(lists, { kind: 'move', id, to: place }))).toEqual(wanted);
    }),
  );
});

describe('what an XDP program is told', () => {
  test('nothing of it: as libxdp has it', () => {
    const lists = changed(listsOf('xdp', [{ ...PROGRAM, priority: 7, actions: [1] }]), {
      kind: 'set',
      id: 'p1',
      property: 'priority',
      value: '',
    });
    const [{ xdp }] = settledPrograms({ list: lists.lists[0], objects: lists.objects }, loadedOf);
    expect(xdp).toEqual({
      ...{ priority: 50, priorityBy: 'libxdp' },
      ...{ actions: [1], actionsBy: 'list' },
    });
  });

  test.each([
    ['0', 0],
    ['50', 50],
    ['4294967295', 0xffff_ffff],
  ])('a priority of %s', (text, priority) => expect(priorityOf(text)).toBe(priority));
  test.each(['', '-1', '4294967296', '10000000000', '1.5', '0x10', 'first', ' 1'])(
    'no priority of "%s"',
    (text) =>
      expect(() => priorityOf(text)).toThrow(
        `priority: "${text}" is not a number from 0 to 4,294,967,295`,
      ),
  );

  test.each(['32', '100', 'XDP_DANCE', 'pass'])('no action "%s"', (text) =>
    expect(() => actionsOf(`XDP_PASS ${text}`)).toThrow(
      `actions: "${text}" is not one of XDP_ABORTED, XDP_DROP, XDP_PASS, XDP_TX, XDP_REDIRECT`,
    ),
  );

  test.each([
    ['31', [31]],
    ['XDP_PASS,XDP_DROP', [2, 1]],
    ['PASS TX', [2, 3]],
    ['7', [7]],
    ['', []],
  ])('actions "%s"', (text, codes) => {
    expect(actionsOf(text)).toEqual(codes);
  });

  test.each(['XDP_GO', '32', '-1'])('an action "%s" is none', (text) => {
    expect(() => actionsOf(text)).toThrow('is not one of XDP_ABORTED');
  });
});

test('objects that no program runs are none of the lists', () => {
  const lists = changed(tc('tcx', 'tcx'), { kind: 'remove', id: 'p1' });
  expect(lists.objects.map(({ name }) => name)).toEqual(['2.o']);
  expect(lists.lists[0].programs).toMatchObject([{ id: 'p2', object: 0 }]);
});

describe('a list of a stranger', () => {
  const { list } = hookListFrom('tc', [PROGRAM, PROGRAM]);
  test.each([
    [
      'two programs of one id',
      { ...list, programs: [list.programs[0], list.programs[0]] },
      'EEXIST',
    ],
    [
      'one of tcx behind one of cls_bpf',
      { ...list, programs: [{ ...list.programs[0], where: 'cls_bpf' as const }, list.programs[1]] },
      'of tcx stands behind one of cls_bpf',
    ],
    [
      'a program of tc that stands nowhere',
      { ...hookListFrom('xdp', [PROGRAM]).list, hook: 'tc' as const },
      'stands nowhere',
    ],
    [
      'one of XDP with a place of tc',
      { hook: 'xdp' as const, programs: list.programs },
      'stands in no list of tc',
    ],
    [
      'one of tc with a priority',
      { ...list, programs: [{ ...list.programs[0], priority: 3 }] },
      'has a priority',
    ],
  ])('with %s', (_title, given, reason) => {
    expect(() => checkHookList(given)).toThrow(reason);
  });
});
