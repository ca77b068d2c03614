import {
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
import type { HeaderCursor, HeaderName, ProtocolRow } from '../protocol-row.ts';

/** Headers on the link, beside Ethernet's own. */

/** RFC 3032 section 2.1; the special labels: IANA "Special-Purpose MPLS Label Values". */
const MPLS = [
  decimal('mpls.label', 'Label', 20, {
    names: new Map([
      [0, 'IPv4 explicit null'],
      [1, 'Router alert'],
      [2, 'IPv6 explicit null'],
      [3, 'Implicit null'],
      [7, 'Entropy label indicator'],
      [13, 'Generic associated channel'],
      [14, 'OAM alert'],
    ]),
  }),
  decimal('mpls.exp', 'Traffic class', 3),
  decimal('mpls.bottom', 'Bottom of stack', 1),
  decimal('mpls.ttl', 'Time to live', 8),
];

/** What follows IP's version number, where nothing else says it; data where it is none. */
export const byVersion = (h: HeaderCursor): HeaderName => {
  const version = h.byte() >> 4;
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : 'data';
};

/**
 * Nothing in a label says what is below the stack: the first four bits tell (RFC 4928 section 3).
 */
export const mpls: ProtocolRow = {
  name: 'mpls',
  label: 'MPLS',
  at: { ethertype: [0x8847, 0x8848], ip: [137], udp: [6635], ppp: [0x0281, 0x0283] },
  fresh: [{ hex: '00064040' }],
  follows: { only: ['mpls', 'ipv4', 'ipv6'], bottom: 'mpls.bottom' },
  read(h) {
    h.fields(...MPLS);
    h.text(String(h.value('mpls.label')));
    h.next(h.value('mpls.bottom') === 0 ? 'mpls' : byVersion(h));
  },
};

/** RFC 2516 section 4. */
const PPPOE = [
  decimal('pppoe.version', 'Version', 4),
  decimal('pppoe.type', 'Type', 4),
  hex('pppoe.code', 'Code', 8, {
    names: new Map([
      [0x00, 'Session data'],
      [0x07, 'Offer (PADO)'],
      [0x09, 'Initiation (PADI)'],
      [0x19, 'Request (PADR)'],
      [0x65, 'Session confirmation (PADS)'],
      [0xa7, 'Termination (PADT)'],
    ]),
  }),
  hex('pppoe.session_id', 'Session', 16),
  decimal('pppoe.payload_length', 'Payload length', 16, { unit: 1 }),
];

/** The payload's size as far as it is there. */
function pppoePayload(h: HeaderCursor): number {
  h.fields(...PPPOE);
  const size = h.value('pppoe.payload_length');
  if (size > h.left)
    h.wrong(`header says ${size} bytes, ${h.left} are there`, 'pppoe.payload_length');
  return Math.min(size, h.left);
}

export const pppoeSession: ProtocolRow = {
  name: 'pppoes',
  label: 'PPPoE',
  at: { ethertype: [0x8864] },
  notBehind: ['gre', 'geneve'],
  fresh: [{ hex: '11 00 0001 0000' }],
  follows: { only: ['ppp'] },
  lengths: [{ field: 'pppoe.payload_length', of: 'all', less: 6 }],
  read(h) {
    const size = pppoePayload(h);
    h.text(`session ${h.value('pppoe.session_id')}`);
    h.next('ppp', { size, frame: true });
  },
};

/** RFC 2516 appendix A: values of tags that are text; the others are bytes. */
const TAG_TYPES = new Map([
  [0x0000, 'End of list'],
  [0x0101, 'Service name'],
  [0x0102, 'Access concentrator name'],
  [0x0103, 'Host unique'],
  [0x0104, 'Access concentrator cookie'],
  [0x0105, 'Vendor specific'],
  [0x0110, 'Relay session'],
  [0x0120, 'PPP maximum payload'],
  [0x0201, 'Service name error'],
  [0x0202, 'Access concentrator error'],
  [0x0203, 'Generic error'],
]);
const TAG = [
  hex('pppoed.tag', 'Tag', 16, { names: TAG_TYPES }),
  decimal('pppoed.tag_length', 'Length', 16, { unit: 1 }),
];
const TAG_TEXTS: ReadonlyMap<number, string> = new Map([
  [0x0101, 'pppoed.tags.service_name'],
  [0x0102, 'pppoed.tags.ac_name'],
]);
const TAG_BYTES: ReadonlyMap<number, string> = new Map([
  [0x0103, 'pppoed.tags.host_uniq'],
  [0x0104, 'pppoed.tags.ac_cookie'],
  [0x0110, 'pppoed.tags.relay_session_id'],
]);

export const pppoeDiscovery: ProtocolRow = {
  name: 'pppoed',
  label: 'PPPoE discovery',
  at: { ethertype: [0x8863] },
  notBehind: ['gre', 'geneve'],
  fresh: [{ label: 'initiation (PADI)', hex: '11 09 0000 0000 0101 0000' }],
  lengths: [{ field: 'pppoe.payload_length', of: 'all', less: 6 }],
  read(h) {
    const size = pppoePayload(h);
    h.text(
      fieldNamed(PPPOE, 'pppoe.code').names?.get(h.value('pppoe.code')) ??
        `code ${h.value('pppoe.code')}`,
    );
    if (size === 0) return;
    h.group('pppoed.tags', 'Tags', size, () => {
      h.each('pppoed.tags', () => {
        h.group('pppoed.tags.tag', TAG_TYPES.get(h.word()) ?? 'Tag', 4 + h.word(2), () => {
          const type = h.word();
          h.fields(...TAG);
          const text = TAG_TEXTS.get(type);
          if (text) h.string(text, 'Value');
          else h.bytes(TAG_BYTES.get(type) ?? 'pppoed.tag.unknown_data', 'Value');
        });
        return true;
      });
      return undefined;
    });
    h.next('data', { size: 0, frame: true });
  },
};

const PPP_PROTOCOLS = new Map([
  [0x0021, 'IPv4'],
  [0x0057, 'IPv6'],
  [0x0281, 'MPLS'],
  [0x0283, 'MPLS multicast'],
  [0x8021, 'IPCP'],
  [0x8057, 'IPV6CP'],
  [0x80fd, 'CCP'],
  [0xc021, 'LCP'],
  [0xc023, 'PAP'],
  [0xc223, 'CHAP'],
]);
const PPP_LONG = [hex('ppp.protocol', 'Protocol', 16, { names: PPP_PROTOCOLS })];
const PPP_SHORT = [hex('ppp.protocol', 'Protocol', 8, { names: PPP_PROTOCOLS })];
/** RFC 1662 section 3.1: the HDLC header, which tunnels mostly leave out. */
const PPP_HDLC = [hex('ppp.address', 'Address', 8), hex('ppp.control', 'Control', 8)];

/** RFC 1661 section 2: an odd first byte is the whole protocol number, compressed. */
export const ppp: ProtocolRow = {
  name: 'ppp',
  label: 'PPP',
  at: { ethertype: [0x880b] },
  // Its type is GRE's: no link layer has it.
  notBehind: ['ethernet', 'vlan', 'geneve'],
  fresh: [{ hex: '0021' }],
  follows: { by: 'ppp', fields: ['ppp.protocol'] },
  read(h) {
    if (h.word() === 0xff03) h.fields(...PPP_HDLC);
    const protocol = h.fields(...(h.byte() & 1 ? PPP_SHORT : PPP_LONG));
    const known =
      PPP_PROTOCOLS.get(protocol) ?? `protocol 0x${protocol.toString(16).padStart(4, '0')}`;
    h.text(known, h.nextBy('ppp', protocol) ? '' : `PPP ${known}`);
  },
};

/** IEEE 802.1AB section 8. */
const LLDP_TYPES = new Map([
  [0, 'End'],
  [1, 'Chassis'],
  [2, 'Port'],
  [3, 'Time to live'],
  [4, 'Port description'],
  [5, 'System name'],
  [6, 'System description'],
  [7, 'System capabilities'],
  [8, 'Management address'],
  [127, 'Organization specific'],
]);
const LLDP_TLV = [
  decimal('lldp.tlv.type', 'Type', 7, { names: LLDP_TYPES }),
  decimal('lldp.tlv.len', 'Length', 9, { unit: 1 }),
];
const CHASSIS_SUBTYPE = decimal('lldp.chassis.subtype', 'Subtype', 8, {
  names: new Map([
    [1, 'Chassis component'],
    [2, 'Interface alias'],
    [3, 'Port component'],
    [4, 'MAC address'],
    [5, 'Network address'],
    [6, 'Interface name'],
    [7, 'Locally assigned'],
  ]),
});
const PORT_SUBTYPE = decimal('lldp.port.subtype', 'Subtype', 8, {
  names: new Map([
    [1, 'Interface alias'],
    [2, 'Port component'],
    [3, 'MAC address'],
    [4, 'Network address'],
    [5, 'Interface name'],
    [6, 'Agent circuit'],
    [7, 'Locally assigned'],
  ]),
});
const CHASSIS_MAC = mac('lldp.chassis.id.mac', 'Chassis');
const PORT_MAC = mac('lldp.port.id.mac', 'Port');
const LLDP_SECONDS = decimal('lldp.time_to_live', 'Seconds', 16);
const capabilities = (name: string, label: string): HeaderField =>
  parted(name, label, [
    hex(`${name}.reserved`, 'Reserved', 8),
    flag(`${name}.station_only`, 'Station only'),
    flag(`${name}.docsis_cable_device`, 'DOCSIS cable device'),
    flag(`${name}.telephone`, 'Telephone'),
    flag(`${name}.router`, 'Router'),
    flag(`${name}.wlan_access_pt`, 'WLAN access point'),
    flag(`${name}.bridge`, 'Bridge'),
    flag(`${name}.repeater`, 'Repeater'),
    flag(`${name}.other`, 'Other'),
  ]);
const CAPABILITIES = [
  capabilities('lldp.tlv.system_cap', 'Capabilities'),
  capabilities('lldp.tlv.enable_system_cap', 'Enabled capabilities'),
];
const MANAGEMENT = [
  decimal('lldp.mgn.address.len', 'Address length with subtype', 8),
  decimal('lldp.mgn.address.subtype', 'Address subtype', 8, {
    names: new Map([
      [1, 'IPv4'],
      [2, 'IPv6'],
      [6, 'IEEE 802'],
    ]),
  }),
];
const MANAGEMENT_IPV4 = ipv4('lldp.mgn.addr.ip4', 'Management address');
const MANAGEMENT_IPV6 = ipv6('lldp.mgn.addr.ip6', 'Management address');
const INTERFACE = [
  decimal('lldp.mgn.interface.subtype', 'Interface subtype', 8),
  decimal('lldp.mgn.interface.number', 'Interface number', 32),
  decimal('lldp.mgn.obj.len', 'Object identifier length', 8),
];

function lldpManagement(h: HeaderCursor): void {
  h.fields(...MANAGEMENT);
  const size = h.value('lldp.mgn.address.len') - 1;
  const subtype = h.value('lldp.mgn.address.subtype');
  if (subtype === 1 && size === 4) h.fields(MANAGEMENT_IPV4);
  else if (subtype === 2 && size === 16) h.fields(MANAGEMENT_IPV6);
  else h.bytes('lldp.mgn.addr.hex', 'Management address', Math.max(0, size));
  h.fields(...INTERFACE);
  h.bytes('lldp.mgn.obj.id', 'Object identifier', h.value('lldp.mgn.obj.len'));
}

/** How the value of each type is read; every other is bytes. */
const LLDP_VALUES: ReadonlyMap<number, (h: HeaderCursor) => void> = new Map<
  number,
  (h: HeaderCursor) => void
>([
  [
    1,
    (h) => {
      const subtype = h.fields(CHASSIS_SUBTYPE);
      if (subtype === 4 && h.left === 6) h.fields(CHASSIS_MAC);
      else h.bytes('lldp.chassis.id', 'Chassis');
    },
  ],
  [
    2,
    (h) => {
      const subtype = h.fields(PORT_SUBTYPE);
      if (subtype === 3 && h.left === 6) h.fields(PORT_MAC);
      else if (subtype === 4) h.bytes('lldp.port.network_address', 'Port');
      else h.string('lldp.port.id', 'Port');
    },
  ],
  [3, (h) => void h.fields(LLDP_SECONDS)],
  [4, (h) => h.string('lldp.port.desc', 'Port description')],
  [5, (h) => h.string('lldp.tlv.system.name', 'System name')],
  [6, (h) => h.string('lldp.tlv.system.desc', 'System description')],
  [7, (h) => void h.fields(...CAPABILITIES)],
  [8, lldpManagement],
]);

export const lldp: ProtocolRow = {
  name: 'lldp',
  label: 'LLDP',
  at: { ethertype: [0x88cc] },
  read(h) {
    h.each('lldp.tlv', () => {
      const type = h.byte() >> 1;
      h.group('lldp.tlv', LLDP_TYPES.get(type) ?? 'TLV', 2 + (h.word() & 0x1ff), () => {
        h.fields(...LLDP_TLV);
        LLDP_VALUES.get(type)?.(h);
        h.bytes('lldp.tlv.value', 'Value');
      });
      return type !== 0;
    });
    h.next('data', { size: 0, frame: true });
  },
};

/** IEEE 802.1D section 9.3; times count 1/256 of a second. */
const STP = [
  hex('stp.protocol', 'Protocol', 16),
  decimal('stp.version', 'Version', 8, {
    names: new Map([
      [0, 'Spanning tree'],
      [2, 'Rapid spanning tree'],
      [3, 'Multiple spanning tree'],
      [4, 'Shortest path bridging'],
    ]),
  }),
  hex('stp.type', 'Type', 8, {
    names: new Map([
      [0x00, 'Configuration'],
      [0x02, 'Rapid or multiple spanning tree'],
      [0x80, 'Topology change notification'],
    ]),
  }),
];
const seconds = (name: string, label: string): HeaderField =>
  decimal(name, label, 16, { scale: 1 / 256 });
const STP_FLAGS = hex('stp.flags', 'Flags', 8, {
  parts: [
    flag('stp.flags.tcack', 'Topology change acknowledgment'),
    flag('stp.flags.agreement', 'Agreement'),
    flag('stp.flags.forwarding', 'Forwarding'),
    flag('stp.flags.learning', 'Learning'),
    decimal('stp.flags.port_role', 'Port role', 2),
    flag('stp.flags.proposal', 'Proposal'),
    flag('stp.flags.tc', 'Topology change'),
  ],
});
/** Plain spanning tree knows the first and the last. */
const STP_PLAIN_FLAGS = hex('stp.flags', 'Flags', 8, {
  parts: [
    flag('stp.flags.tcack', 'Topology change acknowledgment'),
    hex('stp.flags.reserved', 'Reserved', 6),
    flag('stp.flags.tc', 'Topology change'),
  ],
});
const STP_CONFIGURATION = [
  decimal('stp.root.prio', 'Root priority', 4, { scale: 4096 }),
  decimal('stp.root.ext', 'Root system extension', 12),
  mac('stp.root.hw', 'Root'),
  decimal('stp.root.cost', 'Root path cost', 32),
  decimal('stp.bridge.prio', 'Bridge priority', 4, { scale: 4096 }),
  decimal('stp.bridge.ext', 'Bridge system extension', 12),
  mac('stp.bridge.hw', 'Bridge'),
  hex('stp.port', 'Port', 16),
  seconds('stp.msg_age', 'Message age in seconds'),
  seconds('stp.max_age', 'Maximum age in seconds'),
  seconds('stp.hello', 'Hello time in seconds'),
  seconds('stp.forward', 'Forward delay in seconds'),
];
const STP_RAPID = decimal('stp.version_1_length', 'Version 1 length', 8);
const TOPOLOGY_CHANGE = 0x80;

export const stp: ProtocolRow = {
  name: 'stp',
  label: 'STP',
  at: { sap: [0x42] },
  read(h) {
    h.fields(...STP);
    const type = h.value('stp.type');
    h.text(fieldNamed(STP, 'stp.type').names?.get(type) ?? `type ${type}`);
    if (type === TOPOLOGY_CHANGE) return;
    h.fields(h.value('stp.version') >= 2 ? STP_FLAGS : STP_PLAIN_FLAGS, ...STP_CONFIGURATION);
    if (h.value('stp.version') >= 2 && h.left > 0) h.fields(STP_RAPID);
  },
};

/** IEEE 802.3 annex 31B. */
const PAUSE = 1;
const MAC_CONTROL = hex('macc.opcode', 'Operation', 16, { names: new Map([[PAUSE, 'Pause']]) });
const PAUSE_TIME = decimal('macc.pause_time', 'Pause time', 16);
export const macControl: ProtocolRow = {
  name: 'macc',
  label: 'Ethernet flow control',
  at: { ethertype: [0x8808] },
  read(h) {
    if (h.fields(MAC_CONTROL) === PAUSE) h.fields(PAUSE_TIME);
  },
};

/** IEEE 802.1X section 11.3. */
const EAPOL = [
  decimal('eapol.version', 'Version', 8),
  decimal('eapol.type', 'Type', 8, {
    names: new Map([
      [0, 'EAP packet'],
      [1, 'Start'],
      [2, 'Logoff'],
      [3, 'Key'],
    ]),
  }),
  decimal('eapol.len', 'Length', 16, { unit: 1 }),
];
export const eapol: ProtocolRow = {
  name: 'eapol',
  label: '802.1X',
  at: { ethertype: [0x888e] },
  read(h) {
    h.fields(...EAPOL);
    const size = h.value('eapol.len');
    if (size > h.left) h.wrong(`header says ${size} bytes, ${h.left} are there`, 'eapol.len');
    h.next('data', { size, frame: true });
  },
};
