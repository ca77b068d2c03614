import { bytes, decimal, flag, type HeaderField, hex, ipv4, ipv6 } from '../header-fields.ts';
import type { HeaderCursor, ProtocolRow } from '../protocol-row.ts';

/** Transports beside TCP and UDP. */

/** RFC 9260 section 3. */
const SCTP = [
  decimal('sctp.srcport', 'Source port', 16),
  decimal('sctp.dstport', 'Destination port', 16),
  hex('sctp.verification_tag', 'Verification tag', 32),
  hex('sctp.checksum', 'Checksum', 32),
];
const CHUNKS = new Map([
  [0, 'DATA'],
  [1, 'INIT'],
  [2, 'INIT ACK'],
  [3, 'SACK'],
  [4, 'HEARTBEAT'],
  [5, 'HEARTBEAT ACK'],
  [6, 'ABORT'],
  [7, 'SHUTDOWN'],
  [8, 'SHUTDOWN ACK'],
  [9, 'ERROR'],
  [10, 'COOKIE ECHO'],
  [11, 'COOKIE ACK'],
  [12, 'ECNE'],
  [13, 'CWR'],
  [14, 'SHUTDOWN COMPLETE'],
  [15, 'AUTH'],
  [64, 'I-DATA'],
  [130, 'RE-CONFIG'],
  [192, 'FORWARD TSN'],
]);
const CHUNK_TYPE = decimal('sctp.chunk_type', 'Type', 8, {
  names: CHUNKS,
  parts: [
    flag('sctp.chunk_bit_1', 'Skip where unknown'),
    flag('sctp.chunk_bit_2', 'Report where unknown'),
    decimal('sctp.chunk_type.number', 'Number', 6),
  ],
});
const CHUNK_FLAGS = hex('sctp.chunk_flags', 'Flags', 8);
const DATA_FLAGS = hex('sctp.chunk_flags', 'Flags', 8, {
  parts: [
    hex('sctp.data_flags_reserved', 'Reserved', 4),
    flag('sctp.data_i_bit', 'Acknowledge at once'),
    flag('sctp.data_u_bit', 'Unordered'),
    flag('sctp.data_b_bit', 'First fragment'),
    flag('sctp.data_e_bit', 'Last fragment'),
  ],
});
const CHUNK_LENGTH = decimal('sctp.chunk_length', 'Length', 16, { unit: 1 });
const DATA = [
  decimal('sctp.data_tsn_raw', 'Transmission sequence number', 32),
  hex('sctp.data_sid', 'Stream', 16),
  decimal('sctp.data_ssn', 'Stream sequence number', 16),
  decimal('sctp.data_payload_proto_id', 'Payload protocol', 32),
];
const init = (name: string): HeaderField[] => [
  hex(`sctp.${name}_initiate_tag`, 'Initiate tag', 32),
  decimal(`sctp.${name}_credit`, 'Receiver window', 32),
  decimal(`sctp.${name}_nr_out_streams`, 'Outbound streams', 16),
  decimal(`sctp.${name}_nr_in_streams`, 'Inbound streams', 16),
  decimal(`sctp.${name}_initial_tsn`, 'Initial sequence number', 32),
];
const SACK = [
  decimal('sctp.sack_cumulative_tsn_ack_raw', 'Cumulative acknowledgment', 32),
  decimal('sctp.sack_a_rwnd', 'Receiver window', 32),
  decimal('sctp.sack_number_of_gap_blocks', 'Gap blocks', 16),
  decimal('sctp.sack_number_of_duplicated_tsns', 'Duplicates', 16),
];
const SACK_GAP = [
  decimal('sctp.sack_gap_block_start', 'Start', 16),
  decimal('sctp.sack_gap_block_end', 'End', 16),
];
const SACK_DUPLICATE = decimal('sctp.sack_duplicate_tsn', 'Duplicate', 32);
const SHUTDOWN = decimal('sctp.shutdown_cumulative_tsn_ack', 'Cumulative acknowledgment', 32);
const PARAMETERS = new Map([
  [1, 'Heartbeat information'],
  [5, 'IPv4 address'],
  [6, 'IPv6 address'],
  [7, 'State cookie'],
  [9, 'Cookie preservative'],
  [11, 'Host name address'],
  [12, 'Supported address types'],
  [0x8000, 'ECN'],
  [0xc000, 'Forward TSN supported'],
]);
const PARAMETER = [
  hex('sctp.parameter_type', 'Type', 16, { names: PARAMETERS }),
  decimal('sctp.parameter_length', 'Length', 16, { unit: 1 }),
] as const;
const PARAMETER_IPV4 = ipv4('sctp.parameter_ipv4_address', 'Address');
const PARAMETER_IPV6 = ipv6('sctp.parameter_ipv6_address', 'Address');
const CAUSE = [
  hex('sctp.cause_code', 'Code', 16),
  decimal('sctp.cause_length', 'Length', 16, { unit: 1 }),
] as const;

