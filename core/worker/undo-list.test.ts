import { describe, expect, test } from 'vitest';
import type { SessionInputs } from '../session/types.ts';
import { session } from '../testing/run.ts';
import { isSameSession, UndoList } from './undo-list.ts';

const { inputs: START } = session('r0 = 2; exit', { hook: 'xdp', packet: '0102' });
const MB = 1024 * 1024;
const standing = (inputs: SessionInputs, ...packetNotes: string[]) => ({ inputs, packetNotes });
const withPacket = (bytes: Uint8Array): SessionInputs => ({
  ...START,
  packets: [{ name: 'packet', bytes }],
});

describe('changes', () => {
  test('are taken back and made again, the last first', () => {
    const list = new UndoList();
    const states = [0, 1, 2].map((step) => standing({ ...START, step }, `at ${step}`));
    expect([list.names, list.next('undo'), list.next('redo')]).toEqual([{}, undefined, undefined]);
    list.note('one', states[0], states[1].inputs);
    list.note('two', states[1], states[2].inputs);
    expect([list.names, list.next('undo')]).toEqual([{ undo: 'two' }, states[1]]);
    list.move('undo', states[2]);
    expect([list.names, list.next('undo')]).toEqual([{ undo: 'one', redo: 'two' }, states[0]]);
    expect(list.next('redo')).toBe(states[2]);
    list.move('undo', states[1]);
    expect([list.names, list.next('redo')]).toEqual([{ redo: 'one' }, states[1]]);
    list.move('redo', states[0]);
    expect([list.names, list.next('redo')]).toEqual([{ undo: 'one', redo: 'two' }, states[2]]);
    // Another change: what was undone is not made again.
    list.note('three', states[1], states[0].inputs);
    expect(list.names).toEqual({ undo: 'three' });
  });

  test('are a hundred at most, which is said once', () => {
    const list = new UndoList();
    const note = (number: number) => list.note(`${number}`, standing(START), START);
    const said = Array.from({ length: 103 }, (_, number) => note(number));
    expect(said.flatMap((words, number) => (words === undefined ? [] : [[number, words]]))).toEqual(
      [[100, 'Undo goes 100 changes back: what was changed before them stays as it is']],
    );
    let left = 0;
    for (; list.names.undo !== undefined; left++) list.move('undo', standing(START));
    expect([left, list.names]).toEqual([100, { redo: '3' }]);
  });

  test('hold 64 MB that the session has not, and at least the last one', () => {
    const list = new UndoList();
    const sizes = [40, 24, 1];
    const said = sizes.map((size) =>
      list.note(`${size}`, standing(withPacket(new Uint8Array(size * MB))), START),
    );
    expect(said).toEqual([
      undefined,
      undefined,
      'Undo goes 2 changes back: what was changed before them stays as it is',
    ]);
    const huge = new UndoList();
    expect(huge.note('huge', standing(withPacket(new Uint8Array(65 * MB))), START)).toBeUndefined();
    expect(huge.names).toEqual({ undo: 'huge' });
  });

  test('share what is the same in both', () => {
    const list = new UndoList();
    const bytes = new Uint8Array(40 * MB);
    for (let step = 0; step < 3; step++)
      expect(list.note(`${step}`, standing(withPacket(bytes)), withPacket(bytes))).toBeUndefined();
  });
});

describe('two sessions are made of the same', () => {
  const [packet] = START.packets;
  test.each<[title: string, other: SessionInputs, isSame: boolean]>([
    ['as they are', { ...START }, true],
    ['at another step', { ...START, step: 9 }, true],
    ['at another packet', { ...START, packet: 3 }, true],
    ['with a list that is like the other', { ...START, breakpoints: [...START.breakpoints] }, true],
    ['with an empty list in place of none', { ...START, rules: [] }, true],
    ['with another breakpoint', { ...START, breakpoints: [1] }, false],
    ['with another setting', { ...START, settings: { ...START.settings, cpu: 1 } }, false],
    ['of another file, whatever its bytes', { ...START, object: { ...START.object } }, false],
    ['with packets that are the same', { ...START, packets: [{ ...packet }] }, true],
    [
      'with other bytes',
      { ...START, packets: [{ ...packet, bytes: packet.bytes.slice() }] },
      false,
    ],
    ['with another name', { ...START, packets: [{ ...packet, name: 'x' }] }, false],
    ['with another packet more', { ...START, packets: [packet, packet] }, false],
    ['without packets', { ...START, packets: [] }, false],
    [
      'with one that another program handed on',
      { ...START, packets: [{ ...packet, handed: {} }] },
      false,
    ],
  ])('%s: %s', (_title, other, isSame) => {
    expect([isSameSession(START, other), isSameSession(other, START)]).toEqual([isSame, isSame]);
  });
});
