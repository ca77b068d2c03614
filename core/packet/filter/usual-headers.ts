/**
 * What a filter asks of the usual stacks, read without a dissection: Ethernet, tags, IPv4 or IPv6
 * and TCP or UDP, and nothing behind them that the filter could ask for. Where a packet is anything
 * else, or anything is wrong with it, it is dissected: so what comes out is the same, in a fraction
 * of the time.
 */
import { byteAt } from '../../bytes/byte-at.ts';
import type { HeaderField } from '../../spec/header-fields.ts';
import { headerAt, PROTOCOLS } from '../../spec/layers.ts';
import type { HeaderName } from '../../spec/protocol-row.ts';
import {
  ETHERNET,
  ETHERNET_TYPE,
  IPV4,
  IPV6,
  TCP,
  UDP,
  VLAN,
  VLAN_TYPE,
} from '../../spec/protocols.ts';
import type { BitRange } from '../bits.ts';
import { SMALLEST_TYPE } from '../headers/ethernet.ts';
import { sizeOf } from '../headers/layer.ts';
import { headerOfPorts } from '../headers/udp.ts';
import type { LinkType } from '../types.ts';
import { word } from '../words.ts';
import { type FilterValue, rowValue } from './row-value.ts';

/** Headers of a usual stack; their names are those of the dissection tree. */
const ROWS = {
  eth: [...ETHERNET, ...ETHERNET_TYPE],
  vlan: [...VLAN, ...VLAN_TYPE],
  ip: IPV4,
  ipv6: IPV6,
  tcp: TCP,
  udp: UDP,
} as const satisfies Readonly<Record<string, readonly HeaderField[]>>;

type UsualName = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as UsualName[];

const SIZE = Object.fromEntries(NAMES.map((name) => [name, sizeOf(ROWS[name])])) as Readonly<
  Record<UsualName, number>
>;

/** Where headers of one packet are, and where what each carries ends; of tags the first. */
type Places = Record<UsualName, number>;
/** Stands for a header that is not there. */
const NOWHERE = -1;
const nowhere = (): Places => ({
  eth: NOWHERE,
  vlan: NOWHERE,
  ip: NOWHERE,
  ipv6: NOWHERE,
  tcp: NOWHERE,
  udp: NOWHERE,
});
const NONE: readonly FilterValue[] = [];

/** Headers that have no field of a usual stack, nor carry one that has. */
const OF_THEIR_OWN: ReadonlySet<HeaderName> = new Set([
  'arp',
  'igmp',
  'ospf',
  'vrrp',
  'sctp',
  'dns',
  'mdns',
  'llmnr',
  'dhcp',
  'ntp',
  'rip',
  'bfd',
]);

/** Their names in the tree. */
const OWN_NAMES: ReadonlySet<string> = new Set(
  [...OF_THEIR_OWN].map((header) => PROTOCOLS[header].name),
);

const HOP_BY_HOP = 0;

/** Where a field stands in its header, in bits; without a row it is the header itself. */
interface FieldPlace {
  readonly header: UsualName;
  readonly row?: HeaderField;
  readonly at: BitRange;
}

function* placesOf(
  header: UsualName,
  rows: readonly HeaderField[],
  from = 0,
): Iterable<readonly [string, FieldPlace]> {
  let start = from;
  for (const row of rows) {
    yield [row.name, { header, row, at: { start, count: row.bits } }];
    yield* placesOf(header, row.parts ?? [], start);
    start += row.bits;
  }
}

/** Every name that stands at a place of its own in a usual stack. */
const PLACES: ReadonlyMap<string, FieldPlace> = new Map([
  ...NAMES.map((header) => [header, { header, at: { start: 0, count: 0 } }] as const),
  ...NAMES.flatMap((header) => [...placesOf(header, ROWS[header])]),
]);

/** Other names of which a usual stack may have values: options, padding, what is carried. */
const MAY_BE_THERE = new RegExp(`^(?:data|${NAMES.join('|')})(?:\\.|$)`);

/** Headers of one packet at a time. */
export class UsualHeaders {
  private readonly wanted: ReadonlyMap<string, FieldPlace>;
  /** It asks for nothing in other headers but, of those of their own, whether they are there. */
  private readonly isUsualOnly: boolean;
  private bytes: Uint8Array = new Uint8Array();
  private readonly starts = nowhere();
  private readonly ends = nowhere();
  /** Tags, which stand one behind the other. */
  private tags = 0;
  /** A header of its own behind them: its name, and its bytes to the end of what carries it. */
  private carried: { readonly name: string; readonly bytes: Uint8Array } | undefined;

  private constructor(wanted: ReadonlyMap<string, FieldPlace>, isUsualOnly: boolean) {
    this.wanted = wanted;
    this.isUsualOnly = isUsualOnly;
  }

  /** Undefined where one of the names needs a dissection. */
  static of(names: ReadonlySet<string>): UsualHeaders | undefined {
    const wanted = new Map<string, FieldPlace>();
    for (const name of names) {
      const place = PLACES.get(name);
      if (place) wanted.set(name, place);
      else if (MAY_BE_THERE.test(name)) return undefined;
    }
    const isUsualOnly = [...names].every((name) => wanted.has(name) || OWN_NAMES.has(name));
    return new UsualHeaders(wanted, isUsualOnly);
  }

