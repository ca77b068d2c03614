import { InputError } from '../errors.ts';
import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { type BuiltMapType, mapType, mapTypeName } from '../spec/map-types.ts';
import { ArrayMap } from './array.ts';
import { BloomFilter } from './bloom-filter.ts';
import { HashMap } from './hash.ts';
import { LpmTrie } from './lpm-trie.ts';
import { type GuestMap, type MapPlace, mapHandle } from './map.ts';
import { ArrayOfMaps, HashOfMaps } from './map-in-map.ts';
import { PerfEventArray } from './perf-events.ts';
import { ProgArray } from './prog-array.ts';
import { QueueStack } from './queue-stack.ts';
import { DevmapHash, RedirectArray } from './redirect.ts';
import { RingBuffer } from './ringbuf.ts';
import { SocketMap } from './sockets.ts';
import { CgroupStorage, SocketStorage } from './storage.ts';

type MapMaker = new (memory: Memory, definition: MapDefinition, place: MapPlace) => GuestMap;

/**
 * The map types built here, by the names of spec/map-types.ts: each that does not say why it is
 * refused.
 */
const MAKERS: Readonly<Record<BuiltMapType, MapMaker>> = {
  array: ArrayMap,
  percpu_array: ArrayMap,
  hash: HashMap,
  percpu_hash: HashMap,
  lru_hash: HashMap,
  lru_percpu_hash: HashMap,
  lpm_trie: LpmTrie,
  prog_array: ProgArray,
  perf_event_array: PerfEventArray,
  array_of_maps: ArrayOfMaps,
  hash_of_maps: HashOfMaps,
  devmap: RedirectArray,
  devmap_hash: DevmapHash,
  cpumap: RedirectArray,
  xskmap: RedirectArray,
  sockmap: SocketMap,
  sockhash: SocketMap,
  reuseport_sockarray: SocketMap,
  cgroup_storage: CgroupStorage,
  percpu_cgroup_storage: CgroupStorage,
  sk_storage: SocketStorage,
  queue: QueueStack,
  stack: QueueStack,
  bloom_filter: BloomFilter,
  ringbuf: RingBuffer,
};

const makerOf = ({ type }: MapDefinition): MapMaker | undefined =>
  (MAKERS as Readonly<Record<string, MapMaker | undefined>>)[mapTypeName(type)];

export const isBuilt = (definition: MapDefinition): boolean => makerOf(definition) !== undefined;

/** Why maps of a type that is not built cannot be used. */
export const whyNotBuilt = ({ type }: MapDefinition): string =>
  mapType(type)?.refused ?? `Linux 6.18 has no map type ${type}`;

/**
 * A map that exists by name only: one of a type that is not built, where the helper that is given
 * it faults by name, or one that the kernel would refuse (`problem`), which no program that runs
 * refers to.
 */
class UnbuiltMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  readonly problem: string | undefined;
  constructor(memory: Memory, definition: MapDefinition, _: MapPlace, problem?: string) {
    this.definition = definition;
    this.handle = mapHandle(memory, definition);
    this.problem = problem;
  }
  lookup = (): bigint => 0n;
  update = (): number => 0;
  delete = (): number => 0;
  entries = (): Iterable<never> => [];
  save = (): undefined => undefined;
  restore = (): void => {};
}

/** Makes a map in guest memory; an InputError names what the kernel would refuse it for. */
export function createMap(memory: Memory, definition: MapDefinition, place: MapPlace): GuestMap {
  return new (makerOf(definition) ?? UnbuiltMap)(memory, definition, place);
}

/** As createMap, but a map that cannot be made is there by name, with its problem. */
export function createMapOrProblem(
  memory: Memory,
  definition: MapDefinition,
  place: MapPlace,
): GuestMap {
  try {
    return createMap(memory, definition, place);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return new UnbuiltMap(memory, definition, place, error.message);
  }
}
