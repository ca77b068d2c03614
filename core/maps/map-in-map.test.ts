// Which maps a map of maps takes (kernel/bpf/map_in_map.c, bpf_map_meta_equal; arraymap.c).
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import type { MapDefinition } from '../object/types.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { misfit } from './map-in-map.ts';

const map = (changed: Partial<MapDefinition> = {}): MapDefinition =>
  objectWithMaps(assemble('exit'), [changed]).maps[0];

test.each<[string, Partial<MapDefinition>, string]>([
  ['another type', { type: MAP_TYPE_ID.hash }, 'type is 1, of the inner map it is 2'],
  ['other keys', { keySize: 8 }, 'keySize is 8, of the inner map it is 4'],
  ['other values', { valueSize: 4 }, 'valueSize is 4, of the inner map it is 8'],
  ['other flags', { flags: 128 }, 'flags is 128, of the inner map it is 0'],
])('a map of %s does not fit', (_title, changed, why) =>
  expect(misfit(map(), map(changed))).toBe(why),
);

describe('how many entries there are', () => {
  const INNER = { flags: MAP_FLAGS.BPF_F_INNER_MAP };
  const HASH = { type: MAP_TYPE_ID.hash };
  test('counts for arrays', () => {
    expect(misfit(map(), map())).toBeUndefined();
    expect(misfit(map(), map({ maxEntries: 5 }))).toBe(
      'maxEntries is 5, of the inner map it is 4 (without BPF_F_INNER_MAP)',
    );
  });
  test('but for those that say otherwise, and for other types', () => {
    expect(misfit(map(INNER), map({ ...INNER, maxEntries: 5 }))).toBeUndefined();
    expect(misfit(map(HASH), map({ ...HASH, maxEntries: 5 }))).toBeUndefined();
  });
});
