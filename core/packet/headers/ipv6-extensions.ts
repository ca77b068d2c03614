import { byteAt } from '../../bytes/byte-at.ts';
import type { HeaderField } from '../../spec/header-fields.ts';
import {
  IPV6_DSTOPTS,
  IPV6_FRAGMENT,
  IPV6_HOPOPTS,
  IPV6_OPTION_UNKNOWN,
  IPV6_OPTIONS,
  IPV6_ROUTES,
  IPV6_ROUTING,
  IPV6_SEGMENT,
  IPV6_SEGMENTS,
} from '../../spec/protocols.ts';
import type { ByteRange, FieldNode } from '../types.ts';
import { word } from '../words.ts';
import { headerOfProtocol, unknownProtocol } from './ip-protocols.ts';
import {
  bytesNode,
  type Carrier,
  cutShort,
  groupNode,
  type Layer,
  type Place,
  readFields,
  readOptions,
  readRest,
  sizeOf,
} from './layer.ts';

const OPTIONS = {
  options: IPV6_OPTIONS,
  unknown: IPV6_OPTION_UNKNOWN,
  lengthOf: (length: number) => length + 2,
  single: [0],
  padding: 'ipv6.opt.unknown',
};
const ADDRESS = 16;
const SEGMENT_ROUTING = 4;
const HOME_ADDRESS = 0xc9;

/** Reads what an extension header holds behind its rows, up to its end. */
type ReadContent = (bytes: Uint8Array, content: ByteRange) => readonly FieldNode[];
const readIpv6Options: ReadContent = (bytes, content) => readOptions(bytes, content, OPTIONS);

/** RFC 8200 section 4.3. */
export const hopByHop = (place: Place): Layer =>
  extension(place, 'ipv6.hopopts', 'Hop-by-hop options', IPV6_HOPOPTS, readIpv6Options);

/** RFC 8200 section 4.6. */
export function destinationOptions(place: Place): Layer {
  const layer = extension(
    place,
    'ipv6.dstopts',
    'Destination options',
    IPV6_DSTOPTS,
    readIpv6Options,
  );
  const { next } = layer;
  const home =
    next?.network && homeAddress(place.bytes, place.start + sizeOf(IPV6_DSTOPTS), next.start);
  if (next?.network === undefined || home === undefined) return layer;
  return {
    ...layer,
    next: { ...next, network: { ...next.network, addresses: [home, next.network.addresses[1]] } },
  };
}

/**
 * RFC 6275 section 6.3: checksums are over the home address in place of the source, where a mobile
 * node is away.
 */
function homeAddress(bytes: Uint8Array, start: number, end: number): ByteRange | undefined {
  for (let at = start; at + 2 <= end; ) {
    const [type, length] = [byteAt(bytes, at), byteAt(bytes, at + 1)];
    if (type === HOME_ADDRESS && length === ADDRESS && at + 2 + length <= end)
      return { start: at + 2, end: at + 2 + length };
    at += OPTIONS.single.includes(type) ? 1 : 2 + length;
  }
  return undefined;
}

function extension(
  place: Place,
  name: string,
  label: string,
  rows: readonly HeaderField[],
  read: ReadContent,
): Layer {
  const short = cutShort(place, name, label, rows);
  if (short) return short;
  const { bytes, start, end, network, quoted } = place;
  const size = (byteAt(bytes, start + 1) + 1) * 8;
  const stop = Math.min(end, start + size);
  const problem =
    start + size > end ? `header says ${size} bytes, ${end - start} are there` : undefined;
  const content = { start: start + sizeOf(rows), end: stop };
  return {
    node: groupNode(
      name,
      label,
      { start, end: stop },
      [...readFields(bytes, rows, start, stop), ...read(bytes, content)],
      { problem },
    ),
    summary: unknownProtocol(byteAt(bytes, start)).trim(),
    checksums: [],
    ...(problem === undefined && {
      next: {
        header: headerOfProtocol(byteAt(bytes, start)),
        start: stop,
        end,
        network,
        ...(quoted && { quoted }),
      },
    }),
  };
}

