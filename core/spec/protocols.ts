import {
  bytes,
  decimal,
  flag,
  flags,
  type HeaderField,
  hex,
  ipv4,
  ipv6,
  mac,
} from './header-fields.ts';

/** IANA "IEEE 802 Numbers": EtherTypes. */
export const ETHERTYPES: ReadonlyMap<number, string> = new Map([
  [0x0800, 'IPv4'],
  [0x0806, 'ARP'],
  [0x8035, 'RARP'],
  [0x8100, '802.1Q'],
  [0x86dd, 'IPv6'],
  [0x8808, 'Ethernet flow control'],
  [0x8809, 'Slow protocols'],
  [0x8847, 'MPLS'],
  [0x8848, 'MPLS multicast'],
  [0x8863, 'PPPoE discovery'],
  [0x8864, 'PPPoE session'],
  [0x888e, '802.1X'],
  [0x88a8, '802.1ad'],
  [0x88cc, 'LLDP'],
  [0x88e5, 'MACsec'],
  [0x88f7, 'PTP'],
  [0x6558, 'Ethernet'],
  [0x880b, 'PPP'],
  [0x88be, 'ERSPAN'],
  [0x22eb, 'ERSPAN III'],
  [0x894f, 'NSH'],
  [0x9100, 'VLAN (0x9100)'],
  [0x9200, 'VLAN (0x9200)'],
]);

/** IANA "Assigned Internet Protocol Numbers". */
export const IP_PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [0, 'IPv6 hop-by-hop'],
  [1, 'ICMP'],
  [2, 'IGMP'],
  [4, 'IPv4'],
  [6, 'TCP'],
  [17, 'UDP'],
  [33, 'DCCP'],
  [41, 'IPv6'],
  [43, 'IPv6 routing'],
  [44, 'IPv6 fragment'],
  [47, 'GRE'],
  [50, 'ESP'],
  [51, 'AH'],
  [58, 'ICMPv6'],
  [59, 'No next header'],
  [60, 'IPv6 destination options'],
  [89, 'OSPF'],
  [97, 'EtherIP'],
  [103, 'PIM'],
  [112, 'VRRP'],
  [115, 'L2TP'],
  [132, 'SCTP'],
  [136, 'UDP-Lite'],
  [137, 'MPLS in IP'],
]);

/** IANA "Differentiated Services Field Codepoints". */
const DSCP = new Map([
  [0, 'CS0'],
  [8, 'CS1'],
  [10, 'AF11'],
  [12, 'AF12'],
  [14, 'AF13'],
  [16, 'CS2'],
  [18, 'AF21'],
  [20, 'AF22'],
  [22, 'AF23'],
  [24, 'CS3'],
  [26, 'AF31'],
  [28, 'AF32'],
  [30, 'AF33'],
  [32, 'CS4'],
  [34, 'AF41'],
  [36, 'AF42'],
  [38, 'AF43'],
  [40, 'CS5'],
  [46, 'EF'],
  [48, 'CS6'],
  [56, 'CS7'],
]);
/** RFC 3168 section 5. */
const ECN = new Map([
  [0, 'Not-ECT'],
  [1, 'ECT(1)'],
  [2, 'ECT(0)'],
  [3, 'CE'],
]);
const ARP_OPCODES = new Map([
  [1, 'request'],
  [2, 'reply'],
  [3, 'reverse request'],
  [4, 'reverse reply'],
]);
/** IANA "ICMP Type Numbers". */
export const ICMP_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'Echo reply'],
  [3, 'Destination unreachable'],
  [4, 'Source quench'],
  [5, 'Redirect'],
  [8, 'Echo request'],
  [9, 'Router advertisement'],
  [10, 'Router solicitation'],
  [11, 'Time exceeded'],
  [12, 'Parameter problem'],
  [13, 'Timestamp request'],
  [14, 'Timestamp reply'],
  [15, 'Information request'],
  [16, 'Information reply'],
  [17, 'Address mask request'],
  [18, 'Address mask reply'],
]);
/** IANA "ICMPv6 type Numbers". */
export const ICMPV6_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'Destination unreachable'],
  [2, 'Packet too big'],
  [3, 'Time exceeded'],
  [4, 'Parameter problem'],
  [128, 'Echo request'],
  [129, 'Echo reply'],
  [130, 'Multicast listener query'],
  [131, 'Multicast listener report'],
  [132, 'Multicast listener done'],
  [133, 'Router solicitation'],
  [134, 'Router advertisement'],
  [135, 'Neighbor solicitation'],
  [136, 'Neighbor advertisement'],
  [137, 'Redirect'],
  [143, 'Multicast listener report v2'],
]);

