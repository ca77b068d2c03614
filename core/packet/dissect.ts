import { PROTOCOLS } from '../spec/layers.ts';
import type { HeaderName } from '../spec/protocol-row.ts';
import type { Checksum } from './checksum.ts';
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
import type { ByteRange, Dissection, FieldNode, LinkType } from './types.ts';

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

/** Headers and fields of a packet; malformed ones are named in the tree and never thrown. */
export function dissect(bytes: Uint8Array, link: LinkType): Dissection {
  const layers = readLayers(bytes, link);
  const nodes = layers.map(({ node }) => node);
  const summary = layers.map((layer) => layer.summary).filter((part) => part !== '');
  return {
    layers: nodes,
    summary: summary.length === 0 ? `${bytes.length} bytes` : summary.join(' '),
    problems: problemsOf(nodes),
  };
}

/** Every checksum `dissect` verifies, in the order of the packet. */
export const checksumsOf = (bytes: Uint8Array, link: LinkType): Checksum[] =>
  readLayers(bytes, link).flatMap(({ checksums }) => checksums);

function firstHeader(bytes: Uint8Array, link: LinkType): HeaderName | undefined {
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

function readLayers(bytes: Uint8Array, link: LinkType): Layer[] {
  const layers: Layer[] = [];
  const header = firstHeader(bytes, link);
  let next: Layer['next'] = header && { header, start: 0, end: bytes.length };
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
    const layer: Layer = (READERS[header] ?? ((at) => readHeader(at, PROTOCOLS[header])))({
      bytes,
      ...place,
    });
    layers.push(layer);
    frame.carriedEnd ??= layer.frameEnd;
    next = layer.next;
  }
  for (const { carriedEnd, end } of frames.toReversed())
    if (carriedEnd !== undefined && carriedEnd < end)
      layers.push(trailer(bytes, { start: carriedEnd, end }));
  return layers;
}

/** Bytes behind what the headers say is there: frames shorter than 60 bytes are padded to it. */
function trailer(bytes: Uint8Array, range: ByteRange): Layer {
  return { node: bytesNode('eth.padding', 'Padding', bytes, range), summary: '', checksums: [] };
}

/** Bytes behind the most headers that are read of a packet. */
function tooDeep(bytes: Uint8Array, range: ByteRange): Layer {
  const problem = `more than ${MAX_LAYERS} headers: the rest is not read`;
  const { text } = bytesNode('data', 'Data', bytes, range);
  return {
    node: groupNode('data', 'Data', range, [], { text, problem }),
    summary: '',
    checksums: [],
  };
}

function problemsOf(nodes: readonly FieldNode[]): string[] {
  return nodes.flatMap((node) => [
    ...(node.problem === undefined ? [] : [`${node.name}: ${node.problem}`]),
    ...problemsOf(node.children),
  ]);
}
