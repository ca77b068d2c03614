import { word } from '../packet/words.ts';

/** Where headers start in an Ethernet frame; offsets in bytes. */
export const ETH_HLEN = 14;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const ETH_P_8021Q = 0x8100;
const ETH_P_8021AD = 0x88a8;
const VLAN_HLEN = 4;

/**
 * EtherType at byte 12, as eth_type_trans reads it (net/ethernet/eth.c); a length field counts as
 * 802.2 LLC.
 */
export function etherType(frame: Uint8Array): number {
  if (frame.length < ETH_HLEN) return 0;
  const value = word(frame, 12);
  return value >= 0x0600 ? value : 0x0004;
}

/**
 * skb->pkt_type on a device whose own address the frame is for (include/uapi/linux/if_packet.h):
 * host, broadcast, multicast.
 */
export function skbPacketType(frame: Uint8Array): 0 | 1 | 2 {
  if (frame.length < ETH_HLEN || (frame[0] & 1) === 0) return 0;
  return frame.subarray(0, 6).every((byte) => byte === 0xff) ? 1 : 2;
}

/**
 * An IP header behind VLAN tags: where it starts, its version, and the protocol it says follows.
 */
export interface NetworkHeader {
  readonly offset: number;
  readonly version: 4 | 6;
  readonly protocol: number;
  /** Bytes of the header, without IPv6 extension headers. */
  readonly length: number;
}

export function networkProtocol(frame: Uint8Array): NetworkHeader | undefined {
  let type = etherType(frame);
  let offset = ETH_HLEN;
  while ((type === ETH_P_8021Q || type === ETH_P_8021AD) && offset + VLAN_HLEN <= frame.length) {
    type = word(frame, offset + 2);
    offset += VLAN_HLEN;
  }
  if (type === ETH_P_IP && offset + 20 <= frame.length)
    return { offset, version: 4, protocol: frame[offset + 9], length: (frame[offset] & 0x0f) * 4 };
  if (type === ETH_P_IPV6 && offset + 40 <= frame.length)
    return { offset, version: 6, protocol: frame[offset + 6], length: 40 };
  return undefined;
}

/**
 * Start of the transport header of an IPv4 or IPv6 packet behind VLAN tags; undefined where there
 * is none.
 */
export function transportOffset(frame: Uint8Array): number | undefined {
  const network = networkProtocol(frame);
  return network && network.offset + network.length;
}

const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const UDP_HLEN = 8;

/**
 * Start of what a TCP or UDP packet carries; undefined for others, and where the header is cut off.
 */
export function payloadOffset(frame: Uint8Array): number | undefined {
  const transport = transportOffset(frame);
  const protocol = networkProtocol(frame)?.protocol;
  if (transport === undefined) return undefined;
  if (protocol === IPPROTO_UDP) return transport + UDP_HLEN;
  if (protocol !== IPPROTO_TCP || transport + 13 > frame.length) return undefined;
  return transport + (frame[transport + 12] >> 4) * 4;
}

/** QEMU's eth_get_l2_hdr_length (include/net/eth.h). */
export function qemuLinkLength(frame: Uint8Array): number {
  const type = word(frame, 12);
  if (type === ETH_P_8021Q) return ETH_HLEN + VLAN_HLEN;
  if (type !== ETH_P_8021AD) return ETH_HLEN;
  return frame.length >= 18 && word(frame, 16) === ETH_P_8021Q
    ? ETH_HLEN + 2 * VLAN_HLEN
    : ETH_HLEN + VLAN_HLEN;
}

/**
 * Whether a frame in `bytes` from `start` on is one that filter-ubpf does run the program on, with
 * its IPv4 header right behind an Ethernet header: most are, and are told by a few bytes.
 */
export const isUsualForQemu = (bytes: Uint8Array, start: number, length: number): boolean =>
  length > ETH_HLEN &&
  bytes[start + 12] === ETH_P_IP >> 8 &&
  bytes[start + 13] === (ETH_P_IP & 0xff) &&
  length >= ETH_HLEN + (bytes[start + ETH_HLEN] & 0x0f) * 4;

/**
 * Why QEMU's filter-ubpf does not run the program on a frame (net/colo.c, parse_packet_early, June
 * 2022): such frames pass. Undefined: it runs.
 */
export function qemuBypass(frame: Uint8Array): string | undefined {
  if (frame.length === 0) return 'the frame is empty';
  if (frame.length < ETH_HLEN)
    return `the frame has ${frame.length} bytes, an Ethernet header takes ${ETH_HLEN}`;
  if (word(frame, 12) === ETH_P_8021Q) return 'frames with an 802.1Q tag are not looked at';
  const link = qemuLinkLength(frame);
  const protocol = link <= frame.length ? word(frame, link - 2) : 0;
  if (protocol !== ETH_P_IP)
    return `only IPv4 is looked at, this is EtherType 0x${protocol.toString(16).padStart(4, '0')}`;
  const header = link < frame.length ? (frame[link] & 0x0f) * 4 : 0;
  if (link >= frame.length || frame.length < link + header)
    return `the IPv4 header says ${header} bytes, ${Math.max(0, frame.length - link)} are there`;
  return undefined;
}
