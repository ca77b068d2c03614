import { byteAt } from '../../bytes/byte-at.ts';
import { word } from '../words.ts';
import { arpSource, withEthernet } from './frame.ts';

/**
 * A link type of capture files (tcpdump.org, "Link-layer header types"): what it is called, and how
 * it becomes Ethernet.
 */
export interface LinkLayer {
  readonly name: string;
  /** The Ethernet frame for a packet; undefined where its link header cannot be read. */
  readonly toEthernet?: (packet: Uint8Array) => Uint8Array | undefined;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_ARP = 0x0806;
/**
 * "Linux cooked" writes 4 for a frame with a length in place of a type
 * (include/uapi/linux/if_ether.h, ETH_P_802_2).
 */
const COOKED_LLC = 0x0004;

/** An IP packet without a link layer, its version in the first four bits. */
function rawIp(packet: Uint8Array): Uint8Array | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version !== 4 && version !== 6) return undefined;
  return withEthernet(packet, version === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
}

/**
 * Four bytes with an address family in front, in either byte order and with system's own numbers:
 * the packet says more.
 */
const loopback = (packet: Uint8Array): Uint8Array | undefined => rawIp(packet.subarray(4));

/** Linux cooked capture: where its protocol and sender address stand, and how long it is. */
interface Cooked {
  readonly size: number;
  readonly protocol: number;
  readonly address: number;
  /** Byte with the length of the address. */
  readonly addressLength: number;
}
const SLL: Cooked = { size: 16, protocol: 14, address: 6, addressLength: 5 };
const SLL2: Cooked = { size: 20, protocol: 0, address: 12, addressLength: 11 };

const cooked =
  ({ size, protocol, address, addressLength }: Cooked) =>
  (packet: Uint8Array): Uint8Array | undefined => {
    if (packet.length < size) return undefined;
    const payload = packet.subarray(size);
    const type = word(packet, protocol);
    const source = packet[addressLength] === 6 ? packet.subarray(address, address + 6) : undefined;
    if (type === COOKED_LLC)
      return payload.length <= 1500 ? withEthernet(payload, payload.length, source) : undefined;
    return withEthernet(
      payload,
      type,
      source ?? (type === ETHERTYPE_ARP ? arpSource(payload) : undefined),
    );
  };

/** LINKTYPE_ETHERNET. */
export const ETHERNET_LINK = 1;

/**
 * The link types of captures; the ones that cannot become Ethernet are there to be refused by name.
 */
export const LINK_LAYERS: ReadonlyMap<number, LinkLayer> = new Map<number, LinkLayer>([
  [0, { name: 'BSD loopback', toEthernet: loopback }],
  [ETHERNET_LINK, { name: 'Ethernet', toEthernet: (packet) => packet }],
  [9, { name: 'PPP' }],
  [12, { name: 'raw IP', toEthernet: rawIp }],
  [14, { name: 'raw IP', toEthernet: rawIp }],
  [50, { name: 'PPP with HDLC framing' }],
  [51, { name: 'PPPoE' }],
  [101, { name: 'raw IP', toEthernet: rawIp }],
  [105, { name: 'IEEE 802.11' }],
  [108, { name: 'OpenBSD loopback', toEthernet: loopback }],
  [113, { name: 'Linux cooked', toEthernet: cooked(SLL) }],
  [119, { name: 'IEEE 802.11 with Prism header' }],
  [127, { name: 'IEEE 802.11 with radiotap header' }],
  [187, { name: 'Bluetooth HCI' }],
  [189, { name: 'USB' }],
  [195, { name: 'IEEE 802.15.4' }],
  [220, { name: 'USB of Linux' }],
  [227, { name: 'CAN' }],
  [228, { name: 'raw IPv4', toEthernet: rawIp }],
  [229, { name: 'raw IPv6', toEthernet: rawIp }],
  [239, { name: 'netfilter log' }],
  [249, { name: 'USB of Windows' }],
  [253, { name: 'netlink' }],
  [276, { name: 'Linux cooked v2', toEthernet: cooked(SLL2) }],
]);

/** From here on: data link types that only snoop numbers. */
export const OTHER_LINK_TYPES = 0x1_0000;

export const linkName = (type: number): string =>
  LINK_LAYERS.get(type)?.name ??
  (type < OTHER_LINK_TYPES
    ? `link type ${type}`
    : `snoop data link type ${type - OTHER_LINK_TYPES}`);

/**
 * What tcpdump -xx shows of a capture on all interfaces: a cooked v2 header, by its protocol,
 * reserved zeros and IP version.
 */
export function cookedFrame(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length <= SLL2.size || word(bytes, 2) !== 0) return undefined;
  const version = byteAt(bytes, SLL2.size) >> 4;
  const type = word(bytes, 0);
  const fits =
    (type === ETHERTYPE_IPV4 && version === 4) || (type === ETHERTYPE_IPV6 && version === 6);
  return fits ? cooked(SLL2)(bytes) : undefined;
}
