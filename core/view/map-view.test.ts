import { describe, expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { type WithMaps, withMaps } from '../testing/with-maps.ts';
import { mapView } from './map-view.ts';

const bytes = (value: number, size: number): Uint8Array => {
  const made = new Uint8Array(8);
  new DataView(made.buffer).setUint32(0, value, true);
  return made.subarray(0, size);
};
function viewOf(map: object, given: WithMaps = {}, source = 'r0 = 2; exit') {
  const session = withMaps(source, [map, {}], given);
  const { machine, object } = session;
  return { session, machine: machine!, view: () => mapView(object, machine!, 0, new Map()) };
}

test.each([
  ['an array', MAP_TYPE_ID.array],
  ['a hash', MAP_TYPE_ID.hash],
])('of %s 256 entries are shown, all are counted', (_title, type) => {
  for (const count of [1, 255, 256, 257, 300]) {
    const { machine, view } = viewOf({ type, maxEntries: count });
    for (let key = 0; key < count; key++)
      machine.maps[0].update(bytes(key, 4), bytes(key, 8), 0n, 0);
    const { entries, total } = view();
    expect([entries.length, total]).toEqual([Math.min(count, 256), count]);
  }
});

test('entries are changed of a map that is there, and has keys', () => {
  const editable = (map: object) => viewOf(map).view().editable;
  expect(editable({ type: MAP_TYPE_ID.hash })).toBe(true);
  expect(editable({ type: MAP_TYPE_ID.queue, keySize: 0 })).toBe(false);
  // What cannot be made stops the programs that use it alone.
  expect(editable({ type: MAP_TYPE_ID.hash, maxEntries: 0 })).toBe(false);
  expect(editable({ type: 999 })).toBe(false);
});

describe('what a value stands for', () => {
  const text = (map: object, value: string, given: WithMaps = {}) =>
    viewOf(map, { ...given, presets: [{ map: 'm0', key: '02000000', value }] }).view().entries[0]
      ?.valueText;
  const of = (type: keyof typeof MAP_TYPE_ID, valueSize = 4) => ({
    type: MAP_TYPE_ID[type],
    valueSize,
  });
  test.each([
    ['an interface', of('devmap'), '07000000', 'interface 7'],
    ['an interface in a hash', of('devmap_hash'), '07000000', 'interface 7'],
    ['a queue of packets', of('cpumap'), '08000000', 'CPU 2, a queue of 8 packets'],
    ['a socket', of('sockmap'), '03000000', 'socket 3'],
    ['a socket by key', of('sockhash'), '03000000', 'socket 3'],
    ['a socket of a group', of('reuseport_sockarray'), '03000000', 'socket 3'],
    ['a number', of('hash'), '2a000000', '42'],
    ['a number of eight bytes', of('hash', 8), 'ffffffffffffffff', '18446744073709551615'],
    ['a number of two', of('hash', 2), '0100', '1'],
    ['no number', of('hash', 3), '010000', ''],
  ])('%s', (_title, map, value, said) => expect(text(map, value)).toBe(said));
});

describe('an entry is known by', () => {
  test('its place, where it has no key', () => {
    const queue = { type: MAP_TYPE_ID.queue, keySize: 0, valueSize: 4 };
    const push = (value: number) =>
      `*(u32 *)(r10 - 4) = ${value}; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; r3 = 0; ` +
      'call bpf_map_push_elem';
    const { session, view } = viewOf(queue, {}, `${push(5)}; ${push(6)}; r0 = 2; exit`);
    finish(session.go({ how: 'end' }));
    const { entries, editable } = view();
    expect(entries.map(({ keyText, valueText }) => [keyText, valueText])).toEqual([
      ['#0', '5'],
      ['#1', '6'],
    ]);
    expect(editable).toBe(false);
  });
  test('where it begins, in a ring buffer', () => {
    const ring = { type: MAP_TYPE_ID.ringbuf, keySize: 0, valueSize: 0, maxEntries: 4096 };
    const output =
      '*(u64 *)(r10 - 8) = 7; ld_pseudo r1, 0x1, 0; r2 = r10; r2 += -8; r3 = 4; r4 = 0; ' +
      'call bpf_ringbuf_output';
    const { session, view } = viewOf(ring, {}, `${output}; ${output}; r0 = 2; exit`);
    finish(session.go({ how: 'end' }));
    expect(view().entries.map(({ keyText, value }) => [keyText, value])).toEqual([
      ['at 0', '07000000'],
      ['at 16', '07000000'],
    ]);
  });
});

test('values that the last step read or wrote are marked, of per-CPU maps those of any CPU', () => {
  const find = (key: number) =>
    `*(u32 *)(r10 - 4) = ${key}; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ` +
    'call bpf_map_lookup_elem; if r0 == 0 goto out';
  for (const type of [MAP_TYPE_ID.array, MAP_TYPE_ID.percpu_array]) {
    const { session, view } = viewOf(
      { type, maxEntries: 3 },
      {},
      `${find(1)}; r6 = r0; r1 = *(u32 *)(r6 + 4); *(u8 *)(r6 + 7) = 1; ` +
        'r1 = *(u8 *)(r6 + 0); r0 = 2; out: exit',
    );
    const marks = (step: number) => {
      finish(session.go({ how: 'to-step', step }));
      return view()
        .entries.map(({ read, written }) => (read ? 'r' : written ? 'w' : '-'))
        .join('');
    };
    // Eight steps: the key, its address twice, the map, the call, the test, a copy.
    expect([7, 8, 9, 10, 11].map(marks)).toEqual(['---', '-r-', '-w-', '-r-', '---']);
  }
});

test('an entry is changed where it is not what it was before the run', () => {
  const { machine, session } = viewOf({ maxEntries: 2 });
  machine.maps[0].update(bytes(1, 4), bytes(9, 8), 0n, 0);
  const initial = new Map([
    ['00000000', '0000000000000000'],
    ['01000000', '0000000000000000'],
  ]);
  const { entries } = mapView(session.object, machine, 0, initial);
  expect(entries.map(({ changed }) => changed)).toEqual([false, true]);
});
