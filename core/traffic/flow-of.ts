/**
 * Who talks to whom, read off the headers in front of the payload: quicker than a dissection, so
 * that every packet of millions can be counted. Tunnels are not looked into.
 */
const ETHERNET = 14;
/** IEEE 802.3 section 3.2.6: up to 1500 it is a length, not a type. */
const LARGEST_LENGTH = 1500;
const isTag = (type: number): boolean => type === 0x8100 || type === 0x88a8;
const MOST_TAGS = 4;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const TCP = 6;
const UDP = 17;
const SCTP = 132;
/** Extension headers that say their length in units of 8 bytes behind the first 8 (RFC 8200). */
const HOP_BY_HOP = 0;
const EXTENSIONS: ReadonlySet<number> = new Set([HOP_BY_HOP, 43, 60]);
const FRAGMENT = 44;
const MOST_EXTENSIONS = 8;
const PORTS: ReadonlySet<number> = new Set([TCP, UDP, SCTP]);

/** Bytes that are not there count as 0: whether a header is, is asked before what it says. */
const word = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** Kinds that are no EtherType: a length in its place, and a frame too short for either. */
const WITH_LENGTH = 0;
const NO_HEADER = 0x1_0000;
/** A kind of IP that is no protocol: what a later fragment carries begins in another packet. */
const LATER_FRAGMENT = -1 - 0x100;

/** What a packet is counted as. */
export interface Flow {
  /** EtherType; where IPv4 or IPv6 is whole the protocol behind it, as -1 - protocol. */
  kind: number;
  /** 4, 6, or 0 where there is no IP. */
  version: number;
  /** Of the addresses, in the bytes that the frame lies in. */
  source: number;
  destination: number;
  /** Of both ports; -1 where there are none. */
  ports: number;
}

/** Fills `flow` with what the frame is that lies in `bytes` from `first` to `end`. */
export function readFlow(bytes: Uint8Array, first: number, end: number, flow: Flow): void {
  let at = first + ETHERNET - 2;
  for (let tags = 0; tags < MOST_TAGS && at + 6 <= end && isTag(word(bytes, at)); tags++) at += 4;
  flow.version = 0;
  flow.ports = -1;
  flow.kind = end < at + 2 ? NO_HEADER : typeOf(word(bytes, at));
  const start = at + 2;
  if (flow.kind === IPV4 && end >= start + 20) readIpv4(bytes, start, end, flow);
  else if (flow.kind === IPV6 && end >= start + 40) readIpv6(bytes, start, end, flow);
}

const typeOf = (value: number): number => (value <= LARGEST_LENGTH ? WITH_LENGTH : value);

function readIpv4(bytes: Uint8Array, start: number, frameEnd: number, flow: Flow): void {
  const size = 4 * (bytes[start] & 15);
  if (bytes[start] >> 4 !== 4 || size < 20 || start + size > frameEnd) return;
  flow.version = 4;
  flow.source = start + 12;
  flow.destination = start + 16;
  const total = word(bytes, start + 2);
  const end = total < size ? frameEnd : Math.min(frameEnd, start + total);
  const isFirst = (word(bytes, start + 6) & 0x1fff) === 0;
  if (isFirst) setTransport(start + size, end, bytes[start + 9], flow);
  else flow.kind = LATER_FRAGMENT;
}

function readIpv6(bytes: Uint8Array, start: number, frameEnd: number, flow: Flow): void {
  if (bytes[start] >> 4 !== 6) return;
  flow.version = 6;
  flow.source = start + 8;
  flow.destination = start + 24;
  let next = bytes[start + 6];
  let at = start + 40;
  const length = word(bytes, start + 4);
  // RFC 2675: a jumbogram says 0.
  const isJumbo = length === 0 && next === HOP_BY_HOP;
  const end = isJumbo ? frameEnd : Math.min(frameEnd, at + length);
  for (let i = 0; i < MOST_EXTENSIONS && at + 8 <= end; i++) {
    if (next === FRAGMENT) {
      if ((word(bytes, at + 2) & 0xfff8) !== 0) {
        flow.kind = LATER_FRAGMENT;
        return;
      }
      next = bytes[at];
      at += 8;
    } else if (EXTENSIONS.has(next)) {
      const behind = at + 8 * (bytes[at + 1] + 1);
      if (behind > end) break;
      next = bytes[at];
      at = behind;
    } else break;
  }
  setTransport(at, end, next, flow);
}

function setTransport(at: number, end: number, protocol: number, flow: Flow): void {
  flow.kind = -1 - protocol;
  if (PORTS.has(protocol) && end >= at + 4) flow.ports = at;
}

/** What a kind is called, and the display filter that leaves its packets. */
export interface KindWords {
  readonly label: string;
  readonly filter: string;
}

/** Fields that say what follows. */
const TYPES = ['eth.type', 'vlan.etype'];
const PROTOCOLS = [
  'ip.proto',
  'ipv6.nxt',
  'ipv6.hopopts.nxt',
  'ipv6.dstopts.nxt',
  'ipv6.routing.nxt',
  'ipv6.fraghdr.nxt',
];
const anyIs = (fields: readonly string[], value: number | string): string =>
  fields.map((field) => `${field} == ${value}`).join(' or ');

const KINDS: ReadonlyMap<number, KindWords> = new Map([
  [NO_HEADER, { label: 'no header', filter: 'frame.cap_len < 14' }],
  [WITH_LENGTH, { label: 'Ethernet with a length', filter: 'llc' }],
  [
    LATER_FRAGMENT,
    { label: 'later fragments', filter: 'ip.frag_offset > 0 or ipv6.fraghdr.offset > 0' },
  ],
  [ARP, { label: 'ARP', filter: 'arp' }],
  [-1 - TCP, { label: 'TCP', filter: 'tcp' }],
  [-1 - UDP, { label: 'UDP', filter: 'udp' }],
  [-1 - 1, { label: 'ICMP', filter: 'icmp' }],
  [-1 - 58, { label: 'ICMPv6', filter: 'icmpv6' }],
  [-1 - SCTP, { label: 'SCTP', filter: 'sctp' }],
  [-1 - 47, { label: 'GRE', filter: 'gre' }],
]);

export function kindWords(kind: number): KindWords {
  const known = KINDS.get(kind);
  if (known) return known;
  if (kind < 0) {
    const protocol = -1 - kind;
    return { label: `IP protocol ${protocol}`, filter: anyIs(PROTOCOLS, protocol) };
  }
  const type = `0x${kind.toString(16).padStart(4, '0')}`;
  return { label: `EtherType ${type}`, filter: anyIs(TYPES, type) };
}
