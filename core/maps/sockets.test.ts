import { describe, expect, test } from 'vitest';
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
import { wordBytes } from './map.ts';
import type { SocketMap } from './sockets.ts';
import type { SocketStorage } from './storage.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const make = (type: MapTypeName, changed: Partial<MapDefinition> = {}) => {
  const memory = new Memory('little', linear);
  const definition: MapDefinition = {
    name: 'm',
    type: MAP_TYPE_ID[type],
    keySize: 4,
    valueSize: 4,
    maxEntries: 2,
    flags: 0,
    keyType: 1,
    valueType: 1,
    origin: 'btf',
    section: '.maps',
    ...changed,
  };
  return { memory, map: createMap(memory, definition, { cpus: 4, maps: [] }) };
};
const le = (value: number): Uint8Array => wordBytes(value, true);

describe.each(['sockmap', 'sockhash', 'reuseport_sockarray'] as const)('%s', (type) => {
  test('finds no socket until user space puts one in', () => {
    const map = make(type).map as SocketMap;
    map.addressOf = (socket) => BigInt(socket * 100);
    expect(map.lookup(le(1))).toBe(0n);
    expect(map.update(le(1), le(7), BPF_EXIST)).toBe(-2);
    expect(map.update(le(1), le(7), BPF_ANY)).toBe(0);
    expect(map.update(le(1), le(8), BPF_NOEXIST)).toBe(-17);
    expect([map.lookup(le(1)), map.socket(le(1))]).toEqual([700n, 7]);
    expect(map.delete(le(1))).toBe(0);
    expect(map.delete(le(1))).toBe(type === 'sockhash' ? -2 : -22);
    expect(map.lookup(le(1))).toBe(0n);
  });
  test('goes back to a checkpoint', () => {
    const { map } = make(type);
    const empty = map.save();
    map.update(le(0), le(7), BPF_ANY, 0);
    map.restore(empty);
    expect([...map.entries()]).toEqual([]);
  });
});

describe('sk_storage', () => {
  const storage = () => {
    const { memory, map } = make('sk_storage', {
      maxEntries: 0,
      flags: MAP_FLAGS.BPF_F_NO_PREALLOC,
    });
    return { memory, map: map as SocketStorage };
  };
  test('has a value for a socket once it is asked to make one, and the same from then on', () => {
    const { memory, map } = storage();
    expect(map.get(5n, undefined)).toBe(0n);
    const made = map.get(5n, le(42));
    expect(map.get(5n, le(1))).toBe(made);
    expect(memory.view.getUint32(memory.base[Number(made >> 32n) - 0x1000], true)).toBe(42);
    expect([map.remove(5n), map.remove(5n)]).toEqual([0, -2]);
    expect(map.get(5n, undefined)).toBe(0n);
  });
  test('needs BPF_F_NO_PREALLOC and BTF types', () => {
    expect(() => make('sk_storage', { maxEntries: 0 })).toThrow(
      /needs map_flags BPF_F_NO_PREALLOC/,
    );
    expect(() =>
      make('sk_storage', { maxEntries: 0, flags: MAP_FLAGS.BPF_F_NO_PREALLOC, keyType: undefined }),
    ).toThrow(/needs BTF types/);
  });
});
