import { byteAt } from '../../bytes/byte-at.ts';
import type { HeaderField } from '../../spec/header-fields.ts';
import type { HeaderName } from '../../spec/protocol-row.ts';
import type { HeaderOption } from '../../spec/protocols.ts';
import type { BitRange } from '../bits.ts';
import { type Checksum, checksumProblem } from '../checksum.ts';
import type { ByteRange, FieldNode } from '../types.ts';
import { formatBytes, formatField } from '../value.ts';

/** What the IP header in front says about what it carries. */
export interface Carrier {
  /** Source and final destination address, for the pseudo header. */
  readonly addresses: readonly [source: ByteRange, destination: ByteRange];
  /** IPv6 has no header checksum, so a transport checksum of 0 is not allowed there. */
  readonly version: 4 | 6;
  /** The whole payload is there: no fragment, nothing cut off. */
  readonly whole: boolean;
}

/** Where a header starts and what the headers in front of it say. */
export interface Place {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** exclusive: where the payload of the header in front ends */
  readonly end: number;
  readonly network?: Carrier;
  /** Inside an ICMP error: the packet is cut short on purpose, and its checksums need not hold. */
  readonly quoted?: boolean;
}

/** What reading one header gives. */
export interface Layer {
  readonly node: FieldNode;
  /** Its part of the packet's one-line summary. */
  readonly summary: string;
  readonly checksums: readonly Checksum[];
  /** Where it says that the packet ends; what a frame has behind it is padding. */
  readonly frameEnd?: number;
  /** What it carries; nothing where its bytes end or cannot be told. */
  readonly next?: Omit<Place, 'bytes'> & { readonly header: HeaderName };
}

/**
 * By which row each field of a tree was read: rows may share a name, where versions of a header
 * write it in two ways.
 */
const ROWS = new WeakMap<FieldNode, HeaderField>();

/** The row a field was read by; undefined for groups and bytes. */
export const rowOf = (node: FieldNode): HeaderField | undefined => ROWS.get(node);

/** The same field with a problem. */
export function marked(node: FieldNode, problem: string): FieldNode {
  const copy = { ...node, problem };
  const row = ROWS.get(node);
  if (row) ROWS.set(copy, row);
  return copy;
}

/** One field of the tree. */
export function fieldNode(bytes: Uint8Array, field: HeaderField, at: BitRange): FieldNode {
  const offset = at.start >> 3;
  const length = ((at.start + at.count + 7) >> 3) - offset;
  const partial = at.start % 8 !== 0 || at.count % 8 !== 0;
  const node: FieldNode = {
    name: field.name,
    label: field.label,
    text: formatField(bytes, field, at),
    offset,
    length,
    ...(partial && { bits: { start: at.start % 8, count: at.count } }),
    editable: field.kind !== 'bytes',
    children: field.parts ? rowNodes(bytes, field.parts, at.start, at.start + at.count) : [],
  };
  ROWS.set(node, field);
  return node;
}

function rowNodes(
  bytes: Uint8Array,
  rows: readonly HeaderField[],
  from: number,
  to: number,
): FieldNode[] {
  const nodes: FieldNode[] = [];
  let start = from;
  for (const row of rows) {
    if (start + row.bits > to) break;
    nodes.push(fieldNode(bytes, row, { start, count: row.bits }));
    start += row.bits;
  }
  return nodes;
}

/** The rows from byte `start` on, as many as lie whole in front of byte `end`. */
export const readFields = (
  bytes: Uint8Array,
  rows: readonly HeaderField[],
  start: number,
  end: number,
): FieldNode[] => rowNodes(bytes, rows, start * 8, end * 8);

/** Bytes that rows take. */
export const sizeOf = (rows: readonly HeaderField[]): number =>
  rows.reduce((sum, { bits }) => sum + bits, 0) / 8;

/** A header of the tree, or another group of fields. */
export const groupNode = (
  name: string,
  label: string,
  { start, end }: ByteRange,
  children: readonly FieldNode[],
  more: { text?: string; problem?: string } = {},
): FieldNode => ({
  name,
  label,
  text: more.text ?? '',
  offset: start,
  length: end - start,
  ...(more.problem !== undefined && { problem: more.problem }),
  editable: false,
  children,
});

/** Bytes without structure of their own. */
export const bytesNode = (
  name: string,
  label: string,
  bytes: Uint8Array,
  { start, end }: ByteRange,
): FieldNode =>
  groupNode(name, label, { start, end }, [], { text: formatBytes(bytes.subarray(start, end)) });

/** The bits of the packet that a field takes. */
export const bitsOf = ({ offset, length, bits }: FieldNode): BitRange => ({
  start: offset * 8 + (bits?.start ?? 0),
  count: bits?.count ?? length * 8,
});

