import { bytes, decimal, flag, hex, parted } from '../header-fields.ts';
import type { HeaderCursor, ProtocolRow } from '../protocol-row.ts';
import { ETHERTYPES, IP_PROTOCOLS } from '../protocols.ts';
import { byVersion } from './link.ts';

/** Headers that carry whole frames or packets. */

/**
 * RFC 2784, RFC 2890, RFC 1701; version 1 is that of PPTP (RFC 2637 section 4.1), which splits the
 * key.
 */
const GRE_FLAGS = [
  flag('gre.flags.checksum', 'Checksum is there'),
  flag('gre.flags.routing', 'Routing is there'),
  flag('gre.flags.key', 'Key is there'),
  flag('gre.flags.sequence_number', 'Sequence number is there'),
  flag('gre.flags.strict_source_route', 'Strict source route'),
  decimal('gre.flags.recursion_control', 'Recursion control', 3),
];
const GRE_VERSION = decimal('gre.flags.version', 'Version', 3);
const GRE = parted('gre.flags_and_version', 'Flags and version', [
  ...GRE_FLAGS,
  decimal('gre.flags.reserved', 'Reserved', 5),
  GRE_VERSION,
]);
const GRE_PPTP = parted('gre.flags_and_version', 'Flags and version', [
  ...GRE_FLAGS,
  flag('gre.flags.ack', 'Acknowledgment is there'),
  decimal('gre.flags.reserved', 'Reserved', 4),
  GRE_VERSION,
]);
const GRE_TYPE = hex('gre.proto', 'Protocol', 16, { names: ETHERTYPES });
const GRE_CHECKSUM = [hex('gre.checksum', 'Checksum', 16), decimal('gre.offset', 'Offset', 16)];
const GRE_KEY = hex('gre.key', 'Key', 32);
const GRE_PPTP_KEY = [
  decimal('gre.key.payload_length', 'Payload length', 16, { unit: 1 }),
  decimal('gre.key.call_id', 'Call', 16),
];
const GRE_SEQUENCE = decimal('gre.sequence_number', 'Sequence number', 32);
const GRE_ACK = decimal('gre.ack_number', 'Acknowledgment number', 32);
const GRE_ROUTE = [
  hex('gre.routing.address_family', 'Address family', 16),
  decimal('gre.routing.sre_offset', 'Offset', 8),
  decimal('gre.routing.sre_length', 'Length', 8),
];
const PPP = 0x880b;
const ERSPAN = 0x88be;

/** RFC 1701: entries up to one of family and length 0. */
function greRoutes(h: HeaderCursor): void {
  h.each('gre.routing', () => {
    h.fields(...GRE_ROUTE);
    const length = h.value('gre.routing.sre_length');
    h.bytes('gre.routing.information', 'Information', length);
    return length > 0 || h.value('gre.routing.address_family') > 0;
  });
}

export const gre: ProtocolRow = {
  name: 'gre',
  label: 'GRE',
  at: { ip: [47], udp: [4754] },
  fresh: [
    { hex: '0000 0000' },
    { label: 'with a key', hex: '2000 0000 00000064' },
    { label: 'with a sequence number', hex: '1000 0000 00000001' },
  ],
  follows: { by: 'ethertype', fields: ['gre.proto'] },
  read(h) {
    const pptp = (h.word() & 7) === 1 && h.word(2) === PPP;
    h.fields(pptp ? GRE_PPTP : GRE, GRE_TYPE);
    const [checked, routed] = [h.value('gre.flags.checksum'), h.value('gre.flags.routing')];
    if (checked || routed) h.fields(...GRE_CHECKSUM);
    if (h.value('gre.flags.key')) h.fields(...(pptp ? GRE_PPTP_KEY : [GRE_KEY]));
    if (h.value('gre.flags.sequence_number')) h.fields(GRE_SEQUENCE);
    if (h.value('gre.flags.ack')) h.fields(GRE_ACK);
    if (routed) greRoutes(h);
    if (checked) h.checksum('gre.checksum');
    const type = h.value('gre.proto');
    const known = ETHERTYPES.get(type) ?? `type 0x${type.toString(16).padStart(4, '0')}`;
    h.text(known);
    // ERSPAN of type I has no header of its own, and GRE no sequence number (draft-foschiano-erspan
    // section 4.1).
    if (type === ERSPAN && !h.value('gre.flags.sequence_number')) h.next('ethernet');
    else h.nextBy('ethertype', type);
  },
};

