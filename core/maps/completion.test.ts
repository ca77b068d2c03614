import { expect, test } from 'vitest';
import type { MapDefinition } from '../object/types.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { completeMap } from './completion.ts';

const CPUS = 6;
const made = (type: keyof typeof MAP_TYPE_ID, sizes: Partial<MapDefinition> = {}) => {
  const declared: MapDefinition = {
    name: 'made',
    type: MAP_TYPE_ID[type],
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    keyType: undefined,
    valueType: undefined,
    origin: 'btf',
    section: '.maps',
    ...sizes,
  };
  return completeMap(declared, CPUS).definition;
};

/** tools/lib/bpf/libbpf.c, adjust_ringbuf_sz. */
test.each([
  [0, 0],
  [1, 4096],
  [4095, 4096],
  [4096, 4096],
  [4097, 8192],
  [3 * 4096, 4 * 4096],
  [0x8000_0000, 0x8000_0000],
  [0x8000_0001, 0x8000_0001],
])('a ring buffer of %i bytes gets %i', (asked, given) => {
  expect(made('ringbuf', { maxEntries: asked }).maxEntries).toBe(given);
});

test.each([
  [0, CPUS],
  [1, 1],
  [9, 9],
])('a perf event array of %i entries gets %i', (asked, given) => {
  expect(made('perf_event_array', { maxEntries: asked }).maxEntries).toBe(given);
});
