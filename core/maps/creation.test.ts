import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { isMapInMap, MAP_TYPES, mapFlagNames, mapTypeName } from '../spec/map-types.ts';
import { createMap, isBuilt } from './create.ts';

type Row = [
  type: number,
  key: number,
  value: number,
  entries: number,
  flags: number,
  extra: number,
  errno: number,
];
const { kernel, rows } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/map-creation.json'), 'utf8'),
) as { kernel: string; rows: Row[] };

const linear = new WebAssembly.Memory({ initial: 1 });
const definition = (type: number, sizes: Partial<MapDefinition>): MapDefinition => ({
  name: 'made',
  type,
  keySize: 4,
  valueSize: 8,
  maxEntries: 4,
  flags: 0,
  keyType: undefined,
  valueType: undefined,
  origin: 'btf',
  section: '.maps',
  ...sizes,
});

/** Why the map is not made; undefined where it is. */
function refusal([type, keySize, valueSize, maxEntries, flags, extra]: Row): string | undefined {
  const sizes = { keySize, valueSize, maxEntries, flags, extra };
  const map = definition(type, { ...sizes, ...(isMapInMap(type) && { inner: definition(2, {}) }) });
  try {
    createMap(new Memory('little', linear), map, { cpus: 4, maps: [] });
    return undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.reason;
  }
}

test(`maps are made and refused as by Linux ${kernel}`, () => {
  const different = rows.flatMap((row) => {
    const why = refusal(row);
    if ((why === undefined) === (row[6] === 0)) return [];
    const [type, key, value, entries, flags, extra, errno] = row;
    return [
      `${mapTypeName(type)} key ${key} value ${value} entries ${entries} flags ` +
        `${mapFlagNames(flags)} extra ${extra}: ${why ?? 'made'}, the kernel's error is ${errno}`,
    ];
  });
  console.log(`${rows.length} maps compared, ${different.length} different`);
  expect(different.slice(0, 20)).toEqual([]);
});

test('a map type is built, or the table says why not', () => {
  for (const { id, refused } of MAP_TYPES)
    expect(isBuilt(definition(id, {}))).toBe(refused === undefined);
});