/** draft-foschiano-erspan sections 4.2 and 4.3. */
const ERSPAN_II = [
  decimal('erspan.version', 'Version', 4),
  decimal('erspan.vlan', 'VLAN', 12),
  decimal('erspan.cos', 'Class of service', 3),
  decimal('erspan.encap', 'Encapsulation', 2),
  decimal('erspan.truncated', 'Truncated', 1),
  decimal('erspan.spanid', 'Session', 10),
  decimal('erspan.reserved', 'Reserved', 12),
  decimal('erspan.index', 'Index', 20),
];
const ERSPAN_III = [
  decimal('erspan.version', 'Version', 4),
  decimal('erspan.vlan', 'VLAN', 12),
  decimal('erspan.cos', 'Class of service', 3),
  decimal('erspan.bso', 'Bad, short or oversized', 2),
  decimal('erspan.truncated', 'Truncated', 1),
  decimal('erspan.spanid', 'Session', 10),
  decimal('erspan.timestamp', 'Timestamp', 32),
  decimal('erspan.sgt', 'Security group', 16),
  decimal('erspan.p', 'Has an Ethernet frame', 1),
  decimal('erspan.ft', 'Frame type', 5),
  decimal('erspan.hw', 'Hardware', 6),
  flag('erspan.direction', 'Outgoing'),
  decimal('erspan.gra', 'Timestamp granularity', 2),
  decimal('erspan.o', 'Subheader is there', 1),
];
const ERSPAN_VERSION = ERSPAN_II.slice(0, 1);
const ERSPAN_SUBHEADER = [
  decimal('erspan.platid', 'Platform', 6),
  bytes('erspan.platform.info', 'Platform specific', 26),
  bytes('erspan.platform.info2', 'Platform specific', 32),
];

/** Behind a version that is neither of the two. */
const ERSPAN_UNKNOWN = [bytes('erspan.unknown', 'Unknown', 12)];

function readErspan(h: HeaderCursor): void {
  const version = h.byte() >> 4;
  if (version === 1) h.fields(...ERSPAN_II);
  else if (version === 2) h.fields(...ERSPAN_III);
  else {
    h.fields(...ERSPAN_VERSION, ...ERSPAN_UNKNOWN);
    h.wrong(`version is ${version}, should be 1 or 2`, 'erspan.version');
    return;
  }
  if (version === 2 && h.value('erspan.o')) h.fields(...ERSPAN_SUBHEADER);
  h.text(`session ${h.value('erspan.spanid')}`);
  const frame = version === 1 || h.value('erspan.ft') === 0;
  if (frame) h.next('ethernet');
  else if (h.value('erspan.ft') === 2) h.next(byVersion(h));
}
export const erspan: ProtocolRow = {
  name: 'erspan',
  label: 'ERSPAN',
  at: { ethertype: [ERSPAN] },
  // Its type is GRE's: no link layer has it.
  notBehind: ['ethernet', 'vlan', 'geneve'],
  fresh: [{ label: 'II', hex: '1001 0001 00000000' }],
  follows: { only: ['ethernet'] },
  read: readErspan,
};
export const erspan3: ProtocolRow = {
  name: 'erspan',
  label: 'ERSPAN III',
  at: { ethertype: [0x22eb] },
  // Its type is GRE's: no link layer has it.
  notBehind: ['ethernet', 'vlan', 'geneve'],
  fresh: [{ hex: '2001 0001 00000000 0000 8000' }],
  follows: { only: ['ethernet'] },
  read: readErspan,
};

