import { describe, expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { withMaps } from '../testing/with-maps.ts';
import { MapStart } from './map-changes.ts';

const CALL = 'r2 = r10; r2 += -4; ld_pseudo r1, 0x1';
const set = (map: number, key: number, value: number): string =>
  `*(u32 *)(r10 - 4) = ${key}; *(u64 *)(r10 - 16) = ${value}; ${CALL}, ${map}; r3 = r10; ` +
  'r3 += -16; r4 = 0; call bpf_map_update_elem; ';
const remove = (map: number, key: number): string =>
  `*(u32 *)(r10 - 4) = ${key}; ${CALL}, ${map}; call bpf_map_delete_elem; `;
const word = (value: number): string => `0${value}000000`;
const long = (value: number): string => `0${value}00000000000000`;

/** The maps of the start against what a program leaves of an array and a hash. */
function listing(source: string) {
  const session = withMaps(
    `${source}r0 = 2; exit`,
    [{ maxEntries: 3 }, { type: MAP_TYPE_ID.hash, maxEntries: 8 }],
    {
      presets: [
        { map: 'm0', key: word(1), value: long(5) },
        { map: 'm1', key: word(1), value: long(6) },
        { map: 'm1', key: word(2), value: long(7) },
      ],
    },
  );
  finish(session.go({ how: 'reset' }));
  const start = new MapStart(session.machine!, session.startMemory);
  finish(session.go({ how: 'end' }));
  return start;
}

describe('entries of a map that an account of a run lists', () => {
  const start = listing(
    set(0, 0, 0) + set(0, 2, 9) + set(1, 1, 6) + set(1, 3, 8) + remove(1, 2) + remove(1, 4),
  );
  test('none', () => {
    for (const map of [0, 1]) expect(start.listed(map, 'none')).toEqual({ entries: [], total: 0 });
  });
  test('all, as they are', () => {
    expect(start.listed(0, 'all')).toEqual({
      entries: [0, 5, 9].map((value, key) => ({ key: word(key), value: long(value) })),
      total: 3,
    });
    const { entries, total } = start.listed(1, 'all');
    expect([...entries].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { key: word(1), value: long(6) },
      { key: word(3), value: long(8) },
    ]);
    expect(total).toBe(2);
  });
  test('those that are not as at the start, null for what is gone', () => {
    expect(start.listed(0, 'changed')).toEqual({
      entries: [{ key: word(2), value: long(9) }],
      total: 1,
    });
    expect(start.listed(1, 'changed')).toEqual({
      entries: [
        { key: word(3), value: long(8) },
        { key: word(2), value: null },
      ],
      total: 2,
    });
  });
});

test.each([MAP_TYPE_ID.array, MAP_TYPE_ID.hash])(
  'of those that changed 1024 are listed, all are counted (map type %d)',
  (type) => {
    const session = withMaps('r0 = 2; exit', [{ type, maxEntries: 1200 }]);
    const { machine } = session;
    const start = new MapStart(machine!, session.startMemory);
    for (const count of [1023, 1024, 1025, 1200]) {
      for (let key = 0; key < count; key++)
        machine!.maps[0].update(
          Uint8Array.of(key & 255, key >> 8, 0, 0),
          Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
          0n,
          0,
        );
      const { entries, total } = start.listed(0, 'changed');
      expect([entries.length, total]).toEqual([Math.min(count, 1024), count]);
    }
    expect(start.listed(0, 'all').entries).toHaveLength(1200);
  },
);