/** The first field of a tree with a name; `offset`: the one that begins at this byte. */
export function fieldIn(
  nodes: readonly FieldNode[],
  name: string,
  offset?: number,
): FieldNode | undefined {
  for (const node of nodes) {
    const isIt = node.name === name && (offset === undefined || node.offset === offset);
    const found = isIt ? node : fieldIn(node.children, name, offset);
    if (found) return found;
  }
  return undefined;
}

/** The same fields with a problem at one of them. */
export const withProblem = (
  nodes: readonly FieldNode[],
  name: string,
  problem: string | undefined,
): FieldNode[] =>
  nodes.map((node) => (node.name === name && problem !== undefined ? marked(node, problem) : node));

/** The same fields with what is wrong with a checksum at its field. */
export const withChecksum = (
  nodes: readonly FieldNode[],
  name: string,
  bytes: Uint8Array,
  checksum: Checksum,
): FieldNode[] => withProblem(nodes, name, checksumProblem(bytes, checksum));

/**
 * A header of which the rows do not lie whole in its bytes: what is there, and nothing behind it.
 */
export function cutShort(
  place: Place,
  name: string,
  label: string,
  rows: readonly HeaderField[],
): Layer | undefined {
  const { bytes, start, end } = place;
  const size = sizeOf(rows);
  if (end - start >= size) return undefined;
  const problem = place.quoted
    ? undefined
    : `${label} header takes ${size} bytes, ${end - start} are there`;
  return {
    node: groupNode(name, label, { start, end }, readFields(bytes, rows, start, end), { problem }),
    summary: `${label}, cut short`,
    checksums: [],
  };
}

/** How options of a header are laid out: which they are, and how long. */
export interface OptionLayout {
  readonly options: ReadonlyMap<number, HeaderOption>;
  readonly unknown: HeaderOption;
  /** Bytes of the option from its length byte. */
  readonly lengthOf: (lengthByte: number) => number;
  /** Types that are one byte without a length. */
  readonly single: readonly number[];
  /** The type behind which nothing more is read. */
  readonly last?: number;
  /** Name of the bytes behind the last option, and of bytes of an option without a row. */
  readonly padding: string;
}

/** The options between two bytes, in order; what is malformed is named and ends them. */
export function readOptions(
  bytes: Uint8Array,
  { start, end }: ByteRange,
  layout: OptionLayout,
): FieldNode[] {
  const nodes: FieldNode[] = [];
  let at = start;
  while (at < end) {
    const type = byteAt(bytes, at);
    const option = layout.options.get(type) ?? layout.unknown;
    const length = layout.single.includes(type)
      ? 1
      : at + 1 < end
        ? layout.lengthOf(byteAt(bytes, at + 1))
        : 0;
    const problem = lengthProblem(option, length, end - at);
    const stop = problem === undefined ? at + length : Math.min(end, at + Math.max(length, 1));
    nodes.push(optionNode(bytes, option, { start: at, end: stop }, layout.padding, problem));
    if (problem !== undefined && (length < 2 || at + length > end)) break;
    at = stop;
    if (type === layout.last && at < end)
      nodes.push(bytesNode(layout.padding, 'Padding', bytes, { start: at, end }));
    if (type === layout.last) break;
  }
  return nodes;
}

function lengthProblem(
  { fields, lengths }: HeaderOption,
  length: number,
  room: number,
): string | undefined {
  const least = sizeOf(fields);
  if (room < Math.min(least, 2))
    return `option takes ${Math.max(2, least)} bytes, ${room} are there`;
  if (length > room) return `option says ${length} bytes, ${room} are there`;
  if (length < least || lengths?.includes(length) === false) {
    return `option says ${length} bytes, should be ${lengths?.join(' or ') ?? `at least ${least}`}`;
  }
  return undefined;
}

function optionNode(
  bytes: Uint8Array,
  option: HeaderOption,
  { start, end }: ByteRange,
  rest: string,
  problem: string | undefined,
): FieldNode {
  const children = readFields(bytes, option.fields, start, end);
  return groupNode(
    option.name,
    option.label,
    { start, end },
    [...children, ...readRest(bytes, option, children, { start, end }, rest)],
    {
      ...(problem !== undefined && { problem }),
      text: children[2]?.text ?? '',
    },
  );
}

/** What stands behind the rows of an option: its repeated rows, then bytes without a row. */
export function readRest(
  bytes: Uint8Array,
  { fields, repeat = [] }: HeaderOption,
  read: readonly FieldNode[],
  { start, end }: ByteRange,
  rest: string,
): FieldNode[] {
  const nodes: FieldNode[] = [];
  if (read.length < fields.length) return nodes;
  let at = start + sizeOf(fields);
  const size = sizeOf(repeat);
  while (size > 0 && at + size <= end) {
    nodes.push(...readFields(bytes, repeat, at, end));
    at += size;
  }
  if (at < end) nodes.push(bytesNode(rest, 'Data', bytes, { start: at, end }));
  return nodes;
}
