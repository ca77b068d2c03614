import {
  bytes,
  decimal,
  fieldNamed,
  flag,
  type HeaderField,
  hex,
  ipv4,
  ipv6,
  mac,
  parted,
} from '../header-fields.ts';
import type { HeaderCursor, ProtocolRow } from '../protocol-row.ts';

/** Names, addresses and time: what a network needs to start. */

/** IANA "Domain Name System (DNS) Parameters". */
const DNS_TYPES = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [41, 'OPT'],
  [43, 'DS'],
  [46, 'RRSIG'],
  [47, 'NSEC'],
  [48, 'DNSKEY'],
  [65, 'HTTPS'],
  [255, 'ANY'],
]);
const DNS_CLASSES = new Map([
  [1, 'IN'],
  [3, 'CH'],
  [254, 'NONE'],
  [255, 'ANY'],
]);
const RCODES = new Map([
  [0, 'No error'],
  [1, 'Format error'],
  [2, 'Server failure'],
  [3, 'No such name'],
  [4, 'Not implemented'],
  [5, 'Refused'],
]);
const UPDATE = 5;
/**
 * RFC 1035 section 4.1.1, RFC 4035 section 3. LLMNR has other names for two bits (RFC 4795 section
 * 2.1.1).
 */
const dnsHeader = (authoritative: HeaderField, desired: HeaderField): HeaderField[] => [
  hex('dns.id', 'Transaction', 16),
  parted('dns.flags', 'Flags', [
    flag('dns.flags.response', 'Response'),
    decimal('dns.flags.opcode', 'Operation', 4, {
      names: new Map([
        [0, 'Query'],
        [4, 'Notify'],
        [UPDATE, 'Update'],
      ]),
    }),
    authoritative,
    flag('dns.flags.truncated', 'Truncated'),
    desired,
    flag('dns.flags.recavail', 'Recursion available'),
    flag('dns.flags.z', 'Reserved'),
    flag('dns.flags.authenticated', 'Authenticated'),
    flag('dns.flags.checkdisable', 'Checking disabled'),
    decimal('dns.flags.rcode', 'Reply code', 4, { names: RCODES }),
  ]),
];
const DNS = dnsHeader(
  flag('dns.flags.authoritative', 'Authoritative'),
  flag('dns.flags.recdesired', 'Recursion desired'),
);
const LLMNR = dnsHeader(
  flag('dns.flags.conflict', 'Conflict'),
  flag('dns.flags.tentative', 'Tentative'),
);
const COUNTS = [
  decimal('dns.count.queries', 'Questions', 16),
  decimal('dns.count.answers', 'Answers', 16),
  decimal('dns.count.auth_rr', 'Authorities', 16),
  decimal('dns.count.add_rr', 'Additional records', 16),
] as const;
const RECORD_LABELS = ['Answer', 'Authority', 'Additional record'];
const UPDATE_COUNTS = [
  decimal('dns.count.zones', 'Zones', 16),
  decimal('dns.count.prerequisites', 'Prerequisites', 16),
  decimal('dns.count.updates', 'Updates', 16),
  decimal('dns.count.add_rr', 'Additional records', 16),
] as const;
const QUERY_TYPE = decimal('dns.qry.type', 'Type', 16, { names: DNS_TYPES });
const QUERY_CLASS = [hex('dns.qry.class', 'Class', 16, { names: DNS_CLASSES })];
/** RFC 6762 sections 5.4 and 10.2: multicast DNS takes the first bit of the class for itself. */
const MULTICAST_QUERY_CLASS = [
  flag('dns.qry.qu', 'Unicast answer wanted'),
  hex('dns.qry.class', 'Class', 15, { names: DNS_CLASSES }),
];
const RECORD_TYPE = decimal('dns.resp.type', 'Type', 16, { names: DNS_TYPES });
const RECORD_CLASS = [hex('dns.resp.class', 'Class', 16, { names: DNS_CLASSES })];
const CACHE_FLUSH = flag('dns.resp.cache_flush', 'Replaces what is cached');
const MULTICAST_RECORD_CLASS = [
  CACHE_FLUSH,
  hex('dns.resp.class', 'Class', 15, { names: DNS_CLASSES }),
];
const RECORD = [
  decimal('dns.resp.ttl', 'Time to live in s', 32),
  decimal('dns.resp.len', 'Length of the data', 16, { unit: 1 }),
] as const;
/** RFC 6891 section 6.1.2: what class and time to live are in an OPT record. */
const OPT = 41;
const PAYLOAD_SIZE = [decimal('dns.rr.udp_payload_size', 'UDP payload size', 16)];
const MULTICAST_PAYLOAD_SIZE = [
  CACHE_FLUSH,
  decimal('dns.rr.udp_payload_size', 'UDP payload size', 15),
];
const OPT_ROWS = [
  hex('dns.resp.ext_rcode', 'Upper bits of the reply code', 8),
  decimal('dns.resp.edns0_version', 'EDNS version', 8),
  hex('dns.resp.z', 'Flags', 16, {
    parts: [flag('dns.resp.z.do', 'DNSSEC wanted'), hex('dns.resp.z.reserved', 'Reserved', 15)],
  }),
  RECORD[1],
];
const OPT_OPTION = [
  decimal('dns.opt.code', 'Code', 16),
  decimal('dns.opt.len', 'Length', 16, { unit: 1 }),
];
const SOA = [
  decimal('dns.soa.serial_number', 'Serial number', 32),
  decimal('dns.soa.refresh_interval', 'Refresh interval in s', 32),
  decimal('dns.soa.retry_interval', 'Retry interval in s', 32),
  decimal('dns.soa.expire_limit', 'Expire limit in s', 32),
  decimal('dns.soa.minimum_ttl', 'Minimum time to live in s', 32),
];
const MX = decimal('dns.mx.preference', 'Preference', 16);
const SRV = [
  decimal('dns.srv.priority', 'Priority', 16),
  decimal('dns.srv.weight', 'Weight', 16),
  decimal('dns.srv.port', 'Port', 16),
];
const TXT_LENGTH = decimal('dns.txt.length', 'Length', 8, { unit: 1 });
const A = ipv4('dns.a', 'Address');
const AAAA = ipv6('dns.aaaa', 'Address');

