// Which element an LRU map gives up where several CPUs use it, as Linux 6.18 does (recorded by
// record-lru-cpus.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { Memory } from '../memory/memory.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { objectWithMaps } from '../testing/with-maps.ts';
import { createMap } from './create.ts';
import type { GuestMap } from './map.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const bytes = (number: number): Uint8Array => Uint8Array.of(number, 0, 0, 0);

function lruOf(maxEntries: number, cpus: number): GuestMap {
  const memory = new Memory('little', linear);
  const map = { type: MAP_TYPE_ID.lru_hash, valueSize: 4, maxEntries };
  const [definition] = objectWithMaps(assemble('exit'), [map]).maps;
  return createMap(memory, definition, { cpus, maps: [], perfReader: false });
}
const keysOf = (map: GuestMap): number[] =>
  [...map.entries()].map(({ key }) => key[0]).sort((a, b) => a - b);

describe('two CPUs', () => {
  const file = join(import.meta.dirname, '../testdata/kernel/lru-cpus.txt');
  const parts = readFileSync(file, 'utf8')
    .split(/^entries /m)
    .slice(1);
  test.each(parts.map((part) => part.trimEnd().split('\n')))('%s entries', (entries, ...rows) => {
    const map = lruOf(Number(entries), 2);
    const found = rows.map((row) => {
      const [, what, key, cpu] = /^(update|delete) (\d) on (\d):/.exec(row)!;
      if (what === 'delete') map.delete(bytes(Number(key)));
      else map.update(bytes(Number(key)), bytes(Number(key)), 0n, Number(cpu));
      return `${what} ${key} on ${cpu}: ${keysOf(map).join(' ')}`.trimEnd();
    });
    expect(found).toEqual(rows);
  });
});

// bpf_common_lru_pop_free: it looks at its own lists, then at those of one CPU behind the other.
describe('what others have set aside', () => {
  test('is taken from one CPU after the other, from where it was found last', () => {
    const map = lruOf(3, 4);
    for (const cpu of [0, 1, 2]) map.update(bytes(10 + cpu), bytes(1), 0n, cpu);
    expect(keysOf(map)).toEqual([10, 11, 12]);
    // The fourth has none, and none is free.
    map.update(bytes(20), bytes(1), 0n, 3);
    expect(keysOf(map)).toEqual([11, 12, 20]);
  });
  test('those that were used go last', () => {
    const map = lruOf(2, 3);
    map.update(bytes(10), bytes(1), 0n, 0);
    map.update(bytes(11), bytes(1), 0n, 1);
    map.lookup(bytes(10), 0);
    // All of one CPU before the next: it has no other.
    map.update(bytes(20), bytes(1), 0n, 2);
    expect(keysOf(map)).toEqual([11, 20]);
  });
});
