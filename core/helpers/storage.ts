import { readGuest } from '../machine/access.ts';
import type { HelperFunction } from '../machine/machine.ts';
import type { CgroupStorage, SocketStorage } from '../maps/storage.ts';
import { failure } from '../spec/errno.ts';
import { mapArgument } from './arguments.ts';

/** bpf_get_local_storage (kernel/bpf/helpers.c): r1 map; never NULL. */
export const getLocalStorage: HelperFunction = (machine) =>
  (mapArgument(machine) as CgroupStorage).local(machine.surroundings.cpu);

const BPF_LOCAL_STORAGE_GET_F_CREATE = 1n;

/**
 * bpf_sk_storage_get (net/core/bpf_sk_storage.c): r1 map, r2 socket, r3 initial value or NULL, r4
 * flags.
 */
export const skStorageGet: HelperFunction = (machine) => {
  const map = mapArgument(machine) as SocketStorage;
  const socket = machine.argument(2);
  const initial = machine.argument(3);
  const flags = machine.argument(4);
  const { valueSize } = map.definition;
  if (socket === 0n || flags > BPF_LOCAL_STORAGE_GET_F_CREATE) return 0n;
  if (flags === 0n) return map.get(socket, undefined);
  return map.get(
    socket,
    initial === 0n
      ? new Uint8Array(valueSize)
      : readGuest(machine, 'bpf_sk_storage_get', initial, valueSize),
  );
};

/** r1 map, r2 socket. */
export const skStorageDelete: HelperFunction = (machine) => {
  const map = mapArgument(machine) as SocketStorage;
  const socket = machine.argument(2);
  return socket === 0n ? failure('EINVAL') : BigInt(map.remove(socket));
};
