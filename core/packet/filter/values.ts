import { bitsOf, rowOf } from '../headers/layer.ts';
import { readLayers } from '../layers.ts';
import type { FieldNode, LinkType } from '../types.ts';
import type { FilterField } from './fields.ts';
import { type FilterValue, rowValue } from './row-value.ts';
import type { UsualHeaders } from './usual-headers.ts';

/** A packet as a filter looks at it, with what became of it where that is known. */
export interface FilterSubject {
  /** In the list, from 1 on. */
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly link: LinkType;
  /** Bytes on the wire. */
  readonly length: number;
  /** Nanoseconds since the epoch, of it and of the first packet. */
  readonly timestamp?: bigint | undefined;
  readonly firstTimestamp?: bigint | undefined;
  readonly verdict?: { readonly name: string; readonly action: string } | undefined;
  readonly steps?: number | undefined;
  readonly fault?: string | undefined;
}

const NO_PACKET: FilterSubject = { number: 0, bytes: new Uint8Array(), link: 'raw', length: 0 };

type Said = (subject: FilterSubject) => FilterValue | undefined;

const since = ({ timestamp, firstTimestamp }: FilterSubject): bigint | undefined =>
  timestamp === undefined || firstTimestamp === undefined ? undefined : timestamp - firstTimestamp;

/** What is known of a packet without looking into it. */
const BESIDE_BYTES: ReadonlyMap<string, Said> = new Map<string, Said>([
  ['frame', ({ bytes }) => bytes],
  ['frame.number', ({ number }) => number],
  ['frame.len', ({ length }) => length],
  ['frame.cap_len', ({ bytes }) => bytes.length],
  ['frame.time_epoch', ({ timestamp }) => timestamp],
  ['frame.time_relative', since],
  ['verdict', ({ verdict }) => verdict?.name],
  ['verdict.action', ({ verdict }) => verdict?.action],
  ['steps', ({ steps }) => steps],
  ['fault', ({ fault }) => fault],
]);

/**
 * What one packet at a time has of the fields of a filter; the first that is asked for looks into
 * it, with a dissection where `usual` does not do.
 */
export class PacketValues {
  /** Names of the tree that the filter asks for at all. */
  private readonly wanted: ReadonlySet<string>;
  private readonly usual: UsualHeaders | undefined;
  private packet: FilterSubject = NO_PACKET;
  private isUsual: boolean | undefined;
  private found: Map<string, FilterValue[]> | undefined;

  constructor(wanted: ReadonlySet<string>, usual?: UsualHeaders) {
    this.wanted = wanted;
    this.usual = usual;
  }

  get subject(): FilterSubject {
    return this.packet;
  }

  /** From here on it is this packet. */
  lookAt(packet: FilterSubject): this {
    this.packet = packet;
    this.isUsual = undefined;
    this.found = undefined;
    return this;
  }

  /** Of a name of the tree. */
  named(name: string): readonly FilterValue[] {
    const { bytes, link } = this.packet;
    this.isUsual ??= this.usual?.find(bytes, link) ?? false;
    if (this.usual && this.isUsual) return this.usual.values(name);
    this.found ??= this.dissected();
    return this.found.get(name) ?? [];
  }

  private dissected(): Map<string, FilterValue[]> {
    const { bytes, link } = this.packet;
    const found = new Map<string, FilterValue[]>();
    const collect = (node: FieldNode, end: number): void => {
      if (this.wanted.has(node.name)) {
        const values = found.get(node.name);
        const value = valueAt(bytes, node, end);
        if (values) values.push(value);
        else found.set(node.name, [value]);
      }
      for (const child of node.children) collect(child, child.offset + child.length);
    };
    for (const { node, end } of readLayers(bytes, link)) collect(node, end);
    return found;
  }
}

export type FieldRead = (values: PacketValues) => readonly FilterValue[];

/** How the values of a field are read: found out once, not for each of millions of packets. */
export function readOf({ name, of = [name] }: FilterField): FieldRead {
  const said = BESIDE_BYTES.get(name);
  if (said)
    return ({ subject }) => {
      const value = said(subject);
      return value === undefined ? [] : [value];
    };
  const [first = '', second] = of;
  if (of.length === 1) return (values) => values.named(first);
  // Both ends.
  if (second !== undefined && of.length === 2)
    return (values) => [...values.named(first), ...values.named(second)];
  return (values) => of.flatMap((other) => values.named(other));
}

/** Names whose text in the tree is what they say: names of the DNS may be pointers in the bytes. */
const SAID_BY_TREE = /^(?:dns\..*|ntp\.(?:reftime|org|rec|xmt))$/;

function valueAt(bytes: Uint8Array, node: FieldNode, end: number): FilterValue {
  const row = rowOf(node);
  if (row === undefined)
    return SAID_BY_TREE.test(node.name) && node.children.length === 0
      ? node.text
      : bytes.subarray(node.offset, end);
  return rowValue(bytes, row, bitsOf(node));
}

/**
 * Negative, 0 or positive as the first is less, equal or more. Bytes go by their number first, as
 * Wireshark has it: 03 is less than 02:00.
 */
export function orderOf(a: FilterValue, b: FilterValue): number {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return a < b ? -1 : a > b ? 1 : 0;
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return 0;
}

/** A value's bytes; of text those it is written in. */
export const bytesOfValue = (value: FilterValue): Uint8Array =>
  value instanceof Uint8Array ? value : new TextEncoder().encode(String(value));
