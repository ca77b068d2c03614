import { describe, expect, test } from 'vitest';
import { withMaps } from '../testing/with-maps.ts';
import { unmetByMaps, unmetByOutcome } from './expected.ts';
import { finish } from './session.ts';
import type { ExpectedEntry } from './types.ts';

/** Stores 7 at key 1 of a map that has nothing else. */
const stored = withMaps(
  '*(u32 *)(r10 - 4) = 1; *(u64 *)(r10 - 16) = 7; r2 = r10; r2 += -4; r3 = r10; r3 += -16; ' +
    'r4 = 0; ld_pseudo r1, 0x1, 0; call bpf_map_update_elem; r0 = 2; exit',
  [{ type: 1 }],
);
finish(stored.go({ how: 'end' }));
const SEVEN = '0700000000000000';

const words = (value: ExpectedEntry['value']): string =>
  value === null ? 'no entry' : typeof value === 'string' ? value : 'hits = 7';

describe('what a map is expected to hold', () => {
  test.each<[string, ExpectedEntry, string | undefined]>([
    ['what it holds', { map: 'm0', key: '01000000', value: SEVEN }, undefined],
    ['another value', { map: 'm0', key: '01000000', value: '08'.padEnd(16, '0') }, SEVEN],
    ['a value where there is none', { map: 'm0', key: '02000000', value: SEVEN }, 'no entry'],
    ['none where there is none', { map: 'm0', key: '02000000', value: null }, undefined],
    ['none where there is one', { map: 'm0', key: '01000000', value: null }, SEVEN],
    [
      'something of a map that the object does not have',
      { map: 'hits', key: '01000000', value: SEVEN },
      'the object has no map of that name',
    ],
    [
      'a member of what has no type',
      { map: 'm0', key: '01000000', value: { hits: '7' } },
      'value of map "m0": has no type in the BTF of the object: compile with -g',
    ],
  ])('%s', (_title, entry, seen) => {
    const unmet = unmetByMaps(stored, { packet: 0, maps: [entry] });
    expect(unmet).toEqual(
      seen === undefined
        ? []
        : [
            {
              what: `map ${entry.map}[${entry.key}]`,
              expected: words(entry.value),
              seen,
            },
          ],
    );
  });
});

test('verdict, r0 and packet that are not as expected, each by itself', () => {
  const outcome = stored.outcome!;
  const unmet = (told: object) => unmetByOutcome('xdp', { packet: 0, ...told }, outcome);
  expect(unmet({ verdict: 'XDP_PASS', r0: '2', packetOut: '00'.repeat(64) })).toEqual([]);
  expect(unmet({ verdict: 'XDP_DROP' })).toEqual([
    { what: 'verdict', expected: 'XDP_DROP', seen: 'XDP_PASS' },
  ]);
  expect(unmet({ r0: '3' })).toEqual([{ what: 'r0', expected: '3', seen: '0x2' }]);
  // Hooks of Linux look at an int.
  expect(unmet({ r0: '0x100000002' })).toEqual([]);
  expect(unmet({ packetOut: '00' })).toEqual([
    { what: 'packet', expected: '00', seen: '00'.repeat(64) },
  ]);
  expect(unmet({ fault: 'outside' })).toEqual([
    { what: 'fault', expected: 'outside', seen: 'no fault' },
  ]);
});