export const ETHERNET = [mac('eth.dst', 'Destination'), mac('eth.src', 'Source')];
export const ETHERNET_TYPE = [hex('eth.type', 'Type', 16, { names: ETHERTYPES })] as const;
export const ETHERNET_LENGTH = [decimal('eth.len', 'Length', 16, { unit: 1 })] as const;

/** IEEE 802.1Q section 9.6. */
export const VLAN = [
  decimal('vlan.priority', 'Priority', 3),
  flag('vlan.dei', 'Drop eligible', 'DEI'),
  decimal('vlan.id', 'VLAN', 12),
];
export const VLAN_TYPE = [hex('vlan.etype', 'Type', 16, { names: ETHERTYPES })] as const;
export const VLAN_LENGTH = [decimal('vlan.len', 'Length', 16, { unit: 1 })] as const;

/** IEEE 802.2; the control field takes two bytes in numbered frames, the low one first. */
const SAPS = new Map([
  [0x06, 'IP'],
  [0x42, 'Spanning tree'],
  [0xaa, 'SNAP'],
  [0xe0, 'NetWare'],
  [0xfe, 'ISO'],
]);
export const LLC = [
  hex('llc.dsap', 'Destination SAP', 8, { names: SAPS }),
  hex('llc.ssap', 'Source SAP', 8, { names: SAPS }),
];
export const LLC_CONTROL = {
  1: [hex('llc.control', 'Control', 8)],
  2: [hex('llc.control', 'Control', 16, { little: true })],
};
export const SNAP = [hex('llc.oui', 'Organization', 24)];
export const SNAP_TYPE = [hex('llc.type', 'Type', 16, { names: ETHERTYPES })];
export const SNAP_PID = [hex('llc.pid', 'Protocol of the organization', 16)];

/** RFC 826. */
export const ARP = [
  decimal('arp.hw.type', 'Hardware type', 16, { names: new Map([[1, 'Ethernet']]) }),
  hex('arp.proto.type', 'Protocol type', 16, { names: ETHERTYPES }),
  decimal('arp.hw.size', 'Hardware address size', 8),
  decimal('arp.proto.size', 'Protocol address size', 8),
  decimal('arp.opcode', 'Operation', 16, { names: ARP_OPCODES }),
];
/** Behind it, of Ethernet and IPv4. */
export const ARP_ADDRESSES = [
  mac('arp.src.hw_mac', 'Sender hardware address'),
  ipv4('arp.src.proto_ipv4', 'Sender protocol address'),
  mac('arp.dst.hw_mac', 'Target hardware address'),
  ipv4('arp.dst.proto_ipv4', 'Target protocol address'),
];

