import { expect, test } from 'vitest';
import { MAP_TYPES } from './map-types.ts';
import { mapsOf, PACKET_HELPERS } from './reference.ts';

test('every helper that a packet program may call is done, or refused with a reason', () => {
  const silent = PACKET_HELPERS.filter(
    ({ doc, refused }) => (doc === undefined) === (refused === undefined),
  );
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('every map type has a helper that takes it, or is refused with a reason', () => {
  const taken = new Set(PACKET_HELPERS.flatMap(mapsOf));
  expect(
    MAP_TYPES.filter(({ name, refused }) => !taken.has(name) && refused === undefined).map(
      ({ name }) => name,
    ),
  ).toEqual([]);
});
