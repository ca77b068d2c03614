import { HELPER_AVAILABILITY } from './helper-availability.generated.ts';
import { HELPER_LIST } from './helper-list.generated.ts';
import { HELPER_PROTOTYPES } from './helper-prototypes.generated.ts';
import type { HookName } from './program-types.ts';
import type { Prototype } from './prototypes.ts';

/** One for all hooks, or several, each with the hooks it is for. */
export type Prototypes =
  | Prototype
  | readonly (Prototype & { readonly hooks: readonly HookName[] })[];

/** A helper of the uapi: which hooks may call it, and what it does, where it is built here. */
export interface HelperRow {
  readonly id: number;
  /** Without bpf_. */
  readonly name: string;
  /** C signature. */
  readonly signature: string;
  /** Registers it takes, r1 on. */
  readonly parameters: number;
  /** What it takes, answers and does; none: no hook may call it. */
  readonly prototypes: Prototypes;
  /** Program types whose programs the kernel lets call it. */
  readonly hooks: readonly HookName[];
  /** What it does; undefined: known, not built here. */
  readonly doc: string | undefined;
  /** Why it is not built, for those that some packet program may call. */
  readonly refused: string | undefined;
}

/**
 * What is built, by family. Who may call it is the kernel's own answer
 * (helper-availability.generated.ts).
 */
