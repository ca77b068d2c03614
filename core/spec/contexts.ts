import type { HookName } from './program-types.ts';

/**
 * Structures a program is given pointers to and that are no plain memory, one row a field:
 * include/uapi/linux/bpf.h for layout, net/core/filter.c (*_is_valid_access) for who may read and
 * write how. Offsets and sizes are bytes. The test beside machine/typed.ts compares every offset,
 * width and direction with the kernel's own answer.
 */
export interface ContextField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /**
   * What a load gives: a number, how long the packet is now, or a pointer (then the load must have
   * the whole width).
   */
  readonly yields: 'number' | 'length' | 'packet-start' | 'packet-end' | 'packet-meta' | 'pointer';
  /** Hooks whose programs may read it; undefined: every hook with this context. */
  readonly read?: readonly HookName[];
  readonly write?: readonly HookName[];
  /**
   * Bytes an access takes at least: a narrow load reads a part; undefined 1. A store has the whole
   * width, but for `scratch`.
   */
  readonly narrowest?: number;
  /** Accesses start in the first so many bytes of it; undefined: anywhere in it. */
  readonly starts?: number;
  /**
   * Bytes the kernel keeps of it, where these are fewer: a store loses the rest. A load of at least
   * that many bytes gives all of it from any offset, and only a narrower one takes its part out
   * (kernel/bpf/verifier.c, convert_ctx_accesses).
   */
  readonly stored?: number;
  /** Behind the bytes that are kept a load finds zeros. */
  readonly zeroTail?: true;
  /** May be written in parts, and two words at once (`cb`). */
  readonly scratch?: true;
  /** Option of the hook, and its value, that the field is there for. */
  readonly only?: readonly [option: string, value: string];
  /** A user may set it before the run. */
  readonly editable: boolean;
  /** Before the run; words: what the packet says. */
  readonly initial: number | InitialFromPacket;
  readonly doc: string;
}

/** What a field takes from the packet and its socket: hooks/initial.ts knows how. */
export type InitialFromPacket =
  | 'length'
  | 'protocol'
  | 'packet-type'
  | 'family'
  | 'ip-protocol'
  | 'remote-ip4'
  | 'local-ip4'
  | `remote-ip6[${0 | 1 | 2 | 3}]`
  | `local-ip6[${0 | 1 | 2 | 3}]`
  | 'remote-port-high'
  | 'remote-port-low'
  | 'local-port';

export type ContextName =
  | 'xdp_md'
  | '__sk_buff'
  | 'sk_msg_md'
  | 'sk_reuseport_md'
  | 'bpf_sk_lookup'
  | 'bpf_nf_ctx';

const TC: readonly HookName[] = ['tc'];
const TC_CGROUP: readonly HookName[] = ['tc', 'cgroup_skb'];
const LWT: readonly HookName[] = ['lwt_in', 'lwt_out', 'lwt_xmit'];
const SOCKET: readonly HookName[] = ['cgroup_skb', 'sk_skb'];
/** Every hook with __sk_buff but the flow dissector, which sees three fields. */
const SKB: readonly HookName[] = ['tc', 'cgroup_skb', 'socket_filter', ...LWT, 'sk_skb'];
const NOT_SK_SKB = SKB.filter((hook) => hook !== 'sk_skb');
/** Packet pointers: all of them can read the packet in place. */
const DIRECT: readonly HookName[] = [...TC_CGROUP, ...LWT, 'sk_skb', 'flow_dissector'];

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
  editable: true,
  initial: 0,
  doc,
  ...more,
});

const words = (
  name: string,
  offset: number,
  count: number,
  doc: string,
  more: Partial<ContextField> = {},
): ContextField[] =>
  Array.from({ length: count }, (_, i) => number(`${name}[${i}]`, offset + 4 * i, doc, more));

type Word = 0 | 1 | 2 | 3;
const address6 = (
  name: string,
  offset: number,
  from: 'remote-ip6' | 'local-ip6',
  more: Partial<ContextField> = {},
): ContextField[] =>
  ([0, 1, 2, 3] as const).map((i: Word) =>
    number(`${name}[${i}]`, offset + 4 * i, 'Network byte order.', {
      initial: `${from}[${i}]`,
      ...more,
    }),
  );

const pointer = (
  name: string,
  offset: number,
  yields: ContextField['yields'],
  doc: string,
  more: Partial<ContextField> = {},
): ContextField => ({
  name,
  offset,
  size: 4,
  yields,
  editable: false,
  initial: 0,
  doc,
  ...more,
});

const skb = (
  name: string,
  offset: number,
  doc: string,
  more: Partial<ContextField> = {},
): ContextField => number(name, offset, doc, { read: SKB, ...more });

