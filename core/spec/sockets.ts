import type { ContextField } from './contexts.ts';

/**
 * Sockets as programs see them, one row a field: struct bpf_sock and struct bpf_tcp_sock of
 * include/uapi/linux/bpf.h. Before bpf_sk_fullsock four of the fields may not be read
 * (net/core/filter.c, bpf_sock_common_is_valid_access).
 */
const number = (
  name: string,
  offset: number,
  doc: string,
  more: Partial<ContextField> = {},
): ContextField => ({
  name,
  offset,
  size: 4,
  yields: 'number',
  editable: false,
  initial: 0,
  doc,
  ...more,
});

const words = (name: string, offset: number): ContextField[] =>
  Array.from({ length: 4 }, (_, i) =>
    number(`${name}[${i}]`, offset + 4 * i, 'Network byte order.', { narrowest: 4 }),
  );

export const BPF_SOCK = {
  size: 80,
  fields: [
    number('bound_dev_if', 0, 'Interface it is bound to.', { narrowest: 4 }),
    number('family', 4, 'AF_INET 2, AF_INET6 10.', { starts: 1, stored: 2 }),
    number('type', 8, 'SOCK_STREAM 1, SOCK_DGRAM 2.', { starts: 1, stored: 2 }),
    number('protocol', 12, 'IPPROTO_TCP 6, IPPROTO_UDP 17.', { starts: 1, stored: 2 }),
    number('mark', 16, 'Mark of what it sends.', { narrowest: 4 }),
    number('priority', 20, 'Priority of what it sends.', { narrowest: 4 }),
    number('src_ip4', 24, 'Local address, network byte order.'),
    ...words('src_ip6', 28).map((row) => ({ ...row, narrowest: 1 })),
    number('src_port', 44, 'Local port, host byte order.', { starts: 1, stored: 2 }),
    number('dst_port', 48, 'Remote port, network byte order.', { starts: 2, stored: 2 }),
    number('dst_ip4', 52, 'Remote address, network byte order.'),
    ...words('dst_ip6', 56).map((row) => ({ ...row, narrowest: 1 })),
    number('state', 72, 'TCP_ESTABLISHED 1, TCP_CLOSE 7, TCP_LISTEN 10.', { starts: 1, stored: 1 }),
    number('rx_queue_mapping', 76, 'Receive queue, -1 where there is none.', { starts: 1 }),
  ],
} as const satisfies { size: number; fields: readonly ContextField[] };

/** Fields that are only there once the socket is known to be a full one. */
export const FULL_SOCKET_FIELDS: ReadonlySet<string> = new Set([
  'type',
  'protocol',
  'mark',
  'priority',
]);

const TCP_WORDS = [
  'snd_cwnd',
  'srtt_us',
  'rtt_min',
  'snd_ssthresh',
  'rcv_nxt',
  'snd_nxt',
  'snd_una',
  'mss_cache',
  'ecn_flags',
  'rate_delivered',
  'rate_interval_us',
  'packets_out',
  'retrans_out',
  'total_retrans',
  'segs_in',
  'data_segs_in',
  'segs_out',
  'data_segs_out',
  'lost_out',
  'sacked_out',
];
const TCP_TAIL = ['dsack_dups', 'delivered', 'delivered_ce', 'icsk_retransmits'];

/** Twenty words, two counters of bytes, four words. */
export const BPF_TCP_SOCK = {
  size: 112,
  fields: [
    ...TCP_WORDS.map((name, i) => number(name, 4 * i, 'As in struct tcp_sock.', { narrowest: 4 })),
    number('bytes_received', 80, 'Bytes that arrived in order.', { size: 8, narrowest: 8 }),
    number('bytes_acked', 88, 'Bytes that were acknowledged.', { size: 8, narrowest: 8 }),
    ...TCP_TAIL.map((name, i) =>
      number(name, 96 + 4 * i, 'As in struct tcp_sock.', { narrowest: 4 }),
    ),
  ],
} as const satisfies { size: number; fields: readonly ContextField[] };
