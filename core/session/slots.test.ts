import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import type { MapDefinition } from '../object/types.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { inputsFor } from './inputs.ts';
import { finish, Session } from './session.ts';

/** The problem of an object whose map of maps begins with map `m1` in slot 1; undefined: none. */
function problemOf(second: Partial<MapDefinition>, slot: object = { map: 'm1' }) {
  const bytes = assemble('r0 = 0; exit');
  const [inner] = objectWithMaps(bytes, [{}]).maps;
  const object = objectWithMaps(bytes, [
    {
      type: MAP_TYPE_ID.array_of_maps,
      valueSize: 4,
      inner,
      initialSlots: [{ index: 1, ...slot }],
    },
    second,
  ]);
  const session = new Session(
    inputsFor('x', bytes),
    new WebAssembly.Memory({ initial: 1 }),
    object,
  );
  finish(session.prepare());
  const held = session.machine && [...session.machine.maps[0].entries()].length;
  return session.problem ?? held;
}

// array_map_alloc, bpf_map_meta_equal: libbpf fails to load an object whose slot is filled with
// another kind of map.
describe('a map of maps begins with maps that are like its inner one', () => {
  test.each<[string, Partial<MapDefinition>, string | number]>([
    ['one that is', {}, 1],
    [
      'another size of values',
      { valueSize: 4 },
      'map "m0": map "m1" cannot be put in: its valueSize is 4, of the inner map it is 8',
    ],
    [
      'another type',
      { type: MAP_TYPE_ID.hash },
      'map "m0": map "m1" cannot be put in: its type is 1, of the inner map it is 2',
    ],
    [
      'more entries',
      { maxEntries: 9 },
      'map "m0": map "m1" cannot be put in: its maxEntries is 9, of the inner map it is 4 ' +
        '(without BPF_F_INNER_MAP)',
    ],
  ])('%s', (_title, second, said) => expect(problemOf(second)).toBe(said));

  test('a slot with a map that is not there stays empty', () =>
    expect(problemOf({}, { map: 'gone' })).toBe(0));
});
