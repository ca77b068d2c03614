import { describe, expect, test } from 'vitest';
import { objectNames, readObject } from '../../testing/corpus.ts';
import { loadObject } from '../load.ts';
import type { MapDefinition } from '../types.ts';

const load = (name: string) => loadObject(name, readObject(name));

/** What the kernel would be told, by name: compilers order maps as they like. */
const shape = ({ name, type, keySize, valueSize, maxEntries, flags }: MapDefinition) =>
  `${name}: type ${type}, ${keySize} -> ${valueSize}, ${maxEntries} entries, flags ${flags}`;
const shapes = (name: string): string[] => load(name).maps.map(shape).sort();

const builds = (source: string): string[] => objectNames(new RegExp(`^${source}\\.`));

describe('every compiler, cpu and byte order gives the same maps', () => {
  test.each(builds('xdp_counter'))('%s', (name) => {
    expect(shapes(name)).toEqual([
      'flows: type 1, 12 -> 16, 1024 entries, flags 1',
      'networks: type 11, 8 -> 4, 16 entries, flags 1',
      'totals: type 6, 4 -> 8, 4 entries, flags 0',
    ]);
    const flows = load(name).maps.find((map) => map.name === 'flows')!;
    expect(load(name).btf!.declaration(flows.keyType!)).toBe('struct flow');
    expect(load(name).btf!.declaration(flows.valueType!)).toBe('struct counter');
  });

  test.each(builds('legacy_maps'))('%s', (name) => {
    expect(shapes(name)).toEqual([
      'hits: type 1, 4 -> 8, 256 entries, flags 0',
      'nested: type 12, 4 -> 4, 2 entries, flags 0',
      'slots: type 2, 4 -> 4, 8 entries, flags 0',
    ]);
    expect(load(name).maps.find((map) => map.name === 'nested')!.inner).toBeDefined();
  });

  test.each(builds('legacy_small'))('%s', (name) => {
    expect(shapes(name)).toEqual([
      'first: type 2, 4 -> 16, 3 entries, flags 0',
      'second: type 1, 6 -> 2, 5 entries, flags 1',
    ]);
  });

  test.each(builds('legacy_iproute2'))('%s', (name) => {
    const outer = load(name).maps.find((map) => map.name === 'outer')!;
    expect(shape(outer.inner!)).toBe('inner: type 2, 4 -> 4, 1 entries, flags 0');
    expect(outer.initialSlots).toEqual([{ index: 3, map: 'inner' }]);
  });

  test.each(builds('map_in_map'))('%s', (name) => {
    const maps = new Map(load(name).maps.map((map) => [map.name, map]));
    expect(maps.get('outer')!.initialSlots).toEqual([
      { index: 1, map: 'right' },
      { index: 3, map: 'left' },
    ]);
    expect(shape(maps.get('outer')!.inner!)).toBe(
      'outer.inner: type 2, 4 -> 8, 2 entries, flags 0',
    );
    expect(shape(maps.get('by_name')!.inner!)).toBe(
      'by_name.inner: type 1, 4 -> 6, 16 entries, flags 0',
    );
  });

  test.each(builds('tail_calls'))('%s', (name) => {
    const [jumps] = load(name).maps;
    expect(shape(jumps!)).toBe('jumps: type 3, 4 -> 4, 3 entries, flags 0');
    expect(jumps!.initialSlots).toEqual([
      { index: 0, program: 'drop_it' },
      { index: 2, program: 'pass_it' },
    ]);
  });
});

describe('a map that cannot be made', () => {
  test.each(builds('bad_map'))('%s: is an error of the programs that use it', (name) => {
    const object = load(name);
    const errors = object.programs.map(({ name, linked }) => [
      name,
      'error' in linked ? linked.error.message : 'links',
    ]);
    expect(object.maps.map((map) => map.name)).toEqual(['plain']);
    expect(errors).toEqual([
      [
        'uses_strange',
        expect.stringMatching(/^xdp\+0x(18|20): .*map "strange" has an unknown field "color"$/),
      ],
      ['uses_plain', 'links'],
    ]);
  });
});

describe('global data', () => {
  test('sections become array maps of one value, variables come with their types', () => {
    const object = load('globals.clang-19-v3-g.o');
    const describeMap = ({ name, readOnly, variables }: MapDefinition) => [
      `${name}${readOnly ? ' (read only)' : ''}`,
      ...variables!.map(
        ({ name, offset, type }) =>
          `${offset}: ${type ? object.btf!.declaration(type, name) : name}`,
      ),
    ];
    expect(object.maps.map(describeMap)).toEqual([
      ['.data', '0: int counter', '4: struct pair pairs[2]', '24: volatile long totals[3]'],
      ['.rodata (read only)', '0: const volatile __u32 limit', '4: const char account.format[23]'],
      ['.data.hot', '0: int hot'],
      ['.rodata.table (read only)', '0: const __u32 table[4]'],
      ['.bss', '0: int account.calls', '8: __u64 seen'],
      ['.rodata.cst8 (read only)', '0: const __u16 ports[4]'],
      ['.rodata.str1.1 (read only)'],
    ]);
  });

  test.each(builds('globals'))('%s: the bytes are the initial values', (name) => {
    const { maps, endian } = load(name);
    const initial = (variable: string): number => {
      const map = maps.find(({ variables }) =>
        variables!.some((candidate) => candidate.name === variable),
      )!;
      const { offset } = map.variables!.find((candidate) => candidate.name === variable)!;
      return new DataView(map.initialValue!.buffer, map.initialValue!.byteOffset).getUint32(
        offset,
        endian === 'little',
      );
    };
    expect(['counter', 'limit', 'hot', 'table', 'seen'].map(initial)).toEqual([7, 1500, 9, 10, 0]);
  });

  test('a constant clang 14 moved is typed, and stands in its real section only', () => {
    const { maps, btf } = load('globals.clang-14-v3-g.o');
    const found = maps.flatMap(({ name, variables }) =>
      variables!
        .filter((variable) => variable.name === 'ports')
        .map(({ type }) => [name, type && btf!.declaration(type)]),
    );
    expect(found).toEqual([['.rodata.cst8', 'const __u16 [4]']]);
  });

  test.each(builds('data_pointers'))('%s: a pointer in data is a warning', (name) => {
    expect(load(name).warnings).toEqual([
      expect.stringContaining('pointers in data are not filled in'),
    ]);
  });
});
