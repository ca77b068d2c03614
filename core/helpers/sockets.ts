import { readGuest } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { type OpenSocket, PROTOCOL_NUMBER, socketAt } from '../machine/sockets.ts';
import { failure } from '../spec/errno.ts';
import { i32, socketArgument, u32 } from './arguments.ts';

/** Bytes of struct bpf_sock_tuple for each family. */
const TUPLE4_BYTES = 12;
const TUPLE6_BYTES = 36;
const NO_PORT = 0;

interface Tuple {
  readonly remote: Uint8Array;
  readonly local: Uint8Array;
  readonly remotePort: number;
  readonly localPort: number;
}

/** Addresses, then ports in network byte order: source (the remote end) first. */
function tupleOf(bytes: Uint8Array): Tuple {
  const size = bytes.length === TUPLE4_BYTES ? 4 : 16;
  const port = (at: number): number => (bytes[at] << 8) | bytes[at + 1];
  return {
    remote: bytes.subarray(0, size),
    local: bytes.subarray(size, 2 * size),
    remotePort: port(2 * size),
    localPort: port(2 * size + 2),
  };
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
const isAny = (address: Uint8Array): boolean => address.every((byte) => byte === 0);

/**
 * How well a socket fits a packet; undefined: not at all (net/ipv4/inet_hashtables.c,
 * compute_score).
 */
function score({ socket, local, remote }: OpenSocket, tuple: Tuple): number | undefined {
  const anyLocal = isAny(local);
  if (socket.localPort !== tuple.localPort) return undefined;
  if (!anyLocal && !same(local, tuple.local)) return undefined;
  const connected = (socket.remotePort ?? NO_PORT) !== NO_PORT;
  if (connected && !(same(remote, tuple.remote) && socket.remotePort === tuple.remotePort))
    return undefined;
  if (!connected && socket.protocol === 'tcp' && socket.state !== 'listen') return undefined;
  return (connected ? 4 : 0) + (anyLocal ? 0 : 2);
}

/** The socket a packet of that tuple would be delivered to. */
export function lookUpSocket(
  machine: Machine,
  protocol: 'tcp' | 'udp',
  tuple: Tuple,
): OpenSocket | undefined {
  let best: { open: OpenSocket; score: number } | undefined;
  for (const open of machine.sockets) {
    if (open.socket.protocol !== protocol || open.local.length !== tuple.local.length) continue;
    const fits = score(open, tuple);
    if (fits !== undefined && (best === undefined || fits > best.score))
      best = { open, score: fits };
  }
  return best?.open;
}

/**
 * sk_lookup_* and skc_lookup_tcp (net/core/filter.c): r2 tuple, r3 its size, r4 namespace, r5
 * flags.
 */
const skLookup =
  (helper: string, protocol: 'tcp' | 'udp'): HelperFunction =>
  (machine) => {
    const size = u32(machine.argument(3));
    const tuple = readGuest(machine, helper, machine.argument(2), size);
    // A number below zero (BPF_F_CURRENT_NETNS) is the program's own namespace; here there is no
    // other.
    const own = i32(machine.argument(4)) < 0;
    if ((size !== TUPLE4_BYTES && size !== TUPLE6_BYTES) || machine.argument(5) !== 0n || !own)
      return 0n;
    return lookUpSocket(machine, protocol, tupleOf(tuple))?.address ?? 0n;
  };

export const skLookupTcp = skLookup('bpf_sk_lookup_tcp', 'tcp');
export const skLookupUdp = skLookup('bpf_sk_lookup_udp', 'udp');
export const skcLookupTcp = skLookup('bpf_skc_lookup_tcp', 'tcp');

export const skRelease: HelperFunction = () => 0n;

/** A request or a connection in its last wait is no full socket. */
export const isFull = ({ socket }: OpenSocket): boolean =>
  socket.state !== 'time_wait' && socket.state !== 'syn_recv';

export const skFullsock: HelperFunction = (machine) => {
  const open = socketArgument(machine, 1);
  return isFull(open) ? open.address : 0n;
};

export const tcpSock: HelperFunction = (machine) => {
  const open = socketArgument(machine, 1);
  return isFull(open) ? open.tcpAddress : 0n;
};

export const getListenerSock: HelperFunction = (machine) => {
  const open = socketArgument(machine, 1);
  return open.socket.state === 'listen' ? open.address : 0n;
};

/**
 * bpf_sk_assign of tc: r2 socket, r3 flags: only on ingress, where the packet is still looking for
 * its socket.
 */
export const skbSkAssign: HelperFunction = (machine) => {
  const open = socketAt(machine, machine.argument(2));
  if (open === undefined || machine.argument(3) !== 0n) return failure('EINVAL');
  if (!machine.skb.ingress) return failure('EOPNOTSUPP');
  machine.context!.set('sk', open.address);
  return 0n;
};

const BPF_SK_LOOKUP_F_REPLACE = 1n;
const BPF_SK_LOOKUP_F_NO_REUSEPORT = 2n;

/** Why a socket cannot be what a lookup finds (net/core/filter.c, bpf_sk_lookup_assign). */
function assignProblem(machine: Machine, { socket, family }: OpenSocket): bigint | undefined {
  const context = machine.context!;
  const wanted = socket.protocol === 'tcp' ? 'listen' : 'close';
  if (socket.state !== wanted) return failure('ESOCKTNOSUPPORT');
  if (BigInt(PROTOCOL_NUMBER[socket.protocol]) !== context.get('protocol'))
    return failure('EPROTOTYPE');
  if (BigInt(family) !== context.get('family')) return failure('EAFNOSUPPORT');
  return undefined;
}

/** bpf_sk_assign of sk_lookup: r2 socket or NULL, r3 flags. */
export const lookupSkAssign: HelperFunction = (machine) => {
  const flags = machine.argument(3);
  const context = machine.context!;
  const none = machine.argument(2) === 0n;
  if (flags & ~(BPF_SK_LOOKUP_F_REPLACE | BPF_SK_LOOKUP_F_NO_REUSEPORT)) return failure('EINVAL');
  const problem = none ? undefined : assignProblem(machine, socketArgument(machine, 2));
  if (problem !== undefined) return problem;
  if (context.get('sk') !== 0n && !(flags & BPF_SK_LOOKUP_F_REPLACE)) return failure('EEXIST');
  context.set('sk', machine.argument(2));
  return 0n;
};

/** The socket the packet belongs to, as helpers that take the context find it. */
const contextSocket = (machine: Machine): OpenSocket | undefined =>
  socketAt(machine, machine.context?.get('sk') ?? 0n);

export const getSocketCookie: HelperFunction = (machine) => contextSocket(machine)?.cookie ?? 0n;

/** bpf_get_socket_cookie of sk_reuseport: r1 socket or NULL. */
export const getSocketPtrCookie: HelperFunction = (machine) =>
  socketAt(machine, machine.argument(1))?.cookie ?? 0n;

/** overflowuid, which stands for no user (kernel/sys.c). */
const OVERFLOW_UID = 65534n;

export const getSocketUid: HelperFunction = (machine) => {
  const open = contextSocket(machine);
  return open && isFull(open) ? BigInt(open.socket.uid ?? 0) : OVERFLOW_UID;
};
