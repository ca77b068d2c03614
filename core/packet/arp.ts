import { ARP, ARP_ETHERNET_IPV4 } from '../spec/protocols.ts';
import { formatIpv4, formatMac } from './address.ts';
import { bytesNode, cutShort, groupNode, type Layer, type Place, readFields, sizeOf } from './layer.ts';
import type { FieldNode } from './types.ts';
import { word } from './words.ts';

const ETHERTYPE_IPV4 = 0x0800;
const REQUEST = 1;
const REPLY = 2;

/** ARP and RARP (RFC 826, RFC 903); addresses other than Ethernet's and IPv4's are shown as bytes. */
export function arp(place: Place): Layer {
  const short = cutShort(place, 'arp', 'ARP', ARP);
  if (short) return short;
  const { bytes, start, end } = place;
  const [hardware, protocol] = [bytes[start + 4], bytes[start + 5]];
  const known = hardware === 6 && protocol === 4 && word(bytes, start + 2) === ETHERTYPE_IPV4;
  const addresses = start + sizeOf(ARP);
  const wanted = addresses + 2 * (hardware + protocol);
  const stop = Math.min(wanted, end);
  const problem = wanted > end ? `ARP packet takes ${wanted - start} bytes, ${end - start} are there` : undefined;
  const fields = known
    ? readFields(bytes, ARP_ETHERNET_IPV4, addresses, stop)
    : plainAddresses(bytes, addresses, stop, hardware, protocol);
  const whole = known && problem === undefined;
  return {
    node: groupNode('arp', 'ARP', { start, end: stop }, [...readFields(bytes, ARP, start, addresses), ...fields], {
      problem,
    }),
    summary: whole ? `ARP ${describe(bytes, start)}` : 'ARP',
    checksums: [],
    frameEnd: stop,
  };
}

function plainAddresses(bytes: Uint8Array, from: number, to: number, hardware: number, protocol: number): FieldNode[] {
  const parts = [
    ['arp.src.hw', 'Sender hardware address', hardware],
    ['arp.src.proto', 'Sender protocol address', protocol],
    ['arp.dst.hw', 'Target hardware address', hardware],
    ['arp.dst.proto', 'Target protocol address', protocol],
  ] as const;
  const nodes: FieldNode[] = [];
  let at = from;
  for (const [name, label, size] of parts) {
    if (at + size > to) break;
    if (size > 0) nodes.push(bytesNode(name, label, bytes, { start: at, end: at + size }));
    at += size;
  }
  return nodes;
}

function describe(bytes: Uint8Array, start: number): string {
  const operation = word(bytes, start + 6);
  const sender = formatIpv4(bytes.subarray(start + 14, start + 18));
  if (operation === REQUEST) return `who has ${formatIpv4(bytes.subarray(start + 24, start + 28))}? tell ${sender}`;
  if (operation === REPLY) return `${sender} is at ${formatMac(bytes.subarray(start + 8, start + 14))}`;
  return `operation ${operation}`;
}
