import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { regionOf } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { mapContents } from '../session/outcome.ts';
import { ERRNO, type Errno } from '../spec/errno.ts';
import { MAP_FLAGS, MAP_TYPE_ID, type MapTypeName } from '../spec/map-types.ts';
import { Random } from '../testing/random.ts';
import { withMaps } from '../testing/with-maps.ts';
import type { RingBuffer } from './ringbuf.ts';

/** A map of its own, as user space uses it; words are four bytes. */
function map(definition: Partial<MapDefinition>) {
  const machine = withMaps('r0 = 0; exit', [definition]).machine!;
  const [made] = machine.maps;
  const word = (value: number, size: number) => {
    const bytes = new Uint8Array(size);
    if (size >= 4) new DataView(bytes.buffer).setUint32(0, value, true);
    return bytes;
  };
  const { keySize, valueSize } = made.definition;
  const answer = (result: number) =>
    result === 0 ? 'ok' : (Object.keys(ERRNO) as Errno[]).find((name) => ERRNO[name] === -result);
  return {
    put: (key: number, value: number, flags = 0n) =>
      answer(made.update(word(key, keySize), word(value, valueSize), flags, 0)),
    drop: (key: number) => answer(made.delete(word(key, keySize))),
    finds: (key: number) => made.lookup(word(key, keySize), 0) !== 0n,
    entries: () =>
      mapContents(machine, 0).entries.map(({ key, value }) => `${toHex(key)}=${toHex(value)}`),
  };
}

const [ANY, NOEXIST, EXIST, LOCK] = [0n, 1n, 2n, 4n];

/** kernel/bpf/devmap.c. */
describe('devmap', () => {
  const devices = () => map({ type: MAP_TYPE_ID.devmap, valueSize: 4, maxEntries: 3 });
  test('takes indexes below max_entries', () => {
    const made = devices();
    expect([0, 2, 3, 0x7fff_ffff].map((key) => made.put(key, 5))).toEqual([
      'ok',
      'ok',
      'E2BIG',
      'E2BIG',
    ]);
    expect(made.entries()).toEqual(['00000000=05000000', '02000000=05000000']);
    expect([0, 1, 2, 3].map((key) => made.finds(key))).toEqual([true, false, true, false]);
  });
  test('every slot exists: NOEXIST never holds', () => {
    const made = devices();
    expect([
      made.put(0, 5, NOEXIST),
      made.put(0, 5, EXIST),
      made.put(0, 6, 3n),
      made.put(0, 5, LOCK),
    ]).toEqual(['EEXIST', 'ok', 'EINVAL', 'EINVAL']);
  });
  test('gives a slot back', () => {
    const made = devices();
    made.put(2, 5);
    expect([made.drop(2), made.drop(2), made.drop(3)]).toEqual(['ok', 'ok', 'EINVAL']);
    expect(made.entries()).toEqual([]);
  });
});

describe('devmap_hash', () => {
  const devices = () => map({ type: MAP_TYPE_ID.devmap_hash, valueSize: 4, maxEntries: 2 });
  test('an entry that is there is written anew, but with NOEXIST', () => {
    const made = devices();
    expect([
      made.put(7, 1),
      made.put(7, 2),
      made.put(7, 3, EXIST),
      made.put(7, 4, NOEXIST),
    ]).toEqual(['ok', 'ok', 'ok', 'EEXIST']);
    expect(made.entries()).toEqual(['07000000=03000000']);
  });
  test('one that is not there is made with NOEXIST, as long as there is room', () => {
    const made = devices();
    expect([made.put(7, 1, NOEXIST), made.put(8, 1), made.put(9, 1), made.put(8, 2)]).toEqual([
      'ok',
      'ok',
      'E2BIG',
      'ok',
    ]);
    expect([made.drop(9), made.drop(8), made.put(9, 1)]).toEqual(['ENOENT', 'ok', 'ok']);
  });
  test('interface 0 and flags it does not know are refused', () =>
    expect([devices().put(1, 0), devices().put(1, 1, 3n), devices().put(1, 1, LOCK)]).toEqual([
      'EINVAL',
      'EINVAL',
      'EINVAL',
    ]));
});

