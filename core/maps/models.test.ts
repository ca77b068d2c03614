import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import {
  BPF_ANY,
  BPF_EXIST,
  BPF_NOEXIST,
  MAP_FLAGS,
  MAP_TYPE_ID,
  type MapTypeName,
} from '../spec/map-types.ts';
import { createMap } from './create.ts';
import { type GuestMap, wordBytes } from './map.ts';
import type { QueueStack } from './queue-stack.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const CPUS = 2;

function make(type: MapTypeName, maxEntries: number, flags = 0): { memory: Memory; map: GuestMap } {
  const memory = new Memory('little', linear);
  const keyless = type === 'queue' || type === 'stack';
  const definition: MapDefinition = {
    name: 'm',
    type: MAP_TYPE_ID[type],
    keySize: keyless ? 0 : 4,
    valueSize: 4,
    maxEntries,
    flags,
    keyType: undefined,
    valueType: undefined,
    origin: 'btf',
    section: '.maps',
  };
  return { memory, map: createMap(memory, definition, { cpus: CPUS, maps: [] }) };
}

const le = (value: number): Uint8Array => wordBytes(value, true);
const contents = (memory: Memory, map: GuestMap): [string, string][] =>
  Array.from(map.entries(), ({ key, value }) => [
    toHex(key),
    toHex(memory.bytes.subarray(value, value + 4)),
  ]);

const step = fc.record({
  how: fc.constantFrom('update', 'create', 'replace', 'delete', 'lookup'),
  key: fc.nat(12),
  value: fc.nat(0xffff),
});
type Step = { how: string; key: number; value: number };
const FLAGS: Readonly<Record<string, bigint>> = {
  update: BPF_ANY,
  create: BPF_NOEXIST,
  replace: BPF_EXIST,
};

/** Does a step to a map; answers what the kernel's helper would. */
function apply(memory: Memory, map: GuestMap, { how, key, value }: Step): number {
  if (how === 'delete') return map.delete(le(key));
  if (how !== 'lookup') return map.update(le(key), le(value), FLAGS[how], 0);
  const found = map.lookup(le(key), 0);
  return found === 0n
    ? -2
    : memory.view.getUint32(memory.base[Number(found >> 32n) - 0x1000], true);
}

describe('a hash map', () => {
  const ENTRIES = 8;
  const expected = (model: Map<number, number>, { how, key, value }: Step): number => {
    if (how === 'lookup') return model.get(key) ?? -2;
    if (how === 'delete') return model.delete(key) ? 0 : -2;
    if (how === 'create' && model.has(key)) return -17;
    if (how === 'replace' && !model.has(key)) return -2;
    if (!model.has(key) && model.size >= ENTRIES) return -7;
    model.set(key, value);
    return 0;
  };

  test.each([
    ['hash', 0],
    ['hash', MAP_FLAGS.BPF_F_NO_PREALLOC],
    ['percpu_hash', 0],
  ] as const)('%s with flags %i answers as a table of at most 8 entries', (type, flags) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { memory, map } = make(type, ENTRIES, flags);
        const model = new Map<number, number>();
        for (const one of steps) expect(apply(memory, map, one)).toBe(expected(model, one));
        expect(new Map(contents(memory, map))).toEqual(
          new Map(Array.from(model, ([key, value]) => [toHex(le(key)), toHex(le(value))])),
        );
      }),
    );
  });

  test('an iteration meets every entry once, in the order in which user space gets them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { memory, map } = make('hash', ENTRIES);
        for (const one of steps) apply(memory, map, one);
        const met: string[] = [];
        const cursor = { bucket: -1, next: -1 };
        for (
          let at = map.advance!(cursor, 0, 0);
          at !== undefined;
          at = map.advance!(cursor, 0, 0)
        ) {
          const base = memory.base[Number(at.key >> 32n) - 0x1000];
          met.push(toHex(memory.bytes.subarray(base, base + 4)));
        }
        expect(met).toEqual(contents(memory, map).map(([key]) => key));
      }),
    );
  });
});

describe.each([
  ['lru_hash', 0],
  ['lru_hash', MAP_FLAGS.BPF_F_NO_COMMON_LRU],
  ['lru_percpu_hash', 0],
  ['lru_percpu_hash', MAP_FLAGS.BPF_F_NO_COMMON_LRU],
] as const)('%s with flags %i', (type, flags) => {
  test('takes every new key, has what was put in last, and never more than its entries', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { memory, map } = make(type, 6, flags);
        for (const one of steps) {
          const result = apply(memory, map, one);
          expect(contents(memory, map).length).toBeLessThanOrEqual(6);
          if (one.how !== 'update') continue;
          expect(result).toBe(0);
          expect(apply(memory, map, { ...one, how: 'lookup' })).toBe(one.value);
        }
      }),
    );
  });

  test('goes on from a checkpoint as it went on the first time', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(step, { maxLength: 40 }),
        (before, after) => {
          const { memory, map } = make(type, 6, flags);
          for (const one of before) apply(memory, map, one);
          const saved = { memory: memory.save(), map: map.save() };
          const first = after.map((one) => apply(memory, map, one));
          const then = contents(memory, map);
          memory.restore(saved.memory);
          map.restore(saved.map);
          expect(after.map((one) => apply(memory, map, one))).toEqual(first);
          expect(contents(memory, map)).toEqual(then);
        },
      ),
    );
  });
});

describe.each(['queue', 'stack'] as const)('a %s', (type) => {
  test('gives values back in its order, and drops the oldest for BPF_EXIST', () => {
    const action = fc.record({
      how: fc.constantFrom('push', 'force', 'pop', 'peek'),
      value: fc.nat(0xffff),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { map } = make(type, 4);
        const ends = map as QueueStack;
        const model: number[] = [];
        for (const { how, value } of actions) {
          if (how === 'push' || how === 'force') {
            const full = model.length === 4;
            expect(ends.push(le(value), how === 'force' ? BPF_EXIST : BPF_ANY)).toBe(
              full && how === 'push' ? -7 : 0,
            );
            if (full && how === 'force') model.shift();
            if (!full || how === 'force') model.push(value);
            continue;
          }
          const next = type === 'queue' ? model[0] : model.at(-1);
          expect(how === 'pop' ? ends.pop() : ends.peek()).toEqual(
            next === undefined ? undefined : le(next),
          );
          if (how === 'pop' && type === 'queue') model.shift();
          else if (how === 'pop') model.pop();
        }
      }),
    );
  });
});