/** What the data of a record is, by its type; of every other it is bytes. */
const RECORD_DATA: ReadonlyMap<number, (h: HeaderCursor) => void> = new Map<
  number,
  (h: HeaderCursor) => void
>([
  [1, (h) => void h.fields(A)],
  [2, (h) => void h.domainName('dns.ns', 'Name server')],
  [5, (h) => void h.domainName('dns.cname', 'Canonical name')],
  [
    6,
    (h) => {
      h.domainName('dns.soa.mname', 'Primary name server');
      h.domainName('dns.soa.rname', 'Mailbox');
      h.fields(...SOA);
    },
  ],
  [12, (h) => void h.domainName('dns.ptr.domain_name', 'Domain name')],
  [
    15,
    (h) => {
      h.fields(MX);
      h.domainName('dns.mx.mail_exchange', 'Mail exchange');
    },
  ],
  [
    16,
    (h) =>
      h.each('dns.txt', () => {
        h.string('dns.txt', 'Text', h.fields(TXT_LENGTH));
        return true;
      }),
  ],
  [28, (h) => void h.fields(AAAA)],
  [
    33,
    (h) => {
      h.fields(...SRV);
      h.domainName('dns.srv.target', 'Target');
    },
  ],
  [
    OPT,
    (h) =>
      h.each('dns.opt', () => {
        h.group('dns.opt', 'Option', 4 + h.word(2), () => {
          h.fields(...OPT_OPTION);
          h.bytes('dns.opt.data', 'Data');
        });
        return undefined;
      }),
  ],
]);

function question(h: HeaderCursor, multicast: boolean): string {
  const name = h.domainName('dns.qry.name', 'Name');
  const type = h.fields(QUERY_TYPE);
  h.fields(...(multicast ? MULTICAST_QUERY_CLASS : QUERY_CLASS));
  return `${name} ${DNS_TYPES.get(type) ?? `type ${type}`}`;
}

