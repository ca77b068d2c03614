import { readGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { isBuilt } from '../maps/create.ts';
import type { GuestMap } from '../maps/map.ts';
import { nameAddress } from '../memory/memory.ts';
import { MAP_TYPE_ID, mapTypeName } from '../spec/map-types.ts';

/** The map in r1; a fault names what was there instead, or the type that is not built. */
export function mapArgument(machine: Machine, helper: string, register: 1 | 2 = 1): GuestMap {
  const value = machine.argument(register);
  const map = machine.mapOf(value);
  if (map === undefined) {
    throw new GuestFault(
      'bad-argument',
      `${helper} wants a map in r${register}, which is ${nameAddress(machine.memory, value) ?? `0x${value.toString(16)}`}`,
    );
  }
  if (!isBuilt(map.definition)) {
    throw new GuestFault(
      'helper-not-built',
      `${helper} on map "${map.definition.name}": map type ${mapTypeName(map.definition.type)} is known but not built here`,
    );
  }
  return map;
}

function refuseProgArray(map: GuestMap, helper: string): void {
  if (map.definition.type === MAP_TYPE_ID.prog_array) {
    throw new GuestFault(
      'bad-argument',
      `${helper} may not be used on prog_array map "${map.definition.name}": the kernel refuses the program`,
    );
  }
}

export const mapLookupElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_lookup_elem');
  refuseProgArray(map, 'bpf_map_lookup_elem');
  const key = readGuest(machine, 'bpf_map_lookup_elem', machine.argument(2), map.definition.keySize);
  return map.lookup(key, machine.surroundings.cpu);
};

export const mapUpdateElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_update_elem');
  refuseProgArray(map, 'bpf_map_update_elem');
  const key = readGuest(machine, 'bpf_map_update_elem', machine.argument(2), map.definition.keySize);
  const value = readGuest(machine, 'bpf_map_update_elem', machine.argument(3), map.definition.valueSize);
  return BigInt(map.update(key, value, machine.argument(4), machine.surroundings.cpu));
};

export const mapDeleteElem: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_map_delete_elem');
  refuseProgArray(map, 'bpf_map_delete_elem');
  const key = readGuest(machine, 'bpf_map_delete_elem', machine.argument(2), map.definition.keySize);
  return BigInt(map.delete(key));
};
