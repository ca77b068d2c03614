import { expect, test } from 'vitest';
import { TypeTable } from '../object/btf/type-table.ts';
import type { BtfMember, BtfType } from '../object/btf/types.ts';
import type { LoadedObject, MapDefinition } from '../object/types.ts';
import { paddingNote } from './key-padding.ts';

const int = (id: number, size: number) => ({ id, kind: 'int', name: `u${size * 8}`, size });
const member = (name: string, type: number, byte: number, bitSize = 0) => ({
  name,
  type,
  bitOffset: byte * 8,
  bitSize,
});
const struct = (id: number, size: number, members: readonly object[], kind = 'struct') => ({
  id,
  kind,
  name: `s${id}`,
  size,
  members: members as BtfMember[],
});
const array = (id: number, type: number, count: number) => ({
  id,
  kind: 'array',
  name: '',
  type,
  indexType: 0,
  count,
});

/** What types look like that compilers write: byte, half word, word, and what is made of them. */
class Types extends TypeTable {
  readonly pointerSize = 8;
  private readonly list = [
    int(1, 1),
    int(2, 2),
    int(3, 4),
    // struct { u8 a; u32 b; u16 c; }
    struct(4, 12, [member('a', 1, 0), member('b', 3, 4), member('c', 2, 8)]),
    // struct { u16 a; } [3] of 4 bytes each
    struct(5, 4, [member('a', 2, 0)]),
    array(6, 5, 3),
    struct(7, 16, [member('list', 6, 0), member('tail', 3, 12)]),
    // union { u8; u16 } in 4 bytes
    struct(8, 4, [member('a', 1, 0), member('b', 2, 0)], 'union'),
    // struct { u32 five : 5; u32 : 0; u8 b } as a compiler lays it out
    struct(9, 8, [member('five', 3, 0, 5), member('b', 1, 4)]),
    array(10, 1, 40),
    struct(11, 44, [member('name', 10, 0), member('tail', 3, 40)]),
    { id: 12, kind: 'typedef', name: 't', type: 4 },
    // struct { u8 first; struct { u16 a; } list [2][3] of 4 bytes each }
    array(13, 6, 2),
    struct(14, 28, [member('first', 1, 0), member('list', 13, 4)]),
  ] as unknown as readonly BtfType[];
  byId = (id: number): BtfType | undefined => this.list[id - 1];
}

const note = (keyType: number | undefined, keySize: number, unwritten: number) =>
  paddingNote(
    { btf: new Types() } as unknown as LoadedObject,
    { keyType, keySize } as MapDefinition,
    unwritten,
  );
const ALL = -1;
const named = (...bytes: number[]): string =>
  bytes.length === 1
    ? `byte ${bytes[0]} of the key is padding nobody wrote here`
    : `bytes ${bytes.join(', ')} of the key are padding nobody wrote here`;

test.each([
  ['between members and behind the last', 4, 12, named(1, 2, 3, 10, 11)],
  ['behind a typedef', 12, 12, named(1, 2, 3, 10, 11)],
  ['in each element of an array', 7, 16, named(2, 3, 6, 7, 10, 11)],
  ['in arrays of arrays', 13, 24, named(2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23)],
  ['in those of a member', 14, 28, named(1, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27)],
  ['behind the longest member of a union', 8, 4, named(2, 3)],
  ['behind bit fields, by whole bytes', 9, 8, named(1, 2, 3, 5, 6, 7)],
  ['none in a number', 3, 4, undefined],
  ['none in an array without gaps', 10, 32, undefined],
  ['none behind what is looked at', 11, 44, undefined],
  ['all of a key of another size than its type: what is behind it', 2, 4, named(2, 3)],
])('padding of a key %s', (_title, type, size, says) => {
  expect(note(type, size, ALL)).toBe(says);
});

test('only what nobody wrote is told', () => {
  expect(note(4, 12, 1 << 2)).toBe(named(2));
  expect(note(4, 12, (1 << 3) | (1 << 11))).toBe(named(3, 11));
  expect(note(4, 12, (1 << 0) | (1 << 4))).toBeUndefined();
  expect(note(4, 12, 0)).toBeUndefined();
});

test('nothing is said of a key whose type is not known', () => {
  expect(note(undefined, 12, ALL)).toBeUndefined();
  const plain = { btf: undefined } as unknown as LoadedObject;
  expect(paddingNote(plain, { keyType: 4, keySize: 12 } as MapDefinition, ALL)).toBeUndefined();
});