/** RFC 791 section 3.1, RFC 2474, RFC 3168. */
export const IPV4 = [
  decimal('ip.version', 'Version', 4),
  decimal('ip.hdr_len', 'Header length', 4, { unit: 4 }),
  hex('ip.dsfield', 'Differentiated services', 8, {
    parts: [
      decimal('ip.dsfield.dscp', 'Code point', 6, { names: DSCP }),
      decimal('ip.dsfield.ecn', 'Congestion notification', 2, { names: ECN }),
    ],
  }),
  decimal('ip.len', 'Total length', 16, { unit: 1 }),
  hex('ip.id', 'Identification', 16),
  flags('ip.flags', 'Flags', [
    flag('ip.flags.rb', 'Reserved', 'RB'),
    flag('ip.flags.df', 'Do not fragment', 'DF'),
    flag('ip.flags.mf', 'More fragments', 'MF'),
  ]),
  decimal('ip.frag_offset', 'Fragment offset', 13, { unit: 8 }),
  decimal('ip.ttl', 'Time to live', 8),
  decimal('ip.proto', 'Protocol', 8, { names: IP_PROTOCOLS }),
  hex('ip.checksum', 'Header checksum', 16),
  ipv4('ip.src', 'Source address'),
  ipv4('ip.dst', 'Destination address'),
];

/** IANA "IP Option Numbers", as the whole type byte. */
const IPV4_OPTION_NAMES = new Map([
  [0, 'End of options'],
  [1, 'No operation'],
  [7, 'Record route'],
  [68, 'Timestamp'],
  [130, 'Security'],
  [131, 'Loose source route'],
  [136, 'Stream identifier'],
  [137, 'Strict source route'],
  [148, 'Router alert'],
]);
const IPV4_OPTION_TYPE = decimal('ip.opt.type', 'Type', 8, {
  names: IPV4_OPTION_NAMES,
  parts: [
    flag('ip.opt.type.copy', 'Copied into fragments', 'COPY'),
    decimal('ip.opt.type.class', 'Class', 2),
    decimal('ip.opt.type.number', 'Number', 5),
  ],
});
const IPV4_OPTION_LENGTH = decimal('ip.opt.len', 'Length', 8, { unit: 1 });
const IPV4_OPTION_POINTER = decimal('ip.opt.ptr', 'Pointer', 8);

/** One option of a header: rows, then repeated rows, then bytes without a row to its end. */
export interface HeaderOption {
  readonly name: string;
  readonly label: string;
  readonly fields: readonly HeaderField[];
  /** Repeated over the rest of the option as often as it fits whole. */
  readonly repeat?: readonly HeaderField[];
  /** Lengths the option may have; any that holds its rows where there is none. */
  readonly lengths?: readonly number[];
}

const ipv4Option = (
  name: string,
  label: string,
  fields: readonly HeaderField[] = [],
): HeaderOption => ({
  name,
  label,
  fields: [IPV4_OPTION_TYPE, IPV4_OPTION_LENGTH, ...fields],
});
const ipv4Route = (name: string, label: string): HeaderOption => ({
  ...ipv4Option(name, label, [IPV4_OPTION_POINTER]),
  repeat: [ipv4('ip.opt.addr', 'Address')],
});

/** RFC 791 section 3.1, RFC 2113; by type. */
export const IPV4_OPTIONS: ReadonlyMap<number, HeaderOption> = new Map<number, HeaderOption>([
  [0, { name: 'ip.options.eol', label: 'End of options', fields: [IPV4_OPTION_TYPE] }],
  [1, { name: 'ip.options.nop', label: 'No operation', fields: [IPV4_OPTION_TYPE] }],
  [7, ipv4Route('ip.options.record_route', 'Record route')],
  [
    68,
    ipv4Option('ip.options.timestamp', 'Timestamp', [
      IPV4_OPTION_POINTER,
      decimal('ip.opt.overflow', 'Overflow', 4),
      hex('ip.opt.flag', 'Flag', 4),
    ]),
  ],
  [130, ipv4Option('ip.options.security', 'Security')],
  [131, ipv4Route('ip.options.route', 'Loose source route')],
  [136, ipv4Option('ip.options.sid', 'Stream identifier', [decimal('ip.opt.sid', 'Stream', 16)])],
  [137, ipv4Route('ip.options.source_route', 'Strict source route')],
  [148, ipv4Option('ip.options.routeralert', 'Router alert', [decimal('ip.opt.ra', 'Value', 16)])],
]);
export const IPV4_OPTION_UNKNOWN = ipv4Option('ip.options.unknown', 'Unknown option');

