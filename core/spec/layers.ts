import type { FoundBy, HeaderName, ProtocolRow } from './protocol-row.ts';
import * as link from './protocols/link.ts';
import * as routing from './protocols/routing.ts';
import * as services from './protocols/services.ts';
import * as transports from './protocols/transports.ts';
import * as tunnels from './protocols/tunnels.ts';

/** Addresses of RFC 3849, for examples. */
const IPV6_ONE = '20010db8000000000000000000000001';
const IPV6_TWO = '20010db8000000000000000000000002';
/** Hardware Ethernet, protocol IPv4, and their sizes. */
const ARP_ETHERNET = '0001 0800 06 04';

/**
 * Every header that is read: where it is found, and how. The first ones have readers of their own
 * in `core/packet`. Those with `fresh` can be put into a packet.
 */
export const PROTOCOLS: Readonly<Record<HeaderName, ProtocolRow>> = {
  ethernet: {
    name: 'eth',
    label: 'Ethernet',
    at: { ethertype: [0x6558], nsh: [3] },
    notBehind: ['ethernet', 'vlan'],
    fresh: [{ hex: '020000000002 020000000001 0000' }],
    follows: { by: 'ethertype', fields: ['eth.type', 'eth.len'] },
    lengths: [{ field: 'eth.len', of: 'all', less: 14 }],
  },
  vlan: {
    name: 'vlan',
    label: 'VLAN',
    at: { ethertype: [0x8100, 0x88a8, 0x9100, 0x9200] },
    notBehind: ['gre', 'geneve'],
    fresh: [{ hex: '0064 0000' }],
    follows: { by: 'ethertype', fields: ['vlan.etype', 'vlan.len'] },
    lengths: [{ field: 'vlan.len', of: 'all', less: 4 }],
  },
  llc: { name: 'llc', label: 'LLC', follows: { by: 'ethertype', fields: ['llc.type'] } },
  arp: {
    name: 'arp',
    label: 'ARP',
    at: { ethertype: [0x0806, 0x8035] },
    fresh: [
      { label: 'request', hex: `${ARP_ETHERNET} 0001 020000000001 0a000001 000000000000 0a000002` },
      { label: 'reply', hex: `${ARP_ETHERNET} 0002 020000000001 0a000001 020000000002 0a000002` },
    ],
  },
  ipv4: {
    name: 'ip',
    label: 'IPv4',
    at: { ethertype: [0x0800], ip: [4], ppp: [0x0021], sap: [0x06], nsh: [1] },
    fresh: [{ hex: '45000000 00004000 40000000 0a000001 0a000002' }],
    follows: { by: 'ip', fields: ['ip.proto'] },
    lengths: [
      { field: 'ip.hdr_len', of: 'header' },
      { field: 'ip.len', of: 'all' },
    ],
  },
  ipv6: {
    name: 'ipv6',
    label: 'IPv6',
    at: { ethertype: [0x86dd], ip: [41], ppp: [0x0057], nsh: [2] },
    fresh: [{ hex: `60000000 0000 00 40 ${IPV6_ONE} ${IPV6_TWO}` }],
    follows: { by: 'ip', fields: ['ipv6.nxt'] },
    lengths: [{ field: 'ipv6.plen', of: 'all', less: 40 }],
  },
  'hop-by-hop options': {
    name: 'ipv6.hopopts',
    label: 'Hop-by-hop options',
    at: { ip: [0] },
    notBehind: ['ipv4'],
    fresh: [{ label: 'router alert', hex: '00 00 0502 0000 0100' }],
    follows: { by: 'ip', fields: ['ipv6.hopopts.nxt'] },
    lengths: [{ field: 'ipv6.hopopts.len', of: 'header', less: 8, unit: 8 }],
  },
  'destination options': {
    name: 'ipv6.dstopts',
    label: 'Destination options',
    at: { ip: [60] },
    notBehind: ['ipv4'],
    fresh: [{ hex: '00 00 0104 00000000' }],
    follows: { by: 'ip', fields: ['ipv6.dstopts.nxt'] },
    lengths: [{ field: 'ipv6.dstopts.len', of: 'header', less: 8, unit: 8 }],
  },
  'ipv6 routing': {
    name: 'ipv6.routing',
    label: 'Routing',
    at: { ip: [43] },
    notBehind: ['ipv4'],
    fresh: [{ label: 'one segment', hex: `00 02 04 00 00 00 0000 ${IPV6_TWO}` }],
    follows: { by: 'ip', fields: ['ipv6.routing.nxt'] },
    lengths: [{ field: 'ipv6.routing.len', of: 'header', less: 8, unit: 8 }],
  },
  'ipv6 fragment': {
    name: 'ipv6.fraghdr',
    label: 'Fragment',
    at: { ip: [44] },
    notBehind: ['ipv4'],
    fresh: [{ label: 'the only one', hex: '00 00 0000 00000001' }],
    follows: { by: 'ip', fields: ['ipv6.fraghdr.nxt'] },
  },
  icmp: {
    name: 'icmp',
    label: 'ICMP',
    at: { ip: [1] },
    notBehind: ['ipv6'],
    fresh: [
      { label: 'echo request', hex: '08 00 0000 0001 0001' },
      { label: 'echo reply', hex: '00 00 0000 0001 0001' },
    ],
    follows: { only: ['ipv4'] },
  },
  icmpv6: {
    name: 'icmpv6',
    label: 'ICMPv6',
    at: { ip: [58] },
    notBehind: ['ipv4'],
    fresh: [
      { label: 'echo request', hex: '80 00 0000 0001 0001' },
      { label: 'echo reply', hex: '81 00 0000 0001 0001' },
      { label: 'neighbor solicitation', hex: `87 00 0000 00000000 ${IPV6_TWO} 0101 020000000001` },
      { label: 'neighbor advertisement', hex: `88 00 0000 60000000 ${IPV6_ONE} 0201 020000000001` },
    ],
    follows: { only: ['ipv6'] },
  },
  tcp: {
    name: 'tcp',
    label: 'TCP',
    at: { ip: [6] },
    fresh: [
      { label: 'SYN', hex: '9c400050 00000001 00000000 5002ffff 0000 0000' },
      { label: 'SYN ACK', hex: '00509c40 00000001 00000002 5012ffff 0000 0000' },
      { label: 'ACK', hex: '9c400050 00000002 00000002 5010ffff 0000 0000' },
      { label: 'PSH ACK', hex: '9c400050 00000002 00000002 5018ffff 0000 0000' },
      { label: 'FIN ACK', hex: '9c400050 00000002 00000002 5011ffff 0000 0000' },
      { label: 'RST', hex: '9c400050 00000002 00000000 50040000 0000 0000' },
    ],
    lengths: [{ field: 'tcp.hdr_len', of: 'header' }],
  },
  udp: {
    name: 'udp',
    label: 'UDP',
    at: { ip: [17] },
    // A checksum of 0 would say that there is none.
    fresh: [{ hex: '9c401388 0000 ffff' }],
    follows: { by: 'udp', fields: ['udp.dstport'] },
    lengths: [{ field: 'udp.length', of: 'all' }],
  },
  data: { name: 'data', label: 'Data' },
  mpls: link.mpls,
  'pppoe discovery': link.pppoeDiscovery,
  'pppoe session': link.pppoeSession,
  ppp: link.ppp,
  lldp: link.lldp,
  stp: link.stp,
  'mac control': link.macControl,
  eapol: link.eapol,
  gre: tunnels.gre,
  erspan: tunnels.erspan,
  'erspan iii': tunnels.erspan3,
  vxlan: tunnels.vxlan,
  'vxlan-gpe': tunnels.vxlanGpe,
  nsh: tunnels.nsh,
  geneve: tunnels.geneve,
  gtp: tunnels.gtp,
  etherip: tunnels.etherip,
  l2tp: tunnels.l2tp,
  l2tpv3: tunnels.l2tpv3,
  ah: tunnels.ah,
  esp: tunnels.esp,
  'esp in udp': tunnels.espInUdp,
  igmp: routing.igmp,
  ospf: routing.ospf,
  pim: routing.pim,
  vrrp: routing.vrrp,
  bfd: routing.bfd,
  rip: routing.rip,
  hsrp: routing.hsrp,
  sctp: transports.sctp,
  'udp-lite': transports.udpLite,
  dccp: transports.dccp,
  dns: services.dns,
  mdns: services.mdns,
  llmnr: services.llmnr,
  dhcp: services.dhcp,
  ntp: services.ntp,
};