/** RFC 7348 section 5; draft-smith-vxlan-group-policy for the other flags. */
const VXLAN = [
  parted('vxlan.flags', 'Flags', [
    flag('vxlan.flag_g', 'Group policy is there'),
    hex('vxlan.flags.unused1', 'Reserved', 3),
    flag('vxlan.flag_i', 'Network identifier is there'),
    hex('vxlan.flags.unused2', 'Reserved', 4),
    flag('vxlan.flag_d', 'Do not learn'),
    hex('vxlan.flags.unused3', 'Reserved', 2),
    flag('vxlan.flag_a', 'Policy applied'),
    hex('vxlan.flags.unused4', 'Reserved', 3),
  ]),
  decimal('vxlan.gbp', 'Group policy', 16),
  decimal('vxlan.vni', 'Network identifier', 24),
  decimal('vxlan.reserved8', 'Reserved', 8),
];
export const vxlan: ProtocolRow = {
  name: 'vxlan',
  label: 'VXLAN',
  at: { udp: [4789, 8472] },
  fresh: [{ hex: '08000000 000064 00' }],
  follows: { only: ['ethernet'] },
  read(h) {
    h.fields(...VXLAN);
    h.text(String(h.value('vxlan.vni')));
    h.next('ethernet');
  },
};

/** draft-ietf-nvo3-vxlan-gpe section 3, RFC 8300 section 2.2: what follows. */
const NEXT_PROTOCOLS = new Map([
  [1, 'IPv4'],
  [2, 'IPv6'],
  [3, 'Ethernet'],
  [4, 'NSH'],
  [5, 'MPLS'],
]);
const VXLAN_GPE = [
  parted('vxlan.flags', 'Flags', [
    decimal('vxlan.flags_unused', 'Reserved', 2),
    decimal('vxlan.ver', 'Version', 2),
    decimal('vxlan.i_bit', 'Network identifier is there', 1),
    decimal('vxlan.p_bit', 'Next protocol is there', 1),
    decimal('vxlan.b_bit', 'Broadcast', 1),
    decimal('vxlan.o_bit', 'OAM', 1),
  ]),
  decimal('vxlan.reserved_16', 'Reserved', 16),
  decimal('vxlan.next_proto', 'Next protocol', 8, { names: NEXT_PROTOCOLS }),
  decimal('vxlan.vni', 'Network identifier', 24),
  decimal('vxlan.reserved8', 'Reserved', 8),
];
export const vxlanGpe: ProtocolRow = {
  name: 'vxlan',
  label: 'VXLAN-GPE',
  at: { udp: [4790] },
  fresh: [{ hex: '0c000000 000064 00' }],
  follows: { by: 'nsh', fields: ['vxlan.next_proto'] },
  read(h) {
    h.fields(...VXLAN_GPE);
    h.text(String(h.value('vxlan.vni')));
    h.nextBy('nsh', h.value('vxlan.next_proto'));
  },
};

/** RFC 8300 section 2. */
const NSH = [
  decimal('nsh.version', 'Version', 2),
  decimal('nsh.Obit', 'OAM', 1),
  decimal('nsh.unused', 'Unused', 1),
  decimal('nsh.ttl', 'Time to live', 6),
  decimal('nsh.length', 'Length', 6, { unit: 4 }),
  decimal('nsh.mdtype', 'Metadata type', 8),
  decimal('nsh.nextproto', 'Next protocol', 8, { names: NEXT_PROTOCOLS }),
  decimal('nsh.spi', 'Service path', 24),
  decimal('nsh.si', 'Service index', 8),
];
export const nsh: ProtocolRow = {
  name: 'nsh',
  label: 'NSH',
  at: { ethertype: [0x894f], nsh: [4] },
  fresh: [{ hex: `0fc6 01 00 000064 ff ${'00'.repeat(16)}` }],
  follows: { by: 'nsh', fields: ['nsh.nextproto'] },
  lengths: [{ field: 'nsh.length', of: 'header' }],
  read(h) {
    h.fields(...NSH);
    const rest = h.value('nsh.length') * 4 - h.read;
    if (rest < 0)
      h.wrong(
        `header says ${h.value('nsh.length') * 4} bytes, at least ${h.read} are needed`,
        'nsh.length',
      );
    h.bytes('nsh.contextheader', 'Metadata', Math.max(0, rest));
    h.text(`path ${h.value('nsh.spi')} index ${h.value('nsh.si')}`);
    h.nextBy('nsh', h.value('nsh.nextproto'));
  },
};

