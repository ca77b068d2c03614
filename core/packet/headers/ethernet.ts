import type { HeaderField } from '../../spec/header-fields.ts';
import { headerAt } from '../../spec/layers.ts';
import type { HeaderName } from '../../spec/protocol-row.ts';
import {
  ETHERNET,
  ETHERNET_LENGTH,
  ETHERNET_TYPE,
  ETHERTYPES,
  VLAN,
  VLAN_LENGTH,
  VLAN_TYPE,
} from '../../spec/protocols.ts';
import { word } from '../words.ts';
import {
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  sizeOf,
  withProblem,
} from './layer.ts';

/** IEEE 802.3 section 3.2.6: up to 1500 the field is a length, from 1536 on a type. */
const LARGEST_LENGTH = 1500;
export const SMALLEST_TYPE = 0x0600;

/** A type without a header here, as the summary names it. */
export const unknownType = (type: number): string =>
  headerAt('ethertype', type) !== undefined
    ? ''
    : (ETHERTYPES.get(type) ?? `type 0x${type.toString(16).padStart(4, '0')}`);

/** The header that an EtherType says follows. */
export const headerOfType = (type: number): HeaderName => headerAt('ethertype', type) ?? 'data';

/**
 * What follows a type or length field at bytes [start - 2, start): a header by type, or LLC as long
 * as the length says.
 */
export function afterTypeOrLength(
  place: Place,
  start: number,
): { next: Layer['next']; problem?: string; summary: string } {
  const value = word(place.bytes, start - 2);
  const { end } = place;
  const quoted = place.quoted && { quoted: true };
  if (value >= SMALLEST_TYPE)
    return {
      next: { header: headerOfType(value), start, end, ...quoted },
      summary: unknownType(value),
    };
  if (value > LARGEST_LENGTH) {
    return {
      next: { header: 'data', start, end, ...quoted },
      problem: `${value} is neither a length nor a type`,
      summary: '',
    };
  }
  const problem =
    value > end - start && !place.quoted
      ? `header says ${value} bytes, ${end - start} are there`
      : undefined;
  return {
    next: { header: 'llc', start, end: Math.min(end, start + value), ...quoted },
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
  const layer = linkHeader(place, {
    name: 'vlan',
    label: 'VLAN',
    rows: VLAN,
    type: VLAN_TYPE,
    length: VLAN_LENGTH,
  });
  if (layer.next === undefined) return layer;
  const id = word(place.bytes, place.start) & 0x0fff;
  return {
    ...layer,
    summary: `VLAN ${id} ${layer.summary}`.trim(),
    node: { ...layer.node, text: String(id) },
  };
}

interface LinkHeader {
  readonly name: string;
  readonly label: string;
  readonly rows: typeof ETHERNET;
  readonly type: readonly [HeaderField];
  readonly length: readonly [HeaderField];
}

function linkHeader(place: Place, { name, label, rows, type, length }: LinkHeader): Layer {
  const short = cutShort(place, name, label, [...rows, ...type]);
  if (short) return short;
  const stop = place.start + sizeOf([...rows, ...type]);
  const { next, problem, summary } = afterTypeOrLength(place, stop);
  const last = word(place.bytes, stop - 2) <= LARGEST_LENGTH ? length : type;
  const fields = readFields(place.bytes, [...rows, ...last], place.start, stop);
  return {
    node: groupNode(
      name,
      label,
      { start: place.start, end: stop },
      withProblem(fields, last[0].name, problem),
      {
        text: summary,
      },
    ),
    summary: summary === '' ? '' : name === 'eth' ? `Ethernet ${summary}` : summary,
    checksums: [],
    ...(next?.header === 'llc' && problem === undefined && { frameEnd: next.end }),
    next,
  };
}
