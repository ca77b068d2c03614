import { expect, test } from 'vitest';
import { type RegionId, regionName, sameRegion } from './regions.ts';

const REGIONS: readonly [RegionId, string][] = [
  [{ kind: 'packet' }, 'packet'],
  [{ kind: 'memory' }, 'memory'],
  [{ kind: 'flow-keys' }, 'flow_keys'],
  [{ kind: 'stack', depth: 0 }, 'stack'],
  [{ kind: 'stack', depth: 7 }, 'stack7'],
  [{ kind: 'global', map: '.bss' }, '.bss'],
  [{ kind: 'value', map: 'hits', at: '3' }, 'map hits[3]'],
  [{ kind: 'value', map: 'hits', at: '3', cpu: 1 }, 'map hits[3] on cpu 1'],
  [{ kind: 'storage', map: 'own', cpu: 0 }, 'storage own on cpu 0'],
  [{ kind: 'key', map: 'hits', at: '0a00' }, 'key of map hits[0a00]'],
  [{ kind: 'index', map: 'hits' }, 'index of map hits'],
  [{ kind: 'record', map: 'events', position: 8 }, 'record of map events at 8'],
  [{ kind: 'other', name: 'context' }, 'context'],
];

test.each(REGIONS)('%j is called %s', (id, name) => expect(regionName(id)).toBe(name));

test('a region is the same as itself and as no other', () => {
  const same = REGIONS.map(([a]) => REGIONS.map(([b]) => sameRegion({ ...a }, b)));
  expect(same).toEqual(REGIONS.map((_, i) => REGIONS.map((_, j) => i === j)));
});
