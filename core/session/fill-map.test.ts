import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import type { GuestMap } from '../maps/map.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { MAP_FLAGS, MAP_TYPE_ID, type MapTypeName } from '../spec/map-types.ts';
import { objectWithMaps, withMaps } from '../testing/with-maps.ts';
import { fillMap, whyNotFilled } from './fill-map.ts';
import { lookedUpValue } from './outcome.ts';

const session = (type: MapTypeName, more: Partial<MapDefinition> = {}) =>
  withMaps('r0 = 0; exit', [{ type: MAP_TYPE_ID[type], maxEntries: 5, ...more }]);
const NO_PREALLOC = { flags: MAP_FLAGS.BPF_F_NO_PREALLOC };
const keysIn = (map: GuestMap) => [...map.entries()].map(({ key }) => toHex(key)).sort();
const bytes = (hex: string) => fromHex(hex)!;

// Linux 6.18 answers -E2BIG for a new key of a full hash, queue and stack, -ENOSPC for one of a
// full trie (kernel/bpf/hashtab.c, queue_stack_maps.c, lpm_trie.c).
describe('a map is filled', () => {
  test.each<[MapTypeName, Partial<MapDefinition>, string, number]>([
    ['hash', {}, '00000001', -ERRNO.E2BIG],
    ['hash', { ...NO_PREALLOC, keySize: 1, maxEntries: 256 }, 'none left', 0],
    ['percpu_hash', {}, '00000001', -ERRNO.E2BIG],
    ['lpm_trie', { ...NO_PREALLOC, keySize: 8 }, '0800000001000000', -ERRNO.ENOSPC],
    ['queue', { keySize: 0 }, '', -ERRNO.E2BIG],
    ['stack', { keySize: 0 }, '', -ERRNO.E2BIG],
  ])('%s %o', (type, more, another, refusal) => {
    const { machine } = session(type, more);
    const [map] = machine!.maps;
    fillMap(machine!, map);
    expect([...map.entries()]).toHaveLength(map.definition.maxEntries);
    if (refusal < 0) expect(map.update(bytes(another), new Uint8Array(8), 0n, 0)).toBe(refusal);
  });
  test('under the highest keys; those that are there stay, with what they hold', () => {
    const { machine } = session('hash');
    const [map] = machine!.maps;
    map.update(bytes('fffffffe'), bytes('0102030405060708'), 0n, 0);
    fillMap(machine!, map);
    expect(keysIn(map)).toEqual(['fffffffb', 'fffffffc', 'fffffffd', 'fffffffe', 'ffffffff']);
    const held = lookedUpValue(machine!, map, bytes('fffffffe'));
    expect(held).toEqual(bytes('0102030405060708'));
  });
  test('a trie by whole addresses, behind their length', () => {
    const { machine } = session('lpm_trie', { ...NO_PREALLOC, keySize: 8, maxEntries: 2 });
    fillMap(machine!, machine!.maps[0]);
    expect(keysIn(machine!.maps[0])).toEqual(['20000000fffffffe', '20000000ffffffff']);
  });
  test('one that is full stays as it is', () => {
    const { machine } = session('queue', { keySize: 0, maxEntries: 2 });
    const [map] = machine!.maps;
    for (const value of ['01', '02']) map.update(bytes(''), bytes(value.repeat(8)), 0n, 0);
    fillMap(machine!, map);
    const values = [...map.entries()].map(({ value }) => machine!.memory.bytes[value]);
    expect(values).toEqual([1, 2]);
  });
});

describe('a map is not filled, and it is said why', () => {
  test.each<[MapTypeName, Partial<MapDefinition>, RegExp | undefined]>([
    ['array', {}, /never full/],
    ['lru_hash', {}, /never full/],
    ['hash', { keySize: 1, maxEntries: 257 }, /257, which is more than it has keys/],
    ['hash', { keySize: 1, maxEntries: 256 }, undefined],
    ['hash', { keySize: 2, maxEntries: 65_536 }, undefined],
    ['hash', { keySize: 2, maxEntries: 65_537 }, /65,537, which is more than it has keys/],
    ['hash', { keySize: 3, maxEntries: 2 ** 24 + 1 }, /16,777,217 entries: that is too many/],
    ['queue', { keySize: 0, maxEntries: 65_536 }, undefined],
    ['hash', { maxEntries: 65_537 }, /65,537 entries: that is too many/],
    ['hash', { maxEntries: 1024, valueSize: 16_380 }, undefined],
    ['hash', { maxEntries: 1024, valueSize: 16_388 }, /1,024 entries: that is too many/],
    ['percpu_hash', { maxEntries: 1024, valueSize: 8200 }, /1,024 entries: that is too many/],
    ['lpm_trie', { ...NO_PREALLOC, keySize: 5, maxEntries: 257 }, /more than it has keys/],
  ])('%s %o', (type, more, why) => {
    const object = objectWithMaps(assemble('exit'), [
      { type: MAP_TYPE_ID[type], maxEntries: 5, ...more },
    ]);
    const map = { definition: object.maps[0] } as GuestMap;
    const said = whyNotFilled(map, 2);
    if (why) expect(said).toMatch(why);
    else expect(said).toBeUndefined();
  });
  test('what cannot be made', () => {
    const { machine } = session('hash');
    const [map] = machine!.maps;
    expect(whyNotFilled({ ...map, problem: 'why' } as GuestMap, 1)).toBe('cannot be made: why');
  });
  test('by an error where it is tried', () => {
    const { machine } = session('array');
    expect(() => fillMap(machine!, machine!.maps[0])).toThrow(/^map "m0": is of a type/);
  });
});

test('filled in the middle of a run, the program finds it full from there on', () => {
  // Two entries are put in; what the second call answered is the result.
  const source =
    '*(u32 *)(r10 - 4) = 1; *(u64 *)(r10 - 16) = 0; ' +
    'ld_pseudo r1, 0x1, 0; r2 = r10; r2 += -4; r3 = r10; r3 += -16; r4 = 0; call 2; ' +
    '*(u32 *)(r10 - 4) = 2; ' +
    'ld_pseudo r1, 0x1, 0; r2 = r10; r2 += -4; r3 = r10; r3 += -16; r4 = 0; call 2; exit';
  const plain = withMaps(source, [{ type: MAP_TYPE_ID.hash }]);
  expect(plain.outcome!.r0).toBe(0n);
  const filled = withMaps(source, [{ type: MAP_TYPE_ID.hash }], {
    edits: [{ packet: 0, step: 9, target: { kind: 'fill', map: 'm0' }, value: '' }],
  });
  expect(BigInt.asIntN(64, filled.outcome!.r0!)).toBe(BigInt(-ERRNO.E2BIG));
});