export const BUILT_HELPERS = {
  // maps
  map_lookup_elem: 'Finds the value for a key; NULL where there is none.',
  map_update_elem: 'Puts a value in for a key.',
  map_delete_elem: 'Takes a key out.',
  map_lookup_percpu_elem: 'Finds the value a key has on a CPU; NULL where there is none.',
  map_push_elem: 'Puts a value into a queue, stack or bloom filter.',
  map_pop_elem: 'Takes the next value out of a queue or stack.',
  map_peek_elem: 'Looks at the next value of a queue or stack, or asks a bloom filter for one.',
  for_each_map_elem: 'Calls a function of the program for each entry of a map.',
  timer_init: 'Makes the timer in a map value ready.',
  timer_set_callback: 'Says which function of the program a timer calls.',
  timer_start: 'Arms a timer: its function is called when the time has passed.',
  timer_cancel: 'Disarms a timer and forgets its function.',
  spin_lock: 'Takes the lock in a map value.',
  spin_unlock: 'Gives the lock in a map value back.',
  get_local_storage: 'The storage of the cgroup the program is attached to.',
  sk_storage_get: 'The storage a socket has in a map; NULL where it has none.',
  sk_storage_delete: 'Takes the storage a socket has in a map away.',
  // time, chance, place
  ktime_get_ns: 'Nanoseconds since boot, without the time asleep.',
  ktime_get_boot_ns: 'Nanoseconds since boot, with the time asleep.',
  ktime_get_coarse_ns: 'Nanoseconds since boot as of the last tick.',
  ktime_get_tai_ns: 'Nanoseconds of international atomic time.',
  get_prandom_u32: 'A pseudo-random number.',
  get_smp_processor_id: 'The CPU the program runs on.',
  // output
  trace_printk: 'Writes a line to the trace, with up to three values.',
  trace_vprintk: 'Writes a line to the trace, with values from an array.',
  ringbuf_output: 'Copies a record into a ring buffer.',
  ringbuf_reserve: 'Makes room for a record in a ring buffer; NULL where there is none.',
  ringbuf_submit: 'Gives a reserved record to the reader.',
  ringbuf_discard: 'Drops a reserved record.',
  ringbuf_query: 'How full a ring buffer is, and where its ends are.',
  perf_event_output: 'Sends a record, and bytes of the packet behind it, as a perf event.',
  snprintf: 'Puts text with values into memory.',
  strncmp: 'Compares text with a constant.',
  strtol: 'Reads a number with sign from text.',
  strtoul: 'Reads a number from text.',
  probe_read_kernel: 'Copies memory that may not be there.',
  probe_read_kernel_str: 'Copies text that may not be there.',
  // dynptrs
  dynptr_from_mem: 'A dynptr of memory.',
  dynptr_read: 'Copies bytes out of what a dynptr is of.',
  dynptr_write: 'Copies bytes into what a dynptr is of.',
  dynptr_data: 'Bytes of a dynptr, for direct access; NULL where they are not there.',
  ringbuf_reserve_dynptr: 'Makes room for a record in a ring buffer, as a dynptr.',
  ringbuf_submit_dynptr: 'Gives a reserved record to the reader.',
  ringbuf_discard_dynptr: 'Drops a reserved record.',
  // who and where
  get_current_pid_tgid: 'Ids of the process and thread that runs when the packet comes.',
  get_current_uid_gid: 'Its user and group.',
  get_current_comm: 'Its name.',
  get_ns_current_pid_tgid: 'Its ids in a namespace; it is in none here.',
  get_current_cgroup_id: 'Id of its cgroup.',
  get_current_ancestor_cgroup_id: 'Id of its cgroup at a level.',
  get_cgroup_classid: 'net_cls class of its cgroup.',
  skb_cgroup_id: "Id of the cgroup of the packet's socket.",
  skb_ancestor_cgroup_id: "Id of the cgroup of the packet's socket at a level.",
  skb_cgroup_classid: "net_cls class of the packet's socket.",
  sk_cgroup_id: 'Id of the cgroup of a socket.',
  sk_ancestor_cgroup_id: 'Id of the cgroup of a socket at a level.',
  get_netns_cookie: 'A number that tells the network namespace.',
  get_numa_node_id: 'The NUMA node of the CPU.',
  jiffies64: 'Ticks since boot, 250 a second.',
  // flow of control
  tail_call: 'Goes on in another program of a prog array, without coming back.',
  loop: 'Calls a function of the program a number of times.',
  // packets
  csum_diff: 'Difference that bytes taken out and put in make to a checksum.',
  redirect: 'Asks for the packet to go to another interface.',
  redirect_map: 'Asks for the packet to go to an entry of a device, CPU or socket map.',
  sk_redirect_map: 'Asks for the packet to go to a socket of a sockmap.',
  sk_redirect_hash: 'Asks for the packet to go to a socket of a sockhash.',
  msg_redirect_map: 'Asks for the message to go to a socket of a sockmap.',
  msg_redirect_hash: 'Asks for the message to go to a socket of a sockhash.',
  sk_select_reuseport: 'Chooses the socket of a reuseport group.',
  xdp_adjust_head: 'Moves the start of the packet.',
  xdp_adjust_tail: 'Moves the end of the packet.',
  xdp_adjust_meta: 'Moves the start of the metadata in front of the packet.',
  skb_load_bytes: 'Copies bytes out of the packet.',
  skb_store_bytes: 'Copies bytes into the packet.',
  l3_csum_replace: 'Corrects an IP checksum for a changed field.',
  l4_csum_replace: 'Corrects a TCP, UDP or ICMP checksum for a changed field.',
  xdp_load_bytes: 'Copies bytes out of the packet, whatever pieces it lies in.',
  xdp_store_bytes: 'Copies bytes into the packet, whatever pieces it lies in.',
  xdp_get_buff_len: 'Bytes of the packet in all its pieces.',
  skb_load_bytes_relative:
    'Copies bytes out of the packet, counted from its link or network header.',
  skb_pull_data: 'Has bytes of the packet in one piece, for direct access.',
  skb_adjust_room: 'Makes or takes room behind the link or network header, for tunnels.',
  skb_change_head: 'Makes room in front of the packet.',
  skb_change_tail: 'Makes the packet longer or shorter.',
  skb_change_proto: 'Makes room for IPv6 in place of IPv4, or the other way round.',
  skb_change_type: 'Changes for whom the packet is taken to be.',
  skb_vlan_push: 'Puts a VLAN tag on.',
  skb_vlan_pop: 'Takes a VLAN tag off.',
  skb_ecn_set_ce: 'Marks that the packet met congestion.',
  skb_set_tstamp: 'Sets the time stamp and its clock.',
  csum_update: 'Corrects the sum a device made of the whole packet.',
  csum_level: 'Asks or changes how many checksums the device has found right.',
  get_hash_recalc: 'The flow hash, worked out where it is not known.',
  set_hash: 'Sets the flow hash.',
  set_hash_invalid: 'Forgets the flow hash.',
  get_route_realm: 'Realm of the route of the packet.',
  clone_redirect: 'Sends a copy of the packet to another interface.',
  redirect_peer: 'Asks for the packet to go to the peer of an interface, in its namespace.',
  redirect_neigh:
    'Asks for the packet to go to another interface, with the link header of a neighbour.',
  check_mtu: 'Whether the packet fits the MTU of an interface.',
  fib_lookup: 'Finds the next hop in the routing table, and its link address.',
  skb_set_tunnel_key: 'Sets what a tunnel device will send the packet with.',
  skb_get_tunnel_key: 'What the packet came through a tunnel with.',
  skb_set_tunnel_opt: 'Sets options of the tunnel.',
  skb_get_tunnel_opt: 'Options the packet came through a tunnel with.',
  skb_get_xfrm_state: 'What IPsec did to the packet; nothing here.',
  // messages
  msg_apply_bytes: 'For how many bytes the verdict is.',
  msg_cork_bytes: 'How many bytes must be there before the program runs again.',
  msg_pull_data: 'Bytes of the message for direct access.',
  msg_push_data: 'Makes room in the message.',
  msg_pop_data: 'Takes bytes out of the message.',
  // SYN cookies
  tcp_gen_syncookie: 'A SYN cookie for a listening socket.',
  tcp_check_syncookie: 'Whether an ACK brings a SYN cookie of a listening socket back.',
  tcp_raw_gen_syncookie_ipv4: 'A SYN cookie, without a socket.',
  tcp_raw_gen_syncookie_ipv6: 'A SYN cookie, without a socket.',
  tcp_raw_check_syncookie_ipv4: 'Whether an ACK brings a SYN cookie back.',
  tcp_raw_check_syncookie_ipv6: 'Whether an ACK brings a SYN cookie back.',
  // sockets
  sk_lookup_tcp: 'The TCP socket that a packet would reach; NULL where there is none.',
  sk_lookup_udp: 'The UDP socket that a packet would reach; NULL where there is none.',
  skc_lookup_tcp: 'As bpf_sk_lookup_tcp, also for connections that are not complete yet.',
  sk_release: 'Gives a socket that was looked up back.',
  sk_fullsock: 'The socket with all its fields; NULL for a request or a last wait.',
  tcp_sock: 'The TCP side of a socket; NULL where it has none.',
  get_listener_sock: 'The listening socket; NULL for any other.',
  sk_assign: 'Chooses the socket that the packet goes to.',
  get_socket_cookie: 'A number that tells the socket from every other; 0 without socket.',
  get_socket_uid: 'The user that owns the socket.',
} as const satisfies Record<string, string>;

