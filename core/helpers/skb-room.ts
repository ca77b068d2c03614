import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { i32, u32 } from './arguments.ts';
import {
  insertBytes,
  packetLength,
  removeBytes,
  renewPointers,
  resizeTail,
} from './packet-room.ts';
import { clearHash } from './skb-meta.ts';
import { isProtocol, setProtocol } from './skb-protocol.ts';

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
/** SKB_MAX_ALLOC: four pages less struct skb_shared_info. */
const MAX_ALLOC = 4 * 4096 - 320;
const MAX_DIFFERENCE = 0xfff;

/** Flags of bpf_skb_adjust_room (include/uapi/linux/bpf.h, BPF_F_ADJ_ROOM_*). */
const FLAG = {
  fixedGso: 1n << 0n,
  encapIpv4: 1n << 1n,
  encapIpv6: 1n << 2n,
  encapGre: 1n << 3n,
  encapUdp: 1n << 4n,
  noChecksumReset: 1n << 5n,
  encapEthernet: 1n << 6n,
  decapIpv4: 1n << 7n,
  decapIpv6: 1n << 8n,
} as const;
const ENCAP = FLAG.encapIpv4 | FLAG.encapIpv6;
const DECAP = FLAG.decapIpv4 | FLAG.decapIpv6;
const INNER_LINK_SHIFT = 56n;
const KNOWN =
  Object.values(FLAG).reduce((all, flag) => all | flag, 0n) | (0xffn << INNER_LINK_SHIFT);
const KNOWN_SHRINK = FLAG.fixedGso | FLAG.noChecksumReset | DECAP;
const ETH_HLEN = 14n;

const networkBytes = (machine: Machine): number =>
  isProtocol(machine, 'ipv4') ? IPV4_BYTES : IPV6_BYTES;

/** Where room is made: behind the network header (mode 0) or behind the link header (mode 1). */
function roomOffset(machine: Machine): number | undefined {
  const { linkLength } = machine.skb;
  const mode = u32(machine.argument(3));
  if (mode === 0) return linkLength + networkBytes(machine);
  return mode === 1 ? linkLength : undefined;
}

/**
 * What of the packet must stay when it shrinks; undefined where the flags contradict each other.
 */
function leastBytes(machine: Machine, shrinks: boolean, flags: bigint): number | undefined {
  const target = flags & DECAP;
  if (target === 0n) return networkBytes(machine);
  if (!shrinks || target === DECAP) return undefined;
  return target === FLAG.decapIpv4 ? IPV4_BYTES : IPV6_BYTES;
}

/** Why an encapsulation cannot be made (bpf_skb_net_grow). */
function encapProblem(machine: Machine, count: number, flags: bigint): bigint | undefined {
  const innerLink = flags >> INNER_LINK_SHIFT;
  if ((flags & ENCAP) === ENCAP) return failure('EINVAL');
  if (flags & FLAG.encapGre && flags & FLAG.encapUdp) return failure('EINVAL');
  if (flags & FLAG.encapEthernet && innerLink < ETH_HLEN) return failure('EINVAL');
  if (machine.skb.encapsulation) return failure('EALREADY');
  return innerLink > BigInt(count) ? failure('EINVAL') : undefined;
}

function grow(machine: Machine, offset: number, count: number, flags: bigint): bigint {
  const encap = (flags & ENCAP) !== 0n;
  const problem = encap ? encapProblem(machine, count, flags) : undefined;
  if (problem !== undefined) return problem;
  insertBytes(machine, offset, count);
  if (!encap) return 0n;
  machine.skb.encapsulation = true;
  setProtocol(machine, flags & FLAG.encapIpv6 ? 'ipv6' : 'ipv4');
  return 0n;
}

function shrink(machine: Machine, offset: number, count: number, flags: bigint): bigint {
  if (flags & ~KNOWN_SHRINK) return failure('EINVAL');
  if (offset + count > packetLength(machine)) return failure('ENOMEM');
  removeBytes(machine, offset, count);
  if (flags & FLAG.decapIpv6) setProtocol(machine, 'ipv6');
  if (flags & FLAG.decapIpv4) setProtocol(machine, 'ipv4');
  return 0n;
}

