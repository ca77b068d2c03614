import type { Memory } from '../memory/memory.ts';
import type { MapDefinition } from '../object/types.ts';
import { mapTypeName } from '../spec/map-types.ts';
import { ArrayMap } from './array.ts';
import { HashMap } from './hash.ts';
import { LpmTrie } from './lpm-trie.ts';
import { type GuestMap, mapHandle } from './map.ts';
import { ProgArray } from './prog-array.ts';

type MapMaker = new (memory: Memory, definition: MapDefinition) => GuestMap;

/** The map types built here, by the names of spec/map-types.ts. */
const MAKERS: Readonly<Record<string, MapMaker | undefined>> = {
  array: ArrayMap,
  percpu_array: ArrayMap,
  hash: HashMap,
  percpu_hash: HashMap,
  lru_hash: HashMap,
  lru_percpu_hash: HashMap,
  lpm_trie: LpmTrie,
  prog_array: ProgArray,
};

export const isBuilt = (definition: MapDefinition): boolean => MAKERS[mapTypeName(definition.type)] !== undefined;

/** A map that exists but cannot be used: its handle names it, and the helper that is given it faults by name. */
class UnbuiltMap implements GuestMap {
  readonly definition: MapDefinition;
  readonly handle: bigint;
  constructor(memory: Memory, definition: MapDefinition) {
    this.definition = definition;
    this.handle = mapHandle(memory, definition);
  }
  lookup = (): bigint => 0n;
  update = (): number => 0;
  delete = (): number => 0;
  entries = (): Iterable<never> => [];
  save = (): unknown => undefined;
  restore = (): void => {};
}

/** Makes a map in guest memory; an InputError names what the kernel would refuse it for. */
export function createMap(memory: Memory, definition: MapDefinition): GuestMap {
  return new (MAKERS[mapTypeName(definition.type)] ?? UnbuiltMap)(memory, definition);
}
