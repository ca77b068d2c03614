import { bytes, decimal, fieldNamed, flag, hex, ipv4, ipv6 } from '../header-fields.ts';
import type { HeaderCursor, ProtocolRow } from '../protocol-row.ts';

/** What routers and hosts tell each other of groups, routes and neighbours. */

const IGMP_TYPES = new Map([
  [0x11, 'Membership query'],
  [0x12, 'Membership report v1'],
  [0x16, 'Membership report v2'],
  [0x17, 'Leave group'],
  [0x22, 'Membership report v3'],
]);
const IGMP_TYPE = hex('igmp.type', 'Type', 8, { names: IGMP_TYPES });
const IGMP_RESERVED = bytes('igmp.reserved', 'Reserved', 8);
const IGMP_TIME = decimal('igmp.max_resp', 'Maximum response time in 0.1 s', 8);
const IGMP_CODE = decimal('igmp.max_resp', 'Maximum response time in 0.1 s', 8, { floating: true });
const IGMP_CHECKSUM = hex('igmp.checksum', 'Checksum', 16);
const IGMP_GROUP = ipv4('igmp.maddr', 'Group');
const IGMP_SOURCE = ipv4('igmp.saddr', 'Source');
/** RFC 3376 section 4.1. */
const IGMP_QUERY = [
  hex('igmp.resv', 'Reserved', 4),
  flag('igmp.s', 'Suppress router processing'),
  decimal('igmp.qrv', 'Robustness', 3),
  decimal('igmp.qqic', 'Query interval code', 8),
  decimal('igmp.num_src', 'Number of sources', 16),
];
/** RFC 3376 section 4.2. */
const IGMP_RECORDS = [
  bytes('igmp.reserved', 'Reserved', 16),
  decimal('igmp.num_grp_recs', 'Number of records', 16),
];
const IGMP_RECORD = [
  decimal('igmp.record_type', 'Type', 8, {
    names: new Map([
      [1, 'Mode is include'],
      [2, 'Mode is exclude'],
      [3, 'Change to include'],
      [4, 'Change to exclude'],
      [5, 'Allow new sources'],
      [6, 'Block old sources'],
    ]),
  }),
  decimal('igmp.aux_data_len', 'Auxiliary data', 8, { unit: 4 }),
  decimal('igmp.num_src', 'Number of sources', 16),
  IGMP_GROUP,
];

function igmpSources(h: HeaderCursor, count: number): void {
  let left = count;
  h.each('igmp.saddr', () => left-- > 0 && void h.fields(IGMP_SOURCE));
}

function igmpRecords(h: HeaderCursor): void {
  h.fields(IGMP_RESERVED, IGMP_CHECKSUM, ...IGMP_RECORDS);
  let left = h.value('igmp.num_grp_recs');
  h.each('igmp.group_record', () => {
    if (left-- === 0) return false;
    h.group('igmp.group_record', 'Record', 8 + h.byte(1) * 4 + h.word(2) * 4, () => {
      h.fields(...IGMP_RECORD);
      igmpSources(h, h.value('igmp.num_src'));
      h.bytes('igmp.aux_data', 'Auxiliary data');
    });
    return undefined;
  });
}

/**
 * RFC 1112 appendix I, RFC 2236 section 2, RFC 3376 section 4: a query tells its version by length
 * and response time.
 */
export const igmp: ProtocolRow = {
  name: 'igmp',
  label: 'IGMP',
  at: { ip: [2] },
  notBehind: ['ipv6'],
  fresh: [{ label: 'report', hex: '16 00 0000 e0000101' }],
  read(h) {
    const longQuery = h.left >= 12;
    const type = h.fields(IGMP_TYPE);
    h.text(IGMP_TYPES.get(type) ?? `type 0x${type.toString(16)}`);
    if (type === 0x22) igmpRecords(h);
    else if (IGMP_TYPES.has(type)) {
      const first = type === 0x12 || (type === 0x11 && !longQuery && h.byte() === 0);
      const time = type === 0x11 && longQuery ? IGMP_CODE : IGMP_TIME;
      h.fields(first ? IGMP_RESERVED : time, IGMP_CHECKSUM, IGMP_GROUP);
      if (type === 0x11 && longQuery) {
        h.fields(...IGMP_QUERY);
        igmpSources(h, h.value('igmp.num_src'));
      }
    } else return;
    h.checksum('igmp.checksum');
  },
};

