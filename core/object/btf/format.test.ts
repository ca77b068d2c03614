import { describe, expect, test } from 'vitest';
import { fromHex } from '../../bytes/hex.ts';
import type { Endian } from '../../bytes/reader.ts';
import { readObject } from '../../testing/corpus.ts';
import { loadObject } from '../load.ts';
import { type FormattedValue, formatValue } from './format.ts';

const types = (endian: Endian) => {
  const name = `types.clang-19-v3${endian === 'big' ? '-eb' : ''}-g.o`;
  return loadObject(name, readObject(name));
};

function formatted(type: string, hex: string, endian: Endian = 'little'): FormattedValue {
  const { btf } = types(endian);
  const found = btf!.types.find(({ name, kind }) => name === type && kind !== 'fwd')!;
  return formatValue(btf!, found.id, fromHex(hex)!, endian);
}

describe('scalars', () => {
  test.each([
    ['an unsigned int', '__u32', '0d0c0b0a', '168496141'],
    ['a signed int', 'int', 'feffffff', '-2'],
    ['a letter', 'char', '41', "65 'A'"],
    ['a boolean', '_Bool', '01', 'true'],
    ['a boolean that is neither', '_Bool', '02', 'true (2)'],
    ['an enumerator', 'small', 'ffffffff', 'SMALL_MINUS (-1)'],
    ['a value no enumerator has', 'small', '07000000', '7'],
    ['a 64-bit enumerator', 'wide', '0000000000000080', 'WIDE_TOP (9223372036854775808)'],
    ['a float', 'float', '0000c03f', '1.5'],
    ['a double', 'double', '000000000000f8bf', '-1.5'],
    ['bytes that are not there', '__u64', '0102', '?'],
  ])('%s', (_title, type, hex, text) => {
    expect(formatted(type, hex).text).toBe(text);
  });

  test('in big endian the first byte is the highest', () => {
    expect(formatted('__u32', '0a0b0c0d', 'big').text).toBe('168496141');
  });
});

describe('bit fields', () => {
  // compiled by clang for both byte orders: version 4, length 5, signed_bits -3, on, kind
  // SMALL_BIG, tall 0x123456789
  test.each(['little', 'big'] as const)('%s endian', (endian) => {
    const { btf } = types(endian);
    const flags = btf!.find('struct', 'flags')!;
    const offsets = flags.members.map(({ name, bitOffset, bitSize }) => [name, bitOffset, bitSize]);
    expect(offsets.map(([name]) => name)).toEqual([
      'version',
      'length',
      'signed_bits',
      'on',
      'kind',
      'tall',
    ]);
    const bits = new Uint8Array(flags.size);
    const put = (name: string, value: bigint): void => {
      const member = flags.members.find((candidate) => candidate.name === name)!;
      for (let bit = 0; bit < member.bitSize; bit++) {
        const isSet = (value >> BigInt(endian === 'little' ? bit : member.bitSize - 1 - bit)) & 1n;
        const at = member.bitOffset + bit;
        if (isSet === 1n) bits[at >> 3]! |= 1 << (endian === 'little' ? at & 7 : 7 - (at & 7));
      }
    };
    put('version', 4n);
    put('length', 5n);
    put('signed_bits', -3n);
    put('on', 1n);
    put('kind', 1000n);
    put('tall', 0x1_2345_6789n);
    const tree = formatValue(btf!, flags.id, bits, endian);
    expect(tree.children!.map(({ name, text }) => `${name} ${text}`)).toEqual([
      'version 4',
      'length 5',
      'signed_bits -3',
      'on true',
      'kind SMALL_BIG (1000)',
      'tall 4886718345',
    ]);
  });
});

describe('structs and arrays', () => {
  test('the initial value of a variable, as a tree with offsets', () => {
    const object = types('little');
    const [data] = object.maps;
    const [first] = data!.variables!;
    const tree = formatValue(object.btf!, first!.type!, data!.initialValue!, 'little');
    const inner = tree.children!.find(({ name }) => name === 'inner')!;
    expect(tree).toMatchObject({ type: 'struct node', offset: 0, size: 200 });
    expect(inner.children).toMatchObject([
      { name: 'mac', type: 'mac_address', text: '00:00:00:00:00:00', size: 6 },
      { name: 'valid', type: '_Bool', text: 'false', size: 1 },
      { name: 'text', type: 'char [8]', text: '"hello"', size: 8, offset: inner.offset + 7 },
    ]);
    const grid = tree.children!.find(({ name }) => name === 'grid')!;
    expect(grid).toMatchObject({ type: 'int [2][3]', size: 24 });
    expect(grid.children![1]).toMatchObject({
      name: '[1]',
      type: 'int [3]',
      offset: grid.offset + 12,
    });
  });

  test.each([
    ['text with line ends and tabs', '610a6209', '"a\\nb\\t"'],
    ['text up to the NUL in front of zeros', '61620000', '"ab"'],
    ['text that fills the array', '61627e20', '"ab~ "'],
    ['none where more stands behind the NUL', '61006200', "[ 97 'a', 0, 98 'b', 0 ]"],
    ['none with a control character', '61620b00', "[ 97 'a', 98 'b', 11, 0 ]"],
    ['none behind ASCII', '61627f00', "[ 97 'a', 98 'b', 127, 0 ]"],
  ])('an array of char is %s', (_title, hex, shown) => {
    const { btf } = types('little');
    const char = btf!.types.find(({ name, kind }) => name === 'char' && kind === 'int')!;
    const array = { id: -1, kind: 'array', name: '', type: char.id, indexType: 0, count: 4 };
    const withArray = Object.create(btf!, {
      byId: { value: (id: number) => (id === -1 ? array : btf!.byId(id)) },
    });
    expect(formatValue(withArray, -1, fromHex(hex)!, 'little').text).toBe(shown);
  });

  test('long arrays are cut', () => {
    const { btf } = types('little');
    const tree = formatValue(btf!, btf!.find('struct', 'node')!.id, new Uint8Array(0), 'little');
    expect(JSON.stringify(tree).length).toBeLessThan(20_000);
  });
});
