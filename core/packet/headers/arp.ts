import { byteAt } from '../../bytes/byte-at.ts';
import { ARP, ARP_ADDRESSES } from '../../spec/protocols.ts';
import { formatIpv4, formatMac } from '../address.ts';
import type { FieldNode } from '../types.ts';
import { word } from '../words.ts';
import {
  bytesNode,
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  sizeOf,
} from './layer.ts';

const ETHERTYPE_IPV4 = 0x0800;
/** Rows, and what their bytes are called where the sizes say another kind of address. */
const ADDRESSES = ARP_ADDRESSES.map((row) => [row, row.name.replace(/_(mac|ipv4)$/, '')] as const);
const REQUEST = 1;
const REPLY = 2;

/**
 * ARP and RARP (RFC 826, RFC 903); addresses other than Ethernet's and IPv4's are shown as bytes.
 */
export function arp(place: Place): Layer {
  const short = cutShort(place, 'arp', 'ARP', ARP);
  if (short) return short;
  const { bytes, start, end } = place;
  const { hardware, protocol } = addressSizes(bytes, start);
  const addresses = start + sizeOf(ARP);
  const wanted = addresses + 2 * (hardware + protocol);
  const stop = Math.min(wanted, end);
  const problem =
    wanted > end ? `ARP packet takes ${wanted - start} bytes, ${end - start} are there` : undefined;
  const fields = [
    ...readFields(bytes, ARP, start, addresses),
    ...readAddresses(bytes, start, stop),
  ];
  const described = hardware === 6 && protocol === 4 && problem === undefined;
  return {
    node: groupNode('arp', 'ARP', { start, end: stop }, fields, { problem }),
    summary: described ? `ARP ${describe(bytes, start)}` : 'ARP',
    checksums: [],
    frameEnd: stop,
  };
}

/** Bytes of an address of the link and of the network. */
const addressSizes = (bytes: Uint8Array, start: number) => ({
  hardware: byteAt(bytes, start + 4),
  protocol: byteAt(bytes, start + 5),
});

function readAddresses(bytes: Uint8Array, start: number, end: number): FieldNode[] {
  const { hardware, protocol } = addressSizes(bytes, start);
  const isIpv4 = protocol === 4 && word(bytes, start + 2) === ETHERTYPE_IPV4;
  const nodes: FieldNode[] = [];
  let at = start + sizeOf(ARP);
  for (const [row, plain] of ADDRESSES) {
    const size = row.kind === 'mac' ? hardware : protocol;
    const known = row.kind === 'mac' ? hardware === 6 : isIpv4;
    if (at + size > end) break;
    if (known) nodes.push(...readFields(bytes, [row], at, at + size));
    else if (size > 0)
      nodes.push(bytesNode(plain, row.label, bytes, { start: at, end: at + size }));
    at += size;
  }
  return nodes;
}

function describe(bytes: Uint8Array, start: number): string {
  const operation = word(bytes, start + 6);
  const sender = formatIpv4(bytes.subarray(start + 14, start + 18));
  if (operation === REQUEST)
    return `who has ${formatIpv4(bytes.subarray(start + 24, start + 28))}? tell ${sender}`;
  if (operation === REPLY)
    return `${sender} is at ${formatMac(bytes.subarray(start + 8, start + 14))}`;
  return `operation ${operation}`;
}