/** RFC 2328 appendix A.3.1, RFC 5340 appendix A.3.1. */
const OSPF_TYPES = new Map([
  [1, 'Hello'],
  [2, 'Database description'],
  [3, 'Link state request'],
  [4, 'Link state update'],
  [5, 'Link state acknowledgment'],
]);
const OSPF = [
  decimal('ospf.version', 'Version', 8),
  decimal('ospf.msg', 'Message', 8, { names: OSPF_TYPES }),
  decimal('ospf.packet_length', 'Packet length', 16, { unit: 1 }),
  ipv4('ospf.srcrouter', 'Router'),
  ipv4('ospf.area_id', 'Area'),
  hex('ospf.checksum', 'Checksum', 16),
];
const OSPF_AUTH = decimal('ospf.auth.type', 'Authentication', 16, {
  names: new Map([
    [0, 'none'],
    [1, 'password'],
    [2, 'cryptographic'],
  ]),
});
const OSPF_V3 = [decimal('ospf.instance_id', 'Instance', 8), bytes('ospf.reserved', 'Reserved', 8)];
const CRYPTOGRAPHIC = 2;
const OSPF_PROTOCOL = 89;
export const ospf: ProtocolRow = {
  name: 'ospf',
  label: 'OSPF',
  at: { ip: [OSPF_PROTOCOL] },
  read(h) {
    h.fields(...OSPF);
    const [version, size] = [h.value('ospf.version'), h.value('ospf.packet_length')];
    h.text(OSPF_TYPES.get(h.value('ospf.msg')) ?? `message ${h.value('ospf.msg')}`);
    const there = size >= h.read && size <= h.total;
    if (!there) h.wrong(`header says ${size} bytes, ${h.total} are there`, 'ospf.packet_length');
    if (version === 2) {
      const auth = h.fields(OSPF_AUTH);
      h.bytes('ospf.auth', 'Authentication data', 8);
      if (there && auth !== CRYPTOGRAPHIC) h.checksum('ospf.checksum', { size, without: [16, 24] });
    } else if (version === 3) {
      h.fields(...OSPF_V3);
      if (there) h.checksum('ospf.checksum', { size, pseudo: OSPF_PROTOCOL, pseudoLength: size });
    } else h.wrong(`version is ${version}, should be 2 or 3`, 'ospf.version');
  },
};

/** RFC 7761 section 4.9. */
const PIM_TYPES = new Map([
  [0, 'Hello'],
  [1, 'Register'],
  [2, 'Register stop'],
  [3, 'Join or prune'],
  [4, 'Bootstrap'],
  [5, 'Assert'],
  [8, 'Candidate RP advertisement'],
]);
const PIM = [
  decimal('pim.version', 'Version', 4),
  decimal('pim.type', 'Type', 4, { names: PIM_TYPES }),
  bytes('pim.res_bytes', 'Reserved', 8),
  hex('pim.cksum', 'Checksum', 16),
];
const PIM_PROTOCOL = 103;
const REGISTER = 1;
const PIM_REGISTER = hex('pim.register_flag', 'Flags', 32, {
  parts: [
    flag('pim.register_flag.border', 'Border'),
    flag('pim.register_flag.null_register', 'Null register'),
    hex('pim.register_flag.reserved', 'Reserved', 30),
  ],
});
export const pim: ProtocolRow = {
  name: 'pim',
  label: 'PIM',
  at: { ip: [PIM_PROTOCOL] },
  read(h) {
    h.fields(...PIM);
    const type = h.value('pim.type');
    h.text(PIM_TYPES.get(type) ?? `type ${type}`);
    const pseudo = h.ipVersion === 6 ? { pseudo: PIM_PROTOCOL } : {};
    // Of a register message only the header is summed, since what it carries is summed by itself.
    if (h.value('pim.version') === 2)
      h.checksum('pim.cksum', type === REGISTER ? { size: 8, ...pseudo } : pseudo);
    if (type !== REGISTER) return;
    const flags = h.fields(PIM_REGISTER);
    const version = h.byte() >> 4;
    if (!(flags & 0x4000_0000)) h.next(version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : 'data');
  },
};

