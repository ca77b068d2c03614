// kernel/bpf/helpers.c: what helpers of maps answer, and leave in the program's memory.
import { describe, expect, test } from 'vitest';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { runWithMaps, type WithMaps } from '../testing/with-maps.ts';

const [ENOENT, E2BIG] = [-2n, -7n];
const KEY = 'r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0';
const key = (number: number): string => `*(u32 *)(r10 - 4) = ${number}; ${KEY}`;
const VALUE = 'r2 = r10; r2 += -16; ld_pseudo r1, 0x1, 0';
const LEFT = 'r0 = *(u64 *)(r10 - 16)';

function answer(map: object, source: string, given: WithMaps = {}): bigint | string {
  const { r0, fault } = runWithMaps(`r6 = r1; ${source}; exit`, [map], given);
  return fault ? fault.message.replace(/^[^:]*: /, '') : BigInt.asIntN(64, r0!);
}

describe.each(['queue', 'stack'] as const)('a %s', (type) => {
  const map = { type: MAP_TYPE_ID[type], keySize: 0, maxEntries: 2 };
  const push = (value: number, flags = 0): string =>
    `*(u64 *)(r10 - 16) = ${value}; ${VALUE}; r3 = ${flags}; r0 = 7; call bpf_map_push_elem`;
  const take = (how: 'pop' | 'peek'): string =>
    `*(u64 *)(r10 - 16) = -1; ${VALUE}; r0 = 7; call bpf_map_${how}_elem`;
  test('gives the one that is next', () => {
    const [first, second] = type === 'queue' ? [5n, 6n] : [6n, 5n];
    const filled = `${push(5)}; ${push(6)}`;
    for (const how of ['pop', 'peek'] as const) {
      expect(answer(map, `${filled}; ${take(how)}`)).toBe(0n);
      expect(answer(map, `${filled}; ${take(how)}; ${LEFT}`)).toBe(first);
    }
    expect(answer(map, `${filled}; ${take('pop')}; ${take('peek')}; ${LEFT}`)).toBe(second);
    expect(answer(map, `${filled}; ${take('peek')}; ${take('peek')}; ${LEFT}`)).toBe(first);
  });
  test('gives zeros where it is empty', () => {
    for (const how of ['pop', 'peek'] as const) {
      expect(answer(map, take(how))).toBe(ENOENT);
      expect(answer(map, `${take(how)}; ${LEFT}`)).toBe(0n);
    }
  });
  test('takes no more than there is room for, unless the oldest may go', () => {
    const filled = `${push(5)}; ${push(6)}`;
    expect(answer(map, `${filled}; ${push(7)}`)).toBe(E2BIG);
    expect(answer(map, `${filled}; ${push(7, 2)}`)).toBe(0n);
    expect(answer(map, `${filled}; ${push(7, 2)}; ${take('peek')}; ${LEFT}`)).toBe(
      type === 'queue' ? 6n : 7n,
    );
  });
});

test('a bloom filter tells what it holds', () => {
  const map = { type: MAP_TYPE_ID.bloom_filter, keySize: 0, maxEntries: 100 };
  const ask = (value: number): string =>
    `*(u64 *)(r10 - 16) = ${value}; ${VALUE}; r3 = 0; r0 = 7; call bpf_map_peek_elem`;
  const put = `*(u64 *)(r10 - 16) = 5; ${VALUE}; r3 = 0; call bpf_map_push_elem`;
  expect(answer(map, ask(5))).toBe(ENOENT);
  expect(answer(map, `${put}; ${ask(5)}`)).toBe(0n);
});

describe('the value of another CPU', () => {
  const map = { type: MAP_TYPE_ID.percpu_array, maxEntries: 2 };
  const presets = [{ map: 'm0', key: '01000000', value: '0900000000000000' }];
  const of = (cpu: number, number = 1): string =>
    `${key(number)}; r3 = ${cpu}; call bpf_map_lookup_percpu_elem; if r0 == 0 goto +1; ` +
    'r0 = *(u64 *)(r0 + 0)';
  const found = (cpu: number, number?: number) =>
    answer(map, `${of(cpu, number)}; r7 = r0; r0 = r7`, { presets });
  test('is found by its number, of those that there are', () => {
    const zero = answer(
      map,
      `${key(1)}; r3 = 0; call bpf_map_lookup_percpu_elem; r0 = *(u64 *)(r0 + 0)`,
      { presets },
    );
    expect([found(0), zero]).toEqual([9n, 9n]);
    const isThere = (cpu: number, number = 1) =>
      answer(
        map,
        `${key(number)}; r3 = ${cpu}; call bpf_map_lookup_percpu_elem; r7 = r0; r0 = 0; ` +
          'if r7 == 0 goto +1; r0 = 1',
      );
    expect([0, 1, 3, 4, -1].map((cpu) => isThere(cpu))).toEqual([1n, 1n, 1n, 0n, 0n]);
    expect(isThere(0, 2)).toBe(0n);
  });
});

describe('a lock', () => {
  const map = { special: [{ kind: 'spin_lock', offset: 0 }] };
  const find = `${key(0)}; call bpf_map_lookup_elem; if r0 == 0 goto out; r7 = r0`;
  const lock = 'r1 = r7; call bpf_spin_lock';
  const unlock = 'r1 = r7; call bpf_spin_unlock';
  test('is taken and given back', () => {
    const word = 'r0 = *(u32 *)(r7 + 0)';
    expect(answer(map, `${find}; ${lock}; ${word}; out: r0 += 0`)).toBe(1n);
    expect(answer(map, `${find}; ${lock}; ${unlock}; ${word}; out: r0 += 0`)).toBe(0n);
    expect(answer(map, `${find}; ${lock}; ${unlock}; ${lock}; ${word}; out: r0 += 0`)).toBe(1n);
  });
  test('is taken once, and given back by who has it', () => {
    expect(answer(map, `${find}; ${lock}; ${lock}; out: r0 = 0`)).toMatch(
      /the lock is held already/,
    );
    expect(answer(map, `${find}; ${unlock}; out: r0 = 0`)).toMatch(/the lock is not held/);
  });
});
