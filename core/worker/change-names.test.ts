import { expect, test } from 'vitest';
import type { Wish } from '../protocol/messages.ts';
import type { SessionInputs } from '../session/types.ts';
import { session } from '../testing/run.ts';
import { nameOfChange } from './change-names.ts';

const { inputs } = session('r0 = 2; exit', { hook: 'xdp', packet: '0102' });
const two: SessionInputs = {
  ...inputs,
  packets: [...inputs.packets, ...inputs.packets],
  packet: 1,
};
const named = (wish: unknown, after: SessionInputs = inputs, before = inputs) =>
  nameOfChange(wish as Wish, { before, after });

test.each<[name: string, wish: object]>([
  ['value of CONFIG_HZ', { type: 'set-extern', name: 'CONFIG_HZ', value: '1' }],
  ['value of limit', { type: 'set-variable', map: '.data', variable: 'limit', value: '1' }],
  ['key_size of map hits', { type: 'set-map-size', map: 'hits', field: 'key_size', value: '4' }],
  ['reading as xxd', { type: 'read-packet-as', dialect: 'xxd' }],
  ['packet 1 moved to place 3', { type: 'move-packet', index: 0, to: 2 }],
  ['name of packet 2', { type: 'rename-packet', index: 1, name: 'x' }],
  ['copy of packet 2', { type: 'duplicate-packet', index: 1 }],
  ['removal of packet 4', { type: 'remove-packet', index: 3 }],
  ['edit of byte 0', { type: 'edit-packet', offset: 0, bytes: Uint8Array.of(1) }],
  [
    'member.x of hits[01]',
    { type: 'set-map-field', map: 'hits', key: '01', expression: 'member.x' },
  ],
  ['deletion of hits[01]', { type: 'delete-map-entry', map: 'hits', key: '01' }],
  ['programs in map jumps', { type: 'fill-prog-array', map: 'jumps' }],
  ['breakpoint at program.c:7', { type: 'toggle-line', file: '/a/b/program.c', line: 7 }],
  ['condition of the breakpoint at instruction 3', { type: 'set-rule', rule: { pc: 3 } }],
  ['expectation of packet 1', { type: 'set-expectation', packet: 0, verdict: 'drop' }],
  ['removal of the expectation of packet 3', { type: 'set-expectation', packet: 2, verdict: '' }],
  ['expected entry 2 of packet 1', { type: 'set-expected-entry', packet: 0, index: 1 }],
  ['note at step 0 of packet 1', { type: 'set-note', packet: 0, step: 0, text: 'x' }],
  ['opening packet 9 of the traffic', { type: 'chain-open', drop: { packet: 9 } }],
  ['opening packet 9 at program p2', { type: 'hook-open', place: { packet: 9, id: 'p2' } }],
])('%s', (name, wish) => expect(named(wish)).toBe(name));

test('what was pasted is called by its place, where there are several', () => {
  for (const type of ['add-packet', 'set-packet-text'])
    expect([named({ type }), named({ type }, two)]).toEqual(['pasted packet', 'packet 2, pasted']);
});

test('what was opened is called by what it changed', () => {
  const wish = { type: 'open-file', name: 'x.bin' };
  const other = { ...inputs.object, bytes: inputs.object.bytes.slice() };
  expect(named(wish, { ...inputs, object: other })).toBe('test built anew');
  expect(named(wish, { ...inputs, object: { ...other, name: 'y.o' } })).toBe('opening y.o');
  const kernelTypes = { name: 'vmlinux', bytes: Uint8Array.of(1) };
  expect(named(wish, { ...inputs, kernelTypes })).toBe('kernel types of x.bin');
  expect(named(wish, two)).toBe('packets of x.bin');
  expect(named(wish)).toBe('file x.bin');
  const text = { type: 'open-text', text: 'r0 = 1' };
  expect(named(text, { ...inputs, object: { ...other, name: 'y.o' } })).toBe('opening y.o');
  expect(named(text, two)).toBe('packet 2, pasted');
});

test('changes in the middle of a run are called by the step behind which they stand', () => {
  const after = { ...inputs, step: 5 };
  const target = { kind: 'register', index: 3 };
  expect(named({ type: 'edit', target, value: '1' }, after)).toBe('r3 at step 5');
  expect(named({ type: 'assign', expression: 'x', text: '1' }, after)).toBe('x at step 5');
});

test('what changes nothing has no name', () => {
  for (const type of ['go', 'explain', 'undo', 'redo', 'share', 'traffic-rows', 'select-packet'])
    expect(named({ type })).toBeUndefined();
});