  /** Finds the headers; false where the packet has to be dissected. */
  find(bytes: Uint8Array, link: LinkType): boolean {
    this.bytes = bytes;
    this.carried = undefined;
    this.tags = 0;
    const { starts } = this;
    // One by one: this is done for each of millions of packets.
    starts.eth = starts.vlan = starts.ip = starts.ipv6 = starts.tcp = starts.udp = NOWHERE;
    if (link === 'ethernet') return this.ethernet();
    if (link !== 'ip' || bytes.length === 0) return false;
    return this.network(byteAt(bytes, 0) >> 4 === 6 ? 'ipv6' : 'ipv4', 0);
  }

  /** What the packet that was found has of a name. */
  values(name: string): readonly FilterValue[] {
    const { carried } = this;
    const place = this.wanted.get(name);
    if (place === undefined) return carried?.name === name ? [carried.bytes] : NONE;
    const start = this.starts[place.header];
    if (start === NOWHERE) return NONE;
    if (place.header !== 'vlan' || this.tags === 1) return [this.value(place, start)];
    return Array.from({ length: this.tags }, (_, tag) =>
      this.value(place, start + tag * SIZE.vlan),
    );
  }

  private value({ header, row, at }: FieldPlace, start: number): FilterValue {
    const { bytes } = this;
    return row === undefined
      ? bytes.subarray(start, this.ends[header])
      : rowValue(bytes, row, { start: start * 8 + at.start, count: at.count });
  }

  /** Notes a header, if it lies whole in front of `end`. */
  private header(name: UsualName, start: number, end: number): boolean {
    if (start + SIZE[name] > end) return false;
    this.starts[name] = start;
    this.ends[name] = end;
    return true;
  }

  private ethernet(): boolean {
    const end = this.bytes.length;
    if (!this.header('eth', 0, end)) return false;
    let at = SIZE.eth;
    for (;;) {
      const type = word(this.bytes, at - 2);
      if (type < SMALLEST_TYPE) return false;
      const next = headerAt('ethertype', type);
      if (next !== 'vlan') return this.network(next, at);
      if (at + SIZE.vlan > end) return false;
      if (this.tags === 0) this.header('vlan', at, end);
      this.tags += 1;
      at += SIZE.vlan;
    }
  }

  private network(header: HeaderName | undefined, start: number): boolean {
    if (header === 'ipv4') return this.ipv4(start);
    return header === 'ipv6' ? this.ipv6(start) : this.other(header, start, this.bytes.length);
  }

  /** Whether no field is asked for of a header, nor of what can follow it. */
  private other(header: HeaderName | undefined, start: number, end: number): boolean {
    if (header === undefined || header === 'data') return true;
    if (!this.isUsualOnly || !OF_THEIR_OWN.has(header)) return false;
    this.carried = { name: PROTOCOLS[header].name, bytes: this.bytes.subarray(start, end) };
    return true;
  }

  private ipv4(start: number): boolean {
    const { bytes } = this;
    const end = bytes.length;
    if (!this.header('ip', start, end)) return false;
    const first = byteAt(bytes, start);
    const size = (first & 0x0f) * 4;
    const total = word(bytes, start + 2);
    const isRight = first >> 4 === 4 && size >= SIZE.ip && total >= size && start + total <= end;
    // Of a fragment only the first has a header behind it, and that may not be whole.
    if (!isRight || (word(bytes, start + 6) & 0x3fff) !== 0) return false;
    return this.transport(byteAt(bytes, start + 9), start + size, start + total);
  }

  private ipv6(start: number): boolean {
    const { bytes } = this;
    const end = bytes.length;
    if (!this.header('ipv6', start, end)) return false;
    const stop = start + SIZE.ipv6;
    const carriedEnd = stop + word(bytes, start + 4);
    const next = byteAt(bytes, start + 6);
    const isRight = byteAt(bytes, start) >> 4 === 6 && next !== HOP_BY_HOP && carriedEnd <= end;
    return isRight && this.transport(next, stop, carriedEnd);
  }

  private transport(protocol: number, start: number, end: number): boolean {
    const { bytes } = this;
    const header = headerAt('ip', protocol);
    switch (header) {
      case 'tcp': {
        if (!this.header('tcp', start, end)) return false;
        const size = (byteAt(bytes, start + 12) >> 4) * 4;
        return size >= SIZE.tcp && start + size <= end;
      }
      case 'udp': {
        if (!this.header('udp', start, end)) return false;
        const length = word(bytes, start + 4);
        if (length < SIZE.udp || start + length > end) return false;
        const carried =
          length === SIZE.udp ? 'data' : headerOfPorts(word(bytes, start), word(bytes, start + 2));
        return this.other(carried, start + SIZE.udp, start + length);
      }
      default:
        return this.other(header, start, end);
    }
  }
}
