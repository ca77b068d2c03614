import type { Socket } from '../machine/network.ts';
import { formatIpv4, formatIpv6 } from '../packet/address.ts';
import { word } from '../packet/words.ts';
import type { InitialFromPacket } from '../spec/contexts.ts';
import { type HookName, programType } from '../spec/program-types.ts';
import {
  etherType,
  networkProtocol,
  qemuLinkLength,
  skbPacketType,
  transportOffset,
} from './link-layer.ts';
import type { Options } from './options.ts';

const AF_INET = 2n;
const AF_INET6 = 10n;
const IPPROTO_UDP = 17;

/** The packet that context fields are taken from. */
export interface PacketFacts {
  readonly frame: Uint8Array;
  /** Bytes of it that the program is given. */
  readonly length: number;
  readonly littleEndian: boolean;
  /** Whether the socket sends it: then its source is local. */
  readonly outgoing: boolean;
}

/** A 32-bit word of the packet as the machine loads it. */
function loaded(bytes: Uint8Array, littleEndian: boolean): bigint {
  return BigInt(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, littleEndian));
}

/**
 * Source or destination address of the IP header, 4 or 16 bytes; undefined where the packet has
 * none of that version.
 */
function ipAddress(frame: Uint8Array, version: 4 | 6, source: boolean): Uint8Array | undefined {
  const network = networkProtocol(frame);
  if (network?.version !== version) return undefined;
  const size = version === 4 ? 4 : 16;
  const at = network.offset + (version === 4 ? 12 : 8) + (source ? 0 : size);
  return frame.subarray(at, at + size);
}

function port(frame: Uint8Array, source: boolean): number {
  const at = transportOffset(frame);
  const from = at === undefined ? 0 : at + (source ? 0 : 2);
  return at === undefined || from + 2 > frame.length ? 0 : word(frame, from);
}

const swapped = (value: number): number => ((value & 0xff) << 8) | (value >> 8);

/** Which word of an address it is: the number in its brackets. */
const wordOf = (initial: string): number => Number(initial.at(-2));

/** The number a field has before the run where the user set none. */
export function initialValue(initial: number | InitialFromPacket, facts: PacketFacts): bigint {
  const { frame, littleEndian, outgoing } = facts;
  const addressWord = (version: 4 | 6, source: boolean, index: number): bigint => {
    const bytes = ipAddress(frame, version, source);
    return bytes ? loaded(bytes.subarray(index * 4, index * 4 + 4), littleEndian) : 0n;
  };
  switch (initial) {
    case 'length':
      return BigInt(facts.length);
    case 'packet-type':
      return BigInt(skbPacketType(frame));
    case 'protocol': {
      const type = etherType(frame);
      return BigInt(littleEndian ? swapped(type) : type);
    }
    case 'family': {
      const version = networkProtocol(frame)?.version;
      return version === 4 ? AF_INET : version === 6 ? AF_INET6 : 0n;
    }
    case 'ip-protocol':
      return BigInt(networkProtocol(frame)?.protocol ?? 0);
    case 'remote-ip4':
      return addressWord(4, !outgoing, 0);
    case 'local-ip4':
      return addressWord(4, outgoing, 0);
    case 'remote-port-high': {
      const value = port(frame, !outgoing);
      return BigInt(littleEndian ? swapped(value) * 0x1_0000 : value);
    }
    case 'remote-port-low': {
      const value = port(frame, !outgoing);
      return BigInt(littleEndian ? swapped(value) : value * 0x1_0000);
    }
    case 'local-port':
      return BigInt(port(frame, outgoing));
    default:
      if (typeof initial === 'number') return BigInt(initial);
      return addressWord(6, initial.startsWith('remote') !== outgoing, wordOf(initial));
  }
}

type Range = readonly [from: number, to: number];

/** Bytes that say which protocols a frame has, and how long the IP header is. */
export function headerBytes(frame: Uint8Array): Range[] {
  const network = networkProtocol(frame);
  return network === undefined
    ? typeBytes(14)
    : [...typeBytes(network.offset), [network.offset, network.offset + 1]];
}

/**
 * Each type that is found on the way to the network header: Ethernet's, and those behind VLAN tags.
 */