/** RFC 8926 section 3.4. */
const GENEVE = [
  decimal('geneve.version', 'Version', 2),
  decimal('geneve.option.length', 'Length of the options', 6, { unit: 4 }),
  hex('geneve.flags', 'Flags', 8, {
    parts: [
      flag('geneve.flags.oam', 'OAM'),
      flag('geneve.flags.critical', 'Critical options'),
      decimal('geneve.flags.reserved', 'Reserved', 6),
    ],
  }),
  hex('geneve.proto_type', 'Protocol', 16, { names: ETHERTYPES }),
  hex('geneve.vni', 'Network identifier', 24),
  hex('geneve.reserved', 'Reserved', 8),
];
const GENEVE_OPTION = [
  hex('geneve.option.class', 'Class', 16),
  hex('geneve.option.type', 'Type', 8, {
    parts: [
      flag('geneve.option.type.critical', 'Critical'),
      hex('geneve.option.type.number', 'Number', 7),
    ],
  }),
  decimal('geneve.option.flags.reserved', 'Reserved', 3),
  decimal('geneve.option.length', 'Length of the data', 5, { unit: 4 }),
];
export const geneve: ProtocolRow = {
  name: 'geneve',
  label: 'Geneve',
  at: { udp: [6081] },
  fresh: [
    { hex: '00 00 0000 000064 00' },
    { label: 'with an option', hex: '02 00 0000 000064 00 0102 80 01 00000001' },
  ],
  follows: { by: 'ethertype', fields: ['geneve.proto_type'] },
  lengths: [{ field: 'geneve.option.length', of: 'header', less: 8 }],
  read(h) {
    h.fields(...GENEVE);
    const [vni, type] = [h.value('geneve.vni'), h.value('geneve.proto_type')];
    const size = h.value('geneve.option.length') * 4;
    if (size > 0)
      h.group('geneve.options', 'Options', size, () => {
        h.each('geneve.options', () => {
          h.group('geneve.option', 'Option', 4 + (h.byte(3) & 0x1f) * 4, () => {
            h.fields(...GENEVE_OPTION);
            h.bytes('geneve.option.unknown.data', 'Data');
            return undefined;
          });
          return true;
        });
        return undefined;
      });
    h.text(String(vni));
    h.nextBy('ethertype', type);
  },
};

/** 3GPP TS 29.281 section 5. */
const GTP_MESSAGES = new Map([
  [1, 'Echo request'],
  [2, 'Echo response'],
  [26, 'Error indication'],
  [31, 'Supported extension headers'],
  [254, 'End marker'],
  [255, 'T-PDU'],
]);
const GTP = [
  hex('gtp.flags', 'Flags', 8, {
    parts: [
      decimal('gtp.flags.version', 'Version', 3),
      decimal('gtp.flags.payload', 'Protocol type', 1),
      decimal('gtp.flags.reserved', 'Reserved', 1),
      flag('gtp.flags.e', 'Extension header is there'),
      flag('gtp.flags.s', 'Sequence number is there'),
      flag('gtp.flags.pn', 'N-PDU number is there'),
    ],
  }),
  hex('gtp.message', 'Message', 8, { names: GTP_MESSAGES }),
  decimal('gtp.length', 'Length behind these 8 bytes', 16, { unit: 1 }),
  hex('gtp.teid', 'Tunnel endpoint', 32),
];
const GTP_OPTIONAL = [
  hex('gtp.seq_number', 'Sequence number', 16),
  hex('gtp.npdu_number', 'N-PDU number', 8),
  hex('gtp.ext_hdr.next', 'Next extension header', 8),
];
const GTP_EXTENSION = decimal('gtp.ext_hdr.length', 'Length', 8, { unit: 4 });
const GTP_NEXT = GTP_OPTIONAL.slice(2);
const PDU_SESSION = 0x85;
/**
 * 3GPP TS 38.415 section 5.5.2: the first byte, and for downlink (type 0) and uplink (type 1) the
 * second.
 */
const PDU_SESSION_TYPE = [
  decimal('gtp.ext_hdr.pdu_ses_con.pdu_type', 'PDU type', 4),
  decimal('gtp.ext_hdr.pdu_ses_con.flags', 'Flags', 4),
];
const PDU_SESSION_FLOW = [
  flag('gtp.ext_hdr.pdu_ses_cont.ppp', 'Paging policy is there'),
  flag('gtp.ext_hdr.pdu_ses_cont.rqi', 'Reflective QoS'),
  decimal('gtp.ext_hdr.pdu_ses_con.qos_flow_id', 'QoS flow', 6),
];
const PDU_SESSION_UP = [
  decimal('gtp.ext_hdr.pdu_ses_con.flags2', 'Flags', 2),
  decimal('gtp.ext_hdr.pdu_ses_con.qos_flow_id', 'QoS flow', 6),
];

