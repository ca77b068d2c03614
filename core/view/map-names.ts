import type { Machine } from '../machine/machine.ts';
import { firstWord } from '../maps/map.ts';
import type { MapDefinition } from '../object/types.ts';
import { mapTypeName } from '../spec/map-types.ts';

type Naming = (machine: Machine, number: number, key: number) => string;

const socket: Naming = (_machine, number) => `socket ${number}`;
const device: Naming = (_machine, number) => `interface ${number}`;
const inner: Naming = (machine, number) => machine.maps[number - 1]?.definition.name ?? '';

/**
 * What a value stands for, in types whose values name something of the session; by the names of
 * spec/map-types.ts.
 */
const NAMINGS: Readonly<Record<string, Naming | undefined>> = {
  prog_array: (machine, number) => machine.code.programs[number - 1]?.name ?? '',
  array_of_maps: inner,
  hash_of_maps: inner,
  devmap: device,
  devmap_hash: device,
  cpumap: (_machine, number, key) => `CPU ${key}, a queue of ${number} packets`,
  xskmap: (_machine, _number, key) => `AF_XDP socket of queue ${key}`,
  perf_event_array: (_machine, number) => `event of CPU ${number - 1}`,
  sockmap: socket,
  sockhash: socket,
  reuseport_sockarray: socket,
};

/** The name of what a value stands for; undefined where it is a plain value. */
export function nameInValue(
  machine: Machine,
  definition: MapDefinition,
  key: Uint8Array,
  value: Uint8Array,
): string | undefined {
  const naming = NAMINGS[mapTypeName(definition.type)];
  const { littleEndian } = machine.memory;
  return naming?.(
    machine,
    firstWord(value, littleEndian),
    key.length >= 4 ? firstWord(key, littleEndian) : 0,
  );
}
