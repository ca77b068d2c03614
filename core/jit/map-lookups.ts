import type { Instruction } from '../asm/decode.ts';
import type { Machine } from '../machine/machine.ts';
import type { MapDefinition } from '../object/types.ts';
import { constantOf } from '../program/code.ts';
import { changesOf } from '../program/effects.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import type { Pc } from '../spec/units.ts';
import type { LookupCache, LookupCaches } from './lookup-caches.ts';
import type { Compilable, UnitShape } from './shape.ts';

/** A call of bpf_map_lookup_elem for a map that is known. */
export interface KnownLookup {
  /** Index into Machine.maps. */
  readonly map: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly cache: LookupCache | undefined;
  /** The program may read and write its values. */
  readonly isOpen: boolean;
}

export const MAP_REGISTER = 1;
export const KEY_REGISTER = 2;

/** Those whose values begin regions: others give other maps, sockets, or nothing. */
const TYPES: ReadonlySet<number> = new Set([
  MAP_TYPE_ID.array,
  MAP_TYPE_ID.percpu_array,
  MAP_TYPE_ID.hash,
  MAP_TYPE_ID.percpu_hash,
  MAP_TYPE_ID.lru_hash,
  MAP_TYPE_ID.lru_percpu_hash,
]);

const RESTRICTED = MAP_FLAGS.BPF_F_RDONLY_PROG | MAP_FLAGS.BPF_F_WRONLY_PROG;

const knownLookup = (
  map: number,
  cache: LookupCache | undefined,
  { keySize, valueSize, flags, readOnly }: MapDefinition,
): KnownLookup => ({
  map,
  cache,
  keySize,
  valueSize,
  isOpen: (flags & RESTRICTED) === 0 && !readOnly,
});

/** Whether it calls the helper, by whatever number the hook has it. */
const looksUp = ({ row, slot }: Instruction, { helpers }: Machine): boolean =>
  row.kind === 'call' && row.op === 'call' && helpers.get(slot.imm)?.looksUp === true;

/** Calls whose map was loaded as a constant in the same block, as compilers do it. */
export function mapLookups(
  shape: UnitShape,
  at: Compilable,
  machine: Machine,
  caches: LookupCaches,
): ReadonlyMap<Pc, KnownLookup> {
  const lookups = new Map<Pc, KnownLookup>();
  for (const { pcs } of shape.blocks.values()) {
    let map: number | undefined;
    for (const pc of pcs) {
      const instruction = at(pc)!;
      const definition = map === undefined ? undefined : machine.maps[map]?.definition;
      if (definition && TYPES.has(definition.type) && looksUp(instruction, machine))
        lookups.set(pc, knownLookup(map!, caches.of(map!), definition));
      if ((changesOf(instruction) & (1 << MAP_REGISTER)) === 0) continue;
      const constant = constantOf(instruction, pc);
      map = constant?.kind === 'map' ? constant.map : undefined;
    }
  }
  return lookups;
}
