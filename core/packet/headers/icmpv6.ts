import { byteAt } from '../../bytes/byte-at.ts';
import {
  ICMPV6,
  ICMPV6_MESSAGES,
  ICMPV6_TYPES,
  type Icmpv6Message,
  NEIGHBOUR_OPTION_UNKNOWN,
  NEIGHBOUR_OPTIONS,
} from '../../spec/protocols.ts';
import { formatIpv6 } from '../address.ts';
import { word } from '../words.ts';
import {
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  readOptions,
  sizeOf,
  withChecksum,
} from './layer.ts';
import { pseudoHeader } from './pseudo-header.ts';

const PROTOCOL = 58;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const OPTIONS = {
  options: NEIGHBOUR_OPTIONS,
  unknown: NEIGHBOUR_OPTION_UNKNOWN,
  lengthOf: (length: number) => length * 8,
  single: [],
  padding: 'icmpv6.opt.data',
};
const OTHER: Icmpv6Message = { fields: [], carries: 'data' };

/** An ICMPv6 message (RFC 4443), neighbour discovery with its options (RFC 4861). */
export function icmpv6(place: Place): Layer {
  const short = cutShort(place, 'icmpv6', 'ICMPv6', ICMPV6);
  if (short) return short;
  const { bytes, start, end, network } = place;
  const type = byteAt(bytes, start);
  const { fields: rows, carries } = ICMPV6_MESSAGES.get(type) ?? OTHER;
  const cut = cutShort(place, 'icmpv6', 'ICMPv6', [...ICMPV6, ...rows]);
  if (cut) return cut;
  const fixed = start + sizeOf(ICMPV6) + sizeOf(rows);
  const stop = carries === 'options' ? end : fixed;
  const checksum =
    network?.whole === true
      ? {
          offset: start + 2,
          covers: { start, end },
          pseudo: pseudoHeader(bytes, network, PROTOCOL, end - start),
        }
      : undefined;
  const read = readFields(bytes, [...ICMPV6, ...rows], start, fixed);
  const fields = checksum ? withChecksum(read, 'icmpv6.checksum', bytes, checksum) : read;
  const options = carries === 'options' ? readOptions(bytes, { start: fixed, end }, OPTIONS) : [];
  const text = ICMPV6_TYPES.get(type) ?? `type ${type}`;
  return {
    node: groupNode('icmpv6', 'ICMPv6', { start, end: stop }, [...fields, ...options], { text }),
    summary: `ICMPv6 ${text}${describe(bytes, start)}`,
    checksums: checksum ? [checksum] : [],
    ...(carries === 'data' && { next: { header: 'data', start: stop, end } }),
    ...(carries === 'quoted packet' && {
      next: { header: 'ipv6', start: stop, end, quoted: true },
    }),
  };
}

function describe(bytes: Uint8Array, start: number): string {
  const type = bytes[start];
  if (type === 128 || type === 129)
    return ` id ${word(bytes, start + 4)} seq ${word(bytes, start + 6)}`;
  if (type === NEIGHBOUR_SOLICITATION || type === NEIGHBOUR_ADVERTISEMENT)
    return ` for ${formatIpv6(bytes.subarray(start + 8, start + 24))}`;
  return '';
}
