import {
  ETHERNET,
  ETHERNET_LENGTH,
  ETHERNET_TYPE,
  ETHERTYPES,
  VLAN,
  VLAN_LENGTH,
  VLAN_TYPE,
} from '../spec/protocols.ts';
import {
  cutShort,
  groupNode,
  type HeaderName,
  type Layer,
  type Place,
  readFields,
  sizeOf,
  withProblem,
} from './layer.ts';
import { word } from './words.ts';

/** Headers that can be read, by EtherType. */
const HEADERS: ReadonlyMap<number, HeaderName> = new Map<number, HeaderName>([
  [0x0800, 'ipv4'],
  [0x0806, 'arp'],
  [0x8035, 'arp'],
  [0x8100, 'vlan'],
  [0x86dd, 'ipv6'],
  [0x88a8, 'vlan'],
]);

/** IEEE 802.3 section 3.2.6: up to 1500 the field is a length, from 1536 on a type. */
const LARGEST_LENGTH = 1500;
const SMALLEST_TYPE = 0x0600;

export const headerOfType = (type: number): HeaderName => HEADERS.get(type) ?? 'data';

/** A type without a header here, as the summary names it. */
export const unknownType = (type: number): string =>
  HEADERS.has(type) ? '' : (ETHERTYPES.get(type) ?? `type 0x${type.toString(16).padStart(4, '0')}`);

/** What follows a type or length field at bytes [start - 2, start): a header by type, or LLC as long as the length says. */
export function afterTypeOrLength(
  place: Place,
  start: number,
): { next: Layer['next']; problem?: string; summary: string } {
  const value = word(place.bytes, start - 2);
  const { end } = place;
  if (value >= SMALLEST_TYPE) return { next: { header: headerOfType(value), start, end }, summary: unknownType(value) };
  if (value > LARGEST_LENGTH) {
    return { next: { header: 'data', start, end }, problem: `${value} is neither a length nor a type`, summary: '' };
  }
  const problem = value > end - start ? `header says ${value} bytes, ${end - start} are there` : undefined;
  return {
    next: { header: 'llc', start, end: Math.min(end, start + value) },
    ...(problem && { problem }),
    summary: '',
  };
}

/** An Ethernet header: RFC 894 or IEEE 802.3. */
export function ethernet(place: Place): Layer {
  return linkHeader(place, {
    name: 'eth',
    label: 'Ethernet',
    rows: ETHERNET,
    type: ETHERNET_TYPE,
    length: ETHERNET_LENGTH,
  });
}

/** An 802.1Q or 802.1ad tag, from the two bytes behind its type on. */
export function vlan(place: Place): Layer {
  const layer = linkHeader(place, { name: 'vlan', label: 'VLAN', rows: VLAN, type: VLAN_TYPE, length: VLAN_LENGTH });
  if (layer.next === undefined) return layer;
  const id = word(place.bytes, place.start) & 0x0fff;
  return { ...layer, summary: `VLAN ${id} ${layer.summary}`.trim(), node: { ...layer.node, text: String(id) } };
}

interface LinkHeader {
  readonly name: string;
  readonly label: string;
  readonly rows: typeof ETHERNET;
  readonly type: typeof ETHERNET_TYPE;
  readonly length: typeof ETHERNET_LENGTH;
}

function linkHeader(place: Place, { name, label, rows, type, length }: LinkHeader): Layer {
  const short = cutShort(place, name, label, [...rows, ...type]);
  if (short) return short;
  const stop = place.start + sizeOf([...rows, ...type]);
  const { next, problem, summary } = afterTypeOrLength(place, stop);
  const last = word(place.bytes, stop - 2) <= LARGEST_LENGTH ? length : type;
  const fields = readFields(place.bytes, [...rows, ...last], place.start, stop);
  return {
    node: groupNode(name, label, { start: place.start, end: stop }, withProblem(fields, last[0].name, problem), {
      text: summary,
    }),
    summary: summary === '' ? '' : name === 'eth' ? `Ethernet ${summary}` : summary,
    checksums: [],
    ...(next?.header === 'llc' && problem === undefined && { frameEnd: next.end }),
    next,
  };
}
