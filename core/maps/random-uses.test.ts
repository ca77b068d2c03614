import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { Endian } from '../bytes/reader.ts';
import { InputError } from '../errors.ts';
import { Memory } from '../memory/memory.ts';
import type { MapDefinition, SpecialField } from '../object/types.ts';
import { fingerprint } from '../session/outcome.ts';
import { MAP_FLAGS, MAP_TYPE_ID, type MapTypeName } from '../spec/map-types.ts';
import { Random } from '../testing/random.ts';
import { createMap, isBuilt } from './create.ts';
import type { ElementCursor, GuestMap } from './map.ts';

const linear = new WebAssembly.Memory({ initial: 1 });
const USES = 400;
const CPUS = 3;
const PAGE = 4096;
const LOCK: readonly SpecialField[] = [{ kind: 'bpf_spin_lock', offset: 0, size: 4 }];

type Row = readonly [type: MapTypeName, more?: Partial<MapDefinition>];
const { BPF_F_NO_PREALLOC, BPF_F_NO_COMMON_LRU, BPF_F_ZERO_SEED } = MAP_FLAGS;
const ROWS: readonly Row[] = [
  ['array'],
  ['array', { special: LOCK }],
  ['array', { valueSize: 5, readOnly: true }],
  ['percpu_array'],
  ['hash'],
  ['hash', { flags: BPF_F_NO_PREALLOC }],
  ['hash', { special: LOCK, keySize: 6 }],
  ['hash', { keySize: 1, valueSize: 3, maxEntries: 1 }],
  ['percpu_hash'],
  ['percpu_hash', { flags: BPF_F_NO_PREALLOC, keySize: 8 }],
  ['lru_hash', { maxEntries: 7 }],
  ['lru_hash', { flags: BPF_F_NO_COMMON_LRU, maxEntries: 12 }],
  ['lru_percpu_hash', { maxEntries: 6 }],
  ['lpm_trie', { flags: BPF_F_NO_PREALLOC, keySize: 6 }],
  ['lpm_trie', { flags: BPF_F_NO_PREALLOC, keySize: 8 }],
  ['prog_array', { valueSize: 4 }],
  ['perf_event_array', { valueSize: 4 }],
  ['devmap', { valueSize: 4 }],
  ['devmap', { valueSize: 8 }],
  ['devmap_hash', { valueSize: 4 }],
  ['cpumap', { valueSize: 4 }],
  ['xskmap', { valueSize: 4 }],
  ['sockmap', { valueSize: 4 }],
  ['sockhash', { valueSize: 8 }],
  ['reuseport_sockarray', { valueSize: 8 }],
  ['cgroup_storage', { keySize: 8, maxEntries: 0 }],
  ['percpu_cgroup_storage', { keySize: 8, maxEntries: 0 }],
  ['sk_storage', { flags: BPF_F_NO_PREALLOC, maxEntries: 0, keyType: 1, valueType: 1 }],
  ['queue', { keySize: 0 }],
  ['stack', { keySize: 0, maxEntries: 3 }],
  ['bloom_filter', { keySize: 0, flags: BPF_F_ZERO_SEED, maxEntries: 20 }],
  ['bloom_filter', { keySize: 0, extra: 3, valueSize: 5, flags: BPF_F_ZERO_SEED }],
  ['ringbuf', { keySize: 0, valueSize: 0, maxEntries: PAGE }],
];

/** What maps have beside the usual. */
type Any = GuestMap & {
  push(value: Uint8Array, flags: bigint): number;
  pop(): Uint8Array | undefined;
  peek(): Uint8Array | undefined;
  contains(value: Uint8Array): boolean;
  reserve(size: number): bigint;
  commit(pointer: bigint, state: 'ready' | 'discarded'): unknown;
  query(what: bigint): number;
  target(key: number): unknown;
  program(index: number): number | undefined;
  socket(key: Uint8Array): number | undefined;
  local(cpu: number): bigint;
  get(socket: bigint, initial: Uint8Array | undefined): bigint;
  remove(socket: bigint): number;
  eventCpu(index: number): number | undefined;
};

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    typeof part === 'bigint' ? `${part}n` : part instanceof Uint8Array ? toHex(part) : part,
  ) ?? '-';

