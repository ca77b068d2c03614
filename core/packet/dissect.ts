import { arp } from './arp.ts';
import type { Checksum } from './checksum.ts';
import { ethernet, vlan } from './ethernet.ts';
import { icmp } from './icmp.ts';
import { icmpv6 } from './icmpv6.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { destinationOptions, fragment, hopByHop, routing } from './ipv6-extensions.ts';
import { bytesNode, type HeaderName, type Layer, type Place } from './layer.ts';
import { llc } from './llc.ts';
import { tcp } from './tcp.ts';
import type { Dissection, FieldNode, LinkType } from './types.ts';
import { udp } from './udp.ts';

/** Headers of one packet that are read; a packet is far below, hostile bytes are not. */
const MAX_LAYERS = 64;

const READERS = {
  ethernet,
  vlan,
  llc,
  arp,
  ipv4,
  ipv6,
  'hop-by-hop options': hopByHop,
  'destination options': destinationOptions,
  'ipv6 routing': routing,
  'ipv6 fragment': fragment,
  icmp,
  icmpv6,
  tcp,
  udp,
  data,
} satisfies Record<HeaderName, (place: Place) => Layer>;

function data({ bytes, start, end }: Place): Layer {
  return { node: bytesNode('data', 'Data', bytes, { start, end }), summary: `${end - start} bytes`, checksums: [] };
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
  if (link === 'raw' || bytes.length === 0) return undefined;
  if (link === 'ethernet') return 'ethernet';
  const version = bytes[0] >> 4;
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : 'data';
}

function readLayers(bytes: Uint8Array, link: LinkType): Layer[] {
  const layers: Layer[] = [];
  const header = firstHeader(bytes, link);
  let next: Layer['next'] = header && { header, start: 0, end: bytes.length };
  let frameEnd: number | undefined;
  while (next !== undefined && layers.length < MAX_LAYERS) {
    const { header, ...place }: NonNullable<Layer['next']> = next;
    if (header === 'data' && place.start >= place.end) break;
    const layer: Layer = READERS[header]({ bytes, ...place });
    layers.push(layer);
    frameEnd ??= layer.frameEnd;
    next = layer.next;
  }
  if (frameEnd !== undefined && frameEnd < bytes.length) layers.push(trailer(bytes, frameEnd));
  return layers;
}

/** Bytes behind what the headers say is there: frames shorter than 60 bytes are padded to it. */
function trailer(bytes: Uint8Array, start: number): Layer {
  const node = bytesNode('eth.padding', 'Padding', bytes, { start, end: bytes.length });
  return { node, summary: '', checksums: [] };
}

function problemsOf(nodes: readonly FieldNode[]): string[] {
  return nodes.flatMap((node) => [
    ...(node.problem === undefined ? [] : [`${node.name}: ${node.problem}`]),
    ...problemsOf(node.children),
  ]);
}
