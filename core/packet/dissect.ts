import type { Checksum } from './checksum.ts';
import { readLayers } from './layers.ts';
import type { Dissection, FieldNode, LinkType } from './types.ts';

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

function problemsOf(nodes: readonly FieldNode[]): string[] {
  return nodes.flatMap((node) => [
    ...(node.problem === undefined ? [] : [`${node.name}: ${node.problem}`]),
    ...problemsOf(node.children),
  ]);
}
