import type { HeaderField } from './header-fields.ts';

/** Every header that is read; `core/spec/layers.ts` has a row for each. */
export type HeaderName =
  | 'ethernet'
  | 'vlan'
  | 'llc'
  | 'arp'
  | 'ipv4'
  | 'ipv6'
  | 'hop-by-hop options'
  | 'destination options'
  | 'ipv6 routing'
  | 'ipv6 fragment'
  | 'icmp'
  | 'icmpv6'
  | 'tcp'
  | 'udp'
  | 'data'
  | 'mpls'
  | 'pppoe discovery'
  | 'pppoe session'
  | 'ppp'
  | 'lldp'
  | 'stp'
  | 'mac control'
  | 'eapol'
  | 'gre'
  | 'erspan'
  | 'erspan iii'
  | 'vxlan'
  | 'vxlan-gpe'
  | 'nsh'
  | 'geneve'
  | 'gtp'
  | 'etherip'
  | 'l2tp'
  | 'l2tpv3'
  | 'ah'
  | 'esp'
  | 'esp in udp'
  | 'igmp'
  | 'ospf'
  | 'pim'
  | 'vrrp'
  | 'bfd'
  | 'rip'
  | 'hsrp'
  | 'sctp'
  | 'udp-lite'
  | 'dccp'
  | 'dns'
  | 'mdns'
  | 'llmnr'
  | 'dhcp'
  | 'ntp';

/** What a header in front says of the one behind it: by which number. */
export type FoundBy = 'ethertype' | 'ip' | 'udp' | 'ppp' | 'sap' | 'nsh';

/** One protocol: what it is called, where it is found, and how its header is read. */
export interface ProtocolRow {
  /** Wireshark's display filter name of the header. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** Numbers that say it follows. */
  readonly at?: Partial<Record<FoundBy, readonly number[]>>;
  /** Reads the header; the rows without have a reader of their own in `core/packet`. */
  readonly read?: (header: HeaderCursor) => void;
  /** Where the packet builder can make one: as it is first put into a packet. */
  readonly fresh?: readonly FreshHeader[];
  /** Headers that can say that it follows, and behind which it makes no sense. */
  readonly notBehind?: readonly HeaderName[];
  /** How it says what follows; without it only data can follow. */
  readonly follows?: Follows;
  /** Lengths it says. */
  readonly lengths?: readonly LengthRule[];
}

/** A header as one would send it; what depends on the headers around it is set afterwards. */
export interface FreshHeader {
  /** What tells it from the others of its row: `SYN`, `with a key`. */
  readonly label?: string;
  /** Its bytes in hex; spaces are for the eye. */
  readonly hex: string;
}

/** How a header says what follows it. */
export type Follows =
  /** By a number in one of these fields, the first of them that the header has. */
  | { readonly by: FoundBy; readonly fields: readonly string[] }
  /** Nothing says it, so it can be these alone; `bottom` is 0 where the same header follows. */
  | { readonly only: readonly HeaderName[]; readonly bottom?: string };

/** A length that a header says. */
export interface LengthRule {
  readonly field: string;
  /** What it counts: the header, or the header with all that it carries. */
  readonly of: 'header' | 'all';
  /** Bytes that are not counted. */
  readonly less?: number;
  /** Bytes that it counts as one, where the field's own row does not say. */
  readonly unit?: number;
}

/** A checksum over the header and what it carries. */
export interface ChecksumRule {
  /** Bytes covered from the start of the header on; all where nothing is said. */
  readonly size?: number;
  /** IP protocol whose pseudo header is summed, too, with `pseudoLength` bytes in place of all. */
  readonly pseudo?: number;
  readonly pseudoLength?: number;
  /** Bytes from the start of the header that are not summed. */
  readonly without?: readonly [start: number, end: number];
  readonly crc32c?: boolean;
  readonly zeroMeansNone?: boolean;
}

/** How what follows is read. */
export interface NextRule {
  /**
   * Where it starts, in bytes from the start of this header; behind what was read where nothing is
   * said.
   */
  readonly at?: number;
  /** Bytes of it; all that are left where nothing is said. */
  readonly size?: number;
  /** The IP header in front goes on to say addresses, as for an extension header. */
  readonly network?: boolean;
  /** The frame ends where it ends: what is behind it is padding. */
  readonly frame?: boolean;
}

/**
 * A place in a header that moves on as fields are read. Everything is bounded by the bytes that are
 * there: where they end early, the header ends, and it is said.
 */
export interface HeaderCursor {
  /** Bytes ahead, in the header or group that is read. */
  readonly left: number;
  /** Bytes read since the header began. */
  readonly read: number;
  /** IP version of the header in front; undefined where there is none. */
  readonly ipVersion: 4 | 6 | undefined;
  /** Bytes that the IP header in front carries in all, from this header's start on. */
  readonly total: number;
  /** The byte or big-endian number so many bytes ahead; 0 behind the end. */
  byte(ahead?: number): number;
  word(ahead?: number): number;
  /** Reads rows; answers the number in the last of them. */
  fields(...rows: readonly HeaderField[]): number;
  /** The number read last under a name. */
  value(name: string): number;
  /** Bytes without structure, all that are left where no size is said; none leave no trace. */
  bytes(name: string, label: string, size?: number): void;
  /** Bytes shown as text. */
  string(name: string, label: string, size?: number): void;
  /**
   * A name of the DNS, with its pointers back into the header (RFC 1035 section 4.1.4); answers it
   * as text.
   */
  domainName(name: string, label: string): string;
  /**
   * A time of NTP, seconds since 1900 and a fraction of one in 8 bytes; from 1968 to 2104 (RFC 4330
   * section 3).
   */
  ntpTime(name: string, label: string): void;
  /**
   * Fields under a node of their own, in as many bytes; a size that is not there is said. Without a
   * size the node takes what is read. `read` may answer its text.
   */
  group(
    name: string,
    label: string,
    size: number | undefined,
    read: () => string | undefined,
  ): void;
  /** Reads no further than so many bytes. */
  within(size: number, read: () => void): void;
  /**
   * Reads one after the other until no byte is left, or `read` answers false; a bound on their
   * number is said.
   */
  each(name: string, read: () => boolean | undefined): void;
  /** Says what is wrong with the field read last under a name, or with the header. */
  wrong(problem: string, name?: string): void;
  /** Text of the header's node, and its part of the summary where that is another one. */
  text(text: string, summary?: string): void;
  checksum(name: string, rule?: ChecksumRule): void;
  next(header: HeaderName, rule?: NextRule): void;
  /** The same by a number; false where no header here goes by it. */
  nextBy(by: FoundBy, number: number, rule?: NextRule): boolean;
}