/** bpf_skb_adjust_room (net/core/filter.c): r2 bytes more or less, r3 mode, r4 flags. */
export const skbAdjustRoom: HelperFunction = (machine) => {
  renewPointers(machine);
  const difference = i32(machine.argument(2));
  const flags = machine.argument(4);
  const shrinks = difference < 0;
  const count = Math.abs(difference);
  if (flags & ~KNOWN) return failure('EINVAL');
  if (count > MAX_DIFFERENCE) return failure('EFAULT');
  if (!isProtocol(machine, 'ipv4') && !isProtocol(machine, 'ipv6')) return failure('ENOTSUPP');
  const offset = roomOffset(machine);
  if (offset === undefined) return failure('ENOTSUPP');
  const least = leastBytes(machine, shrinks, flags);
  if (least === undefined) return failure('EINVAL');
  const length = packetLength(machine);
  const network = length - machine.skb.networkOffset;
  if (shrinks ? count >= network || network - count < least : length + count > MAX_ALLOC)
    return failure('ENOTSUPP');
  const answer = shrinks
    ? shrink(machine, offset, count, flags)
    : grow(machine, offset, count, flags);
  if (answer === 0n && !(flags & FLAG.noChecksumReset)) machine.skb.checksumLevel = undefined;
  return answer;
};

/** The same for sk_skb programs, whose data is a stream: room is made or taken at its start. */
export const streamAdjustRoom: HelperFunction = (machine) => {
  renewPointers(machine);
  const difference = i32(machine.argument(2));
  const count = Math.abs(difference);
  if (machine.argument(4) !== 0n || u32(machine.argument(3)) !== 0) return failure('EINVAL');
  if (count > MAX_DIFFERENCE) return failure('EFAULT');
  if (difference < 0 && count > packetLength(machine)) return failure('ENOMEM');
  if (difference < 0) removeBytes(machine, 0, count);
  else insertBytes(machine, 0, count);
  machine.skb.networkOffset += difference;
  return 0n;
};

/** bpf_skb_change_tail: r2 new length, r3 flags. */
export const skbChangeTail: HelperFunction = (machine) => {
  renewPointers(machine);
  const length = u32(machine.argument(2));
  machine.recorder?.goByProtocol(machine.steps);
  const shortest = machine.skb.transportOffset ?? machine.skb.networkOffset;
  if (machine.argument(3) !== 0n || length > MAX_ALLOC || length < shortest)
    return failure('EINVAL');
  if (machine.skb.encapsulation) return failure('ENOTSUPP');
  resizeTail(machine, length);
  return 0n;
};

/** bpf_skb_change_head: r2 bytes to put in front, r3 flags. */
export const skbChangeHead: HelperFunction = (machine) => {
  renewPointers(machine);
  const count = u32(machine.argument(2));
  const length = packetLength(machine) + count;
  if (machine.argument(3) !== 0n || count > 0x7fff_ffff || length > MAX_ALLOC)
    return failure('EINVAL');
  insertBytes(machine, 0, count);
  const { skb } = machine;
  skb.networkOffset += count;
  skb.linkLength = skb.networkOffset;
  skb.macLength = skb.networkOffset;
  if (skb.transportOffset !== undefined) skb.transportOffset += count;
  return 0n;
};

/**
 * bpf_skb_change_proto: r2 protocol, network byte order, r3 flags. Only between IPv4 and IPv6;
 * headers are the program's.
 */
export const skbChangeProto: HelperFunction = (machine) => {
  renewPointers(machine);
  if (machine.argument(3) !== 0n) return failure('EINVAL');
  const wanted = BigInt.asUintN(16, machine.argument(2));
  const { linkLength } = machine.skb;
  const difference = IPV6_BYTES - IPV4_BYTES;
  if (isProtocol(machine, 'ipv4') && isProtocol(machine, 'ipv6', wanted)) {
    insertBytes(machine, linkLength, difference);
    setProtocol(machine, 'ipv6');
  } else if (isProtocol(machine, 'ipv6') && isProtocol(machine, 'ipv4', wanted)) {
    if (linkLength + difference > packetLength(machine)) return failure('ENOMEM');
    removeBytes(machine, linkLength, difference);
    setProtocol(machine, 'ipv4');
  } else return failure('ENOTSUPP');
  clearHash(machine);
  return 0n;
};
