import { byteAt } from '../bytes/byte-at.ts';
import { OPTION_LISTS } from '../spec/option-lists.ts';
import type { HeaderName } from '../spec/protocol-row.ts';
import { bytesNode } from './headers/layer.ts';
import { type ReadLayer, readLayers } from './layers.ts';
import type { ByteRange, FieldNode, LinkType, StackRow } from './types.ts';

/** One header of a packet with its bytes; all pieces together are the packet. */
export interface Piece extends ByteRange {
  readonly header: HeaderName | 'padding';
  /** Of padding: which piece is the Ethernet header whose frame it fills up. */
  readonly pads?: number;
  /** Options of it that are no filling, in order. */
  readonly options: readonly FieldNode[];
  readonly node: FieldNode;
}

/** A packet as the headers it is made of. Memory that is no packet is one piece of data. */
export function piecesOf(bytes: Uint8Array, link: LinkType): Piece[] {
  const layers = inOrder(readLayers(bytes, link));
  if (layers.length === 0) return bytes.length > 0 ? [wholeAsData(bytes)] : [];
  const ethernets = layers.flatMap(({ header }, i) => (header === 'ethernet' ? [i] : []));
  return layers.map(({ header, start, node, frame }, i) => {
    const end = layers[i + 1]?.start ?? bytes.length;
    const pads = frame === undefined ? undefined : ethernets[link === 'ip' ? frame - 1 : frame];
    return {
      header,
      start,
      end,
      node,
      options: header === 'padding' ? [] : optionsOf(bytes, header, start, node),
      ...(pads !== undefined && { pads }),
    };
  });
}

/** As far as each header stands behind the one before: hostile lengths may point back. */
function inOrder(layers: readonly ReadLayer[]): readonly ReadLayer[] {
  const back = layers.findIndex(({ start }, i) => start < (layers[i - 1]?.start ?? 0));
  return back < 0 ? layers : layers.slice(0, back);
}

const wholeAsData = (bytes: Uint8Array): Piece => ({
  header: 'data',
  start: 0,
  end: bytes.length,
  options: [],
  node: bytesNode('data', 'Data', bytes, { start: 0, end: bytes.length }),
});

function optionsOf(
  bytes: Uint8Array,
  header: HeaderName,
  start: number,
  { children }: FieldNode,
): readonly FieldNode[] {
  const list = OPTION_LISTS[header];
  if (list === undefined) return [];
  const nodes = list.group
    ? (children.find(({ name }) => name === list.group)?.children ?? [])
    : children.filter(({ offset }) => offset >= start + list.start);
  return nodes.filter(
    (node) => node.children.length > 0 && !list.filling.includes(byteAt(bytes, node.offset)),
  );
}

/** What the builder shows of a packet. */
export const stackRows = (bytes: Uint8Array, link: LinkType): StackRow[] =>
  piecesOf(bytes, link).map(({ header, start, end, node: { label, text }, options }) => ({
    header,
    label,
    text,
    size: end - start,
    ...(header !== 'padding' &&
      OPTION_LISTS[header] && {
        options: options.map((option) => ({ label: option.label, text: option.text })),
      }),
  }));
