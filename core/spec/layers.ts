import type { FoundBy, HeaderName, ProtocolRow } from './protocol-row.ts';
import * as link from './protocols/link.ts';
import * as routing from './protocols/routing.ts';
import * as services from './protocols/services.ts';
import * as transports from './protocols/transports.ts';
import * as tunnels from './protocols/tunnels.ts';

/**
 * Every header that is read: where it is found, and how. The first ones have readers of their own
 * in `core/packet`.
 */
export const PROTOCOLS: Readonly<Record<HeaderName, ProtocolRow>> = {
  ethernet: { name: 'eth', label: 'Ethernet', at: { ethertype: [0x6558], nsh: [3] } },
  vlan: { name: 'vlan', label: 'VLAN', at: { ethertype: [0x8100, 0x88a8, 0x9100, 0x9200] } },
  llc: { name: 'llc', label: 'LLC' },
  arp: { name: 'arp', label: 'ARP', at: { ethertype: [0x0806, 0x8035] } },
  ipv4: {
    name: 'ip',
    label: 'IPv4',
    at: { ethertype: [0x0800], ip: [4], ppp: [0x0021], sap: [0x06], nsh: [1] },
  },
  ipv6: {
    name: 'ipv6',
    label: 'IPv6',
    at: { ethertype: [0x86dd], ip: [41], ppp: [0x0057], nsh: [2] },
  },
  'hop-by-hop options': { name: 'ipv6.hopopts', label: 'Hop-by-hop options', at: { ip: [0] } },
  'destination options': { name: 'ipv6.dstopts', label: 'Destination options', at: { ip: [60] } },
  'ipv6 routing': { name: 'ipv6.routing', label: 'Routing', at: { ip: [43] } },
  'ipv6 fragment': { name: 'ipv6.fraghdr', label: 'Fragment', at: { ip: [44] } },
  icmp: { name: 'icmp', label: 'ICMP', at: { ip: [1] } },
  icmpv6: { name: 'icmpv6', label: 'ICMPv6', at: { ip: [58] } },
  tcp: { name: 'tcp', label: 'TCP', at: { ip: [6] } },
  udp: { name: 'udp', label: 'UDP', at: { ip: [17] } },
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