/** RFC 5798 section 5.1, RFC 3768 section 5.1. */
const VRRP = [
  decimal('vrrp.version', 'Version', 4),
  decimal('vrrp.type', 'Type', 4, { names: new Map([[1, 'Advertisement']]) }),
  decimal('vrrp.virt_rtr_id', 'Virtual router', 8),
  decimal('vrrp.prio', 'Priority', 8),
  decimal('vrrp.addr_count', 'Number of addresses', 8),
];
const VRRP_2 = [
  decimal('vrrp.auth_type', 'Authentication', 8),
  decimal('vrrp.adver_int', 'Advertisement interval in s', 8),
];
const VRRP_3 = [
  decimal('vrrp.reserved_mbz', 'Reserved', 4),
  decimal('vrrp.short_adver_int', 'Advertisement interval in 0.01 s', 12),
];
const VRRP_CHECKSUM = hex('vrrp.checksum', 'Checksum', 16);
const VRRP_IPV4 = ipv4('vrrp.ip_addr', 'Address');
const VRRP_IPV6 = ipv6('vrrp.ipv6_addr', 'Address');
const VRRP_PROTOCOL = 112;
export const vrrp: ProtocolRow = {
  name: 'vrrp',
  label: 'VRRP',
  at: { ip: [VRRP_PROTOCOL] },
  read(h) {
    h.fields(...VRRP);
    const version = h.value('vrrp.version');
    h.text(`router ${h.value('vrrp.virt_rtr_id')} priority ${h.value('vrrp.prio')}`);
    h.fields(...(version === 3 ? VRRP_3 : VRRP_2), VRRP_CHECKSUM);
    let left = h.value('vrrp.addr_count');
    h.each(
      'vrrp.ip_addr',
      () => left-- > 0 && void h.fields(h.ipVersion === 6 ? VRRP_IPV6 : VRRP_IPV4),
    );
    h.checksum('vrrp.checksum', version === 3 ? { pseudo: VRRP_PROTOCOL } : {});
    if (version === 2) h.bytes('vrrp.auth_string', 'Authentication data', Math.min(8, h.left));
  },
};

/** RFC 5880 section 4.1. */
const BFD = [
  decimal('bfd.version', 'Version', 3),
  hex('bfd.diag', 'Diagnostic', 5),
  hex('bfd.sta', 'State', 2, {
    names: new Map([
      [0, 'AdminDown'],
      [1, 'Down'],
      [2, 'Init'],
      [3, 'Up'],
    ]),
  }),
  flag('bfd.flags.p', 'Poll'),
  flag('bfd.flags.f', 'Final'),
  flag('bfd.flags.c', 'Control plane independent'),
  flag('bfd.flags.a', 'Authentication present'),
  flag('bfd.flags.d', 'Demand'),
  flag('bfd.flags.m', 'Multipoint'),
  decimal('bfd.detect_time_multiplier', 'Detection multiplier', 8),
  decimal('bfd.message_length', 'Length', 8, { unit: 1 }),
  hex('bfd.my_discriminator', 'My discriminator', 32),
  hex('bfd.your_discriminator', 'Your discriminator', 32),
  decimal('bfd.desired_min_tx_interval', 'Desired minimum transmission interval in us', 32),
  decimal('bfd.required_min_rx_interval', 'Required minimum reception interval in us', 32),
  decimal('bfd.required_min_echo_interval', 'Required minimum echo interval in us', 32),
];
export const bfd: ProtocolRow = {
  name: 'bfd',
  label: 'BFD',
  at: { udp: [3784, 4784] },
  read(h) {
    h.fields(...BFD);
    h.text(fieldNamed(BFD, 'bfd.sta').names?.get(h.value('bfd.sta')) ?? '');
  },
};

/** RFC 2453 section 4. */
const RIP = [
  decimal('rip.command', 'Command', 8, {
    names: new Map([
      [1, 'Request'],
      [2, 'Response'],
    ]),
  }),
  decimal('rip.version', 'Version', 8),
];
export const rip: ProtocolRow = {
  name: 'rip',
  label: 'RIP',
  at: { udp: [520] },
  read(h) {
    h.fields(...RIP);
    h.bytes('rip.unused', 'Unused', 2);
    h.text(
      fieldNamed(RIP, 'rip.command').names?.get(h.value('rip.command')) ??
        `command ${h.value('rip.command')}`,
    );
  },
};

/** RFC 2281 section 5. */
const HSRP = [
  decimal('hsrp.version', 'Version', 8),
  decimal('hsrp.opcode', 'Operation', 8, {
    names: new Map([
      [0, 'Hello'],
      [1, 'Coup'],
      [2, 'Resign'],
    ]),
  }),
  decimal('hsrp.state', 'State', 8),
  decimal('hsrp.hellotime', 'Hello time in s', 8),
  decimal('hsrp.holdtime', 'Hold time in s', 8),
  decimal('hsrp.priority', 'Priority', 8),
  decimal('hsrp.group', 'Group', 8),
  decimal('hsrp.reserved', 'Reserved', 8),
];
const HSRP_ADDRESS = ipv4('hsrp.virt_ip', 'Virtual address');
export const hsrp: ProtocolRow = {
  name: 'hsrp',
  label: 'HSRP',
  at: { udp: [1985] },
  read(h) {
    if (h.byte() !== 0) return h.text(`version ${h.byte()}`);
    h.fields(...HSRP);
    h.string('hsrp.auth_data', 'Authentication', 8);
    h.fields(HSRP_ADDRESS);
    h.text(`group ${h.value('hsrp.group')}`);
  },
};