const padded = (length: number): number => (length + 3) & ~3;

/** Type, length and value, padded to 4 bytes; the padding of the last may be the chunk's. */
function list(
  h: HeaderCursor,
  name: string,
  label: string,
  head: readonly [type: HeaderField, length: HeaderField],
  value: (type: number, size: number) => void,
): void {
  h.each(name, () => {
    const [type, length] = [h.word(), h.word(2)];
    const said = Math.max(4, length);
    h.group(name, label, said <= h.left ? Math.min(padded(said), h.left) : said, () => {
      h.fields(...head);
      if (length < 4) h.wrong(`says ${length} bytes, at least 4 are needed`, head[1].name);
      value(type, said - 4);
      h.bytes(`${name}_padding`, 'Padding');
    });
    return length >= 4;
  });
}

const parameters = (h: HeaderCursor): void =>
  list(h, 'sctp.parameter', 'Parameter', PARAMETER, (type, size) => {
    if (type === 5 && size === 4) h.fields(PARAMETER_IPV4);
    else if (type === 6 && size === 16) h.fields(PARAMETER_IPV6);
    else h.bytes('sctp.parameter_value', 'Value', size);
  });
const causes = (h: HeaderCursor): void =>
  list(h, 'sctp.cause', 'Cause', CAUSE, (_type, size) =>
    h.bytes('sctp.cause_information', 'Information', size),
  );

function sack(h: HeaderCursor): void {
  h.fields(...SACK);
  let gaps = h.value('sctp.sack_number_of_gap_blocks');
  h.each('sctp.sack_gap_block', () => gaps-- > 0 && void h.fields(...SACK_GAP));
  let duplicates = h.value('sctp.sack_number_of_duplicated_tsns');
  h.each('sctp.sack_duplicate_tsn', () => duplicates-- > 0 && void h.fields(SACK_DUPLICATE));
}

const INIT_ROWS = init('init');
const INIT_ACK_ROWS = init('initack');
/** What each chunk has behind its length; the bytes of every other are shown. */
const CHUNK_VALUES: ReadonlyMap<number, (h: HeaderCursor) => void> = new Map<
  number,
  (h: HeaderCursor) => void
>([
  [
    0,
    (h) => {
      h.fields(...DATA);
      h.bytes('data', 'Data');
    },
  ],
  [
    1,
    (h) => {
      h.fields(...INIT_ROWS);
      parameters(h);
    },
  ],
  [
    2,
    (h) => {
      h.fields(...INIT_ACK_ROWS);
      parameters(h);
    },
  ],
  [3, sack],
  [4, parameters],
  [5, parameters],
  [6, causes],
  [7, (h) => void h.fields(SHUTDOWN)],
  [9, causes],
  [10, (h) => h.bytes('sctp.cookie', 'Cookie')],
]);

/**
 * A chunk; its padding to 4 bytes belongs to no value. Answers its name, or false behind one
 * without a length.
 */
function chunk(h: HeaderCursor): string | undefined {
  const [type, length] = [h.byte(), h.word(2)];
  const name = CHUNKS.get(type) ?? `chunk ${type}`;
  const said = Math.max(4, length);
  h.group('sctp.chunk', name, said <= h.left ? Math.min(padded(said), h.left) : said, () => {
    h.fields(CHUNK_TYPE, type === 0 ? DATA_FLAGS : CHUNK_FLAGS, CHUNK_LENGTH);
    if (length < 4) h.wrong(`says ${length} bytes, at least 4 are needed`, 'sctp.chunk_length');
    h.within(said - 4, () => {
      CHUNK_VALUES.get(type)?.(h);
      h.bytes('sctp.chunk_value', 'Value');
    });
    h.bytes('sctp.chunk_padding', 'Padding');
  });
  return length < 4 ? undefined : name;
}

export const sctp: ProtocolRow = {
  name: 'sctp',
  label: 'SCTP',
  at: { ip: [132], udp: [9899] },
  fresh: [
    {
      label: 'INIT',
      hex: '9c400050 00000000 00000000 01 00 0014 00000001 0000ffff 0001 0001 00000001',
    },
  ],
  read(h) {
    h.fields(...SCTP);
    h.checksum('sctp.checksum', { crc32c: true });
    const names: string[] = [];
    const ports = `${h.value('sctp.srcport')} -> ${h.value('sctp.dstport')}`;
    h.text(ports);
    h.each('sctp.chunk', () => {
      const name = chunk(h);
      if (name !== undefined && names.length < 4) names.push(name);
      return name !== undefined;
    });
    h.text(ports, `SCTP ${ports} [${names.join(' ')}]`);
  },
};

