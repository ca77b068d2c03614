import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { ERRNO } from '../spec/errno.ts';
import { BPF_EXIST, BPF_NOEXIST, MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { HashMap } from './hash.ts';
import { END_OF_CHAIN } from './hash-table.ts';
import {
  ACCESS_FLAGS,
  checkCreation,
  firstWord,
  type GuestMap,
  indexedValue,
  type MapEntry,
  type MapPlace,
  mapHandle,
  refuse,
  type StoreImage,
  ValueStore,
  wordBytes,
} from './map.ts';

/**
 * Maps of maps (kernel/bpf/map_in_map.c): user space puts maps in, a lookup gives a program the map
 * itself. A value is the number of a map of the session plus one, 0 for an empty slot.
 */
export interface MapOfMaps extends GuestMap {
  /** What inner maps have to be like. */
  readonly inner: MapDefinition;
}

export const isMapOfMaps = (map: GuestMap): map is MapOfMaps =>
  map instanceof ArrayOfMaps || map instanceof HashOfMaps;

/** The template, as libbpf creates it before the outer map; what may not be one. */
function innerOf(definition: MapDefinition): MapDefinition {
  const { inner } = definition;
  if (inner === undefined)
    refuse(definition, 'has no inner map to be like, which the kernel wants (inner_map_fd)');
  if (inner.type === MAP_TYPE_ID.prog_array || inner.type === MAP_TYPE_ID.cgroup_storage)
    refuse(
      definition,
      'has an inner map of a type that may not be in a map: the kernel refuses it with ENOTSUPP',
    );
  return inner;
}

/**
 * How a map differs from the template (bpf_map_meta_equal, array_map_meta_equal); undefined where
 * it fits.
 */
export function misfit(template: MapDefinition, map: MapDefinition): string | undefined {
  for (const field of ['type', 'keySize', 'valueSize', 'flags'] as const)
    if (template[field] !== map[field])
      return `${field} is ${map[field]}, of the inner map it is ${template[field]}`;
  const sized =
    template.type === MAP_TYPE_ID.array && (template.flags & MAP_FLAGS.BPF_F_INNER_MAP) === 0;
  if (sized && template.maxEntries !== map.maxEntries)
    return (
      `maxEntries is ${map.maxEntries}, of the inner map it ` +
      `is ${template.maxEntries} (without BPF_F_INNER_MAP)`
    );
  return undefined;
}

/** array_of_maps: slots from the start, empty ones too. */
export class ArrayOfMaps implements MapOfMaps {
  readonly definition: MapDefinition;
  readonly inner: MapDefinition;
  readonly handle: bigint;
  private readonly memory: Memory;
  private readonly maps: readonly GuestMap[];
  private readonly store: ValueStore;

  constructor(memory: Memory, definition: MapDefinition, { maps }: MapPlace) {
    checkCreation(definition, {
      key: [4],
      value: [4],
      flags: ['BPF_F_NUMA_NODE', 'BPF_F_RDONLY', 'BPF_F_WRONLY'],
    });
    this.inner = innerOf(definition);
    this.definition = definition;
    this.memory = memory;
    this.maps = maps;
    this.handle = mapHandle(memory, definition);
    this.store = new ValueStore(
      memory,
      definition,
      definition.maxEntries,
      indexedValue(definition),
    );
  }

  private number(index: number): number {
    return this.memory.view.getUint32(this.store.linear(index), this.memory.littleEndian);
  }

  lookup(key: Uint8Array): bigint {
    const index = firstWord(key, this.memory.littleEndian);
    const number = index < this.definition.maxEntries ? this.number(index) : 0;
    return this.maps[number - 1]?.handle ?? 0n;
  }

  /** bpf_fd_array_map_update_elem takes BPF_ANY only. */
  update(key: Uint8Array, value: Uint8Array, flags: bigint): number {
    const index = firstWord(key, this.memory.littleEndian);
    if (flags !== 0n) return -ERRNO.EINVAL;
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    this.store.write(index, value, 0, false);
    return 0;
  }

  delete(key: Uint8Array): number {
    const index = firstWord(key, this.memory.littleEndian);
    if (index >= this.definition.maxEntries) return -ERRNO.E2BIG;
    if (this.number(index) === 0) return -ERRNO.ENOENT;
    this.store.write(index, new Uint8Array(4), 0, false);
    return 0;
  }

  *entries(): Iterable<MapEntry> {
    for (let index = 0; index < this.definition.maxEntries; index++)
      if (this.number(index) !== 0)
        yield { key: wordBytes(index, this.memory.littleEndian), value: this.store.linear(index) };
  }

  save(): StoreImage {
    return this.store.save();
  }

  restore(image: StoreImage): void {
    this.store.restore(image);
  }
}

/** hash_of_maps: a hash map of them. */
export class HashOfMaps extends HashMap implements MapOfMaps {
  readonly inner: MapDefinition;
  private readonly memory: Memory;
  private readonly maps: readonly GuestMap[];

  constructor(memory: Memory, definition: MapDefinition, place: MapPlace) {
    super(memory, definition, place);
    checkCreation(definition, {
      value: [4],
      flags: [...ACCESS_FLAGS, 'BPF_F_NO_PREALLOC', 'BPF_F_ZERO_SEED'],
    });
    this.inner = innerOf(definition);
    this.memory = memory;
    this.maps = place.maps;
  }

  override lookup(key: Uint8Array): bigint {
    const element = this.table.find(key);
    if (element === END_OF_CHAIN) return 0n;
    const number = this.memory.view.getUint32(
      this.table.store.linear(element),
      this.memory.littleEndian,
    );
    return this.maps[number - 1]?.handle ?? 0n;
  }

  override update(key: Uint8Array, value: Uint8Array, flags: bigint, cpu: number): number {
    return flags > BPF_EXIST || flags === (BPF_EXIST | BPF_NOEXIST)
      ? -ERRNO.EINVAL
      : super.update(key, value, flags, cpu);
  }
}