/**
 * RFC 8200 section 4.4. Until the last segment is reached, checksums are over the final destination
 * (section 8.1).
 */
export function routing(place: Place): Layer {
  const layer = extension(place, 'ipv6.routing', 'Routing', IPV6_ROUTING, (bytes, content) =>
    readRoute(bytes, place.start, content),
  );
  const { next } = layer;
  if (next?.network === undefined || place.bytes[place.start + 3] === 0) return layer;
  const final = finalDestination(place.bytes, place.start, next.start);
  const network: Carrier = final
    ? { ...next.network, addresses: [next.network.addresses[0], final] }
    : { ...next.network, whole: false };
  return { ...layer, next: { ...next, network } };
}

function readRoute(bytes: Uint8Array, header: number, content: ByteRange): readonly FieldNode[] {
  const type = byteAt(bytes, header + 2);
  if (type === SEGMENT_ROUTING) return readSegments(bytes, content);
  const route = IPV6_ROUTES.get(type);
  if (route === undefined) {
    return content.start < content.end
      ? [bytesNode('ipv6.routing.unknown_data', 'Data', bytes, content)]
      : [];
  }
  const fields = readFields(bytes, route.fields, content.start, content.end);
  return [...fields, ...readRest(bytes, route, fields, content, 'ipv6.routing.unknown_data')];
}

/** RFC 8754 section 2: last entry + 1 segments, then TLVs. */
function readSegments(bytes: Uint8Array, { start, end }: ByteRange): FieldNode[] {
  const fields = readFields(bytes, IPV6_SEGMENTS, start, end);
  if (fields.length < IPV6_SEGMENTS.length) return fields;
  let at = start + sizeOf(IPV6_SEGMENTS);
  for (let left = byteAt(bytes, start) + 1; left > 0 && at + ADDRESS <= end; left--) {
    fields.push(...readFields(bytes, IPV6_SEGMENT, at, end));
    at += ADDRESS;
  }
  if (at < end) fields.push(bytesNode('ipv6.routing.srh.tlv', 'TLVs', bytes, { start: at, end }));
  return fields;
}

/** Segment routing lists the last segment first, the other types last. */
function finalDestination(bytes: Uint8Array, header: number, end: number): ByteRange | undefined {
  const type = byteAt(bytes, header + 2);
  const start = type === SEGMENT_ROUTING ? header + 8 : end - ADDRESS;
  const known = type === SEGMENT_ROUTING || IPV6_ROUTES.has(type);
  return known && start >= header + 8 && start + ADDRESS <= end
    ? { start, end: start + ADDRESS }
    : undefined;
}

/** RFC 8200 section 4.5. */
export function fragment(place: Place): Layer {
  const short = cutShort(place, 'ipv6.fraghdr', 'Fragment', IPV6_FRAGMENT);
  if (short) return short;
  const { bytes, start, end, network, quoted } = place;
  const stop = start + sizeOf(IPV6_FRAGMENT);
  const offset = word(bytes, start + 2) & 0xfff8;
  const more = (byteAt(bytes, start + 3) & 1) !== 0;
  return {
    node: groupNode(
      'ipv6.fraghdr',
      'Fragment',
      { start, end: stop },
      readFields(bytes, IPV6_FRAGMENT, start, stop),
    ),
    summary: `fragment at ${offset}${offset > 0 ? '' : unknownProtocol(byteAt(bytes, start))}`,
    checksums: [],
    next: {
      header: offset > 0 ? 'data' : headerOfProtocol(byteAt(bytes, start)),
      start: stop,
      end,
      ...(network && { network: { ...network, whole: network.whole && offset === 0 && !more } }),
      ...(quoted && { quoted }),
    },
  };
}
