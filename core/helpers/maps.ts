import { helperMemory, readGuest, writeGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { dropTimers } from '../machine/timers.ts';
import { ArrayMap } from '../maps/array.ts';
import type { BloomFilter } from '../maps/bloom-filter.ts';
import type { GuestMap, PushMap } from '../maps/map.ts';
import { QueueStack } from '../maps/queue-stack.ts';
import { READ, regionOf, WRITE } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { mapArgument } from './arguments.ts';

const keyArgument = (machine: Machine, helper: string, map: GuestMap): Uint8Array =>
  readGuest(machine, helper, machine.argument(2), map.definition.keySize);

export const mapLookupElem: HelperFunction = (machine) => {
  const map = mapArgument(machine);
  return map.lookup(keyArgument(machine, 'bpf_map_lookup_elem', map), machine.surroundings.cpu);
};

/** r3: the CPU whose value is wanted. */
export const mapLookupPercpuElem: HelperFunction = (machine) => {
  const map = mapArgument(machine);
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
  const map = mapArgument(machine);
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
  const map = mapArgument(machine);
  const result = map.delete(keyArgument(machine, 'bpf_map_delete_elem', map));
  if (result === 0) dropTimersOf(machine, map);
  return BigInt(result);
};

/** r2 value, r3 flags. */
export const mapPushElem: HelperFunction = (machine) => {
  const map = mapArgument(machine) as PushMap;
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
  const map = mapArgument(machine) as QueueStack;
  helperMemory(machine, 'bpf_map_pop_elem', machine.argument(2), map.definition.valueSize, WRITE);
  return handOut(machine, 'bpf_map_pop_elem', map, map.pop());
};

/** Of a bloom filter: r2 is the value that is asked about. */
export const mapPeekElem: HelperFunction = (machine) => {
  const map = mapArgument(machine);
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
