import { FIELDS, type HeaderField } from '../../spec/header-fields.ts';
import { PROTOCOLS } from '../../spec/layers.ts';
import {
  IPV4_OPTION_UNKNOWN,
  IPV4_OPTIONS,
  IPV6_OPTION_UNKNOWN,
  IPV6_OPTIONS,
  NEIGHBOUR_OPTION_UNKNOWN,
  NEIGHBOUR_OPTIONS,
  TCP_OPTION_UNKNOWN,
  TCP_OPTIONS,
} from '../../spec/protocols.ts';

/**
 * What a filter compares. `time` and `duration` are seconds, held in nanoseconds; `name` is text
 * as the tree has it, `text` is read from the bytes; a `header` reaches to the end of what it
 * carries, a `group` is a list of fields.
 */
export type FilterType =
  | 'number'
  | 'flag'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'bytes'
  | 'text'
  | 'name'
  | 'header'
  | 'group'
  | 'time'
  | 'duration';

/** A name that a filter may say. */
export interface FilterField {
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly type: FilterType;
  /** The rows it is read by: names of its values, its range. */
  readonly row?: HeaderField;
  /** Names of the dissection tree that it stands for; its own where nothing is said. */
  readonly of?: readonly string[];
}

/** A field without a row of its own: what its bytes are read as. */
const list = (type: FilterType, names: string): FilterField[] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => ({ name, label: name.slice(name.lastIndexOf('.') + 1), type }));

const WITHOUT_ROW: readonly FilterField[] = [
  ...list(
    'bytes',
    `eth.padding tcp.options.padding ip.opt.padding arp.src.hw arp.dst.hw arp.src.proto
    arp.dst.proto ipv6.opt.unknown ipv6.routing.unknown_data ipv6.routing.srh.tlv icmpv6.opt.data
    pppoed.tags.host_uniq pppoed.tags.ac_cookie pppoed.tags.relay_session_id
    pppoed.tag.unknown_data lldp.mgn.addr.hex lldp.mgn.obj.id lldp.chassis.id
    lldp.port.network_address lldp.tlv.value gre.routing.information erspan.platform.info
    erspan.platform.info2 nsh.contextheader geneve.option.unknown.data
    gtp.ext_hdr.content l2tp.offset_padding ah.reserved ah.icv udpencap.non_esp_marker dns.opt.data
    dns.data dhcp.option.padding dhcp.option.value dhcp.hw.addr_padding dhcp.hw.addr
    ntp.refid sctp.parameter_value sctp.cause_information sctp.cookie sctp.chunk_value
    sctp.chunk_padding sctp.parameter_padding sctp.cause_padding dccp.reset_data dccp.options
    igmp.reserved igmp.aux_data ospf.reserved ospf.auth pim.res_bytes rip.unused`,
  ),
  ...list(
    'text',
    `pppoed.tags.service_name pppoed.tags.ac_name lldp.port.id lldp.port.desc lldp.tlv.system.name
    lldp.tlv.system.desc dns.txt dhcp.option.hostname dhcp.option.domain_name
    dhcp.option.vendor_class_id dhcp.server dhcp.file vrrp.auth_string hsrp.auth_data`,
  ),
  ...list(
    'name',
    `dns.ns dns.cname dns.soa.mname dns.soa.rname dns.ptr.domain_name dns.mx.mail_exchange
    dns.srv.target dns.qry.name dns.resp.name ntp.reftime ntp.org ntp.rec ntp.xmt`,
  ),
  ...list(
    'group',
    `ip.options tcp.options pppoed.tags pppoed.tags.tag lldp.tlv gre.routing geneve.options
    geneve.option gtp.ext_hdr dns.opt dns.query dns.resp.data dhcp.option sctp.parameter sctp.cause
    sctp.chunk igmp.group_record`,
  ),
  ...[
    ...[...IPV4_OPTIONS.values(), IPV4_OPTION_UNKNOWN],
    ...[...IPV6_OPTIONS.values(), IPV6_OPTION_UNKNOWN],
    ...[...NEIGHBOUR_OPTIONS.values(), NEIGHBOUR_OPTION_UNKNOWN],
    ...[...TCP_OPTIONS.values(), TCP_OPTION_UNKNOWN],
  ].map(({ name, label }): FilterField => ({ name, label, type: 'group' })),
];

