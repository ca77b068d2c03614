import { helperMemory, readGuest, writeGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { dropTimers } from '../machine/timers.ts';
import { ArrayMap } from '../maps/array.ts';
import type { BloomFilter } from '../maps/bloom-filter.ts';
import { isBuilt, whyNotBuilt } from '../maps/create.ts';
import type { GuestMap, PushMap } from '../maps/map.ts';
import { QueueStack } from '../maps/queue-stack.ts';
import { nameAddress, READ, regionOf, WRITE } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { MAP_FLAGS, mapType, mapTypeName } from '../spec/map-types.ts';

const described = (machine: Machine, value: bigint): string =>
  nameAddress(machine.memory, value) ?? `0x${value.toString(16)}`;

/**
 * Helpers that a program may not use on a map it may only read (kernel/bpf/verifier.c,
 * record_func_map).
 */
const WRITERS = new Set([
  'bpf_map_update_elem',
  'bpf_map_delete_elem',
  'bpf_map_push_elem',
  'bpf_map_pop_elem',
]);

/**
 * The map in a register, of a type the helper takes; a fault names what was there instead, or why
 * it cannot be used.
 */
export function mapArgument(machine: Machine, helper: string, register: 1 | 2 = 1): GuestMap {
  const value = machine.argument(register);
  const map = machine.mapOf(value);
  if (map === undefined)
    throw new GuestFault(
      'bad-argument',
      `${helper} wants a map in r${register}, which is ${described(machine, value)}`,
    );
  const { type, name } = map.definition;
  if (!isBuilt(map.definition)) {
    throw new GuestFault(
      'helper-not-built',
      `${helper} on map "${name}": map type ${mapTypeName(type)} is known but not built here, ${whyNotBuilt(map.definition)}`,
    );
  }
  if (!mapType(type)!.helpers.includes(helper.replace(/^bpf_/, ''))) {
    throw new GuestFault(
      'bad-argument',
      `${helper} may not be used on ${mapTypeName(type)} map "${name}": the kernel refuses the program`,
    );
  }
  if (map.definition.flags & MAP_FLAGS.BPF_F_RDONLY_PROG && WRITERS.has(helper))
    throw new GuestFault(
      'bad-argument',
      `${helper} may not be used on map "${name}" with BPF_F_RDONLY_PROG: the kernel refuses the program`,
    );
  return map;
}

const keyArgument = (machine: Machine, helper: string, map: GuestMap): Uint8Array =>
  readGuest(machine, helper, machine.argument(2), map.definition.keySize);

export const mapLookupElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_lookup_elem');
  return map.lookup(keyArgument(machine, 'bpf_map_lookup_elem', map), machine.surroundings.cpu);
};

/** r3: the CPU whose value is wanted. */
export const mapLookupPercpuElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_lookup_percpu_elem');
  const key = keyArgument(machine, 'bpf_map_lookup_percpu_elem', map);
  const cpu = Number(BigInt.asUintN(32, machine.argument(3)));
  return cpu < machine.surroundings.cpus ? map.lookup(key, cpu) : 0n;
};

/**
 * What left a map takes its timers along; an array's element that is written anew, too
 * (bpf_obj_free_fields).
 */
function dropTimersOf(machine: Machine, map: GuestMap, written?: Uint8Array): void {
  if (machine.timers.length === 0) return;
  const value = written && map instanceof ArrayMap ? map.lookup(written, 0) : 0n;
  const start =
    value === 0n ? 0 : machine.memory.base[regionOf(machine.memory, Number(value >> 32n))];
  dropTimers(
    machine,
    machine.maps.indexOf(map),
    start,
    start + (value === 0n ? 0 : map.definition.valueSize),
  );
}

export const mapUpdateElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_update_elem');
  const key = keyArgument(machine, 'bpf_map_update_elem', map);
  const value = readGuest(
    machine,
    'bpf_map_update_elem',
    machine.argument(3),
    map.definition.valueSize,
  );
  const result = map.update(key, value, machine.argument(4), machine.surroundings.cpu);
  if (result === 0) dropTimersOf(machine, map, key);
  return BigInt(result);
};

export const mapDeleteElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_delete_elem');
  const result = map.delete(keyArgument(machine, 'bpf_map_delete_elem', map));
  if (result === 0) dropTimersOf(machine, map);
  return BigInt(result);
};

/** r2 value, r3 flags. */
export const mapPushElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_push_elem') as PushMap;
  const value = readGuest(
    machine,
    'bpf_map_push_elem',
    machine.argument(2),
    map.definition.valueSize,
  );
  return BigInt(map.push(value, machine.argument(3)));
};

/** Where there is no value the program's memory is zeroed. */
function handOut(
  machine: Machine,
  helper: string,
  map: QueueStack,
  value: Uint8Array | undefined,
): bigint {
  writeGuest(
    machine,
    helper,
    machine.argument(2),
    value ?? new Uint8Array(map.definition.valueSize),
  );
  return value === undefined ? failure('ENOENT') : 0n;
}

export const mapPopElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_pop_elem') as QueueStack;
  helperMemory(machine, 'bpf_map_pop_elem', machine.argument(2), map.definition.valueSize, WRITE);
  return handOut(machine, 'bpf_map_pop_elem', map, map.pop());
};

/** Of a bloom filter: r2 is the value that is asked about. */
export const mapPeekElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_peek_elem');
  if (map instanceof QueueStack) return handOut(machine, 'bpf_map_peek_elem', map, map.peek());
  const value = readGuest(
    machine,
    'bpf_map_peek_elem',
    machine.argument(2),
    map.definition.valueSize,
  );
  return (map as BloomFilter).contains(value) ? 0n : failure('ENOENT');
};

const LOCK_BYTES = 4;

/**
 * Linear address of a bpf_spin_lock. It is 1 while it is held, and part of its value's bytes, so
 * nothing else keeps it.
 */
function lockArgument(machine: Machine, helper: string): number {
  return helperMemory(machine, helper, machine.argument(1), LOCK_BYTES, READ | WRITE);
}

export const spinLock: HelperFunction = (machine) => {
  const at = lockArgument(machine, 'bpf_spin_lock');
  const { view, littleEndian } = machine.memory;
  if (view.getUint32(at, littleEndian) !== 0)
    throw new GuestFault(
      'bad-argument',
      'bpf_spin_lock: the lock is held already, the program would wait for itself',
    );
  view.setUint32(at, 1, littleEndian);
  return 0n;
};

export const spinUnlock: HelperFunction = (machine) => {
  const at = lockArgument(machine, 'bpf_spin_unlock');
  const { view, littleEndian } = machine.memory;
  if (view.getUint32(at, littleEndian) !== 1)
    throw new GuestFault('bad-argument', 'bpf_spin_unlock: the lock is not held');
  view.setUint32(at, 0, littleEndian);
  return 0n;
};