/** RFC 3828 section 3.1: UDP with the bytes that are summed in place of its length, 0 for all. */
const UDP_LITE = [
  decimal('udp.srcport', 'Source port', 16),
  decimal('udp.dstport', 'Destination port', 16),
  decimal('udp.checksum_coverage', 'Bytes that are summed', 16, { unit: 1 }),
  hex('udp.checksum', 'Checksum', 16),
];
const UDP_LITE_PROTOCOL = 136;
export const udpLite: ProtocolRow = {
  name: 'udplite',
  label: 'UDP-Lite',
  at: { ip: [UDP_LITE_PROTOCOL] },
  fresh: [{ hex: '9c401388 0000 ffff' }],
  read(h) {
    h.fields(...UDP_LITE);
    h.text(`${h.value('udp.srcport')} -> ${h.value('udp.dstport')}`);
    const coverage = h.value('udp.checksum_coverage');
    const possible = coverage === 0 || (coverage >= 8 && coverage <= h.total);
    if (!possible)
      h.wrong(`${coverage} bytes cannot be summed, ${h.total} are there`, 'udp.checksum_coverage');
    else h.checksum('udp.checksum', { size: coverage || h.total, pseudo: UDP_LITE_PROTOCOL });
  },
};

/** RFC 4340 section 5. */
const DCCP_TYPES = new Map([
  [0, 'Request'],
  [1, 'Response'],
  [2, 'Data'],
  [3, 'Ack'],
  [4, 'DataAck'],
  [5, 'CloseReq'],
  [6, 'Close'],
  [7, 'Reset'],
  [8, 'Sync'],
  [9, 'SyncAck'],
]);
const DCCP = [
  decimal('dccp.srcport', 'Source port', 16),
  decimal('dccp.dstport', 'Destination port', 16),
  decimal('dccp.data_offset', 'Data offset', 8, { unit: 4 }),
  decimal('dccp.ccval', 'Congestion control value', 4),
  decimal('dccp.cscov', 'Checksum coverage', 4),
  hex('dccp.checksum', 'Checksum', 16),
  hex('dccp.res1', 'Reserved', 3),
  decimal('dccp.type', 'Type', 4, { names: DCCP_TYPES }),
  flag('dccp.x', 'Long sequence numbers'),
];
const DCCP_LONG = [hex('dccp.res2', 'Reserved', 8), decimal('dccp.seq_raw', 'Sequence number', 48)];
const DCCP_SHORT = [decimal('dccp.seq_raw', 'Sequence number', 24)];
const DCCP_ACK_LONG = [
  hex('dccp.ack_res', 'Reserved', 16),
  decimal('dccp.ack_raw', 'Acknowledgment', 48),
];
const DCCP_ACK_SHORT = [
  hex('dccp.ack_res', 'Reserved', 8),
  decimal('dccp.ack_raw', 'Acknowledgment', 24),
];
const DCCP_SERVICE = decimal('dccp.service_code', 'Service', 32);
const DCCP_RESET = [
  decimal('dccp.reset_code', 'Reset code', 8),
  bytes('dccp.reset_data', 'Reset data', 24),
];
const DCCP_PROTOCOL = 33;
const [REQUEST, RESPONSE, DCCP_DATA, RESET] = [0, 1, 2, 7];
export const dccp: ProtocolRow = {
  name: 'dccp',
  label: 'DCCP',
  at: { ip: [DCCP_PROTOCOL] },
  read(h) {
    h.fields(...DCCP);
    const [type, long] = [h.value('dccp.type'), h.value('dccp.x') === 1];
    const ports = `${h.value('dccp.srcport')} -> ${h.value('dccp.dstport')}`;
    h.text(ports, `DCCP ${ports} ${DCCP_TYPES.get(type) ?? `type ${type}`}`);
    h.fields(...(long ? DCCP_LONG : DCCP_SHORT));
    if (DCCP_TYPES.has(type) && type !== REQUEST && type !== DCCP_DATA)
      h.fields(...(long ? DCCP_ACK_LONG : DCCP_ACK_SHORT));
    if (type === REQUEST || type === RESPONSE) h.fields(DCCP_SERVICE);
    if (type === RESET) h.fields(...DCCP_RESET);
    const size = h.value('dccp.data_offset') * 4;
    if (size < h.read || size > h.total) {
      h.wrong(
        `header says ${size} bytes, ` +
          `${size < h.read ? `at least ${h.read} are needed` : `${h.total} are there`}`,
        'dccp.data_offset',
      );
      return;
    }
    h.bytes('dccp.options', 'Options', size - h.read);
    const covered = h.value('dccp.cscov');
    const summed = covered === 0 ? h.total : size + (covered - 1) * 4;
    if (summed > h.total)
      h.wrong(`${summed} bytes cannot be summed, ${h.total} are there`, 'dccp.cscov');
    else h.checksum('dccp.checksum', { size: summed, pseudo: DCCP_PROTOCOL });
  },
};