/** RFC 8200 section 3. */
export const IPV6 = [
  decimal('ipv6.version', 'Version', 4),
  hex('ipv6.tclass', 'Traffic class', 8, {
    parts: [
      decimal('ipv6.tclass.dscp', 'Code point', 6, { names: DSCP }),
      decimal('ipv6.tclass.ecn', 'Congestion notification', 2, { names: ECN }),
    ],
  }),
  hex('ipv6.flow', 'Flow label', 20),
  decimal('ipv6.plen', 'Payload length', 16, { unit: 1 }),
  decimal('ipv6.nxt', 'Next header', 8, { names: IP_PROTOCOLS }),
  decimal('ipv6.hlim', 'Hop limit', 8),
  ipv6('ipv6.src', 'Source address'),
  ipv6('ipv6.dst', 'Destination address'),
];

/** RFC 8200 sections 4.3 and 4.6; the length counts 8 bytes without the first 8. */
const ipv6Extension = (header: string) => [
  decimal(`${header}.nxt`, 'Next header', 8, { names: IP_PROTOCOLS }),
  decimal(`${header}.len`, 'Length in 8 bytes, without the first 8', 8),
];
export const IPV6_HOPOPTS = ipv6Extension('ipv6.hopopts');
export const IPV6_DSTOPTS = ipv6Extension('ipv6.dstopts');
/** RFC 8200 section 4.4. */
export const IPV6_ROUTING = [
  ...ipv6Extension('ipv6.routing'),
  decimal('ipv6.routing.type', 'Type', 8, {
    names: new Map([
      [0, 'Source route'],
      [2, 'Mobile IPv6'],
      [3, 'RPL'],
      [4, 'Segment routing'],
    ]),
  }),
  decimal('ipv6.routing.segleft', 'Segments left', 8),
];
/** What follows by type: RFC 2460 section 4.4, RFC 6275 section 6.4, RFC 8754 section 2. */
export const IPV6_ROUTES: ReadonlyMap<number, HeaderOption> = new Map<number, HeaderOption>([
  [
    0,
    {
      name: 'ipv6.routing.src',
      label: 'Source route',
      fields: [bytes('ipv6.routing.src.reserved', 'Reserved', 32)],
      repeat: [ipv6('ipv6.routing.src.addr', 'Address')],
    },
  ],
  [
    2,
    {
      name: 'ipv6.routing.mipv6',
      label: 'Mobile IPv6',
      fields: [bytes('ipv6.routing.mipv6.reserved', 'Reserved', 32)],
      repeat: [ipv6('ipv6.routing.mipv6.home_address', 'Home address')],
    },
  ],
]);
/** RFC 8754 section 2: behind the segments (last entry + 1 of them) come TLVs. */
export const IPV6_SEGMENTS = [
  decimal('ipv6.routing.srh.last_entry', 'Last entry', 8),
  hex('ipv6.routing.srh.flags', 'Flags', 8),
  hex('ipv6.routing.srh.tag', 'Tag', 16),
];
export const IPV6_SEGMENT = [ipv6('ipv6.routing.srh.addr', 'Segment')];
/** RFC 8200 section 4.5. */
export const IPV6_FRAGMENT = [
  decimal('ipv6.fraghdr.nxt', 'Next header', 8, { names: IP_PROTOCOLS }),
  hex('ipv6.fraghdr.reserved_octet', 'Reserved', 8),
  decimal('ipv6.fraghdr.offset', 'Fragment offset', 13, { unit: 8 }),
  decimal('ipv6.fraghdr.reserved_bits', 'Reserved', 2),
  flag('ipv6.fraghdr.more', 'More fragments', 'MF'),
  hex('ipv6.fraghdr.ident', 'Identification', 32),
];