function record(h: HeaderCursor, multicast: boolean): string {
  const name = h.domainName('dns.resp.name', 'Name');
  const type = h.fields(RECORD_TYPE);
  if (type === OPT) h.fields(...(multicast ? MULTICAST_PAYLOAD_SIZE : PAYLOAD_SIZE), ...OPT_ROWS);
  else h.fields(...(multicast ? MULTICAST_RECORD_CLASS : RECORD_CLASS), ...RECORD);
  const size = h.value('dns.resp.len');
  if (size > 0)
    h.group('dns.resp.data', 'Data', size, () => {
      RECORD_DATA.get(type)?.(h);
      h.bytes('dns.data', 'Data');
    });
  return `${name} ${DNS_TYPES.get(type) ?? `type ${type}`}`;
}

/** The counts of the header say how many there are; the message may end before. */
function section(
  h: HeaderCursor,
  name: string,
  label: string,
  count: number,
  read: () => string,
): string[] {
  const found: string[] = [];
  let left = count;
  h.each(name, () => {
    if (left === 0) return false;
    left--;
    h.group(name, label, undefined, () => {
      const text = read();
      if (found.length < 2) found.push(text);
      return text;
    });
    return undefined;
  });
  if (left > 0 && h.left === 0) h.wrong(`${left} more of "${label}" are announced than are there`);
  return found;
}

const dnsLike = (
  name: string,
  label: string,
  ports: readonly number[],
  rows: readonly HeaderField[],
  multicast: boolean,
): ProtocolRow => ({
  name,
  label,
  at: { udp: ports },
  read(h) {
    h.fields(...rows);
    const update = h.value('dns.flags.opcode') === UPDATE;
    const counts = update ? UPDATE_COUNTS : COUNTS;
    h.fields(...counts);
    const kind = h.value('dns.flags.response') ? 'response' : 'query';
    h.text(kind);
    const [queries, ...others] = counts;
    const asked = section(h, 'dns.query', 'Question', h.value(queries.name), () =>
      question(h, multicast),
    );
    h.text([kind, ...asked].join(' '));
    for (const [i, { name }] of others.entries()) {
      const label = RECORD_LABELS[i] ?? '';
      section(h, `dns.record.${i + 1}`, label, h.value(name), () => record(h, multicast));
    }
  },
});
/** RFC 1035 section 4. */
export const dns: ProtocolRow = {
  ...dnsLike('dns', 'DNS', [53], DNS, false),
  fresh: [
    {
      label: 'query',
      hex: '0001 0100 0001 0000 0000 0000 07 6578616d706c65 03 636f6d 00 0001 0001',
    },
  ],
};
/** RFC 6762. */
export const mdns = dnsLike('mdns', 'mDNS', [5353], DNS, true);
/** RFC 4795. */
export const llmnr = dnsLike('llmnr', 'LLMNR', [5355], LLMNR, false);

/** RFC 2131 section 2. */
const DHCP = [
  decimal('dhcp.type', 'Operation', 8, {
    names: new Map([
      [1, 'Request'],
      [2, 'Reply'],
    ]),
  }),
  hex('dhcp.hw.type', 'Hardware type', 8),
  decimal('dhcp.hw.len', 'Hardware address length', 8),
  decimal('dhcp.hops', 'Hops', 8),
  hex('dhcp.id', 'Transaction', 32),
  decimal('dhcp.secs', 'Seconds', 16),
  parted('dhcp.flags', 'Flags', [
    flag('dhcp.flags.bc', 'Broadcast'),
    hex('dhcp.flags.reserved', 'Reserved', 15),
  ]),
  ipv4('dhcp.ip.client', 'Client address'),
  ipv4('dhcp.ip.your', 'Your address'),
  ipv4('dhcp.ip.server', 'Server address'),
  ipv4('dhcp.ip.relay', 'Relay address'),
];
const DHCP_MAC = mac('dhcp.hw.mac_addr', 'Client hardware address');
const DHCP_COOKIE = ipv4('dhcp.cookie', 'Magic cookie');
const COOKIE = 0x63825363;
const DHCP_MESSAGES = new Map([
  [1, 'Discover'],
  [2, 'Offer'],
  [3, 'Request'],
  [4, 'Decline'],
  [5, 'ACK'],
  [6, 'NAK'],
  [7, 'Release'],
  [8, 'Inform'],
]);
const DHCP_MESSAGE = 53;
const CLIENT = 61;
const DHCP_CLIENT_TYPE = hex('dhcp.hw.type', 'Hardware type', 8);
/**
 * RFC 2132: what an option's value is, rows that repeat as often as they fit; `text` is a string.
 */
