import { parseInteger } from '../bytes/integer.ts';
import { InputError } from '../errors.ts';
import type { MapDefinition } from '../object/types.ts';
import { isMapInMap, mapTypeName } from '../spec/map-types.ts';

/**
 * A number of a definition that user space may set before the map is made (bpf_map__set_max_entries
 * and its like).
 */
export const MAP_SIZE_FIELDS = ['max_entries', 'key_size', 'value_size'] as const;
export type MapSizeField = (typeof MAP_SIZE_FIELDS)[number];

/** What a person gives in the place of the program that would load the object. */
export interface MapSize {
  readonly map: string;
  readonly field: MapSizeField;
  readonly value: number;
}

/** A definition as BPF_MAP_CREATE gets it, and what was filled in on the way. */
export interface CompletedMap {
  readonly definition: MapDefinition;
  readonly changes: readonly Completion[];
}

export interface Completion {
  readonly field: MapSizeField;
  readonly before: number;
  readonly now: number;
  /**
   * Who fills it in: every loader does what libbpf does, `cilium/ebpf` names what libbpf would be
   * refused for.
   */
  readonly by: 'libbpf' | 'cilium/ebpf' | 'you';
}

const PROPERTY = {
  max_entries: 'maxEntries',
  key_size: 'keySize',
  value_size: 'valueSize',
} as const satisfies Record<MapSizeField, keyof MapDefinition>;

interface Rule {
  readonly by: 'libbpf' | 'cilium/ebpf';
  readonly types: readonly string[];
  readonly field: MapSizeField;
  /** What it becomes; the same number where there is nothing to do. */
  readonly becomes: (now: number, cpus: number, definition: MapDefinition) => number;
}

const PAGE = 4096;
const HIGHEST = 0xffff_ffff;

/**
 * The least power of 2 of whole pages that holds `size` (tools/lib/bpf/libbpf.c,
 * adjust_ringbuf_sz); 0 stays 0.
 */
function ringSize(size: number): number {
  if (size === 0) return 0;
  for (let pages = PAGE; pages <= HIGHEST; pages *= 2) if (pages >= size) return pages;
  return size;
}

const orIfZero = (other: number) => (now: number) => (now === 0 ? other : now);
const cpusIfZero = (now: number, cpus: number): number => (now === 0 ? cpus : now);
/**
 * A size that came with a type only says what its records are: cilium/ebpf takes it off again
 * (elf_reader.go).
 */
const without =
  (instead: number, type: 'keyType' | 'valueType') =>
  (now: number, _: number, definition: MapDefinition): number =>
    definition[type] === undefined ? now : instead;

/**
 * What loaders fill in before BPF_MAP_CREATE: libbpf (tools/lib/bpf/libbpf.c,
 * map_set_def_max_entries and adjust_ringbuf_sz), then what cilium/ebpf and so bpf2go do beyond it
 * (map.go, fixupMagicFields; elf_reader.go).
 */
const RULES: readonly Rule[] = [
  { by: 'libbpf', types: ['perf_event_array'], field: 'max_entries', becomes: cpusIfZero },
  { by: 'libbpf', types: ['ringbuf', 'user_ringbuf'], field: 'max_entries', becomes: ringSize },
  {
    by: 'cilium/ebpf',
    types: ['ringbuf', 'user_ringbuf'],
    field: 'key_size',
    becomes: without(0, 'keyType'),
  },
  {
    by: 'cilium/ebpf',
    types: ['ringbuf', 'user_ringbuf'],
    field: 'value_size',
    becomes: without(0, 'valueType'),
  },
  {
    by: 'cilium/ebpf',
    types: ['perf_event_array'],
    field: 'value_size',
    becomes: without(4, 'valueType'),
  },
  { by: 'cilium/ebpf', types: ['perf_event_array'], field: 'key_size', becomes: orIfZero(4) },
  { by: 'cilium/ebpf', types: ['perf_event_array'], field: 'value_size', becomes: orIfZero(4) },
  { by: 'cilium/ebpf', types: ['cpumap'], field: 'max_entries', becomes: cpusIfZero },
  {
    by: 'cilium/ebpf',
    types: ['array_of_maps', 'hash_of_maps'],
    field: 'value_size',
    becomes: orIfZero(4),
  },
];

/** A size as a person writes it; throws an InputError at `place` where it is none. */
export function mapSize(text: string, place: string, field: MapSizeField): number {
  const value = parseInteger(text, place);
  if (value < 0n || value > HIGHEST)
    throw new InputError(place, `${field} ${value} is not from 0 to ${HIGHEST}`);
  return Number(value);
}

/**
 * Whether the kernel makes no map of the type with max_entries 0: storage of sockets, tasks and
 * such has none.
 */
export const needsEntries = (type: number): boolean =>
  !/storage$|^struct_ops$/.test(mapTypeName(type));

/** Fills in what loaders fill in: first what a person gave for the map, then the loaders' rules. */
export function completeMap(
  declared: MapDefinition,
  cpus: number,
  sizes: readonly MapSize[] = [],
): CompletedMap {
  const changes: Completion[] = [];
  let definition = declared;
  const set = (field: MapSizeField, now: number, by: Completion['by']): void => {
    const before = definition[PROPERTY[field]];
    if (now === before) return;
    changes.push({ field, before, now, by });
    definition = { ...definition, [PROPERTY[field]]: now };
  };
  for (const { map, field, value } of sizes) if (map === declared.name) set(field, value, 'you');
  const type = mapTypeName(declared.type);
  for (const { by, types, field, becomes } of RULES) {
    if (types.includes(type))
      set(field, becomes(definition[PROPERTY[field]], cpus, definition), by);
  }
  if (isMapInMap(declared.type) && definition.inner)
    definition = { ...definition, inner: completeMap(definition.inner, cpus, sizes).definition };
  return { definition: resized(definition), changes };
}

/**
 * Global data grows with its value: what is behind the object's bytes is zero
 * (bpf_map__set_value_size).
 */
function resized(definition: MapDefinition): MapDefinition {
  const { initialValue, valueSize } = definition;
  if (initialValue === undefined || initialValue.length === valueSize) return definition;
  const grown = new Uint8Array(valueSize);
  grown.set(initialValue.subarray(0, valueSize));
  return { ...definition, initialValue: grown };
}

/** One sentence for each change that libbpf would not make: it would be refused there. */
export function completionWarnings({ definition: { name }, changes }: CompletedMap): string[] {
  return changes
    .filter(({ by }) => by === 'cilium/ebpf')
    .map(
      ({ field, before, now }) =>
        `map "${name}": ${field} is ${before}, taken as ${now} as cilium/ebpf (bpf2go) does; ` +
        `loaded by libbpf the kernel refuses the map`,
    );
}

/** What was filled in, in a few words: `max_entries 4 (libbpf), value_size 4 (cilium/ebpf)`. */
export const completionText = (changes: readonly Completion[]): string =>
  changes.map(({ field, now, by }) => `${field} ${now} (${by})`).join(', ');