const IPV6_OPTION_TYPE = hex('ipv6.opt.type', 'Type', 8, {
  names: new Map([
    [0x00, 'Pad1'],
    [0x01, 'PadN'],
    [0x05, 'Router alert'],
    [0xc2, 'Jumbo payload'],
    [0xc9, 'Home address'],
  ]),
  parts: [
    decimal('ipv6.opt.type.action', 'Where unknown', 2, {
      names: new Map([
        [0, 'skip'],
        [1, 'drop'],
        [2, 'drop and tell'],
        [3, 'drop and tell unless multicast'],
      ]),
    }),
    flag('ipv6.opt.type.change', 'May change on the way', 'CHANGE'),
    hex('ipv6.opt.type.rest', 'Low bits', 5),
  ],
});
const ipv6Option = (label: string, fields: readonly HeaderField[] = []): HeaderOption => ({
  name: 'ipv6.opt',
  label,
  fields: [
    IPV6_OPTION_TYPE,
    decimal('ipv6.opt.length', 'Length of the data', 8, { unit: 1 }),
    ...fields,
  ],
});
/** RFC 8200 section 4.2, RFC 2711, RFC 2675, RFC 6275; by type. */
export const IPV6_OPTIONS: ReadonlyMap<number, HeaderOption> = new Map<number, HeaderOption>([
  [0x00, { name: 'ipv6.opt', label: 'Pad1', fields: [IPV6_OPTION_TYPE] }],
  [0x01, ipv6Option('PadN')],
  [0x05, ipv6Option('Router alert', [decimal('ipv6.opt.router_alert', 'Value', 16)])],
  [
    0xc2,
    ipv6Option('Jumbo payload', [decimal('ipv6.opt.jumbo', 'Payload length', 32, { unit: 1 })]),
  ],
  [0xc9, ipv6Option('Home address', [ipv6('ipv6.opt.mipv6.home_address', 'Home address')])],
]);
export const IPV6_OPTION_UNKNOWN = ipv6Option('Unknown option');

/** RFC 792; what follows these four bytes depends on the type. */
export const ICMP = [
  decimal('icmp.type', 'Type', 8, { names: ICMP_TYPES }),
  decimal('icmp.code', 'Code', 8),
  hex('icmp.checksum', 'Checksum', 16),
];
export const ICMP_ECHO = [
  decimal('icmp.ident', 'Identifier', 16),
  decimal('icmp.seq', 'Sequence number', 16),
];
/** Of timestamp messages, behind what echo has: milliseconds since midnight. */
export const ICMP_TIMESTAMP = [
  ...ICMP_ECHO,
  decimal('icmp.originate_timestamp', 'Originate time', 32),
  decimal('icmp.receive_timestamp', 'Receive time', 32),
  decimal('icmp.transmit_timestamp', 'Transmit time', 32),
];
/** RFC 950 appendix I. */
export const ICMP_MASK = [...ICMP_ECHO, ipv4('icmp.address_mask', 'Address mask')];
/** RFC 1256 section 3. */
export const ICMP_ROUTERS = [
  decimal('icmp.num_addrs', 'Number of addresses', 8),
  decimal('icmp.addr_entry_size', 'Size of an entry in 4 bytes', 8),
  decimal('icmp.lifetime', 'Lifetime in seconds', 16),
];
export const ICMP_REDIRECT = [ipv4('icmp.redir_gw', 'Gateway')];
/** RFC 1191 section 4: code 4 of destination unreachable. */
export const ICMP_TOO_BIG = [
  bytes('icmp.unused', 'Unused', 16),
  decimal('icmp.mtu', 'MTU of the next hop', 16),
];
export const ICMP_UNUSED = [bytes('icmp.unused', 'Unused', 32)];
export const ICMP_PARAMETER = [
  decimal('icmp.pointer', 'Pointer', 8),
  bytes('icmp.unused', 'Unused', 24),
];

