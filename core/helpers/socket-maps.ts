import { readGuest } from '../machine/access.ts';
import { GuestFault } from '../machine/fault.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { type OpenSocket, socketNumber } from '../machine/sockets.ts';
import { wordBytes } from '../maps/map.ts';
import { SocketMap } from '../maps/sockets.ts';
import { failure } from '../spec/errno.ts';
import { mapTypeName } from '../spec/map-types.ts';
import type { HookName } from '../spec/program-types.ts';
import { checkSocket, mapArgument, socketArgument } from './arguments.ts';
import { mapDeleteElem, mapUpdateElem } from './maps.ts';
import { isFull } from './sockets.ts';

/**
 * Program types whose sockets are not locked, so that they may change a sockmap
 * (kernel/bpf/verifier.c, may_update_sockmap).
 */
const MAY_CHANGE: ReadonlySet<HookName> = new Set([
  'socket_filter',
  'tc',
  'xdp',
  'sk_reuseport',
  'flow_dissector',
  'sk_lookup',
]);

function allowed(hook: HookName, helper: string, { definition: { type, name } }: SocketMap): void {
  if (MAY_CHANGE.has(hook)) return;
  throw new GuestFault(
    'bad-argument',
    `${helper} may not be used on ${mapTypeName(type)} map "${name}" by ${hook} programs: ` +
      `the kernel refuses the program`,
  );
}

/**
 * Sockets that can be in a sockmap: of TCP those that are connected or listen (net/core/sock_map.c,
 * sock_map_sk_state_allowed).
 */
const isSuitable = ({ socket: { protocol, state } }: OpenSocket): boolean =>
  protocol === 'udp' || state === 'established' || state === 'listen';

function updateSocketMap(machine: Machine, map: SocketMap): bigint {
  const key = readGuest(
    machine,
    'bpf_map_update_elem',
    machine.argument(2),
    map.definition.keySize,
  );
  checkSocket(machine, 'bpf_map_update_elem', 3);
  const socket = socketArgument(machine, 3);
  if (!isFull(socket)) return failure('EINVAL');
  if (!isSuitable(socket)) return failure('EOPNOTSUPP');
  const value = wordBytes(socketNumber(machine, socket), machine.memory.littleEndian);
  return BigInt(map.update(key, value, machine.argument(4)));
}

/**
 * bpf_map_update_elem; of a sockmap or sockhash r3 is a socket (net/core/sock_map.c,
 * sock_map_update_elem).
 */
export const mapUpdateElemOf =
  (hook: HookName): HelperFunction =>
  (machine) => {
    const map = mapArgument(machine);
    if (!(map instanceof SocketMap)) return mapUpdateElem(machine);
    allowed(hook, 'bpf_map_update_elem', map);
    return updateSocketMap(machine, map);
  };

/** bpf_map_delete_elem, which not every hook may use on a sockmap or sockhash. */
export const mapDeleteElemOf =
  (hook: HookName): HelperFunction =>
  (machine) => {
    const map = mapArgument(machine);
    if (map instanceof SocketMap) allowed(hook, 'bpf_map_delete_elem', map);
    return mapDeleteElem(machine);
  };