/** Uses of one map, one after the other: what each answers, and what the map holds then. */
function uses(map: Any, memory: Memory, random: Random): string[] {
  const { keySize, valueSize, maxEntries } = map.definition;
  const key = (): Uint8Array => {
    const bytes = new Uint8Array(keySize);
    const number = random.below(Math.max(6, maxEntries + 2));
    if (bytes.length > 0) bytes[memory.littleEndian ? 0 : Math.min(3, keySize - 1)] = number;
    for (let i = 4; i < keySize; i++) bytes[i] = random.pick([0, 10, 0x80, 255]);
    return bytes;
  };
  const value = (): Uint8Array =>
    Uint8Array.from({ length: valueSize }, () => random.pick([0, 1, 2, 7, random.below(256)]));
  const flags = () => random.pick([0n, 0n, 0n, 1n, 2n, 3n, 4n, 5n, 8n, 1n << 33n]);
  const cpu = () => random.below(CPUS);
  const pointers: bigint[] = [];
  const cursor: ElementCursor = { bucket: -1, next: -1 };
  let image: { map: unknown; bytes: Uint8Array } | undefined;
  const at = (pointer: bigint): number => memory.base[Number(pointer >> 32n) - 0x1000];
  const held = (pointer: bigint): unknown => {
    if (pointer === 0n) return 0;
    const start = at(pointer);
    return [start, memory.bytes.slice(start, start + Math.max(1, valueSize))];
  };
  const ways: readonly (() => unknown)[] = [
    () => held(map.lookup(key(), cpu())),
    () => held(map.lookup(key(), cpu())),
    () => map.update(key(), value(), flags(), cpu()),
    () => map.update(key(), value(), 0n, cpu()),
    () => map.update(key(), value(), flags(), cpu()),
    () => map.delete(key()),
    () => map.beginRun?.(),
    () => map.count,
    () => map.keepsFor?.(random.pick([0n, 5n])),
    () => map.push?.(value(), flags()),
    () => map.pop?.(),
    () => map.peek?.(),
    () => map.contains?.(value()),
    () => {
      const pointer = map.reserve?.(random.pick([0, 1, 8, 100, 900, PAGE]));
      if (pointer) pointers.push(pointer);
      return pointer && at(pointer);
    },
    () =>
      pointers.length > 0 &&
      map.commit(random.pick(pointers), random.chance(2) ? 'ready' : 'discarded'),
    () => map.query?.(BigInt(random.below(5))),
    () => map.target?.(random.below(8)),
    () => map.program?.(random.below(8)),
    () => keySize > 0 && map.socket?.(key()),
    () => map.local && held(map.local(cpu())),
    () => map.get && held(map.get(BigInt(random.below(3)), random.chance(2) ? value() : undefined)),
    () => map.remove?.(BigInt(random.below(3))),
    () => map.eventCpu?.(random.below(8)),
    () => {
      const next = map.advance?.(cursor, cpu(), 0);
      if (next === undefined) [cursor.bucket, cursor.next] = [-1, -1];
      return next && [held(next.value), at(next.key)];
    },
    () => {
      const [entry] = map.entries();
      const found = entry && map.elementAt?.(entry.value + random.below(2), 0);
      return found && held(found.value);
    },
    () => {
      image = { map: map.save(), bytes: memory.bytes.slice() };
    },
    () => {
      if (image === undefined || map.definition.type === MAP_TYPE_ID.ringbuf) return;
      memory.bytes.set(image.bytes);
      map.restore(image.map);
    },
    () => image && map.changedSince && [...map.changedSince(image.bytes)].map(({ key }) => key),
  ];
  return Array.from({ length: USES }, () => {
    const way = random.below(ways.length);
    const answer = textOf(ways[way]());
    const entries = Array.from(map.entries(), ({ key, value: start, size = valueSize }) => [
      key,
      memory.bytes.slice(start, start + size),
    ]);
    return `${way} ${answer} ${textOf(entries)}`;
  });
}

/**
 * What maps answer is recorded from a kernel in testing/sweep.test.ts and compared with models in
 * models.test.ts; this keeps it of every type, in both byte orders, with every flag, and through
 * checkpoints.
 */
test('maps at random', async () => {
  const endians: readonly Endian[] = ['little', 'big'];
  const lines = ROWS.flatMap(([type, more = {}], i) =>
    endians.map((endian) => {
      const definition: MapDefinition = {
        name: 'm',
        type: MAP_TYPE_ID[type],
        keySize: 4,
        valueSize: 8,
        maxEntries: 4,
        flags: 0,
        keyType: undefined,
        valueType: undefined,
        origin: 'btf',
        section: '.maps',
        ...more,
      };
      expect([type, isBuilt(definition)]).toEqual([type, true]);
      const what = `${type} ${JSON.stringify(more)}, ${endian}`;
      try {
        const memory = new Memory(endian, linear);
        const place = { cpus: CPUS, maps: [], perfReader: i % 2 === 0 };
        const map = createMap(memory, definition, place) as Any;
        const said = uses(map, memory, new Random(61 + i));
        const parts = [said.slice(0, USES / 2), said.slice(USES / 2)];
        const prints = parts.map((part) => fingerprint(part.join('\n')).slice(0, 8));
        return `${what}: ${prints.join(' ')}`;
      } catch (error) {
        if (error instanceof InputError) return `${what}: refused, ${error.message}`;
        throw error;
      }
    }),
  );
  const golden = join(import.meta.dirname, '../testdata/sessions/random-maps.txt');
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden);
});