/** RFC 4443; what follows these four bytes depends on the type. */
export const ICMPV6 = [
  decimal('icmpv6.type', 'Type', 8, { names: ICMPV6_TYPES }),
  decimal('icmpv6.code', 'Code', 8),
  hex('icmpv6.checksum', 'Checksum', 16),
];
const ICMPV6_RESERVED = bytes('icmpv6.reserved', 'Reserved', 32);
const ICMPV6_ECHO = [
  hex('icmpv6.echo.identifier', 'Identifier', 16),
  decimal('icmpv6.echo.sequence_number', 'Sequence number', 16),
];

/** RFC 2710 section 3. */
const MULTICAST_LISTENER = [
  decimal('icmpv6.mld.maximum_response_delay', 'Maximum response delay in ms', 16),
  bytes('icmpv6.reserved', 'Reserved', 16),
  ipv6('icmpv6.mld.multicast_address', 'Group'),
];

export interface Icmpv6Message {
  readonly fields: readonly HeaderField[];
  /** What follows the rows. */
  readonly carries: 'data' | 'options' | 'quoted packet' | 'nothing';
}
/** RFC 4443 sections 3 and 4, RFC 4861 section 4, RFC 2710; by type. */
export const ICMPV6_MESSAGES: ReadonlyMap<number, Icmpv6Message> = new Map<number, Icmpv6Message>([
  [1, { fields: [ICMPV6_RESERVED], carries: 'quoted packet' }],
  [2, { fields: [decimal('icmpv6.mtu', 'MTU', 32)], carries: 'quoted packet' }],
  [3, { fields: [ICMPV6_RESERVED], carries: 'quoted packet' }],
  [4, { fields: [decimal('icmpv6.pointer', 'Pointer', 32)], carries: 'quoted packet' }],
  [128, { fields: ICMPV6_ECHO, carries: 'data' }],
  [129, { fields: ICMPV6_ECHO, carries: 'data' }],
  [130, { fields: MULTICAST_LISTENER, carries: 'data' }],
  [131, { fields: MULTICAST_LISTENER, carries: 'data' }],
  [132, { fields: MULTICAST_LISTENER, carries: 'data' }],
  [133, { fields: [ICMPV6_RESERVED], carries: 'options' }],
  [
    134,
    {
      fields: [
        decimal('icmpv6.nd.ra.cur_hop_limit', 'Hop limit', 8),
        hex('icmpv6.nd.ra.flag', 'Flags', 8, {
          parts: [
            flag('icmpv6.nd.ra.flag.m', 'Addresses by DHCPv6', 'M'),
            flag('icmpv6.nd.ra.flag.o', 'Other settings by DHCPv6', 'O'),
            flag('icmpv6.nd.ra.flag.h', 'Home agent', 'H'),
            decimal('icmpv6.nd.ra.flag.prf', 'Preference', 2),
            flag('icmpv6.nd.ra.flag.p', 'Proxy', 'P'),
            decimal('icmpv6.nd.ra.flag.rsv', 'Reserved', 2),
          ],
        }),
        decimal('icmpv6.nd.ra.router_lifetime', 'Router lifetime in seconds', 16),
        decimal('icmpv6.nd.ra.reachable_time', 'Reachable time in ms', 32),
        decimal('icmpv6.nd.ra.retrans_timer', 'Retransmission timer in ms', 32),
      ],
      carries: 'options',
    },
  ],
  [
    135,
    {
      fields: [ICMPV6_RESERVED, ipv6('icmpv6.nd.ns.target_address', 'Target address')],
      carries: 'options',
    },
  ],
  [
    136,
    {
      fields: [
        hex('icmpv6.nd.na.flag', 'Flags', 32, {
          parts: [
            flag('icmpv6.nd.na.flag.r', 'Router', 'R'),
            flag('icmpv6.nd.na.flag.s', 'Solicited', 'S'),
            flag('icmpv6.nd.na.flag.o', 'Override', 'O'),
            decimal('icmpv6.nd.na.flag.rsv', 'Reserved', 29),
          ],
        }),
        ipv6('icmpv6.nd.na.target_address', 'Target address'),
      ],
      carries: 'options',
    },
  ],
  // RFC 3810 section 5.2; its records are shown as bytes.
  [
    143,
    {
      fields: [
        bytes('icmpv6.reserved', 'Reserved', 16),
        decimal('icmpv6.mldr.nb_mcast_records', 'Number of records', 16),
      ],
      carries: 'data',
    },
  ],
  [
    137,
    {
      fields: [
        ICMPV6_RESERVED,
        ipv6('icmpv6.nd.rd.target_address', 'Target address'),
        ipv6('icmpv6.rd.na.destination_address', 'Destination address'),
      ],
      carries: 'options',
    },
  ],
]);

