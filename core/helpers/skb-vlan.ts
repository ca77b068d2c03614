import { noteRead, writeLinear } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import { insertBytes, packetLength, removeBytes, renewPointers } from './packet-room.ts';
import { ETHER_TYPE, isVlan, networkOrder, protocolOf, setProtocolNumber } from './skb-protocol.ts';

/**
 * VLAN tags (net/core/skbuff.c, skb_vlan_push and skb_vlan_pop): the outermost one stands beside
 * the packet, in the fields vlan_*; only further ones stand in it, behind the addresses.
 */
const ADDRESSES = 12;
const TAG_BYTES = 4;
const VLAN_ETH_HLEN = 18;
const IEEE_802_3_MAX = 0x0600;

const isTagged = (machine: Machine): boolean => machine.context!.get('vlan_present') !== 0n;

function setTag(machine: Machine, protocol: number, tag: number): void {
  const context = machine.context!;
  context.set('vlan_present', 1n);
  context.set('vlan_proto', BigInt(networkOrder(machine, protocol)));
  context.set('vlan_tci', BigInt(tag));
}

function clearTag(machine: Machine): void {
  for (const field of ['vlan_present', 'vlan_proto', 'vlan_tci']) machine.context!.set(field, 0n);
}

/** Big-endian word of the packet. */
function wordAt(machine: Machine, offset: number): number {
  const at = machine.packet.data + offset;
  noteRead(machine, at, 2);
  return machine.memory.view.getUint16(at);
}

/** The tag beside the packet goes into it. */
function insertTag(machine: Machine): void {
  const context = machine.context!;
  const protocol = networkOrder(machine, Number(context.get('vlan_proto')));
  const tag = Number(context.get('vlan_tci'));
  insertBytes(machine, ADDRESSES, TAG_BYTES);
  const bytes = Uint8Array.of(protocol >> 8, protocol & 0xff, tag >> 8, tag & 0xff);
  writeLinear(machine, machine.packet.data + ADDRESSES, bytes);
  setProtocolNumber(machine, protocol);
}

/** bpf_skb_vlan_push: r2 protocol, network byte order; r3 tag. */
export const skbVlanPush: HelperFunction = (machine) => {
  renewPointers(machine);
  const wanted = networkOrder(machine, Number(BigInt.asUintN(16, machine.argument(2))));
  machine.skb.macLength = machine.skb.linkLength;
  if (isTagged(machine)) insertTag(machine);
  setTag(
    machine,
    isVlan(wanted) ? wanted : ETHER_TYPE.vlan,
    Number(BigInt.asUintN(16, machine.argument(3))),
  );
  return 0n;
};

/** The protocol behind a tag, as vlan_set_encap_proto sees it. */
function encapsulated(machine: Machine): number {
  const protocol = wordAt(machine, 16);
  if (protocol >= IEEE_802_3_MAX) return protocol;
  const raw = packetLength(machine) >= VLAN_ETH_HLEN + 2 && wordAt(machine, 18) === 0xffff;
  return raw ? ETHER_TYPE['802.3'] : ETHER_TYPE['802.2'];
}

/** Takes the outermost tag out of the packet; undefined where the packet is too short for one. */
function removeTag(machine: Machine): number | undefined {
  if (packetLength(machine) < VLAN_ETH_HLEN) return undefined;
  const tag = wordAt(machine, 14);
  setProtocolNumber(machine, encapsulated(machine));
  removeBytes(machine, ADDRESSES, TAG_BYTES);
  const { skb } = machine;
  skb.networkOffset = Math.max(skb.networkOffset - TAG_BYTES, 14);
  skb.linkLength = skb.networkOffset;
  skb.macLength = skb.networkOffset;
  return tag;
}

/**
 * bpf_skb_vlan_pop: takes the outermost tag off; the next one in the packet, if any, takes its
 * place beside it.
 */
export const skbVlanPop: HelperFunction = (machine) => {
  renewPointers(machine);
  if (isTagged(machine)) clearTag(machine);
  else if (!isVlan(protocolOf(machine))) return 0n;
  else if (removeTag(machine) === undefined) return failure('ENOMEM');
  const protocol = protocolOf(machine);
  if (!isVlan(protocol)) return 0n;
  const tag = removeTag(machine);
  if (tag === undefined) return failure('ENOMEM');
  setTag(machine, protocol, tag);
  return 0n;
};
