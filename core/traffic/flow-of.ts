/**
 * Who talks to whom, read off the headers in front of the payload: quicker than a dissection, so
 * that every packet of millions can be counted. Tunnels are not looked into.
 */
const ETHERNET = 14;
const isTag = (type: number): boolean => type === 0x8100 || type === 0x88a8;
const MOST_TAGS = 4;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const TCP = 6;
const UDP = 17;
const SCTP = 132;
/** Extension headers that say their length in units of 8 bytes behind the first 8 (RFC 8200). */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60, 135]);
const FRAGMENT = 44;
const MOST_EXTENSIONS = 8;
const PORTS: ReadonlySet<number> = new Set([TCP, UDP, SCTP]);

/** Bytes that are not there count as 0: whether a header is, is asked before what it says. */
const word = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

/** What a packet is counted as. */
export interface Flow {
  /** EtherType; of IPv4 and IPv6 the protocol behind them, as -1 - protocol. */
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
  for (let tags = 0; tags < MOST_TAGS && at + 4 <= end && isTag(word(bytes, at)); tags++) at += 4;
  flow.version = 0;
  flow.ports = -1;
  flow.kind = end < at + 2 ? 0 : word(bytes, at);
  const start = at + 2;
  if (flow.kind === IPV4 && end >= start + 20) readIpv4(bytes, start, end, flow);
  else if (flow.kind === IPV6 && end >= start + 40) readIpv6(bytes, start, end, flow);
}

function readIpv4(bytes: Uint8Array, start: number, end: number, flow: Flow): void {
  flow.version = 4;
  flow.source = start + 12;
  flow.destination = start + 16;
  const protocol = bytes[start + 9];
  const isFirst = (word(bytes, start + 6) & 0x1fff) === 0;
  setTransport(start + 4 * (bytes[start] & 15), end, protocol, isFirst, flow);
}

function readIpv6(bytes: Uint8Array, start: number, end: number, flow: Flow): void {
  flow.version = 6;
  flow.source = start + 8;
  flow.destination = start + 24;
  let next = bytes[start + 6];
  let at = start + 40;
  let isFirst = true;
  for (let i = 0; i < MOST_EXTENSIONS && at + 8 <= end; i++) {
    if (next === FRAGMENT) {
      isFirst &&= (word(bytes, at + 2) & 0xfff8) === 0;
      next = bytes[at];
      at += 8;
    } else if (EXTENSIONS.has(next)) {
      next = bytes[at];
      at += 8 * (bytes[at + 1] + 1);
    } else break;
  }
  setTransport(at, end, next, isFirst, flow);
}

function setTransport(
  at: number,
  end: number,
  protocol: number,
  isFirst: boolean,
  flow: Flow,
): void {
  flow.kind = -1 - protocol;
  if (isFirst && PORTS.has(protocol) && end >= at + 4) flow.ports = at;
}

/** What a kind is called, and the display filter that leaves its packets. */
export interface KindWords {
  readonly label: string;
  readonly filter: string;
}

const KINDS: ReadonlyMap<number, KindWords> = new Map([
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
    return {
      label: `IP protocol ${protocol}`,
      filter: `ip.proto == ${protocol} or ipv6.nxt == ${protocol}`,
    };
  }
  if (kind === 0) return { label: 'no header', filter: 'frame.len < 14' };
  const type = `0x${kind.toString(16).padStart(4, '0')}`;
  if (kind < 0x600) return { label: 'Ethernet with a length', filter: 'llc' };
  return { label: `EtherType ${type}`, filter: `eth.type == ${type}` };
}