const neighbourOption = (label: string, fields: readonly HeaderField[] = []): HeaderOption => ({
  name: 'icmpv6.opt',
  label,
  fields: [
    decimal('icmpv6.opt.type', 'Type', 8, {
      names: new Map([
        [1, 'Source link-layer address'],
        [2, 'Target link-layer address'],
        [3, 'Prefix information'],
        [4, 'Redirected header'],
        [5, 'MTU'],
        [25, 'Recursive DNS server'],
      ]),
    }),
    decimal('icmpv6.opt.length', 'Length', 8, { unit: 8 }),
    ...fields,
  ],
});
/**
 * RFC 4861 section 4.6, RFC 8106; by type. The address options are those of Ethernet, RFC 2464
 * section 6.
 */
export const NEIGHBOUR_OPTIONS: ReadonlyMap<number, HeaderOption> = new Map<number, HeaderOption>([
  [
    1,
    {
      ...neighbourOption('Source link-layer address', [mac('icmpv6.opt.src_linkaddr', 'Address')]),
      lengths: [8],
    },
  ],
  [
    2,
    {
      ...neighbourOption('Target link-layer address', [
        mac('icmpv6.opt.target_linkaddr', 'Address'),
      ]),
      lengths: [8],
    },
  ],
  [
    3,
    {
      ...neighbourOption('Prefix information', [
        decimal('icmpv6.opt.prefix.length', 'Prefix length', 8),
        hex('icmpv6.opt.prefix.flag', 'Flags', 8, {
          parts: [
            flag('icmpv6.opt.prefix.flag.l', 'On link', 'L'),
            flag('icmpv6.opt.prefix.flag.a', 'For autoconfiguration', 'A'),
            flag('icmpv6.opt.prefix.flag.r', 'Router address', 'R'),
            decimal('icmpv6.opt.prefix.flag.reserved', 'Reserved', 5),
          ],
        }),
        decimal('icmpv6.opt.prefix.valid_lifetime', 'Valid lifetime in seconds', 32),
        decimal('icmpv6.opt.prefix.preferred_lifetime', 'Preferred lifetime in seconds', 32),
        bytes('icmpv6.opt.reserved', 'Reserved', 32),
        ipv6('icmpv6.opt.prefix', 'Prefix'),
      ]),
      lengths: [32],
    },
  ],
  [
    5,
    {
      ...neighbourOption('MTU', [
        bytes('icmpv6.opt.reserved', 'Reserved', 16),
        decimal('icmpv6.opt.mtu', 'MTU', 32),
      ]),
      lengths: [8],
    },
  ],
  [
    25,
    {
      ...neighbourOption('Recursive DNS server', [
        bytes('icmpv6.opt.reserved', 'Reserved', 16),
        decimal('icmpv6.opt.rdnss.lifetime', 'Lifetime in seconds', 32),
      ]),
      repeat: [ipv6('icmpv6.opt.rdnss', 'Server')],
    },
  ],
]);
export const NEIGHBOUR_OPTION_UNKNOWN = neighbourOption('Option');