const DHCP_OPTIONS: ReadonlyMap<number, { label: string; row?: HeaderField; text?: string }> =
  new Map<number, { label: string; row?: HeaderField; text?: string }>([
    [1, { label: 'Subnet mask', row: ipv4('dhcp.option.subnet_mask', 'Subnet mask') }],
    [3, { label: 'Router', row: ipv4('dhcp.option.router', 'Router') }],
    [6, { label: 'Name server', row: ipv4('dhcp.option.domain_name_server', 'Name server') }],
    [12, { label: 'Host name', text: 'dhcp.option.hostname' }],
    [15, { label: 'Domain name', text: 'dhcp.option.domain_name' }],
    [
      26,
      { label: 'Interface MTU', row: decimal('dhcp.option.interface_mtu', 'Interface MTU', 16) },
    ],
    [
      28,
      {
        label: 'Broadcast address',
        row: ipv4('dhcp.option.broadcast_address', 'Broadcast address'),
      },
    ],
    [42, { label: 'Time server', row: ipv4('dhcp.option.ntp_server', 'Time server') }],
    [
      50,
      {
        label: 'Requested address',
        row: ipv4('dhcp.option.requested_ip_address', 'Requested address'),
      },
    ],
    [
      51,
      {
        label: 'Lease time',
        row: decimal('dhcp.option.ip_address_lease_time', 'Lease time in s', 32),
      },
    ],
    [
      DHCP_MESSAGE,
      {
        label: 'Message',
        row: decimal('dhcp.option.dhcp', 'Message', 8, { names: DHCP_MESSAGES }),
      },
    ],
    [54, { label: 'Server', row: ipv4('dhcp.option.dhcp_server_id', 'Server') }],
    [
      55,
      { label: 'Requested options', row: decimal('dhcp.option.request_list_item', 'Option', 8) },
    ],
    [
      57,
      {
        label: 'Maximum size',
        row: decimal('dhcp.option.dhcp_max_message_size', 'Maximum size', 16),
      },
    ],
    [
      58,
      {
        label: 'Renewal time',
        row: decimal('dhcp.option.renewal_time_value', 'Renewal time in s', 32),
      },
    ],
    [
      59,
      {
        label: 'Rebinding time',
        row: decimal('dhcp.option.rebinding_time_value', 'Rebinding time in s', 32),
      },
    ],
    [60, { label: 'Vendor class', text: 'dhcp.option.vendor_class_id' }],
    [CLIENT, { label: 'Client' }],
  ]);
const DHCP_OPTION = [
  decimal('dhcp.option.type', 'Type', 8),
  decimal('dhcp.option.length', 'Length', 8, { unit: 1 }),
];
const DHCP_END = decimal('dhcp.option.end', 'End of options', 8);
const [PAD, END] = [0, 255];

/** One option; false behind the end. */
function dhcpOption(h: HeaderCursor): boolean {
  const type = h.byte();
  if (type === PAD) {
    let size = 1;
    while (size < h.left && h.byte(size) === PAD) size++;
    h.bytes('dhcp.option.padding', 'Padding', size);
    return true;
  }
  if (type === END) {
    h.fields(DHCP_END);
    return false;
  }
  const { label, row, text } = DHCP_OPTIONS.get(type) ?? { label: `Option ${type}` };
  h.group('dhcp.option', label, 2 + h.byte(1), () => {
    h.fields(...DHCP_OPTION);
    if (text !== undefined) h.string(text, label);
    if (type === CLIENT && h.left === 7 && h.byte() === 1) h.fields(DHCP_CLIENT_TYPE, DHCP_MAC);
    while (row !== undefined && h.left * 8 >= row.bits) h.fields(row);
    h.bytes('dhcp.option.value', 'Value');
  });
  return true;
}

