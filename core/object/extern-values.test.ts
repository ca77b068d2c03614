import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { KCONFIG } from '../spec/kconfig.ts';
import { readObject } from '../testing/corpus.ts';
import type { Btf } from './btf/btf.ts';
import { externValues } from './extern-values.ts';
import { loadObject } from './load.ts';
import type { Extern } from './types.ts';

const NAME = 'types.clang-19-v3-g.o';
const { btf } = loadObject(NAME, readObject(NAME));
const typeNamed = (name: string): number =>
  btf!.types.find((type) => type.name === name && type.kind !== 'fwd')!.id;

/** The value of a symbol of a type that the object has. */
function given(
  name: string,
  kind: Extern['kind'],
  type: string | undefined,
  chosen?: string,
  endian: 'little' | 'big' = 'little',
) {
  const variable = { id: -1, kind: 'var', name, type: type === undefined ? 0 : typeNamed(type) };
  const types: Btf = Object.create(btf!, {
    byId: { value: (id: number) => (id === -1 ? variable : btf!.byId(id)) },
  });
  const extern = { name, kind, type: -1 } as unknown as Extern;
  const values = externValues(
    [extern],
    types,
    endian,
    new Map(chosen === undefined ? [] : [[name, chosen]]),
  );
  const found = values.get(name);
  return found && [found.text, found.given, found.bytes && toHex(found.bytes), found.address];
}

test('a configuration value is the default of a kernel, by the type of its variable', () => {
  const text = KCONFIG.get('CONFIG_HZ')!;
  const number = Number(text);
  const little = [number & 0xff, number >> 8, 0, 0].map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  expect(given('CONFIG_HZ', 'kconfig', '__u32')).toEqual([
    text,
    'default',
    little.join(''),
    undefined,
  ]);
  expect(given('CONFIG_HZ', 'kconfig', '__u32', undefined, 'big')![2]).toBe(
    little.toReversed().join(''),
  );
  expect(given('CONFIG_HZ', 'kconfig', '__u32', '7')).toEqual(['7', 'set', '07000000', undefined]);
});

test('a default that its variable cannot hold is none, a chosen value is refused', () => {
  expect(given('CONFIG_HZ', 'kconfig', 'node')).toBeUndefined();
  expect(given('CONFIG_NONE_AT_ALL', 'kconfig', '__u32')).toBeUndefined();
  expect(() => given('CONFIG_HZ', 'kconfig', 'node', '7')).toThrow(InputError);
});

test('a variable of the kernel has the value that is chosen, or none', () => {
  expect(given('some_variable', 'ksym', '__u32')).toBeUndefined();
  expect(given('some_variable', 'ksym', '__u32', '258')).toEqual([
    '258',
    'set',
    '02010000',
    undefined,
  ]);
});

test('one without a type has an address', () => {
  expect(given('some_symbol', 'ksym', undefined)).toBeUndefined();
  expect(given('some_symbol', 'ksym', undefined, '0xffffffff81000000')).toEqual([
    '0xffffffff81000000',
    'set',
    undefined,
    0xffff_ffff_8100_0000n,
  ]);
});

test('kernel functions have addresses of their own, 16 bytes apart; unknown ones have none', () => {
  const address = (name: string) => given(name, 'kfunc', undefined)?.[3] as bigint | undefined;
  const known = ['bpf_xdp_metadata_rx_hash', 'bpf_dynptr_from_skb'].map(address);
  expect(known.every((at) => at !== undefined && at % 16n === 0n)).toBe(true);
  expect(new Set(known).size).toBe(2);
  expect(address('bpf_no_such_function')).toBeUndefined();
});

test('an object without types gives no values', () => {
  const extern = { name: 'CONFIG_HZ', kind: 'kconfig', type: 1 } as unknown as Extern;
  expect(externValues([extern], undefined, 'little', new Map()).size).toBe(0);
});
