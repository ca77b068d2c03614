import { noteRead } from '../machine/access.ts';
import type { Machine } from '../machine/machine.ts';

/** EtherTypes by name, host byte order (include/uapi/linux/if_ether.h). */
export const ETHER_TYPE = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  vlan: 0x8100,
  qinq: 0x88a8,
  '802.3': 0x0001,
  '802.2': 0x0004,
} as const;
export type EtherType = keyof typeof ETHER_TYPE;

/** A 16-bit number of the network in the machine's byte order, or back. */
export const networkOrder = (machine: Machine, value: number): number =>
  machine.memory.littleEndian ? ((value & 0xff) << 8) | (value >> 8) : value;

/** skb->protocol as a number of the host's byte order. */
export function protocolOf(machine: Machine): number {
  machine.recorder?.goByProtocol(machine.steps);
  return networkOrder(machine, Number(BigInt.asUintN(16, machine.context!.get('protocol'))));
}

/** Whether skb->protocol, or a value as programs have it, is a protocol. */
export function isProtocol(machine: Machine, name: EtherType, value?: bigint): boolean {
  const protocol = value === undefined ? protocolOf(machine) : networkOrder(machine, Number(value));
  return protocol === ETHER_TYPE[name];
}

export const setProtocolNumber = (machine: Machine, value: number): void =>
  machine.context!.set('protocol', BigInt(networkOrder(machine, value)));

export const setProtocol = (machine: Machine, name: EtherType): void =>
  setProtocolNumber(machine, ETHER_TYPE[name]);

const ETH_HLEN = 14;
const TAG_BYTES = 4;
const MOST_TAGS = 8;
export const isVlan = (protocol: number): boolean =>
  protocol === ETHER_TYPE.vlan || protocol === ETHER_TYPE.qinq;

/**
 * The protocol behind VLAN tags in the packet (include/linux/if_vlan.h, vlan_get_protocol); 0 where
 * they are cut off.
 */
export function protocolBehindTags(machine: Machine): number {
  const { packet, skb, memory } = machine;
  const link = packet.data + skb.networkOffset - skb.linkLength;
  const first = skb.macLength === 0 ? ETH_HLEN : skb.macLength - TAG_BYTES;
  let protocol = protocolOf(machine);
  for (let tags = 0; isVlan(protocol); tags++) {
    const at = link + first + tags * TAG_BYTES;
    if (tags === MOST_TAGS || at + TAG_BYTES > packet.end) return 0;
    noteRead(machine, at + 2, 2);
    protocol = memory.view.getUint16(at + 2);
  }
  return protocol;
}