export const CONTEXTS = {
  xdp_md: {
    size: 24,
    fields: [
      pointer('data', 0, 'packet-start', 'First byte of the packet.'),
      pointer('data_end', 4, 'packet-end', 'Behind the last byte.'),
      pointer(
        'data_meta',
        8,
        'packet-meta',
        'First byte of the metadata in front of the packet; equal to data where there is none.',
      ),
      number('ingress_ifindex', 12, 'Interface it came in on.', { initial: 1, narrowest: 4 }),
      number('rx_queue_index', 16, 'Receive queue it came in on.', { narrowest: 4 }),
      number('egress_ifindex', 20, 'Interface it goes out on.', {
        narrowest: 4,
        only: ['attach', 'devmap'],
      }),
    ],
  },
  __sk_buff: {
    size: 192,
    fields: [
      skb('len', 0, 'Bytes of the packet.', { yields: 'length', editable: false }),
      skb('pkt_type', 4, 'PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4.', {
        initial: 'packet-type',
        stored: 1,
      }),
      skb('mark', 8, 'Mark that routing, netfilter and tc share.', {
        read: NOT_SK_SKB,
        write: [...TC_CGROUP, ...LWT],
      }),
      skb('queue_mapping', 12, 'Queue plus one.', { write: TC, stored: 2 }),
      skb('protocol', 16, 'EtherType, network byte order.', {
        initial: 'protocol',
        editable: false,
        stored: 2,
      }),
      skb('vlan_present', 20, '1 where the device took a VLAN tag off.'),
      skb('vlan_tci', 24, 'That tag.', { stored: 2 }),
      skb('vlan_proto', 28, 'EtherType of that tag, network byte order.', { stored: 2 }),
      skb('priority', 32, 'Class the packet is queued in.', {
        write: [...TC_CGROUP, ...LWT, 'sk_skb'],
      }),
      skb('ingress_ifindex', 36, 'Interface it came in on.'),
      skb('ifindex', 40, 'Interface it is on now.', { initial: 1 }),
      skb('tc_index', 44, 'Traffic control index.', { write: ['tc', 'sk_skb'], stored: 2 }),
      ...words('cb', 48, 5, 'Scratch words between programs.', {
        read: SKB,
        write: NOT_SK_SKB,
        scratch: true,
      }),
      skb('hash', 68, 'Flow hash.'),
      skb('tc_classid', 72, 'Class a direct-action classifier chooses.', {
        read: TC,
        write: TC,
        stored: 2,
      }),
      pointer('data', 76, 'packet-start', 'First byte of the packet.', { read: DIRECT }),
      pointer('data_end', 80, 'packet-end', 'Behind the last byte that can be read directly.', {
        read: DIRECT,
      }),
      skb('napi_id', 84, 'NAPI instance that received it.'),
      skb('family', 88, 'Address family of the socket.', {
        read: SOCKET,
        initial: 'family',
        stored: 2,
      }),
      skb('remote_ip4', 92, 'Network byte order.', {
        read: SOCKET,
        narrowest: 4,
        initial: 'remote-ip4',
      }),
      skb('local_ip4', 96, 'Network byte order.', {
        read: SOCKET,
        narrowest: 4,
        initial: 'local-ip4',
      }),
      ...address6('remote_ip6', 100, 'remote-ip6', { read: SOCKET, narrowest: 4 }),
      ...address6('local_ip6', 116, 'local-ip6', { read: SOCKET, narrowest: 4 }),
      skb(
        'remote_port',
        132,
        'Network byte order, in the upper half of the word on a little-endian machine.',
        { read: SOCKET, initial: 'remote-port-high', stored: 2 },
      ),
      skb('local_port', 136, 'Host byte order.', {
        read: SOCKET,
        initial: 'local-port',
        stored: 2,
      }),
      pointer(
        'data_meta',
        140,
        'packet-meta',
        'First byte of the metadata in front of the packet.',
        { read: TC },
      ),
      pointer('flow_keys', 144, 'pointer', 'What the flow dissector fills in.', {
        size: 8,
        read: ['flow_dissector'],
      }),
      skb('tstamp', 152, 'Time stamp, ns.', {
        size: 8,
        narrowest: 8,
        read: TC_CGROUP,
        write: TC_CGROUP,
      }),
      skb('wire_len', 160, 'Bytes on the wire, headers of all segments included.', {
        read: TC,
        initial: 'length',
        editable: false,
      }),
      skb('gso_segs', 164, 'Segments it will be cut into.', { stored: 2 }),
      pointer('sk', 168, 'pointer', 'The socket it belongs to, or NULL.', { size: 8, read: SKB }),
      skb('gso_size', 176, 'Bytes of each segment.', { stored: 2 }),
      skb('tstamp_type', 180, 'Clock of the time stamp.', { size: 1, read: TC }),
      skb('hwtstamp', 184, 'Hardware time stamp, ns.', { size: 8, narrowest: 8, read: TC_CGROUP }),
    ],
  },
  sk_msg_md: {
    size: 80,
    fields: [
      pointer('data', 0, 'packet-start', 'First byte of the message.', { size: 8 }),
      pointer('data_end', 8, 'packet-end', 'Behind the last byte that can be read directly.', {
        size: 8,
      }),
      number('family', 16, 'Address family of the socket.', { narrowest: 4, initial: 'family' }),
      number('remote_ip4', 20, 'Network byte order.', { narrowest: 4, initial: 'remote-ip4' }),
      number('local_ip4', 24, 'Network byte order.', { narrowest: 4, initial: 'local-ip4' }),
      ...address6('remote_ip6', 28, 'remote-ip6', { narrowest: 4 }),
      ...address6('local_ip6', 44, 'local-ip6', { narrowest: 4 }),
      number(
        'remote_port',
        60,
        'Network byte order, in the upper half of the word on a little-endian machine.',
        { narrowest: 4, initial: 'remote-port-high' },
      ),
      number('local_port', 64, 'Host byte order.', { narrowest: 4, initial: 'local-port' }),
      number('size', 68, 'Bytes of the message.', {
        narrowest: 4,
        yields: 'length',
        editable: false,
      }),
      pointer('sk', 72, 'pointer', 'The socket that sends.', { size: 8 }),
    ],
  },
  sk_reuseport_md: {
    size: 56,
    fields: [
      pointer('data', 0, 'packet-start', 'The TCP or UDP header.', { size: 8 }),
      pointer('data_end', 8, 'packet-end', 'Behind the last byte that can be read directly.', {
        size: 8,
      }),
      number('len', 16, 'Bytes from the TCP or UDP header on.', {
        yields: 'length',
        editable: false,
      }),
      number('eth_protocol', 20, 'EtherType, network byte order.', {
        narrowest: 2,
        initial: 'protocol',
        editable: false,
        stored: 2,
      }),
      number('ip_protocol', 24, 'IPPROTO_TCP 6, IPPROTO_UDP 17.', {
        initial: 'ip-protocol',
        editable: false,
        stored: 2,
      }),
      number('bind_inany', 28, '1 where the group is bound to any address.'),
      number('hash', 32, 'Hash of the addresses and ports.', { narrowest: 4 }),
      pointer('sk', 40, 'pointer', 'A socket of the group.', { size: 8 }),
      pointer(
        'migrating_sk',
        48,
        'pointer',
        'The socket whose connection is moved; NULL for a new packet.',
        { size: 8 },
      ),
    ],
  },
  bpf_sk_lookup: {
    size: 72,
    fields: [
      pointer('sk', 0, 'pointer', 'The socket bpf_sk_assign chose, or NULL.', { size: 8 }),
      number('family', 8, 'AF_INET 2, AF_INET6 10.', { initial: 'family', stored: 2 }),
      number('protocol', 12, 'IPPROTO_TCP 6, IPPROTO_UDP 17.', {
        initial: 'ip-protocol',
        stored: 2,
      }),
      number('remote_ip4', 16, 'Network byte order.', { initial: 'remote-ip4' }),
      ...address6('remote_ip6', 20, 'remote-ip6'),
      number('remote_port', 36, 'Network byte order, in the first two bytes.', {
        initial: 'remote-port-low',
        stored: 2,
        zeroTail: true,
      }),
      number('local_ip4', 40, 'Network byte order.', { initial: 'local-ip4' }),
      ...address6('local_ip6', 44, 'local-ip6'),
      number('local_port', 60, 'Host byte order.', { initial: 'local-port', stored: 2 }),
      number('ingress_ifindex', 64, 'Interface the packet came in on.', { initial: 1 }),
    ],
  },
  bpf_nf_ctx: {
    size: 16,
    fields: [
      pointer('state', 0, 'pointer', 'struct nf_hook_state: which hook of which protocol family.', {
        size: 8,
      }),
      pointer('skb', 8, 'pointer', 'struct sk_buff, for bpf_dynptr_from_skb.', { size: 8 }),
    ],
  },
} as const satisfies Record<ContextName, { size: number; fields: readonly ContextField[] }>;

export const contextFields = (name: ContextName): readonly ContextField[] => CONTEXTS[name].fields;
