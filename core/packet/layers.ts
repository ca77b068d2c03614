import { PROTOCOLS } from '../spec/layers.ts';
import type { HeaderName } from '../spec/protocol-row.ts';
import { arp } from './headers/arp.ts';
import { ethernet, vlan } from './headers/ethernet.ts';
import { readHeader } from './headers/header.ts';
import { icmp } from './headers/icmp.ts';
import { icmpv6 } from './headers/icmpv6.ts';
import { ipv4Layer } from './headers/ipv4.ts';
import { ipv6Layer } from './headers/ipv6.ts';
import { destinationOptions, fragment, hopByHop, routing } from './headers/ipv6-extensions.ts';
import { bytesNode, groupNode, type Layer, type Place } from './headers/layer.ts';
import { llc } from './headers/llc.ts';
import { tcp } from './headers/tcp.ts';
import { udp } from './headers/udp.ts';
import type { ByteRange, LinkType } from './types.ts';

/** Headers of one packet that are read; a packet is far below, hostile bytes are not. */
const MAX_LAYERS = 64;

/** Headers with a reader of their own; every other is read by its row. */
const READERS: Partial<Record<HeaderName, (place: Place) => Layer>> = {
  ethernet,
  vlan,
  llc,
  arp,
  ipv4: ipv4Layer,
  ipv6: ipv6Layer,
  'hop-by-hop options': hopByHop,
  'destination options': destinationOptions,
  'ipv6 routing': routing,
  'ipv6 fragment': fragment,
  icmp,
  icmpv6,
  tcp,
  udp,
  data,
};

function data({ bytes, start, end }: Place): Layer {
  return {
    node: bytesNode('data', 'Data', bytes, { start, end }),
    summary: `${end - start} bytes`,
    checksums: [],
  };
}

/** Reads one header, wherever it is said to be. */
export const readLayer = (header: HeaderName, place: Place): Layer =>
  READERS[header]?.(place) ?? readHeader(place, PROTOCOLS[header]);

/**
 * A header of a packet, where it starts, and where what it carries ends; padding is what stands
 * behind a frame's end.
 */
export interface ReadLayer extends Layer {
  readonly header: HeaderName | 'padding';
  readonly start: number;
  readonly end: number;
  /** Of padding: which frame it fills up, in the order they begin; 0 is the one on the wire. */
  readonly frame?: number;
}

/** The header that a packet begins with; none of memory that is no packet. */
export function firstHeader(bytes: Uint8Array, link: LinkType): HeaderName | undefined {
  const [first] = bytes;
  if (link === 'raw' || first === undefined) return undefined;
  if (link === 'ethernet') return 'ethernet';
  const version = first >> 4;
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : 'data';
}

/** A frame, on the wire or inside a tunnel, and where what it carries ends. */
interface Frame {
  readonly end: number;
  carriedEnd?: number;
}

/** The headers of a packet from the first to the last. */
export function readLayers(bytes: Uint8Array, link: LinkType): ReadLayer[] {
  const layers: ReadLayer[] = [];
  const first = firstHeader(bytes, link);
  let next: Layer['next'] = first && { header: first, start: 0, end: bytes.length };
  let frame: Frame = { end: bytes.length };
  const frames = [frame];
  while (next !== undefined) {
    const { header, ...place }: NonNullable<Layer['next']> = next;
    if (header === 'data' && place.start >= place.end) break;
    if (layers.length === MAX_LAYERS) {
      layers.push(tooDeep(bytes, place));
      break;
    }
    if (header === 'ethernet' && layers.length > 0) {
      frame = { end: place.end };
      frames.push(frame);
    }
    const layer = readLayer(header, { bytes, ...place });
    layers.push({ ...layer, header, start: place.start, end: place.end });
    frame.carriedEnd ??= layer.frameEnd;
    next = layer.next;
  }
  for (const [i, { carriedEnd, end }] of [...frames.entries()].reverse())
    if (carriedEnd !== undefined && carriedEnd < end)
      layers.push(trailer(bytes, { start: carriedEnd, end }, i));
  return layers;
}

/** Bytes behind what the headers say is there: frames shorter than 60 bytes are padded to it. */
function trailer(bytes: Uint8Array, range: ByteRange, frame: number): ReadLayer {
  const node = bytesNode('eth.padding', 'Padding', bytes, range);
  return { node, summary: '', checksums: [], header: 'padding', ...range, frame };
}

/** Bytes behind the most headers that are read of a packet. */
function tooDeep(bytes: Uint8Array, range: ByteRange): ReadLayer {
  const problem = `more than ${MAX_LAYERS} headers: the rest is not read`;
  const { text } = bytesNode('data', 'Data', bytes, range);
  return {
    node: groupNode('data', 'Data', range, [], { text, problem }),
    summary: '',
    checksums: [],
    header: 'data',
    ...range,
  };
}
