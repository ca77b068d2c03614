import type { HeaderName } from './protocol-row.ts';

/** A packet to begin with: its headers as they are made (`fresh` in `layers.ts`), and data. */
export interface PacketTemplate {
  readonly name: string;
  readonly headers: readonly (HeaderName | readonly [header: HeaderName, variant: number])[];
  /** Data behind them, in hex. */
  readonly payload?: string;
}

const HELLO = '68656c6c6f';
/** What `ping` sends behind the time: 0x10, 0x11, and so on. */
const PING = '101112131415161718191a1b1c1d1e1f';

/** The packets that filters are mostly about. */
export const PACKET_TEMPLATES: readonly PacketTemplate[] = [
  { name: 'TCP SYN', headers: ['ethernet', 'ipv4', 'tcp'] },
  { name: 'TCP SYN ACK', headers: ['ethernet', 'ipv4', ['tcp', 1]] },
  { name: 'TCP data', headers: ['ethernet', 'ipv4', ['tcp', 3]], payload: HELLO },
  { name: 'UDP', headers: ['ethernet', 'ipv4', 'udp'], payload: HELLO },
  { name: 'DNS query', headers: ['ethernet', 'ipv4', 'udp', 'dns'] },
  { name: 'DHCP discover', headers: ['ethernet', 'ipv4', 'udp', 'dhcp'] },
  { name: 'Ping', headers: ['ethernet', 'ipv4', 'icmp'], payload: PING },
  { name: 'ARP request', headers: ['ethernet', 'arp'] },
  { name: 'IPv6 TCP SYN', headers: ['ethernet', 'ipv6', 'tcp'] },
  { name: 'IPv6 UDP', headers: ['ethernet', 'ipv6', 'udp'], payload: HELLO },
  { name: 'IPv6 ping', headers: ['ethernet', 'ipv6', 'icmpv6'], payload: PING },
  { name: 'IPv6 neighbor solicitation', headers: ['ethernet', 'ipv6', ['icmpv6', 2]] },
  {
    name: 'IPv6 with extension headers',
    headers: ['ethernet', 'ipv6', 'hop-by-hop options', 'ipv6 routing', 'ipv6 fragment', 'udp'],
    payload: HELLO,
  },
  { name: 'VLAN, TCP SYN', headers: ['ethernet', 'vlan', 'ipv4', 'tcp'] },
  { name: 'VLAN, IPv6, UDP', headers: ['ethernet', 'vlan', 'ipv6', 'udp'], payload: HELLO },
  { name: 'VLAN in VLAN, UDP', headers: ['ethernet', 'vlan', 'vlan', 'ipv4', 'udp'] },
  { name: 'MPLS, ping', headers: ['ethernet', 'mpls', 'mpls', 'ipv4', 'icmp'] },
  { name: 'PPPoE, ping', headers: ['ethernet', 'pppoe session', 'ppp', 'ipv4', 'icmp'] },
  { name: 'IPv4 in IPv4', headers: ['ethernet', 'ipv4', 'ipv4', 'tcp'] },
  { name: 'IPv6 in IPv4', headers: ['ethernet', 'ipv4', 'ipv6', 'tcp'] },
  { name: 'GRE', headers: ['ethernet', 'ipv4', 'gre', 'ipv4', 'icmp'], payload: PING },
  { name: 'VXLAN', headers: ['ethernet', 'ipv4', 'udp', 'vxlan', 'ethernet', 'ipv4', 'tcp'] },
  {
    name: 'Geneve with an option',
    headers: ['ethernet', 'ipv4', 'udp', ['geneve', 1], 'ethernet', 'ipv4', 'tcp'],
  },
  { name: 'GTP-U', headers: ['ethernet', 'ipv4', 'udp', ['gtp', 1], 'ipv4', 'udp'] },
  { name: 'ESP', headers: ['ethernet', 'ipv4', 'esp'], payload: '00'.repeat(32) },
  { name: 'SCTP INIT', headers: ['ethernet', 'ipv4', 'sctp'] },
];

/** The headers of a template, each with which of its row's `fresh` it is. */
export const headersOf = ({ headers }: PacketTemplate): { header: HeaderName; variant: number }[] =>
  headers.map((one) => {
    const [header, variant] = typeof one === 'string' ? [one, 0] : one;
    return { header, variant };
  });
