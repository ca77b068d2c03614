import { describe, expect, test } from 'vitest';
import { AT, ATE, TAG } from '../../spec/dwarf.ts';
import type { DebugEntries, DebugEntry } from './entries.ts';
import { DwarfTypes } from './types.ts';

type Attributes = Readonly<Record<number, bigint | string>>;

/** An entry of .debug_info as far as types ask for it. */
function entry(
  offset: number,
  tag: number,
  attributes: Attributes = {},
  children: DebugEntry[] = [],
): DebugEntry {
  const values = new Map(Object.entries(attributes).map(([name, value]) => [Number(name), value]));
  return { offset, tag, unit: {}, attributes: values, children } as unknown as DebugEntry;
}

function typesOf(...entries: DebugEntry[]): DwarfTypes {
  const value = (of: DebugEntry, name: number) =>
    (of.attributes as unknown as Map<number, bigint | string>).get(name);
  const entryAt = (offset: number) => entries.find((one) => one.offset === offset);
  return new DwarfTypes({
    elf: { endian: 'little' },
    entryAt,
    type: (of: DebugEntry) => entryAt(Number(value(of, AT.type) ?? 0)),
    number: (of: DebugEntry, name: number) => value(of, name),
    count: (of: DebugEntry, name: number) => Number(value(of, name) ?? 0),
    text: (of: DebugEntry, name: number) => String(value(of, name) ?? ''),
  } as unknown as DebugEntries);
}

const INT = entry(1, TAG.base_type, {
  [AT.name]: 'int',
  [AT.byte_size]: 4n,
  [AT.encoding]: BigInt(ATE.signed),
});
const range = (attributes: Attributes) => entry(99, TAG.subrange_type, attributes);

// DWARF 5 section 5.13: a range has a count or an upper bound, a flexible array neither.
test.each<[string, Attributes, number]>([
  ['a count', { [AT.count]: 7n }, 7],
  ['a count beside a bound', { [AT.count]: 7n, [AT.upper_bound]: 9n }, 7],
  ['the bound of one element', { [AT.upper_bound]: 0n }, 1],
  ['a bound', { [AT.upper_bound]: 3n }, 4],
  ['a bound of -1, as of an array of no elements', { [AT.upper_bound]: -1n }, 0],
  ['the same in 32 bits', { [AT.upper_bound]: 0xffff_ffffn }, 0],
  ['the largest bound', { [AT.upper_bound]: 0xffff_fffen }, 0xffff_ffff],
  ['neither', {}, 0],
])('the length of an array by %s', (_title, attributes, count) => {
  const types = typesOf(INT, entry(2, TAG.array_type, { [AT.type]: 1n }, [range(attributes)]));
  expect(types.byId(2)).toMatchObject({ kind: 'array', type: 1, count });
});

describe('arrays of arrays', () => {
  const array = (id: number, counts: number) =>
    entry(
      id,
      TAG.array_type,
      { [AT.type]: 1n },
      Array.from({ length: counts }, (_, i) => range({ [AT.count]: BigInt(i + 2) })),
    );

  test('have a type for each dimension, the first outermost', () => {
    const types = typesOf(INT, array(2, 3));
    expect(types.sizeOf(2)).toBe(2 * 3 * 4 * 4);
    const outer = types.byId(2)!;
    const inner = types.byId('type' in outer ? outer.type : 0)!;
    expect([outer, inner]).toMatchObject([{ count: 2 }, { count: 3 }]);
  });

  test('add 65,536 types together; what is beyond is not there', () => {
    const dimensions = (count: number) => {
      const types = typesOf(INT, array(2, 1 + (1 << 16)), array(3, 3));
      types.byId(2);
      let id = 3;
      for (let depth = 0; ; depth++) {
        const type = types.byId(id)!;
        if (type.kind !== 'array' || depth > count) return depth;
        id = type.type;
      }
    };
    // All of them were taken by the first: of the second its outermost dimension is left.
    expect(dimensions(9)).toBe(1);
  });
});

test.each<[string, string, number, object]>([
  ['char', 'char', ATE.signed_char, { char: true, signed: true }],
  ['char that has no sign', 'char', ATE.unsigned_char, { char: true, signed: false }],
  ['a character of Unicode', 'char16_t', ATE.utf, { char: true, signed: false }],
  ['__u8, a number', 'unsigned char', ATE.unsigned_char, { char: false, signed: false }],
  ['__s8, a number', 'signed char', ATE.signed_char, { char: false, signed: true }],
  ['_Bool', '_Bool', ATE.boolean, { char: false, bool: true }],
  ['long', 'long', ATE.signed, { char: false, bool: false, signed: true }],
])('%s', (_title, name, encoding, said) => {
  const types = typesOf(
    entry(2, TAG.base_type, {
      [AT.name]: name,
      [AT.byte_size]: 2n,
      [AT.encoding]: BigInt(encoding),
    }),
  );
  expect(types.byId(2)).toMatchObject({ kind: 'int', size: 2, bits: 16, bool: false, ...said });
});
