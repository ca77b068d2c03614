import { describe, expect, test } from 'vitest';
import { writeBtf } from '../../tools/btf-write.ts';
import { Btf } from '../btf/btf.ts';
import type { BtfType } from '../btf/types.ts';
import { typesAreCompatible, typesMatch } from './compatible.ts';

const btfOf = (types: BtfType[]) => new Btf(writeBtf(types), 'little');
const int = (id: number): BtfType =>
  ({
    ...{ kind: 'int', id, name: 'int', size: 4, bits: 32 },
    ...{ bitOffset: 0, signed: true, char: false, bool: false },
  }) as BtfType;

/** Functions each of which takes the next; the last takes `last` numbers. */
const functions = (count: number, last: number): Btf =>
  btfOf([
    ...Array.from({ length: count }, (_, i): BtfType => {
      const parameter = { name: '', type: i + 2 };
      const parameters =
        i < count - 1 ? [parameter] : Array.from({ length: last }, () => parameter);
      return { kind: 'func_proto', id: i + 1, name: '', type: 0, parameters };
    }),
    int(count + 1),
  ]);
/** Pointers to pointers ... to a number. */
const pointers = (count: number): Btf =>
  btfOf([
    ...Array.from(
      { length: count },
      (_, i): BtfType => ({ kind: 'ptr', id: i + 1, name: '', type: i + 2 }),
    ),
    int(count + 1),
  ]);

const compatible = (one: Btf, other: Btf = one) =>
  typesAreCompatible(one, 1, other, 1, { left: 1_000_000 });
const match = (one: Btf, other: Btf = one) => typesMatch(one, 1, other, 1, { left: 1_000_000 });

// relo_core.c, __bpf_core_types_are_compat: a level of 32 goes down with each parameter, and 32
// types that lead to each other are followed.
describe('types are compared 32 deep', () => {
  test('functions that take each other', () => {
    expect(compatible(functions(32, 1))).toBe(true);
    expect(() => compatible(functions(33, 1))).toThrow(
      expect.objectContaining({ reason: 'functions take each other more than 32 deep' }),
    );
    expect(compatible(functions(33, 0))).toBe(true);
    expect(() => compatible(functions(34, 0))).toThrow('more than 32 deep');
  });

  test('pointers to pointers', () => {
    expect(compatible(pointers(31))).toBe(true);
    expect(() => compatible(pointers(32))).toThrow('types lead to each other more than 32 times');
  });
});

test('functions are alike by how many they take and by each of them', () => {
  expect(compatible(functions(1, 2), functions(1, 2))).toBe(true);
  expect(compatible(functions(1, 2), functions(1, 1))).toBe(false);
  expect(match(functions(1, 2), functions(1, 2))).toBe(true);
  expect(match(functions(1, 2), functions(1, 1))).toBe(false);
  expect(compatible(functions(1, 1), functions(2, 1))).toBe(false);
});
