import { noteRead, writeLinear } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { u32 } from './arguments.ts';
import { ETHER_TYPE, isProtocol, protocolBehindTags } from './skb-protocol.ts';

/** PACKET_OTHERHOST: the kinds a program may change between. */
const LAST_PACKET_TYPE = 3n;

/** bpf_skb_change_type: r2 PACKET_HOST to PACKET_OTHERHOST. */
export const skbChangeType: HelperFunction = (machine) => {
  const context = machine.context!;
  const wanted = BigInt.asUintN(32, machine.argument(2));
  if (context.get('pkt_type') > LAST_PACKET_TYPE || wanted > LAST_PACKET_TYPE)
    return failure('EINVAL');
  context.set('pkt_type', wanted);
  return 0n;
};

/**
 * FNV-1a over the bytes that tell a flow. The kernel's hash depends on a random key; this one is
 * the same everywhere.
 */
function flowHash(machine: Machine): bigint {
  const { packet, memory, skb } = machine;
  const start = packet.data + Math.max(0, skb.networkOffset);
  const end = Math.max(start, Math.min(start + 60, packet.end));
  noteRead(machine, start, end - start);
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ memory.bytes[at], 0x01000193);
  return BigInt(hash >>> 0) || 1n;
}

/** bpf_get_hash_recalc: the flow hash, worked out where it is not known. */
export const getHashRecalc: HelperFunction = (machine) => {
  const context = machine.context!;
  if (!machine.skb.hashed) {
    context.set('hash', flowHash(machine));
    machine.skb.hashed = true;
  }
  return context.get('hash');
};

/** The next bpf_get_hash_recalc works it out anew (skb_clear_hash). */
export function clearHash(machine: Machine): void {
  machine.context!.set('hash', 0n);
  machine.skb.hashed = false;
}

/** bpf_set_hash_invalid */
export const setHashInvalid: HelperFunction = (machine) => {
  clearHash(machine);
  return 0n;
};

/** bpf_set_hash: r2 the hash. */
export const setHash: HelperFunction = (machine) => {
  machine.context!.set('hash', BigInt.asUintN(32, machine.argument(2)));
  machine.skb.hashed = true;
  return 0n;
};

/** bpf_skb_set_tstamp: r2 time stamp, r3 its clock: realtime 0, monotonic 1, TAI 2. */
export const skbSetTstamp: HelperFunction = (machine) => {
  if (!isProtocol(machine, 'ipv4') && !isProtocol(machine, 'ipv6')) return failure('EOPNOTSUPP');
  const time = machine.argument(2);
  const clock = u32(machine.argument(3));
  if (clock > 2 || (clock > 0 && time === 0n)) return failure('EINVAL');
  machine.context!.set('tstamp', time);
  machine.context!.set('tstamp_type', BigInt(clock));
  return 0n;
};

const ECN_MASK = 3;
const csum16Add = (a: number, b: number): number => {
  const sum = a + b;
  return (sum & 0xffff) + (sum >> 16);
};

/** IP_ECN_set_ce (include/net/inet_ecn.h): the checksum is corrected with the field. */
function markIpv4(machine: Machine, at: number): bigint {
  const { view } = machine.memory;
  noteRead(machine, at + 1, 1);
  const tos = view.getUint8(at + 1);
  const next = (tos + 1) & ECN_MASK;
  if ((next & 2) === 0) return next === 0 ? 1n : 0n;
  noteRead(machine, at + 10, 2);
  const checksum = csum16Add(view.getUint16(at + 10), 0xfffb + next);
  writeLinear(machine, at + 1, Uint8Array.of(tos | ECN_MASK));
  writeLinear(machine, at + 10, Uint8Array.of(checksum >> 8, checksum & 0xff));
  return 1n;
}

function markIpv6(machine: Machine, at: number): bigint {
  noteRead(machine, at + 1, 1);
  const second = machine.memory.view.getUint8(at + 1);
  if (((second >> 4) & ECN_MASK) === 0) return 0n;
  writeLinear(machine, at + 1, Uint8Array.of(second | (ECN_MASK << 4)));
  return 1n;
}

/**
 * bpf_skb_ecn_set_ce: marks "congestion experienced" where the packet allows it; answers whether it
 * is marked.
 */
export const skbEcnSetCe: HelperFunction = (machine) => {
  const at = machine.packet.data + machine.skb.networkOffset;
  const room = machine.packet.end - at;
  const protocol = protocolBehindTags(machine);
  if (protocol === ETHER_TYPE.ipv4) return room >= 20 ? markIpv4(machine, at) : 0n;
  return protocol === ETHER_TYPE.ipv6 && room >= 40 ? markIpv6(machine, at) : 0n;
};

/** bpf_get_route_realm: 0, the realm of a packet that has not been routed. */
export const getRouteRealm: HelperFunction = () => 0n;
