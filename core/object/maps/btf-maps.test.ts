import { describe, expect, test } from 'vitest';
import { InputError } from '../../errors.ts';
import { MAP_TYPE_ID } from '../../spec/map-types.ts';
import { writeBtf } from '../../tools/btf-write.ts';
import { Btf } from '../btf/btf.ts';
import type { BtfMember, BtfType } from '../btf/types.ts';
import type { ElfFile } from '../elf/elf.ts';
import type { MapDefinition } from '../types.ts';
import { btfMaps } from './btf-maps.ts';

/** A member of a definition: a number as __uint has it, or the id of its type. */
type Told = number | { readonly type: number };
/** Types that members may have beside those of numbers. */
const INT = 2;
const POINTER_TO_INT = 3;
const VOID_POINTER = 4;

/** What `struct { ... } m SEC(".maps")` is read as. */
function definitionOf(members: Readonly<Record<string, Told>>): MapDefinition | InputError {
  const types: BtfType[] = [
    { kind: 'struct', id: 1, name: '', size: 8 * Object.keys(members).length, members: [] },
    {
      ...{ kind: 'int', id: INT, name: 'int', size: 4, bits: 32, bitOffset: 0 },
      ...{ signed: true, char: false, bool: false },
    } as BtfType,
    { kind: 'ptr', id: POINTER_TO_INT, name: '', type: INT },
    { kind: 'ptr', id: VOID_POINTER, name: '', type: 0 },
  ];
  const fields = Object.entries(members).map(([name, told], i): BtfMember => {
    if (typeof told !== 'number') return { name, type: told.type, bitOffset: 64 * i, bitSize: 0 };
    const array = types.length + 1;
    types.push({ kind: 'array', id: array, name: '', type: INT, indexType: INT, count: told });
    types.push({ kind: 'ptr', id: array + 1, name: '', type: array });
    return { name, type: array + 1, bitOffset: 64 * i, bitSize: 0 };
  });
  types[0] = { ...types[0], members: fields } as BtfType;
  const btf = new Btf(writeBtf(types), 'little');
  btf.find = ((kind: string) => kind === 'var' && { kind, id: 99, name: 'm', type: 1 }) as never;
  const section = { index: 3, name: '.maps', size: 64 };
  const symbol = { name: 'm', section: 3, type: 'object', value: 0, size: 64 };
  const elf = { sections: [section], symbols: [symbol], relocations: [] } as unknown as ElfFile;
  return btfMaps(elf, btf)[0].definition;
}

const HASH = { type: MAP_TYPE_ID.hash, key_size: 4, value_size: 8, max_entries: 16 };

test('a definition says type, sizes, entries, flags and more', () => {
  expect(definitionOf({ ...HASH, map_flags: 1, map_extra: 5, pinning: 1, numa_node: 0 })).toEqual({
    ...{ name: 'm', section: '.maps', origin: 'btf', type: MAP_TYPE_ID.hash },
    ...{ keySize: 4, valueSize: 8, maxEntries: 16, flags: 1, extra: 5 },
  });
});

test('a key and a value by their types', () =>
  expect(
    definitionOf({
      ...HASH,
      key: { type: POINTER_TO_INT },
      value_size: 4,
      value: { type: POINTER_TO_INT },
    }),
  ).toMatchObject({ keySize: 4, valueSize: 4, keyType: INT, valueType: INT }));

// libbpf.c, parse_btf_map_def: each of them makes bpf_object__open fail.
describe('what is no definition is refused, with the member', () => {
  test.each<[string, Readonly<Record<string, Told>>, string]>([
    [
      'a number of another type',
      { max_entries: { type: INT } },
      '.maps+0x0: map "m" has "max_entries" of type int',
    ],
    [
      'where it is pinned by another type',
      { ...HASH, pinning: { type: INT } },
      '.maps+0x20: map "m" has "pinning" of type int',
    ],
    [
      'the node it is allocated on by another type',
      { ...HASH, numa_node: { type: POINTER_TO_INT } },
      'has "numa_node" of type',
    ],
    [
      'a key that is no pointer',
      { key: { type: INT } },
      'has "key" of type int int, not a pointer',
    ],
    [
      'a value of a type without a size',
      { value: { type: VOID_POINTER } },
      'has "value" of a type without a size',
    ],
    ['sizes that do not agree', { key_size: 8, key: { type: POINTER_TO_INT } }, 'map "m"'],
    ['a member that nobody knows', { colour: 1 }, 'has an unknown field "colour"'],
  ])('%s', (_title, members, words) => {
    const refused = definitionOf(members);
    expect(refused).toBeInstanceOf(InputError);
    expect((refused as InputError).message).toContain(words);
  });
});
