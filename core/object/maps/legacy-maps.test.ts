import { expect, test } from 'vitest';
import { InputError } from '../../errors.ts';
import type { ElfFile, ElfSymbolEntry } from '../elf/elf.ts';
import { legacyMaps } from './legacy-maps.ts';

type Definition = readonly [name: string, at: number, how?: Partial<ElfSymbolEntry>];

/** An object with a `maps` section of these words, section 3 of it, and these symbols. */
function elf(words: readonly number[], symbols: readonly Definition[]): ElfFile {
  const data = new Uint8Array(words.length * 4);
  const view = new DataView(data.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  const section = { name: 'maps', index: 3, data };
  const empty = { name: 'maps', index: 4, data: new Uint8Array() };
  const entries = symbols.map(([name, value, how]) => ({
    name,
    value,
    section: 3,
    type: 'object',
    binding: 'global',
    ...how,
  }));
  return {
    endian: 'little',
    sections: [section, empty],
    symbols: entries,
  } as unknown as ElfFile;
}

/** Maps by name, with what they are or why they are none. */
function told(words: readonly number[], ...symbols: Definition[]) {
  const warnings: string[] = [];
  const maps = legacyMaps(elf(words, symbols), warnings).map(({ name, start, end, definition }) => [
    name,
    start,
    end,
    definition instanceof InputError
      ? definition.message
      : [definition.type, definition.keySize, definition.valueSize, definition.maxEntries].join(),
  ]);
  return { maps, warnings };
}

const HASH = [1, 4, 8, 16, 0];

test('definitions in the order of their places, whatever the order of their symbols', () => {
  const short = [1, 4];
  expect(told([...HASH, ...short, ...HASH], ['last', 28], ['first', 0], ['short', 20])).toEqual({
    maps: [
      ['first', 0, 20, '1,4,8,16'],
      [
        'short',
        20,
        28,
        'maps+0x14: map "short" has a definition of 8 bytes, at least 16 are needed',
      ],
      ['last', 28, 48, '1,4,8,16'],
    ],
    warnings: [],
  });
});

test('16 bytes are enough: flags that are not there are 0', () => {
  expect(told([2, 4, 8, 1], ['least', 0]).maps).toEqual([['least', 0, 16, '2,4,8,1']]);
  expect(told([2, 4, 8], ['less', 0]).maps[0][3]).toMatch(/12 bytes, at least 16 are needed$/);
});

test('symbols that name no data of the section are no maps', () => {
  const names = (...symbols: Definition[]) => told(HASH, ...symbols).maps.map(([name]) => name);
  expect(names(['map', 0, { type: 'notype' }])).toEqual(['map']);
  expect(names(['local', 0, { type: 'notype', binding: 'local' }])).toEqual([]);
  expect(names(['static', 0, { binding: 'local' }])).toEqual(['static']);
  expect(names(['function', 0, { type: 'func' }])).toEqual([]);
  expect(names(['elsewhere', 0, { section: 4 }])).toEqual([]);
  expect(names(['behind', 20], ['map', 0])).toEqual(['map']);
  expect(names(['map', 0], ['alias', 0])).toEqual(['map']);
});

test('fields behind byte 36 are told where they are not 0', () => {
  const known = [1, 4, 8, 16, 0, 0, 0, 0, 0];
  expect(told([...known, 0], ['zero', 0]).warnings).toEqual([]);
  expect(told([...known, 7], ['more', 0]).warnings).toEqual([
    'maps+0x0: map "more" has fields behind byte 36 that are not known',
  ]);
});

const ARRAY_OF_MAPS = 12;
const inners = (words: readonly number[], ...symbols: Definition[]) =>
  legacyMaps(elf(words, symbols), []).map(({ name, definition }) =>
    definition instanceof InputError
      ? name
      : [name, definition.inner?.name, definition.initialSlots],
  );

test('bpf_load names an inner map by its place among the definitions', () => {
  const outer = (inner: number) => [ARRAY_OF_MAPS, 4, 4, 2, 0, inner, 0];
  const plain = [...HASH, 0, 0];
  const both = (inner: number) =>
    inners([...plain, ...outer(inner), ...plain], ['a', 0], ['outer', 28], ['b', 56])[1];
  expect(both(0)).toEqual(['outer', 'a', undefined]);
  expect(both(2)).toEqual(['outer', 'b', undefined]);
  expect(both(1)).toEqual(['outer', undefined, undefined]);
  expect(both(3)).toEqual(['outer', undefined, undefined]);
});

test('iproute2 by its id, with the slots that are filled at first', () => {
  const NONE = 0xffff_ffff;
  const fields = (type: number, id: number, inner: number, slot: number) => [
    type,
    4,
    4,
    2,
    0,
    id,
    0,
    inner,
    slot,
  ];
  const all = (...definitions: number[][]) =>
    inners(definitions.flat(), ...definitions.map((_, i): Definition => [`m${i}`, 36 * i]));
  const filled = all(fields(12, 0, 9, NONE), fields(2, 9, 0, 1), fields(2, 9, 0, NONE));
  expect(filled[0]).toEqual(['m0', 'm1', [{ index: 1, map: 'm1' }]]);
  expect(all(fields(12, 0, 9, NONE), fields(2, 9, 0, NONE))[0]).toEqual(['m0', 'm1', undefined]);
  expect(all(fields(12, 0, 0, NONE), fields(2, 0, 0, 1))[0]).toEqual(['m0', undefined, undefined]);
  expect(all(fields(12, 9, 9, NONE), fields(2, 8, 0, 1))[0]).toEqual(['m0', undefined, undefined]);
});