export const dhcp: ProtocolRow = {
  name: 'dhcp',
  label: 'DHCP',
  at: { udp: [67, 68] },
  fresh: [
    {
      label: 'discover',
      hex:
        `01 01 06 00 00000001 0000 8000 ${'00'.repeat(16)} 020000000001 ${'00'.repeat(202)}` +
        ' 63825363 350101 ff',
    },
  ],
  read(h) {
    h.fields(...DHCP);
    if (h.value('dhcp.hw.type') === 1 && h.value('dhcp.hw.len') === 6) {
      h.fields(DHCP_MAC);
      h.bytes('dhcp.hw.addr_padding', 'Padding', 10);
    } else h.bytes('dhcp.hw.addr', 'Client hardware address', 16);
    h.bytes('dhcp.server', 'Server host name', 64);
    h.bytes('dhcp.file', 'Boot file', 128);
    const operation =
      fieldNamed(DHCP, 'dhcp.type').names?.get(h.value('dhcp.type')) ??
      `operation ${h.value('dhcp.type')}`;
    h.text(operation);
    if (h.word() * 0x1_0000 + h.word(2) !== COOKIE) return;
    h.fields(DHCP_COOKIE);
    h.each('dhcp.option', () => dhcpOption(h));
    h.text(DHCP_MESSAGES.get(h.value('dhcp.option.dhcp')) ?? operation);
    h.bytes('dhcp.option.padding', 'Padding');
  },
};

const NTP_FLAGS = hex('ntp.flags', 'Flags', 8, {
  parts: [
    decimal('ntp.flags.li', 'Leap indicator', 2),
    decimal('ntp.flags.vn', 'Version', 3),
    decimal('ntp.flags.mode', 'Mode', 3, {
      names: new Map([
        [1, 'Symmetric active'],
        [2, 'Symmetric passive'],
        [3, 'Client'],
        [4, 'Server'],
        [5, 'Broadcast'],
        [6, 'Control'],
        [7, 'Private'],
      ]),
    }),
  ],
});
const NTP_MODE = fieldNamed(NTP_FLAGS.parts ?? [], 'ntp.flags.mode');
/** RFC 5905 section 7.3; timestamps count seconds since 1900 and fractions of them. */
const NTP = [
  NTP_FLAGS,
  decimal('ntp.stratum', 'Stratum', 8),
  decimal('ntp.ppoll', 'Polling interval, power of 2 in s', 8),
  decimal('ntp.precision', 'Precision, power of 2 in s', 8),
  decimal('ntp.rootdelay', 'Root delay in 1/65536 s', 32),
  decimal('ntp.rootdispersion', 'Root dispersion in 1/65536 s', 32),
  bytes('ntp.refid', 'Reference', 32),
];
const NTP_TIMES = [
  ['ntp.reftime', 'Reference time'],
  ['ntp.org', 'Origin time'],
  ['ntp.rec', 'Receive time'],
  ['ntp.xmt', 'Transmit time'],
] as const;
export const ntp: ProtocolRow = {
  name: 'ntp',
  label: 'NTP',
  at: { udp: [123] },
  fresh: [{ label: 'request', hex: `23${'00'.repeat(47)}` }],
  read(h) {
    const mode = h.byte() & 7;
    if (mode >= 6) {
      h.fields(NTP_FLAGS);
      return h.text(mode === 6 ? 'Control' : 'Private');
    }
    h.fields(...NTP);
    for (const [name, label] of NTP_TIMES) h.ntpTime(name, label);
    h.text(NTP_MODE.names?.get(mode) ?? `mode ${mode}`);
  },
};
