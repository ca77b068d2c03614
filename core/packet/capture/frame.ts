import { byteAt } from '../../bytes/byte-at.ts';
import { ETHERTYPES } from '../../spec/protocols.ts';
import { checksumProblem } from '../checksum.ts';
import { word } from '../words.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_ARP = 0x0806;
const HEADER = 14;
const LOCAL = [0x02, 0, 0, 0, 0, 0x01];
const REMOTE = [0x02, 0, 0, 0, 0, 0x02];

/**
 * A frame around what a link layer other than Ethernet carried, with addresses of our own where
 * none is known.
 */
export function withEthernet(
  payload: Uint8Array,
  type: number,
  source: ArrayLike<number> = LOCAL,
): Uint8Array {
  const frame = new Uint8Array(HEADER + payload.length);
  frame.set(REMOTE, 0);
  frame.set(source, 6);
  frame.set([type >> 8, type & 0xff], 12);
  frame.set(payload, HEADER);
  return frame;
}

/**
 * EtherType of what starts like an IPv4, IPv6 or ARP packet without a link layer in front;
 * undefined where it does not.
 */
export function etherTypeOf(bytes: Uint8Array): number | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (bytes.length >= 20 && version === 4) return looksLikeIpv4(bytes) ? ETHERTYPE_IPV4 : undefined;
  if (bytes.length >= 40 && version === 6)
    return 40 + word(bytes, 4) <= bytes.length || !looksLikeEthernet(bytes)
      ? ETHERTYPE_IPV6
      : undefined;
  const isArp =
    bytes.length >= 8 &&
    word(bytes, 0) === 1 &&
    word(bytes, 2) === ETHERTYPE_IPV4 &&
    word(bytes, 4) === 0x0604;
  return isArp ? ETHERTYPE_ARP : undefined;
}

/** The lengths fit, and the checksum is right or nothing speaks for an Ethernet header. */
function looksLikeIpv4(bytes: Uint8Array): boolean {
  const size = (byteAt(bytes, 0) & 0x0f) * 4;
  if (size < 20 || size > bytes.length || word(bytes, 2) < size) return false;
  const checksum = { offset: 10, covers: { start: 0, end: size }, pseudo: 0 };
  return (
    checksumProblem(bytes, checksum) === undefined ||
    word(bytes, 2) === bytes.length ||
    !looksLikeEthernet(bytes)
  );
}

/** A known EtherType in its place, and behind it the version that belongs to it. */
export function looksLikeEthernet(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER) return false;
  const type = word(bytes, 12);
  // A frame may end behind its header: then there is no version.
  const version = (bytes[HEADER] ?? 0) >> 4;
  if (type === ETHERTYPE_IPV4) return version === 4;
  if (type === ETHERTYPE_IPV6) return version === 6;
  return ETHERTYPES.has(type);
}

/** Source address of a frame rebuilt around an ARP packet. */
export const arpSource = (arp: Uint8Array): Uint8Array | undefined =>
  arp.length >= HEADER ? arp.subarray(8, 14) : undefined;

/**
 * The Ethernet frame for a packet that starts with its network header; undefined where it does not
 * start so.
 */
export function frameAround(packet: Uint8Array): Uint8Array | undefined {
  const type = etherTypeOf(packet);
  if (type === undefined) return undefined;
  return withEthernet(packet, type, type === ETHERTYPE_ARP ? arpSource(packet) : undefined);
}
