import { describe, expect, test } from 'vitest';
import { intType } from '../../testing/btf-types.ts';
import { declarationOf } from './declaration.ts';
import { TypeTable } from './type-table.ts';
import type { BtfType } from './types.ts';

const INT = intType(1, 'int', 4, { signed: true });

class Table extends TypeTable {
  readonly pointerSize = 8;
  private readonly types: readonly BtfType[];

  constructor(...types: readonly BtfType[]) {
    super();
    this.types = [{ id: 0, kind: 'void', name: '' }, INT, ...types];
  }

  byId = (id: number) => this.types[id];
}

/** An unnamed structure of so many members, whose names have six letters. */
const unnamed = (id: number, count: number): BtfType => ({
  id,
  kind: 'struct',
  name: '',
  size: 4 * count,
  members: Array.from({ length: count }, (_, i) => ({
    name: `m${String(i).padStart(5, '0')}`,
    type: 1,
    bitOffset: 32 * i,
    bitSize: 0,
  })),
});

describe('a declaration that is too long', () => {
  test('of an unnamed structure has its first members, each once, and a mark behind them', () => {
    const text = declarationOf(new Table(unnamed(2, 1000)), 2, 'all');
    expect(text).toMatch(/^struct \{ int m00000; int m00001; .*; … \} all$/);
    const members = text.match(/int m\d+;/g)!;
    expect(members.length).toBeGreaterThan(200);
    expect(members.length).toBeLessThan(500);
    expect(members.at(-1)).toBe(`int m${String(members.length - 1).padStart(5, '0')};`);
    expect(text.match(/…/g)).toHaveLength(1);
  });
  test('of an unnamed enumeration the same', () => {
    const values = Array.from({ length: 2000 }, (_, i) => ({
      name: `VALUE_${i}`,
      value: BigInt(i),
    }));
    const type: BtfType = { id: 2, kind: 'enum', name: '', size: 4, signed: false, values };
    const text = declarationOf(new Table(type), 2, 'e');
    expect(text).toMatch(/^enum \{ VALUE_0 = 0, VALUE_1 = 1, .*, … \} e$/);
    expect(text.match(/…/g)).toHaveLength(1);
    expect(text.length).toBeLessThan(10_000);
  });
  test('one that is short enough is whole', () => {
    const text = declarationOf(new Table(unnamed(2, 20)), 2, 'few');
    expect(text.match(/int m\d+;/g)).toHaveLength(20);
    expect(text).not.toContain('…');
  });
  test('a structure in itself without a name ends somewhere', () => {
    const inItself: BtfType = {
      id: 2,
      kind: 'struct',
      name: '',
      size: 8,
      members: [{ name: 'again', type: 2, bitOffset: 0, bitSize: 0 }],
    };
    expect(declarationOf(new Table(inItself), 2, 'x')).toMatch(/^struct \{ struct \{ .*… again/);
  });
  test('bit fields say their bits, be it one', () => {
    const type: BtfType = {
      id: 2,
      kind: 'struct',
      name: '',
      size: 4,
      members: [1, 2, 0].map((bitSize, i) => ({ name: `m${i}`, type: 1, bitOffset: i, bitSize })),
    };
    expect(declarationOf(new Table(type), 2, 'x')).toBe(
      'struct { int m0: 1; int m1: 2; int m2; } x',
    );
  });
  test('is cut where its 4,096 characters are used up, not one member before or behind', () => {
    // Each member takes 11 of them, the declaration itself two and its name.
    const membersOf = (name: string) => {
      const text = declarationOf(new Table(unnamed(2, 2000)), 2, name);
      return [text.match(/int m\d+;/g)!.length, text.match(/…/g)!.length];
    };
    expect([membersOf('xy'), membersOf('x'), membersOf('')]).toEqual([
      [372, 1],
      [373, 1],
      [373, 1],
    ]);
  });
});