/** kernel/bpf/cpumap.c. */
describe('cpumap', () => {
  test('takes CPUs of the machine, with a queue of at most 16,384 packets', () => {
    const made = map({ type: MAP_TYPE_ID.cpumap, valueSize: 4, maxEntries: 8 });
    expect([
      made.put(3, 16_384),
      made.put(3, 16_385),
      made.put(4, 1),
      made.put(8, 1),
      made.put(0, 1, NOEXIST),
    ]).toEqual(['ok', 'EOVERFLOW', 'ENODEV', 'E2BIG', 'EEXIST']);
    expect(made.entries()).toEqual(['03000000=00400000']);
  });
});

describe('hash', () => {
  const hash = (type: MapTypeName, more: Partial<MapDefinition> = {}) =>
    map({ type: MAP_TYPE_ID[type], maxEntries: 2, ...more });
  test.each(['hash', 'percpu_hash', 'lru_hash'] as const)('%s: ANY, NOEXIST, EXIST', (type) => {
    const made = hash(type);
    expect([
      made.put(1, 1, EXIST),
      made.put(1, 1, NOEXIST),
      made.put(1, 2, NOEXIST),
      made.put(1, 3, EXIST),
      made.put(1, 4, ANY),
      made.put(1, 5, 3n),
    ]).toEqual(['ENOENT', 'ok', 'EEXIST', 'ok', 'ok', 'EINVAL']);
    expect([made.drop(1), made.drop(1)]).toEqual(['ok', 'ENOENT']);
  });
  test('a full one takes what is there', () => {
    const made = hash('hash');
    expect([
      made.put(1, 1),
      made.put(2, 1),
      made.put(3, 1),
      made.put(2, 9),
      made.entries().length,
    ]).toEqual(['ok', 'ok', 'E2BIG', 'ok', 2]);
  });
  test('BPF_F_LOCK wants a lock in the value', () => {
    expect(hash('hash').put(1, 1, LOCK)).toBe('EINVAL');
    expect(hash('hash', { flags: MAP_FLAGS.BPF_F_NO_PREALLOC }).put(1, 1, LOCK)).toBe('EINVAL');
    expect(hash('lru_hash').put(1, 1, LOCK)).toBe('EINVAL');
    expect(hash('percpu_hash').put(1, 1, LOCK)).toBe('EINVAL');
  });
});

describe('array', () => {
  test('has every index below max_entries, and gives none back', () => {
    const made = map({ type: MAP_TYPE_ID.array, maxEntries: 3 });
    expect([
      made.put(2, 1),
      made.put(3, 1),
      made.put(0, 1, NOEXIST),
      made.put(0, 1, EXIST),
      made.put(0, 1, 3n),
    ]).toEqual(['ok', 'E2BIG', 'EEXIST', 'ok', 'EINVAL']);
    expect(made.drop(0)).toBe('EINVAL');
    expect([2, 3].map((key) => made.finds(key))).toEqual([true, false]);
  });
});

describe('queue and stack', () => {
  test.each([
    ['queue', ['=01000000', '=02000000']],
    ['stack', ['=02000000', '=01000000']],
  ] as const)('%s: full, and with EXIST the oldest goes', (type, order) => {
    const made = map({ type: MAP_TYPE_ID[type], keySize: 0, valueSize: 4, maxEntries: 2 });
    expect([made.put(0, 1), made.put(0, 2), made.put(0, 3)]).toEqual(['ok', 'ok', 'E2BIG']);
    expect(made.entries().map((entry) => entry.slice(entry.indexOf('=')))).toEqual(order);
    expect([made.put(0, 3, NOEXIST), made.put(0, 3, EXIST)]).toEqual(['EINVAL', 'ok']);
    const values = made
      .entries()
      .map((entry) => entry.slice(-8))
      .toSorted();
    expect(values).toEqual(['02000000', '03000000']);
  });
});

