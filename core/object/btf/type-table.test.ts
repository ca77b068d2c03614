// Chains of types that name others: as long as they are followed, and no longer.
import { expect, test } from 'vitest';
import { intType } from '../../testing/btf-types.ts';
import { TypeTable } from './type-table.ts';
import type { BtfType } from './types.ts';

const INT = 1;
const MOST = 64;

/** The int, and so many names in front of it: the first of them is type 2. */
class Chain extends TypeTable {
  readonly pointerSize = 8;
  private readonly names: number;
  private readonly kind: 'typedef' | 'array';

  constructor(names: number, kind: 'typedef' | 'array') {
    super();
    this.names = names;
    this.kind = kind;
  }

  byId(id: number): BtfType | undefined {
    if (id === INT) return intType(id, 'int', 4, { signed: true });
    if (id < 2 || id >= 2 + this.names) return undefined;
    const type = id + 1 < 2 + this.names ? id + 1 : INT;
    return this.kind === 'array'
      ? { id, kind: 'array', name: '', type, indexType: INT, count: 2 }
      : { id, kind: 'typedef', name: `name${id}`, type };
  }
}

test('a name is followed through 63 others, not through more', () => {
  for (const names of [0, 1, 2, MOST - 2, MOST - 1])
    expect([names, new Chain(names, 'typedef').resolve(names > 0 ? 2 : INT)?.kind]).toEqual([
      names,
      'int',
    ]);
  for (const names of [MOST, MOST + 1])
    expect([names, new Chain(names, 'typedef').resolve(2)]).toEqual([names, undefined]);
});

test('what a name leads nowhere is none', () => {
  expect(new Chain(3, 'typedef').resolve(9)).toBeUndefined();
  expect(new Chain(3, 'typedef').resolve(0)).toBeUndefined();
});

test('arrays of arrays have the bytes of all their elements', () => {
  expect([1, 2, 5].map((names) => new Chain(names, 'array').sizeOf(2))).toEqual([8, 16, 128]);
});
