/**
 * Who talks to whom, read off the headers in front of the payload: quicker than a dissection, so
 * that every packet of millions can be counted. Tunnels are not looked into.
 */
const ETHERNET = 14;
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8]);
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
const word = (frame: Uint8Array, at: number): number => (frame[at] << 8) | frame[at + 1];

/** What a packet is counted as. */
export interface Flow {
  /** EtherType; of IPv4 and IPv6 the protocol behind them, as -1 - protocol. */
  kind: number;
  /** 4, 6, or 0 where there is no IP. */
  version: number;
  /** Offsets of the addresses in the frame. */
  source: number;
  destination: number;
  /** Offset of both ports; -1 where there are none. */
  ports: number;
}

/** Fills `flow` with what a frame is. */
export function readFlow(frame: Uint8Array, flow: Flow): void {
  let at = ETHERNET - 2;
  for (let tags = 0; tags < MOST_TAGS && TAGS.has(word(frame, at)); tags++) at += 4;
  flow.version = 0;
  flow.ports = -1;
  flow.kind = frame.length < at + 2 ? 0 : word(frame, at);
  const start = at + 2;
  if (flow.kind === IPV4 && frame.length >= start + 20) readIpv4(frame, start, flow);
  else if (flow.kind === IPV6 && frame.length >= start + 40) readIpv6(frame, start, flow);
}

function readIpv4(frame: Uint8Array, start: number, flow: Flow): void {
  flow.version = 4;
  flow.source = start + 12;
  flow.destination = start + 16;
  const protocol = frame[start + 9];
  const isFirst = (word(frame, start + 6) & 0x1fff) === 0;
  setTransport(frame, start + 4 * (frame[start] & 15), protocol, isFirst, flow);
}

function readIpv6(frame: Uint8Array, start: number, flow: Flow): void {
  flow.version = 6;
  flow.source = start + 8;
  flow.destination = start + 24;
  let next = frame[start + 6];
  let at = start + 40;
  let isFirst = true;
  for (let i = 0; i < MOST_EXTENSIONS && at + 8 <= frame.length; i++) {
    if (next === FRAGMENT) {
      isFirst &&= (word(frame, at + 2) & 0xfff8) === 0;
      next = frame[at];
      at += 8;
    } else if (EXTENSIONS.has(next)) {
      next = frame[at];
      at += 8 * (frame[at + 1] + 1);
    } else break;
  }
  setTransport(frame, at, next, isFirst, flow);
}

function setTransport(
  frame: Uint8Array,
  at: number,
  protocol: number,
  isFirst: boolean,
  flow: Flow,
): void {
  flow.kind = -1 - protocol;
  if (isFirst && PORTS.has(protocol) && frame.length >= at + 4) flow.ports = at;
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