describe('bloom filter', () => {
  const filter = () =>
    map({
      type: MAP_TYPE_ID.bloom_filter,
      keySize: 0,
      valueSize: 4,
      maxEntries: 64,
      flags: MAP_FLAGS.BPF_F_ZERO_SEED,
    });
  test('shows the words that have a bit set, eight bytes each', () => {
    const made = filter();
    expect(made.entries()).toEqual([]);
    expect([made.put(0, 5), made.put(0, 5, NOEXIST), made.drop(0)]).toEqual([
      'ok',
      'EINVAL',
      'EOPNOTSUPP',
    ]);
    const words = made.entries();
    expect(words.length).toBeGreaterThan(0);
    for (const entry of words)
      expect(/^[0-9a-f]{8}=[0-9a-f]{16}$/.test(entry) && !/=0{16}$/.test(entry)).toBe(true);
    const bits = (entries: readonly string[]) =>
      entries
        .flatMap((entry) => [...BigInt(`0x${entry.slice(9)}`).toString(2)])
        .filter((bit) => bit === '1').length;
    // Five hash functions unless map_extra says otherwise; two may meet.
    expect(bits(words)).toBeGreaterThanOrEqual(3);
    expect(bits(words)).toBeLessThanOrEqual(5);
  });
});

describe('LPM trie', () => {
  test('keeps a prefix once, and takes none that is too long', () => {
    const machine = withMaps('r0 = 0; exit', [
      {
        type: MAP_TYPE_ID.lpm_trie,
        keySize: 8,
        valueSize: 4,
        maxEntries: 2,
        flags: MAP_FLAGS.BPF_F_NO_PREALLOC,
      },
    ]).machine!;
    const [trie] = machine.maps;
    const key = (bits: number, ...address: number[]) => Uint8Array.of(bits, 0, 0, 0, ...address);
    const value = Uint8Array.of(1, 0, 0, 0);
    const put = (bits: number, address: number[], flags = ANY) =>
      trie.update(key(bits, ...address), value, flags, 0);
    expect([put(8, [10, 0, 0, 0]), put(8, [10, 0, 0, 0], NOEXIST), put(8, [10, 0, 0, 0])]).toEqual([
      0,
      -ERRNO.EEXIST,
      0,
    ]);
    expect([
      put(33, [10, 0, 0, 0]),
      put(16, [10, 1, 0, 0], EXIST),
      put(16, [10, 1, 0, 0]),
      put(24, [10, 1, 2, 0]),
    ]).toEqual([-ERRNO.EINVAL, -ERRNO.ENOENT, 0, -ERRNO.ENOSPC]);
    const finds = (...address: number[]) => trie.lookup(key(32, ...address), 0) !== 0n;
    expect([finds(10, 9, 9, 9), finds(10, 1, 9, 9), finds(11, 0, 0, 0)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([
      trie.delete(key(8, 10, 0, 0, 0)),
      trie.delete(key(8, 10, 0, 0, 0)),
      finds(10, 9, 9, 9),
      finds(10, 1, 9, 9),
    ]).toEqual([0, -ERRNO.ENOENT, false, true]);
  });

  test('finds the longest of the prefixes that are in it, whichever came and went', () => {
    const machine = withMaps('r0 = 0; exit', [
      {
        type: MAP_TYPE_ID.lpm_trie,
        keySize: 5,
        valueSize: 4,
        maxEntries: 40,
        flags: MAP_FLAGS.BPF_F_NO_PREALLOC,
      },
    ]).machine!;
    const [trie] = machine.maps;
    const random = new Random(11);
    const key = (bits: number, data: number) => Uint8Array.of(bits, 0, 0, 0, data);
    const masked = (bits: number, data: number) => data & (0xff00 >> bits) & 0xff;
    /** Values by length and the bits that count. */
    const model = new Map<string, number>();
    const nameOf = (bits: number, data: number) => `${bits} ${masked(bits, data)}`;
    const found = (pointer: bigint): number | undefined =>
      pointer === 0n
        ? undefined
        : machine.memory.bytes[
            machine.memory.base[regionOf(machine.memory, Number(pointer >> 32n))]
          ];
    for (let round = 1; round <= 600; round++) {
      const [bits, data, value] = [random.below(9), random.below(256), round & 255];
      const name = nameOf(bits, data);
      if (random.below(2) === 0) {
        const isFull = !model.has(name) && model.size === 40;
        const answer = trie.update(key(bits, data), Uint8Array.of(value, 0, 0, 0), ANY, 0);
        expect(answer).toBe(isFull ? -ERRNO.ENOSPC : 0);
        if (!isFull) model.set(name, value);
      } else {
        expect(trie.delete(key(bits, data))).toBe(model.delete(name) ? 0 : -ERRNO.ENOENT);
      }
      const asked = random.below(256);
      const most = random.below(9);
      const lengths = Array.from({ length: most + 1 }, (_, i) => most - i);
      const longest = lengths.map((length) => nameOf(length, asked)).find((one) => model.has(one));
      expect(found(trie.lookup(key(most, asked), 0))).toBe(longest && model.get(longest));
      expect(trie.count).toBe(model.size);
    }
  });
});

test('a pointer into a value is named by the value it lies in, and its byte', () => {
  const source = `*(u32 *)(r10 - 4) = 3; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0;
    call bpf_map_lookup_elem
    r0 = *(u64 *)(r0 + 1); exit`;
  const { fault } = withMaps(source, [{}]).outcome!;
  expect(fault!.message).toBe('instruction 6 reads 8 bytes at map m0[3]+1, map m0[3] has 8 bytes');
});

/** kernel/bpf/arraymap.c, bpf_fd_array_map_update_elem and fd_array_map_delete_elem. */
test('a map of maps takes and gives back indexes below max_entries', () => {
  const inner = { type: 2, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0, name: 'inner' };
  const made = map({
    type: MAP_TYPE_ID.array_of_maps,
    valueSize: 4,
    maxEntries: 3,
    inner: inner as MapDefinition,
  });
  expect([0, 2, 3].map((key) => made.put(key, 1))).toEqual(['ok', 'ok', 'E2BIG']);
  expect([made.put(0, 1, NOEXIST), made.put(0, 1, EXIST)]).toEqual(['EINVAL', 'EINVAL']);
  expect([0, 1, 2, 3, 0x7fff_ffff].map((key) => made.drop(key))).toEqual([
    'ok',
    'ENOENT',
    'ok',
    'E2BIG',
    'E2BIG',
  ]);
});

/** kernel/bpf/ringbuf.c, __bpf_ringbuf_reserve: a record has a head of 8 bytes. */
test('a ring buffer never fills to its last byte', () => {
  const machine = withMaps('r0 = 0; exit', [
    { type: MAP_TYPE_ID.ringbuf, keySize: 0, valueSize: 0, maxEntries: 4096 },
  ]).machine!;
  const fits = (...sizes: number[]): boolean[] => {
    const [ring] = withMaps('r0 = 0; exit', [machine.maps[0].definition]).machine!.maps;
    return sizes.map((size) => (ring as RingBuffer).reserve(size) !== 0n);
  };
  expect(fits(4096 - 8)).toEqual([false]);
  expect(fits(4096 - 16)).toEqual([true]);
  expect(fits(2048 - 8, 2048 - 8)).toEqual([true, false]);
  expect(fits(2048 - 8, 2048 - 16, 1)).toEqual([true, true, false]);
});