/** Extension headers, each with the type of the one behind it as its last byte. */
function gtpExtensions(h: HeaderCursor): void {
  h.each('gtp.ext_hdr', () => {
    const type = h.value('gtp.ext_hdr.next');
    if (type === 0) return false;
    const size = h.byte() * 4;
    if (size === 0) {
      h.fields(GTP_EXTENSION);
      h.wrong('extension header says 0 bytes', 'gtp.ext_hdr.length');
      return false;
    }
    h.group('gtp.ext_hdr', 'Extension header', size, () => {
      h.fields(GTP_EXTENSION);
      if (type === PDU_SESSION) {
        const pdu = h.byte() >> 4;
        h.fields(...PDU_SESSION_TYPE);
        if (pdu === 0) h.fields(...PDU_SESSION_FLOW);
        if (pdu === 1) h.fields(...PDU_SESSION_UP);
      }
      h.bytes('gtp.ext_hdr.content', 'Content', Math.max(0, h.left - 1));
      h.fields(...GTP_NEXT);
    });
    return undefined;
  });
}
export const gtp: ProtocolRow = {
  name: 'gtp',
  label: 'GTP-U',
  at: { udp: [2152] },
  fresh: [
    { hex: '30 ff 0000 00000001' },
    { label: 'with a PDU session', hex: '34 ff 0000 00000001 0000 00 85 01 00 01 00' },
  ],
  follows: { only: ['ipv4', 'ipv6'] },
  lengths: [{ field: 'gtp.length', of: 'all', less: 8 }],
  read(h) {
    h.fields(...GTP);
    const optional = h.value('gtp.flags.e') || h.value('gtp.flags.s') || h.value('gtp.flags.pn');
    if (optional) h.fields(...GTP_OPTIONAL);
    if (h.value('gtp.flags.e')) gtpExtensions(h);
    const message = h.value('gtp.message');
    const size = h.value('gtp.length') - (h.read - 8);
    if (size > h.left)
      h.wrong(
        `header says ${h.value('gtp.length')} bytes, ${h.left + h.read - 8} are there`,
        'gtp.length',
      );
    h.text(`${GTP_MESSAGES.get(message) ?? `message ${message}`} tunnel ${h.value('gtp.teid')}`);
    if (message === 255) h.next(byVersion(h), { size: Math.max(0, size) });
  },
};

/** RFC 3378 section 3. */
const ETHERIP = [decimal('etherip.ver', 'Version', 4), hex('etherip.reserved', 'Reserved', 12)];
export const etherip: ProtocolRow = {
  name: 'etherip',
  label: 'EtherIP',
  at: { ip: [97] },
  fresh: [{ hex: '3000' }],
  follows: { only: ['ethernet'] },
  read(h) {
    h.fields(...ETHERIP);
    const version = h.value('etherip.ver');
    if (version !== 3) h.wrong(`version is ${version}, should be 3`, 'etherip.ver');
    h.next('ethernet');
  },
};