/** RFC 9293 section 3.1, RFC 3168 section 6.1. */
export const TCP = [
  decimal('tcp.srcport', 'Source port', 16),
  decimal('tcp.dstport', 'Destination port', 16),
  decimal('tcp.seq', 'Sequence number', 32),
  decimal('tcp.ack', 'Acknowledgment number', 32),
  decimal('tcp.hdr_len', 'Header length', 4, { unit: 4 }),
  flags('tcp.flags', 'Flags', [
    decimal('tcp.flags.res', 'Reserved', 3),
    flag('tcp.flags.ae', 'Accurate ECN', 'AE'),
    flag('tcp.flags.cwr', 'Congestion window reduced', 'CWR'),
    flag('tcp.flags.ece', 'ECN echo', 'ECE'),
    flag('tcp.flags.urg', 'Urgent', 'URG'),
    flag('tcp.flags.ack', 'Acknowledgment', 'ACK'),
    flag('tcp.flags.push', 'Push', 'PSH'),
    flag('tcp.flags.reset', 'Reset', 'RST'),
    flag('tcp.flags.syn', 'Synchronize', 'SYN'),
    flag('tcp.flags.fin', 'Finish', 'FIN'),
  ]),
  decimal('tcp.window_size_value', 'Window', 16),
  hex('tcp.checksum', 'Checksum', 16),
  decimal('tcp.urgent_pointer', 'Urgent pointer', 16),
];

const TCP_OPTION_KIND = decimal('tcp.option_kind', 'Kind', 8, {
  names: new Map([
    [0, 'End of options'],
    [1, 'No operation'],
    [2, 'Maximum segment size'],
    [3, 'Window scale'],
    [4, 'SACK permitted'],
    [5, 'SACK'],
    [8, 'Timestamps'],
    [19, 'MD5 signature'],
    [34, 'Fast open'],
  ]),
});
const tcpOption = (
  name: string,
  label: string,
  fields: readonly HeaderField[] = [],
): HeaderOption => ({
  name: `tcp.options.${name}`,
  label,
  fields: [TCP_OPTION_KIND, decimal('tcp.option_len', 'Length', 8, { unit: 1 }), ...fields],
});
/** RFC 9293 section 3.2, RFC 7323, RFC 2018; by kind. */
export const TCP_OPTIONS: ReadonlyMap<number, HeaderOption> = new Map<number, HeaderOption>([
  [0, { name: 'tcp.options.eol', label: 'End of options', fields: [TCP_OPTION_KIND] }],
  [1, { name: 'tcp.options.nop', label: 'No operation', fields: [TCP_OPTION_KIND] }],
  [
    2,
    {
      ...tcpOption('mss', 'Maximum segment size', [
        decimal('tcp.options.mss_val', 'Segment size', 16),
      ]),
      lengths: [4],
    },
  ],
  [
    3,
    {
      ...tcpOption('wscale', 'Window scale', [decimal('tcp.options.wscale.shift', 'Shift', 8)]),
      lengths: [3],
    },
  ],
  [4, { ...tcpOption('sack_perm', 'SACK permitted'), lengths: [2] }],
  [
    5,
    {
      ...tcpOption('sack', 'SACK'),
      repeat: [
        decimal('tcp.options.sack_le', 'Left edge', 32),
        decimal('tcp.options.sack_re', 'Right edge', 32),
      ],
      lengths: [10, 18, 26, 34],
    },
  ],
  [
    8,
    {
      ...tcpOption('timestamp', 'Timestamps', [
        decimal('tcp.options.timestamp.tsval', 'Value', 32),
        decimal('tcp.options.timestamp.tsecr', 'Echo reply', 32),
      ]),
      lengths: [10],
    },
  ],
]);
export const TCP_OPTION_UNKNOWN = tcpOption('unknown', 'Unknown option');

/** RFC 768. */
export const UDP = [
  decimal('udp.srcport', 'Source port', 16),
  decimal('udp.dstport', 'Destination port', 16),
  decimal('udp.length', 'Length', 16, { unit: 1 }),
  hex('udp.checksum', 'Checksum', 16),
];