const entries = Object.entries(PROTOCOLS) as [HeaderName, ProtocolRow][];
const tableOf = (by: FoundBy): ReadonlyMap<number, HeaderName> =>
  new Map(
    entries.flatMap(([name, { at }]) => (at?.[by] ?? []).map((number) => [number, name] as const)),
  );
const TABLES: Readonly<Record<FoundBy, ReadonlyMap<number, HeaderName>>> = {
  ethertype: tableOf('ethertype'),
  ip: tableOf('ip'),
  udp: tableOf('udp'),
  ppp: tableOf('ppp'),
  sap: tableOf('sap'),
  nsh: tableOf('nsh'),
};

/**
 * The header that a number of the one in front says follows; undefined where none here goes by it.
 */
export const headerAt = (by: FoundBy, number: number): HeaderName | undefined =>
  TABLES[by].get(number);

/** The numbers by which a header goes; the first is the one to write. */
export const numbersOf = (header: HeaderName, by: FoundBy): readonly number[] =>
  PROTOCOLS[header].at?.[by] ?? [];

/** Whether one header can stand right behind another: data always can. */
export function canFollow(front: HeaderName, behind: HeaderName): boolean {
  if (behind === 'data') return true;
  if (PROTOCOLS[behind].notBehind?.includes(front)) return false;
  const { follows } = PROTOCOLS[front];
  if (follows === undefined) return false;
  if ('only' in follows) return follows.only.includes(behind);
  return numbersOf(behind, follows.by).length > 0;
}

/** Headers that can be made, in the order of the table. */
export const MADE_HEADERS: readonly HeaderName[] = entries
  .filter(([, { fresh }]) => fresh !== undefined)
  .map(([name]) => name);

/**
 * What to write where no header here follows, only data: IEEE 802 "Local Experimental EtherType 1",
 * RFC 3692 section 2.1. Ports and the others have no such number.
 */
export const DATA_NUMBERS: Partial<Record<FoundBy, number>> = { ethertype: 0x88b5, ip: 253 };
/** RFC 8200 section 4.7: nothing follows at all. */
export const NO_NEXT_HEADER = 59;