export type BuiltHelperName = keyof typeof BUILT_HELPERS;

const NO_TASK = 'there is no task whose memory or state it could look at';
const NO_COUNTERS = 'there are no hardware counters';
const KERNEL_STRUCTURE = 'it gives a structure of the kernel itself, which is not there';
const NO_KERNEL_VARIABLES = 'there are no variables of a kernel';
/** Helpers that some packet program may call and that are left out on purpose: why. */
export const REFUSED_HELPERS = {
  perf_event_read: NO_COUNTERS,
  perf_event_read_value: NO_COUNTERS,
  get_branch_snapshot: NO_COUNTERS,
  get_current_task: NO_TASK,
  get_current_task_btf: NO_TASK,
  task_pt_regs: NO_TASK,
  get_task_stack: NO_TASK,
  task_storage_get: NO_TASK,
  task_storage_delete: NO_TASK,
  current_task_under_cgroup: NO_TASK,
  probe_read_user: NO_TASK,
  probe_read_user_str: NO_TASK,
  copy_from_user: NO_TASK,
  copy_from_user_task: NO_TASK,
  find_vma: NO_TASK,
  send_signal: NO_TASK,
  send_signal_thread: NO_TASK,
  kptr_xchg: 'it moves pointers to objects of a kernel, and there are none',
  cgrp_storage_get: 'packet programs have no way to a struct cgroup here',
  cgrp_storage_delete: 'packet programs have no way to a struct cgroup here',
  skc_to_tcp6_sock: KERNEL_STRUCTURE,
  skc_to_tcp_sock: KERNEL_STRUCTURE,
  skc_to_tcp_timewait_sock: KERNEL_STRUCTURE,
  skc_to_tcp_request_sock: KERNEL_STRUCTURE,
  skc_to_udp6_sock: KERNEL_STRUCTURE,
  skc_to_unix_sock: KERNEL_STRUCTURE,
  skc_to_mptcp_sock: KERNEL_STRUCTURE,
  skb_under_cgroup: 'its map holds cgroups that user space opened, of which there are none',
  lwt_push_encap:
    'what it makes depends on the route the packet has been given, which is not there',
  user_ringbuf_drain: 'there is no user space that would write records',
  snprintf_btf: 'it prints structures of a kernel, which is not there',
  per_cpu_ptr: NO_KERNEL_VARIABLES,
  this_cpu_ptr: NO_KERNEL_VARIABLES,
} as const satisfies Record<string, string>;

