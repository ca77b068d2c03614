import { expect, test } from 'vitest';
import { writeBtf } from '../../tools/btf-write.ts';
import { Btf } from './btf.ts';
import { KernelNames, writeNames } from './kernel-names.ts';
import type { BtfType } from './types.ts';

const struct = (id: number, name: string, kind: 'struct' | 'union' = 'struct'): BtfType => ({
  kind,
  id,
  name,
  size: 0,
  members: [],
});
const int = (id: number, name: string): BtfType => ({
  kind: 'int',
  id,
  name,
  size: 4,
  bits: 32,
  bitOffset: 0,
  signed: false,
  char: false,
  bool: false,
});
const btfOf = (types: BtfType[]) => new Btf(writeBtf(types), 'little');

const kernel = btfOf([
  struct(1, 'sk_buff'),
  struct(2, 'in_addr', 'union'),
  struct(3, ''),
  int(4, 'unsigned int'),
  { kind: 'typedef', id: 5, name: 'u32', type: 4 },
  { kind: 'typedef', id: 6, name: 'pair_t', type: 3 },
  { kind: 'typedef', id: 7, name: 'callback_t', type: 8 },
  { kind: 'ptr', id: 8, name: '', type: 1 },
  { kind: 'const', id: 9, name: '', type: 4 },
]);

test('the list has every named record and typedef, sorted, and nothing else', () =>
  expect(writeNames(kernel).split('\n')).toEqual([
    'ssk_buff',
    'tiu32',
    'tpcallback_t',
    'tspair_t',
    'uin_addr',
  ]));

test('a type is there by its kind and name; what is behind a pointer is not known', () => {
  const names = new KernelNames(writeNames(kernel), ['sk_buff']);
  const own = btfOf([
    struct(1, 'sk_buff___new'),
    struct(2, 'sk_buff', 'union'),
    struct(3, 'gone'),
    int(4, 'unsigned int'),
    { kind: 'typedef', id: 5, name: 'u32', type: 4 },
    { kind: 'typedef', id: 6, name: 'pair_t', type: 4 },
    { kind: 'typedef', id: 7, name: 'callback_t', type: 8 },
    { kind: 'ptr', id: 8, name: '', type: 1 },
  ]);
  const exists = [1, 2, 3, 5, 6, 7].map((id) => names.exists(own, own.byId(id)!));
  expect(exists).toEqual([true, false, false, true, false, undefined]);
  expect([names.isPartial(kernel.byId(1)!), names.isPartial(kernel.byId(2)!)]).toEqual([
    true,
    false,
  ]);
});