const typeBytes = (offset: number): Range[] =>
  Array.from({ length: 1 + (offset - 14) / 4 }, (_, i) => [12 + 4 * i, 14 + 4 * i]);

/** Bytes that say which protocol follows the IP header, and where it begins. */
function transportBytes(frame: Uint8Array): Range[] {
  const network = networkProtocol(frame);
  if (network === undefined) return headerBytes(frame);
  const protocol = network.offset + (network.version === 4 ? 9 : 6);
  return [...headerBytes(frame), [protocol, protocol + 1]];
}

/** Bytes of the headers that say which two ends a packet goes between. */
export function tupleBytes(frame: Uint8Array): Range[] {
  const network = networkProtocol(frame);
  if (network === undefined) return headerBytes(frame);
  const { version, offset } = network;
  const addresses: Range = version === 4 ? [offset + 12, offset + 20] : [offset + 8, offset + 40];
  const ports = transportOffset(frame) ?? frame.length;
  return [...transportBytes(frame), addresses, [ports, Math.min(ports + 4, frame.length)]];
}

/**
 * Bytes by which a hook runs its program on a frame at all, and by which it finds where the data
 * starts.
 */
export function entryBytes(hook: HookName, options: Options, frame: Uint8Array): Range[] {
  const start = options.get('start') ?? programType(hook).data;
  if (hook === 'filter-ubpf') {
    const link = Math.min(qemuLinkLength(frame), frame.length - 1);
    return [
      [12, Math.max(14, link)],
      [link, link + 1],
    ];
  }
  if (start === 'transport') return transportBytes(frame);
  if (start !== 'payload') return [];
  const tcp = (transportOffset(frame) ?? frame.length) + 12;
  return [...transportBytes(frame), ...(tcp < frame.length ? [[tcp, tcp + 1] as const] : [])];
}

/** Bytes of the frame that decide the number `initialValue` gives. */
export function initialBytes(
  initial: number | InitialFromPacket,
  frame: Uint8Array,
  outgoing: boolean,
): Range[] {
  if (typeof initial === 'number' || initial === 'length') return [];
  if (initial === 'packet-type') return [[0, 6]];
  if (initial === 'protocol') return [[12, 14]];
  const network = networkProtocol(frame);
  const types = typeBytes(network?.offset ?? 14);
  if (initial === 'family' || network === undefined) return types;
  const { version, offset } = network;
  const protocol = offset + (version === 4 ? 9 : 6);
  if (initial === 'ip-protocol') return [...types, [protocol, protocol + 1]];
  const source = initial.startsWith('remote') !== outgoing;
  if (initial.includes('port')) {
    const at = (transportOffset(frame) ?? 0) + (source ? 0 : 2);
    return [...types, [offset, offset + 1], [protocol, protocol + 1], [at, at + 2]];
  }
  const address = ipAddress(frame, initial.includes('ip4') ? 4 : 6, source);
  if (address === undefined) return types;
  const at =
    address.byteOffset - frame.byteOffset + 4 * Number(/\[(\d)\]$/.exec(initial)?.[1] ?? 0);
  return [...types, [at, at + 4]];
}

/** Of anything but UDP a socket of TCP is made. */
export const socketProtocol = (frame: Uint8Array): Socket['protocol'] =>
  networkProtocol(frame)?.protocol === IPPROTO_UDP ? 'udp' : 'tcp';

/**
 * The socket of this host that a packet belongs to, as its headers tell; nothing of it where there
 * are none.
 */
export function packetSocket(frame: Uint8Array, outgoing: boolean): Socket {
  const version = networkProtocol(frame)?.version;
  const text = (source: boolean): string => {
    if (version === 6) return formatIpv6(ipAddress(frame, 6, source)!);
    return version === 4 ? formatIpv4(ipAddress(frame, 4, source)!) : '0.0.0.0';
  };
  const protocol = socketProtocol(frame);
  return {
    protocol,
    local: text(outgoing),
    localPort: port(frame, outgoing),
    remote: text(!outgoing),
    remotePort: port(frame, !outgoing),
    state: protocol === 'tcp' ? 'established' : 'close',
  };
}
