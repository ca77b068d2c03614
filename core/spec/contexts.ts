import type { HookName } from './program-types.ts';

/**
 * Context structures, one row a field: include/uapi/linux/bpf.h for layout, net/core/filter.c (*_is_valid_access) for
 * who may read and write. Offsets and sizes are bytes.
 */
export interface ContextField {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** What a load gives: a number, or a pointer into the packet (then the load must have the whole width). */
  readonly yields: 'number' | 'packet-start' | 'packet-end' | 'packet-meta' | 'pointer';
  /** Hooks whose programs may read it; undefined: every hook with this context. */
  readonly read?: readonly HookName[];
  readonly write?: readonly HookName[];
  /** Every access must have the whole width. */
  readonly whole?: true;
  /** A user may set it before the run. */
  readonly editable: boolean;
  /** Before the run; words: what the packet says. */
  readonly initial: number | InitialFromPacket;
  readonly doc: string;
}

/** Its length, EtherType, and how its destination address is meant for us. */
export type InitialFromPacket = 'length' | 'protocol' | 'packet-type';

export type ContextName = 'xdp_md' | '__sk_buff';

const TC: readonly HookName[] = ['tc'];
const CGROUP: readonly HookName[] = ['cgroup_skb'];
const DIRECT: readonly HookName[] = ['tc', 'cgroup_skb'];
const ALL_SKB: readonly HookName[] = ['tc', 'cgroup_skb', 'socket_filter'];

const number = (name: string, offset: number, doc: string, more: Partial<ContextField> = {}): ContextField => ({
  name,
  offset,
  size: 4,
  yields: 'number',
  editable: true,
  initial: 0,
  doc,
  ...more,
});

const words = (name: string, offset: number, count: number, doc: string, more: Partial<ContextField> = {}): ContextField[] => Array.from({ length: count }, (_, i) => number(`${name}[${i}]`, offset + 4 * i, doc, more));

const pointer = (name: string, offset: number, yields: ContextField['yields'], doc: string, more: Partial<ContextField> = {}): ContextField => ({
  name,
  offset,
  size: 4,
  yields,
  editable: false,
  initial: 0,
  whole: true,
  doc,
  ...more,
});

export const CONTEXTS = {
  xdp_md: {
    size: 24,
    fields: [
      pointer('data', 0, 'packet-start', 'First byte of the packet.'),
      pointer('data_end', 4, 'packet-end', 'Behind the last byte.'),
      pointer('data_meta', 8, 'packet-meta', 'First byte of the metadata in front of the packet; equal to data where there is none.'),
      number('ingress_ifindex', 12, 'Interface it came in on.', { initial: 1 }),
      number('rx_queue_index', 16, 'Receive queue it came in on.'),
      number('egress_ifindex', 20, 'Interface it goes out on; only for programs of a devmap.'),
    ],
  },
  __sk_buff: {
    size: 192,
    fields: [
      number('len', 0, 'Bytes of the packet.', { initial: 'length', editable: false }),
      number('pkt_type', 4, 'PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4.', { initial: 'packet-type' }),
      number('mark', 8, 'Mark that routing, netfilter and tc share.', { write: DIRECT }),
      number('queue_mapping', 12, 'Queue plus one.', { write: TC }),
      number('protocol', 16, 'EtherType, network byte order.', { initial: 'protocol', editable: false }),
      number('vlan_present', 20, '1 where the device took a VLAN tag off.'),
      number('vlan_tci', 24, 'That tag.'),
      number('vlan_proto', 28, 'EtherType of that tag, network byte order.'),
      number('priority', 32, 'Class the packet is queued in.', { write: DIRECT }),
      number('ingress_ifindex', 36, 'Interface it came in on.'),
      number('ifindex', 40, 'Interface it is on now.', { initial: 1 }),
      number('tc_index', 44, 'Traffic control index.', { write: TC }),
      ...words('cb', 48, 5, 'Scratch words between programs.', { write: ALL_SKB }),
      number('hash', 68, 'Flow hash.'),
      number('tc_classid', 72, 'Class a direct-action classifier chooses.', { read: TC, write: TC }),
      pointer('data', 76, 'packet-start', 'First byte of the packet.', { read: DIRECT }),
      pointer('data_end', 80, 'packet-end', 'Behind the last byte that can be read directly.', { read: DIRECT }),
      number('napi_id', 84, 'NAPI instance that received it.'),
      number('family', 88, 'Address family of the socket.', { read: CGROUP, whole: true }),
      number('remote_ip4', 92, 'Network byte order.', { read: CGROUP, whole: true }),
      number('local_ip4', 96, 'Network byte order.', { read: CGROUP, whole: true }),
      ...words('remote_ip6', 100, 4, 'Network byte order.', { read: CGROUP, whole: true }),
      ...words('local_ip6', 116, 4, 'Network byte order.', { read: CGROUP, whole: true }),
      number('remote_port', 132, 'Network byte order, in the upper half of the word.', { read: CGROUP, whole: true }),
      number('local_port', 136, 'Host byte order.', { read: CGROUP, whole: true }),
      pointer('data_meta', 140, 'packet-meta', 'First byte of the metadata in front of the packet.', { read: TC }),
      { name: 'flow_keys', offset: 144, size: 8, yields: 'pointer', read: [], editable: false, initial: 0, whole: true, doc: 'Only for flow dissectors.' },
      number('tstamp', 152, 'Time stamp, ns.', { size: 8, whole: true, read: DIRECT, write: DIRECT }),
      number('wire_len', 160, 'Bytes on the wire, headers of all segments included.', { read: TC, initial: 'length', editable: false }),
      number('gso_segs', 164, 'Segments it will be cut into.'),
      { name: 'sk', offset: 168, size: 8, yields: 'pointer', read: ALL_SKB, editable: false, initial: 0, whole: true, doc: 'Socket; NULL here.' },
      number('gso_size', 176, 'Bytes of each segment.'),
      number('tstamp_type', 180, 'Clock of the time stamp.', { size: 1, read: TC }),
      number('hwtstamp', 184, 'Hardware time stamp, ns.', { size: 8, whole: true, read: DIRECT }),
    ],
  },
} as const satisfies Record<ContextName, { size: number; fields: readonly ContextField[] }>;

export const contextFields = (name: ContextName): readonly ContextField[] => CONTEXTS[name].fields;