/** Names that Wireshark has beside those of its tree: any of two ends, or another spelling. */
const ENDS: readonly FilterField[] = (
  [
    ['eth.addr', 'Source or destination', 'mac', ['eth.dst', 'eth.src']],
    ['ip.addr', 'Source or destination', 'ipv4', ['ip.src', 'ip.dst']],
    ['ipv6.addr', 'Source or destination', 'ipv6', ['ipv6.src', 'ipv6.dst']],
    ['tcp.port', 'Source or destination port', 'number', ['tcp.srcport', 'tcp.dstport']],
    ['udp.port', 'Source or destination port', 'number', ['udp.srcport', 'udp.dstport']],
    ['sctp.port', 'Source or destination port', 'number', ['sctp.srcport', 'sctp.dstport']],
    ['dccp.port', 'Source or destination port', 'number', ['dccp.srcport', 'dccp.dstport']],
    ['data.data', 'Data', 'bytes', ['data']],
    ['tcp.seq_raw', 'Sequence number', 'number', ['tcp.seq']],
    ['tcp.ack_raw', 'Acknowledgment number', 'number', ['tcp.ack']],
    ['tcp.window_size', 'Window size', 'number', ['tcp.window_size_value']],
  ] as const
).map(([name, label, type, of]) => {
  const row = FIELDS.get(of[0]);
  return { name, label, type, of, ...(row && { row }) };
});

const counted = (name: string, label: string): FilterField => ({
  name,
  label,
  type: 'number',
});

/** What is known of a packet beside its bytes. */
const FRAME: readonly FilterField[] = [
  { name: 'frame', label: 'The whole packet', type: 'header' },
  counted('frame.number', 'Number of the packet'),
  counted('frame.len', 'Bytes on the wire'),
  counted('frame.cap_len', 'Bytes captured'),
  { name: 'frame.time_epoch', label: 'Seconds since 1970', type: 'time' },
  { name: 'frame.time_relative', label: 'Seconds since the first packet', type: 'duration' },
];

/** What became of a packet. Wireshark has none of these. */
const OUTCOME: readonly FilterField[] = [
  { name: 'verdict', label: 'Verdict, as "XDP_DROP"', type: 'name' },
  { name: 'verdict.action', label: 'What becomes of it, as "drop"', type: 'name' },
  counted('steps', 'Instructions that ran on it'),
  { name: 'fault', label: 'Why its run faulted', type: 'name' },
];

/** How a row's value is compared. */
const TYPE_OF = {
  decimal: 'number',
  hex: 'number',
  flags: 'number',
  flag: 'flag',
  mac: 'mac',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  bytes: 'bytes',
} as const satisfies Record<HeaderField['kind'], FilterType>;

const headerOf = ({ name, label }: { name: string; label: string }): FilterField => ({
  name,
  label,
  type: 'header',
});

const fromRow = (row: HeaderField): FilterField => ({
  name: row.name,
  label: row.label,
  type: TYPE_OF[row.kind],
  row,
});

/** Where two name the same, the first stands. */
const firstOfEach = (fields: readonly FilterField[]): Map<string, FilterField> =>
  new Map([...fields].reverse().map((field) => [field.name, field]));

/** Every name that a filter may say. */
export const FILTER_FIELDS: ReadonlyMap<string, FilterField> = firstOfEach([
  ...FRAME,
  ...OUTCOME,
  ...ENDS,
  ...Object.values(PROTOCOLS).map(headerOf),
  ...[...FIELDS.values()].map(fromRow),
  ...WITHOUT_ROW,
]);

export const OUTCOME_FIELDS: ReadonlySet<string> = new Set(OUTCOME.map(({ name }) => name));

const MOST_SUGGESTED = 3;

/** The names that are the fewest changes of a letter away; none where all are far. */
export function nearestFields(name: string): string[] {
  const asked = name.slice(0, 40).toLowerCase();
  const most = Math.max(1, Math.floor(asked.length / 3));
  return [...FILTER_FIELDS.keys()]
    .map((known) => ({ known, far: changesBetween(asked, known) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far || (a.known < b.known ? -1 : 1))
    .slice(0, MOST_SUGGESTED)
    .map(({ known }) => known);
}

/** Letters to put in, leave out or exchange until one name is the other. */
function changesBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const [left = 0, up = 0, corner = 0] = [row[j - 1], above[j], above[j - 1]];
      row.push(Math.min(left + 1, up + 1, corner + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