/** RFC 2661 section 3.1. */
const L2TP = parted('l2tp.flags', 'Flags', [
  decimal('l2tp.type', 'Control message', 1),
  flag('l2tp.length_bit', 'Length is there'),
  hex('l2tp.flags.unused1', 'Reserved', 2),
  flag('l2tp.seq_bit', 'Sequence numbers are there'),
  hex('l2tp.flags.unused2', 'Reserved', 1),
  flag('l2tp.offset_bit', 'Offset is there'),
  flag('l2tp.priority', 'Priority'),
  hex('l2tp.flags.unused3', 'Reserved', 4),
  decimal('l2tp.version', 'Version', 4),
]);
const L2TP_LENGTH = decimal('l2tp.length', 'Length', 16, { unit: 1 });
const L2TP_IDS = [decimal('l2tp.tunnel', 'Tunnel', 16), decimal('l2tp.session', 'Session', 16)];
const L2TP_SEQUENCE = [
  decimal('l2tp.Ns', 'Sequence number', 16),
  decimal('l2tp.Nr', 'Expected sequence number', 16),
];
const L2TP_OFFSET = decimal('l2tp.offset', 'Offset', 16, { unit: 1 });
export const l2tp: ProtocolRow = {
  name: 'l2tp',
  label: 'L2TP',
  at: { udp: [1701] },
  fresh: [{ hex: '0002 0001 0001' }, { label: 'with a length', hex: '4002 0000 0001 0001' }],
  follows: { only: ['ppp'] },
  lengths: [{ field: 'l2tp.length', of: 'all' }],
  read(h) {
    h.fields(L2TP);
    const version = h.value('l2tp.version');
    if (version !== 2) return h.text(`version ${version}`);
    if (h.value('l2tp.length_bit')) h.fields(L2TP_LENGTH);
    h.fields(...L2TP_IDS);
    if (h.value('l2tp.seq_bit')) h.fields(...L2TP_SEQUENCE);
    if (h.value('l2tp.offset_bit'))
      h.bytes('l2tp.offset_padding', 'Offset padding', h.fields(L2TP_OFFSET));
    h.text(`tunnel ${h.value('l2tp.tunnel')} session ${h.value('l2tp.session')}`);
    const size = h.value('l2tp.length_bit') ? h.value('l2tp.length') - h.read : h.left;
    h.next(h.value('l2tp.type') === 1 ? 'data' : 'ppp', { size: Math.max(0, size) });
  },
};

/**
 * RFC 3931 section 4.1.1: session 0 is for control messages; whether there is a cookie only the
 * tunnel's ends know.
 */
const L2TPV3 = hex('l2tp.sid', 'Session', 32);
export const l2tpv3: ProtocolRow = {
  name: 'l2tp',
  label: 'L2TPv3',
  at: { ip: [115] },
  fresh: [{ hex: '00000001' }],
  read(h) {
    h.text(`session ${h.fields(L2TPV3)}`);
  },
};

/** RFC 4302 section 2; the length counts 4 bytes without the first 8. */
const AH = [
  decimal('ah.next_header', 'Next header', 8, { names: IP_PROTOCOLS }),
  decimal('ah.length', 'Length in 4 bytes, without the first 8', 8),
  bytes('ah.reserved', 'Reserved', 16),
  hex('ah.spi', 'Security parameters index', 32),
  decimal('ah.sequence', 'Sequence number', 32),
];
export const ah: ProtocolRow = {
  name: 'ah',
  label: 'AH',
  at: { ip: [51] },
  fresh: [{ hex: `00 04 0000 00000001 00000001 ${'00'.repeat(12)}` }],
  follows: { by: 'ip', fields: ['ah.next_header'] },
  lengths: [{ field: 'ah.length', of: 'header', less: 8, unit: 4 }],
  read(h) {
    h.fields(...AH);
    const size = (h.value('ah.length') + 2) * 4;
    if (size < h.read)
      h.wrong(`header says ${size} bytes, at least ${h.read} are needed`, 'ah.length');
    h.bytes('ah.icv', 'Integrity check value', size - h.read);
    // Linux and Wireshark go on where the length says, also where that is inside this header.
    h.nextBy('ip', h.value('ah.next_header'), { at: size, network: true });
  },
};

/** RFC 4303 section 2: what follows is encrypted, and only its keys tell where it ends. */
const ESP = [
  hex('esp.spi', 'Security parameters index', 32),
  decimal('esp.sequence', 'Sequence number', 32),
];
export const esp: ProtocolRow = {
  name: 'esp',
  label: 'ESP',
  at: { ip: [50] },
  fresh: [{ hex: '00000001 00000001' }],
  read(h) {
    h.fields(...ESP);
    h.text(`0x${h.value('esp.spi').toString(16).padStart(8, '0')}`);
  },
};
/**
 * RFC 3948 section 2: an index of 0 marks IKE, one byte of 0xff keeps the address translation
 * alive.
 */
export const espInUdp: ProtocolRow = {
  name: 'udpencap',
  label: 'UDP encapsulation of IPsec',
  at: { udp: [4500] },
  fresh: [{ hex: '' }],
  follows: { only: ['esp'] },
  read(h) {
    const marked = h.left >= 4 && h.word() === 0 && h.word(2) === 0;
    if (marked) h.bytes('udpencap.non_esp_marker', 'Not ESP', 4);
    else if (h.left > 1) h.next('esp');
    h.text('', marked || h.left === 1 ? undefined : '');
  },
};
