import { describe, expect, test } from 'vitest';
import { fromHex } from '../bytes/hex.ts';
import type { FieldNode } from '../packet/types.ts';
import { bitCount, bytesText, fieldParts, readingOf, wordsOf } from './field-parts.ts';

const field = (
  name: string,
  offset: number,
  length: number,
  children: readonly FieldNode[] = [],
  bits?: FieldNode['bits'],
  text = `${name} here`,
): FieldNode => ({ name, label: name, text, offset, length, bits, editable: false, children });

const all = (offset: number, length: number, mask = 0xff): Map<number, number> =>
  new Map(Array.from({ length }, (_, i) => [offset + i, mask]));
const namesOf = (layers: readonly FieldNode[], wanted: ReadonlyMap<number, number>): string[] =>
  fieldParts(layers, wanted).map(({ node }) => node.name);

/** A field of so many bytes, with one inner field a byte. */
const parent = (length: number): FieldNode =>
  field(
    'parent',
    4,
    length,
    Array.from({ length }, (_, i) => field(`byte${i}`, 4 + i, 1)),
  );
const header = (...children: FieldNode[]): FieldNode => field('header', 0, 64, children);

describe('which fields some bits of a packet are said as', () => {
  test('a header by those in it, however many, never as one', () => {
    const fields = [field('a', 0, 2), field('b', 2, 1), field('c', 3, 1), field('d', 4, 4)];
    expect(namesOf([field('short', 0, 8, fields)], all(0, 8))).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a header without fields as itself', () => {
    expect(namesOf([field('data', 14, 6)], all(15, 1))).toEqual(['data']);
  });

  test('nothing where no bits are wanted, or none of its own', () => {
    expect(namesOf([header(field('a', 0, 2))], new Map())).toEqual([]);
    expect(namesOf([header(field('a', 0, 2))], all(64, 3))).toEqual([]);
    expect(namesOf([header(field('a', 0, 2))], all(0, 2, 0))).toEqual([]);
  });

  test('bytes of a header that no field has as the header', () => {
    expect(namesOf([header(field('a', 0, 2))], all(2, 3))).toEqual(['header']);
  });

  test('all of a field as the field, not as its inner ones', () => {
    expect(namesOf([header(parent(2))], all(4, 2))).toEqual(['parent']);
  });

  test('one inner field by its own name', () => {
    expect(namesOf([header(parent(2))], all(5, 1))).toEqual(['byte1']);
  });

  test('two whole ones of three each by its name, three of four as the one they are in', () => {
    expect(namesOf([header(parent(3))], all(4, 2))).toEqual(['byte0', 'byte1']);
    expect(namesOf([header(parent(4))], all(4, 3))).toEqual(['parent']);
  });

  test('two of which one is not whole as the one they are in', () => {
    const wanted = new Map([
      [4, 0xff],
      [5, 0x0f],
    ]);
    expect(namesOf([header(parent(3))], wanted)).toEqual(['parent']);
    expect(namesOf([header(parent(3))], new Map([[5, 0x0f]]))).toEqual(['byte1']);
  });

  test('a field of 8 bytes as one, a longer one by what is in it', () => {
    expect(namesOf([header(parent(8))], all(4, 8))).toEqual(['parent']);
    expect(namesOf([header(parent(9))], all(4, 9))).toHaveLength(9);
  });

  test('bits of a byte that are another field are not its own', () => {
    const low = field('low', 4, 1, [], { start: 4, count: 4 });
    const high = field('high', 4, 1, [], { start: 0, count: 4 });
    const layers = [header(high, low)];
    expect(namesOf(layers, new Map([[4, 0x0f]]))).toEqual(['low']);
    expect(namesOf(layers, new Map([[4, 0xf0]]))).toEqual(['high']);
    expect(namesOf(layers, new Map([[4, 0x18]]))).toEqual(['high', 'low']);
    const [part] = fieldParts(layers, new Map([[4, 0x1f]])).filter(({ isWhole }) => isWhole);
    expect([part.node.name, bitCount(part)]).toEqual(['low', 4]);
  });
});

describe('a part in words', () => {
  const frame = fromHex('000102030a0b0c0dfd000000000000000000000000000001')!;
  const words = (node: FieldNode, wanted: ReadonlyMap<number, number>) =>
    wordsOf(fieldParts([node], wanted)[0], frame);

  test('bytes by the first and the last of them', () => {
    expect([bytesText(14, 1), bytesText(14, 2), bytesText(0, 6)]).toEqual([
      'byte 14',
      'bytes 14 to 15',
      'bytes 0 to 5',
    ]);
  });

  test('all of it with what it reads as', () => {
    expect(words(field('ip.ttl', 4, 1, [], undefined, '10'), all(4, 1))).toEqual({
      name: 'ip.ttl',
      placed: 'ip.ttl (byte 4)',
      value: '10',
      isPrefix: false,
    });
  });

  test.each([
    ['a prefix of an IPv4 address', 4, 4, '10.11.12.13', [[4, 0xff]], 'in 10.0.0.0/8'],
    [
      'one that ends within a byte',
      4,
      4,
      '10.11.12.13',
      [
        [4, 0xff],
        [5, 0xe0],
      ],
      'in 10.0.0.0/11',
    ],
    ['a prefix of an IPv6 address', 8, 16, 'fd00::1', [[8, 0xff]], 'in fd00::/8'],
    ['bytes that are no address have none', 4, 4, '168496141', [[4, 0xff]], '0x0a'],
    ['nor has what is no IPv6 address', 8, 16, 'sixteen bytes', [[8, 0xff]], '0xfd'],
    ['nor what is no front of it', 4, 4, '10.11.12.13', [[5, 0xff]], '0x0b'],
  ] as const)('%s', (_title, offset, length, text, wanted, reading) => {
    const node = field('f', offset, length, [], undefined, text);
    expect(readingOf(fieldParts([node], new Map(wanted))[0], frame)).toBe(`is ${reading}`);
  });

  test('a part of it by its bytes, under a mask where not all bits of them count', () => {
    const node = field('eth.dst', 0, 6);
    expect(words(node, new Map([[0, 1]]))).toEqual({
      name: 'eth.dst (byte 0) under mask 0x01',
      placed: 'eth.dst (byte 0) under mask 0x01',
      value: '0x00',
      isPrefix: false,
    });
    expect(words(node, all(1, 2)).name).toBe('eth.dst (bytes 1 to 2)');
    expect(words(node, all(1, 2)).value).toBe('0x0102');
    const between = new Map([
      [1, 0x03],
      [3, 0xff],
    ]);
    expect(words(node, between)).toMatchObject({
      name: 'eth.dst (bytes 1 to 3) under mask 0x0300ff',
      value: '0x010003',
    });
  });

  test('what reads as nothing counts', () => {
    const node = field('padding', 4, 2, [], undefined, '');
    expect(readingOf(fieldParts([node], all(4, 2))[0], frame)).toBe('counts');
  });
});