const PROTOTYPES: Readonly<Partial<Record<string, Prototypes>>> &
  Readonly<Record<BuiltHelperName, Prototypes>> = HELPER_PROTOTYPES;

function parameterCount(signature: string): number {
  const list = signature.slice(signature.indexOf('(') + 1, signature.lastIndexOf(')')).trim();
  if (list === 'void' || list === '') return 0;
  return list.includes('...') ? 5 : list.split(',').length;
}

const LINUX_HOOKS = Object.keys(HELPER_AVAILABILITY) as (keyof typeof HELPER_AVAILABILITY)[];

export const HELPERS: readonly HelperRow[] = HELPER_LIST.map(([id, name, signature]) => ({
  id,
  name,
  signature,
  parameters: parameterCount(signature),
  prototypes: PROTOTYPES[name] ?? [],
  hooks: LINUX_HOOKS.filter((hook) =>
    (HELPER_AVAILABILITY[hook] as readonly number[]).includes(id),
  ),
  doc: (BUILT_HELPERS as Readonly<Record<string, string>>)[name],
  refused: (REFUSED_HELPERS as Readonly<Record<string, string>>)[name],
}));

const byId = new Map(HELPERS.map((row) => [row.id, row]));
const byName = new Map(HELPERS.map((row) => [row.name, row]));

/** The prototype of a helper in a hook; undefined where the hook may not call it. */
export function prototypeOf({ prototypes }: HelperRow, hook: HookName): Prototype | undefined {
  if ('returns' in prototypes) return prototypes;
  return prototypes.find(({ hooks }) => hooks.includes(hook));
}

export const helperById = (id: number): HelperRow | undefined => byId.get(id);
/** By its name with or without bpf_. */
export const helperByName = (name: string): HelperRow | undefined =>
  byName.get(name.replace(/^bpf_/, ''));

/** filter-ubpf's own six (the series' /ebpf/ubpf.c), by number. */
export const FILTER_UBPF_HELPERS = [
  {
    id: 0,
    name: 'gather_bytes',
    parameters: 5,
    doc: 'Puts the low bytes of five arguments together.',
  },
  { id: 1, name: 'memfrob', parameters: 2, doc: 'Inverts bits 1, 3 and 5 of each byte.' },
  { id: 2, name: 'trash_registers', parameters: 0, doc: 'Overwrites the registers a call may.' },
  { id: 3, name: 'sqrti', parameters: 1, doc: 'Integer square root.' },
  { id: 4, name: 'strcmp_ext', parameters: 2, doc: 'Compares two strings.' },
  { id: 5, name: 'unwind', parameters: 1, doc: 'Ends the program where its argument is 0.' },
] as const;
