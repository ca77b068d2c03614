import { toHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { parseIpv4, parseIpv6 } from '../packet/address.ts';
import type { HookName } from '../spec/program-types.ts';
import { BPF_SOCK, BPF_TCP_SOCK } from '../spec/sockets.ts';
import type { GuestAddress } from '../spec/units.ts';
import type { Machine } from './machine.ts';
import { SOCKET_STATES, type Socket } from './network.ts';
import { TypedStructure } from './typed.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const PROTOCOL_NUMBER = { tcp: 6, udp: 17 } as const;
const TYPE_NUMBER = { tcp: 1, udp: 2 } as const;

/** A socket with its addresses as bytes and where programs see it. */
export interface OpenSocket {
  readonly socket: Socket;
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly local: Uint8Array;
  /** Zeros where it is not connected. */
  readonly remote: Uint8Array;
  /** Guest addresses of its struct bpf_sock and struct bpf_tcp_sock. */
  readonly address: GuestAddress;
  readonly tcpAddress: bigint;
  readonly cookie: bigint;
}

/** An address of either family; throws InputError. */
export function addressBytes(text: string, place: string): Uint8Array {
  const bytes = parseIpv4(text) ?? parseIpv6(text);
  if (bytes === undefined)
    throw new InputError(place, `"${text.slice(0, 60)}" is no IPv4 or IPv6 address`);
  return bytes;
}

const swap16 = (value: number): number => ((value & 0xff) << 8) | (value >> 8);

/**
 * What stands for an IPv6 address where the kernel keeps an IPv4 one (include/net/ipv6.h,
 * LOOPBACK4_IPV6): 127.0.0.6.
 */
const LOOPBACK4_IPV6 = Uint8Array.of(127, 0, 0, 6);
const isAny = (address: Uint8Array): boolean => address.every((byte) => byte === 0);

/** An IPv4 address as an IPv6 one. */
const mapped = (address: Uint8Array): Uint8Array =>
  Uint8Array.of(...new Array(10).fill(0), 0xff, 0xff, ...address);

/**
 * The address that a socket has in the family that is not its own: a TCP connection of IPv4 also
 * has an IPv6 one.
 */
function otherAddress({ protocol, state }: Socket, address: Uint8Array): Uint8Array | undefined {
  if (isAny(address)) return undefined;
  if (address.length === 16) return LOOPBACK4_IPV6;
  return protocol === 'tcp' && state === 'established' ? mapped(address) : undefined;
}

/** Words of an address as the machine loads them: one of IPv4, four of IPv6. */
function addressWords(
  machine: Machine,
  name: string,
  bytes: Uint8Array | undefined,
): [string, bigint][] {
  if (bytes === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): bigint => BigInt(view.getUint32(at, machine.memory.littleEndian));
  if (bytes.length === 4) return [[`${name}_ip4`, word(0)]];
  return [0, 1, 2, 3].map((i) => [`${name}_ip6[${i}]`, word(4 * i)]);
}

function values(
  machine: Machine,
  open: Pick<OpenSocket, 'socket' | 'family' | 'local' | 'remote'>,
): Map<string, bigint> {
  const { socket, family, local, remote } = open;
  const port = socket.remotePort ?? 0;
  return new Map([
    ['family', BigInt(family)],
    ['type', BigInt(TYPE_NUMBER[socket.protocol])],
    ['protocol', BigInt(PROTOCOL_NUMBER[socket.protocol])],
    ['mark', BigInt(socket.mark ?? 0)],
    ...addressWords(machine, 'src', local),
    ...addressWords(machine, 'src', otherAddress(socket, local)),
    ['src_port', BigInt(socket.localPort)],
    ['dst_port', BigInt(machine.memory.littleEndian ? swap16(port) : port)],
    ...addressWords(machine, 'dst', remote),
    ...addressWords(machine, 'dst', otherAddress(socket, remote)),
    ['state', BigInt(SOCKET_STATES[socket.state])],
    ['rx_queue_mapping', 0xffff_ffffn],
  ]);
}

/** mss and congestion window of a connection that has just been made. */
const TCP_VALUES: ReadonlyMap<string, bigint> = new Map([
  ['snd_cwnd', 10n],
  ['snd_ssthresh', 0x7fff_ffffn],
  ['mss_cache', 1448n],
]);

/** Makes a socket for programs to see; `name` is how its address is shown. */
export function openSocket(
  machine: Machine,
  hook: HookName,
  socket: Socket,
  name: string,
  cookie: bigint,
): OpenSocket {
  const local = addressBytes(socket.local, name);
  const remote =
    socket.remote === undefined ? new Uint8Array(local.length) : addressBytes(socket.remote, name);
  if (local.length !== remote.length)
    throw new InputError(name, 'its two addresses are of different families');
  const family = local.length === 4 ? AF_INET : AF_INET6;
  const parts = { socket, family, local, remote } as const;
  const structure = (
    table: typeof BPF_SOCK | typeof BPF_TCP_SOCK,
    fields: ReadonlyMap<string, bigint>,
  ) => new TypedStructure(machine, { fields: table.fields, hook, values: fields });
  const address = machine.addTyped(
    'socket',
    name,
    BPF_SOCK.size,
    structure(BPF_SOCK, values(machine, parts)),
  );
  const tcpAddress =
    socket.protocol === 'tcp'
      ? machine.addTyped(
          'socket',
          `${name} tcp`,
          BPF_TCP_SOCK.size,
          structure(BPF_TCP_SOCK, TCP_VALUES),
        )
      : 0n;
  return { ...parts, address, tcpAddress, cookie };
}

/** Opens every socket of the network, numbered from 1 as sockmaps name them. */
export function openSockets(machine: Machine, hook: HookName): void {
  machine.sockets = machine.network.sockets.map((socket, i) =>
    openSocket(machine, hook, socket, `socket ${i + 1}`, BigInt(i + 1)),
  );
}

/** The socket a map holds by that number: the session's first, then those of packets. */
export const socketNumbered = (
  { sockets, mappedSockets }: Machine,
  number: number,
): OpenSocket | undefined => [...sockets, ...mappedSockets][number - 1];

/** The number a map holds for a socket; one of a packet gets the next. */
export function socketNumber(machine: Machine, socket: OpenSocket): number {
  const all = [...machine.sockets, ...machine.mappedSockets];
  if (!all.includes(socket)) machine.mappedSockets = [...machine.mappedSockets, socket];
  return all.indexOf(socket) + 1 || all.length + 1;
}

export const socketAt = (machine: Machine, address: GuestAddress): OpenSocket | undefined =>
  [
    ...machine.sockets,
    ...machine.mappedSockets,
    ...(machine.ownSocket ? [machine.ownSocket] : []),
  ].find(
    (open) => open.address === address || (open.tcpAddress !== 0n && open.tcpAddress === address),
  );

/** The session's socket with the same ends as one made from a packet, else that one. */
export function socketOfPacket(machine: Machine, hook: HookName, made: Socket): OpenSocket {
  const local = addressBytes(made.local, 'the packet');
  const remote = addressBytes(made.remote!, 'the packet');
  const sameEnds = ({ socket, ...open }: OpenSocket): boolean =>
    socket.protocol === made.protocol &&
    socket.localPort === made.localPort &&
    socket.remotePort === made.remotePort &&
    toHex(open.local) === toHex(local) &&
    toHex(open.remote) === toHex(remote);
  return (
    machine.sockets.find(sameEnds) ??
    openSocket(machine, hook, made, 'socket', BigInt(machine.sockets.length + 1))
  );
}
