import type { BuiltHelperName } from './helpers.ts';
import type { KfuncName } from './kfunc-docs.ts';

/**
 * What is handed to a run from outside and that a helper may ask for: settings of a session, and
 * its network.
 */
export type Surrounding =
  | 'time'
  | 'seed'
  | 'cpu'
  | 'cpus'
  | 'task'
  | 'cgroup'
  | 'devices'
  | 'routes'
  | 'neighbours'
  | 'sockets'
  /** The one that the packet belongs to, found by its headers. */
  | 'socket';

/**
 * What the machine keeps between calls besides memory, maps and fields of structures. shape: where
 * the packet lies and how long it is, which every call that depends on the length asks for. hashed:
 * whether skb->hash holds.
 */
export type HelperState = 'shape' | 'skb' | 'hashed' | 'redirect' | 'random' | 'timers';

/**
 * Where what a helper gives comes from, for the trace of a run (why/trace.ts). Its registers
 * always count, and the fields of structures it asks for; a map it is given counts as a whole.
 */
export interface HelperEffect {
  /**
   * Of the bytes it writes. moved: as they are from another place, new room is zero; computed: out
   * of the bytes it reads; none: it writes none, or always the same.
   */
  readonly bytes: 'moved' | 'computed' | 'none';
  /**
   * What r0 tells: whether the call could be done, by its registers; or something about the bytes
   * it reads.
   */
  readonly answer: 'arguments' | 'contents';
  readonly asks?: readonly Surrounding[];
  readonly reads?: readonly HelperState[];
  readonly writes?: readonly HelperState[];
  /** Whether it can be done depends on how long the packet is, or it tells so. */
  readonly length?: true;
}

const fresh = (...asks: Surrounding[]): HelperEffect => ({
  bytes: 'none',
  answer: 'arguments',
  asks,
});
const moves = (more: Partial<HelperEffect> = {}): HelperEffect => ({
  bytes: 'moved',
  answer: 'arguments',
  ...more,
});
const computes = (more: Partial<HelperEffect> = {}): HelperEffect => ({
  bytes: 'computed',
  answer: 'contents',
  ...more,
});
const REDIRECTS: HelperEffect = { bytes: 'none', answer: 'contents', writes: ['redirect'] };
const SKB = { reads: ['skb'], writes: ['skb', 'shape'], length: true } as const;
const SHAPE = moves({ writes: ['shape'], length: true });
/** How full a buffer is depends on the map alone, which counts anyway. */
const RECORD = computes();
const CLOCK = fresh('time');
const SYN_COOKIE: HelperEffect = { bytes: 'none', answer: 'contents', asks: ['seed', 'time'] };
const LOOKUP: HelperEffect = { bytes: 'none', answer: 'contents', asks: ['cpu'] };

export const HELPER_EFFECTS: Readonly<Record<BuiltHelperName, HelperEffect>> = {
  map_lookup_elem: LOOKUP,
  map_update_elem: computes({ asks: ['cpu'] }),
  map_delete_elem: LOOKUP,
  map_lookup_percpu_elem: { ...LOOKUP, asks: ['cpus'] },
  map_push_elem: { bytes: 'none', answer: 'contents' },
  map_pop_elem: computes(),
  map_peek_elem: computes(),
  for_each_map_elem: LOOKUP,
  timer_init: computes({ reads: ['timers'], writes: ['timers'] }),
  timer_set_callback: computes({ reads: ['timers'], writes: ['timers'] }),
  timer_start: computes({ asks: ['time'], reads: ['timers'], writes: ['timers'] }),
  timer_cancel: computes({ reads: ['timers'], writes: ['timers'] }),
  spin_lock: fresh(),
  spin_unlock: fresh(),
  get_local_storage: fresh('cpu'),
  sk_storage_get: computes(),
  sk_storage_delete: computes(),
  ktime_get_ns: CLOCK,
  ktime_get_boot_ns: CLOCK,
  ktime_get_coarse_ns: CLOCK,
  ktime_get_tai_ns: CLOCK,
  get_prandom_u32: { ...fresh(), reads: ['random'], writes: ['random'] },
  get_smp_processor_id: fresh('cpu'),
  trace_printk: { bytes: 'none', answer: 'contents' },
  trace_vprintk: { bytes: 'none', answer: 'contents' },
  ringbuf_output: RECORD,
  ringbuf_reserve: RECORD,
  ringbuf_submit: fresh(),
  ringbuf_discard: fresh(),
  ringbuf_query: RECORD,
  perf_event_output: { bytes: 'none', answer: 'arguments', asks: ['cpu'], length: true },
  snprintf: computes(),
  strncmp: { bytes: 'none', answer: 'contents' },
  strtol: computes(),
  strtoul: computes(),
  probe_read_kernel: moves(),
  probe_read_kernel_str: computes(),
  dynptr_from_mem: computes(),
  dynptr_read: moves({ length: true }),
  dynptr_write: moves({ length: true }),
  dynptr_data: { bytes: 'none', answer: 'contents' },
  ringbuf_reserve_dynptr: RECORD,
  ringbuf_submit_dynptr: computes(),
  ringbuf_discard_dynptr: computes(),
  get_current_pid_tgid: fresh('task'),
  get_current_uid_gid: fresh('task'),
  get_current_comm: computes({ asks: ['task'] }),
  get_ns_current_pid_tgid: fresh(),
  get_current_cgroup_id: fresh('cgroup'),
  get_current_ancestor_cgroup_id: fresh('cgroup'),
  get_cgroup_classid: fresh('cgroup'),
  skb_cgroup_id: fresh('cgroup', 'socket'),
  skb_ancestor_cgroup_id: fresh('cgroup', 'socket'),
  skb_cgroup_classid: fresh('cgroup', 'socket'),
  sk_cgroup_id: fresh('cgroup', 'socket'),
  sk_ancestor_cgroup_id: fresh('cgroup', 'socket'),
  get_netns_cookie: fresh(),
  get_numa_node_id: fresh(),
  jiffies64: CLOCK,
  tail_call: fresh(),
  loop: fresh(),
  csum_diff: { bytes: 'none', answer: 'contents' },
  redirect: REDIRECTS,
  redirect_map: { ...REDIRECTS, asks: ['cpu'] },
  sk_redirect_map: REDIRECTS,
  sk_redirect_hash: REDIRECTS,
  msg_redirect_map: REDIRECTS,
  msg_redirect_hash: REDIRECTS,
  sk_select_reuseport: { ...REDIRECTS, asks: ['sockets'] },
  xdp_adjust_head: SHAPE,
  xdp_adjust_tail: SHAPE,
  xdp_adjust_meta: SHAPE,
  skb_load_bytes: moves({ length: true }),
  skb_store_bytes: moves({ length: true }),
  l3_csum_replace: { bytes: 'computed', answer: 'arguments', length: true },
  l4_csum_replace: { bytes: 'computed', answer: 'arguments', length: true },
  xdp_load_bytes: moves({ length: true }),
  xdp_store_bytes: moves({ length: true }),
  xdp_get_buff_len: { bytes: 'none', answer: 'arguments', length: true },
  skb_load_bytes_relative: moves({ reads: ['skb'], length: true }),
  skb_pull_data: moves({ length: true }),
  skb_adjust_room: moves(SKB),
  skb_change_head: moves(SKB),
  skb_change_tail: moves(SKB),
  skb_change_proto: moves({ ...SKB, writes: ['skb', 'shape', 'hashed'] }),
  skb_change_type: fresh(),
  skb_vlan_push: moves(SKB),
  // What it takes out of the packet goes into fields.
  skb_vlan_pop: { ...moves(SKB), answer: 'contents' },
  skb_ecn_set_ce: { bytes: 'computed', answer: 'contents', reads: ['skb'], length: true },
  skb_set_tstamp: fresh(),
  csum_update: fresh(),
  csum_level: { ...fresh(), reads: ['skb'], writes: ['skb'] },
  get_hash_recalc: {
    bytes: 'none',
    answer: 'contents',
    reads: ['skb', 'hashed'],
    writes: ['hashed'],
    length: true,
  },
  set_hash: { ...fresh(), writes: ['hashed'] },
  set_hash_invalid: { ...fresh(), writes: ['hashed'] },
  get_route_realm: fresh(),
  clone_redirect: fresh('devices'),
  redirect_peer: REDIRECTS,
  redirect_neigh: REDIRECTS,
  check_mtu: { bytes: 'computed', answer: 'contents', asks: ['devices'], length: true },
  fib_lookup: computes({ asks: ['routes', 'devices', 'neighbours'], length: true }),
  skb_set_tunnel_key: { bytes: 'none', answer: 'contents', reads: ['skb'], writes: ['skb'] },
  skb_get_tunnel_key: computes({ reads: ['skb'] }),
  skb_set_tunnel_opt: { bytes: 'none', answer: 'contents', reads: ['skb'], writes: ['skb'] },
  skb_get_tunnel_opt: computes({ reads: ['skb'] }),
  skb_get_xfrm_state: fresh(),
  msg_apply_bytes: fresh(),
  msg_cork_bytes: fresh(),
  msg_pull_data: SHAPE,
  msg_push_data: SHAPE,
  msg_pop_data: SHAPE,
  tcp_gen_syncookie: SYN_COOKIE,
  tcp_check_syncookie: SYN_COOKIE,
  tcp_raw_gen_syncookie_ipv4: SYN_COOKIE,
  tcp_raw_gen_syncookie_ipv6: SYN_COOKIE,
  tcp_raw_check_syncookie_ipv4: SYN_COOKIE,
  tcp_raw_check_syncookie_ipv6: SYN_COOKIE,
  sk_lookup_tcp: { bytes: 'none', answer: 'contents', asks: ['sockets'] },
  sk_lookup_udp: { bytes: 'none', answer: 'contents', asks: ['sockets'] },
  skc_lookup_tcp: { bytes: 'none', answer: 'contents', asks: ['sockets'] },
  sk_release: fresh(),
  sk_fullsock: fresh('sockets'),
  tcp_sock: fresh('sockets'),
  get_listener_sock: fresh('sockets'),
  sk_assign: { ...fresh('sockets'), writes: ['redirect'] },
  get_socket_cookie: fresh('socket'),
  get_socket_uid: fresh('socket'),
};

const OF_A_DYNPTR: HelperEffect = { bytes: 'none', answer: 'contents' };
const SLICE: HelperEffect = moves({ length: true });

export const KFUNC_EFFECTS: Readonly<Record<KfuncName, HelperEffect>> = {
  bpf_dynptr_from_skb: computes({ length: true }),
  bpf_dynptr_from_xdp: computes({ length: true }),
  bpf_dynptr_slice: SLICE,
  bpf_dynptr_slice_rdwr: SLICE,
  bpf_dynptr_adjust: computes(),
  bpf_dynptr_is_null: OF_A_DYNPTR,
  bpf_dynptr_is_rdonly: OF_A_DYNPTR,
  bpf_dynptr_size: OF_A_DYNPTR,
  bpf_dynptr_clone: computes(),
  bpf_iter_num_new: computes(),
  bpf_iter_num_next: computes(),
  bpf_iter_num_destroy: computes(),
  bpf_xdp_metadata_rx_timestamp: fresh(),
  bpf_xdp_metadata_rx_hash: fresh(),
  bpf_xdp_metadata_rx_vlan_tag: fresh(),
  bpf_rcu_read_lock: fresh(),
  bpf_rcu_read_unlock: fresh(),
  bpf_preempt_disable: fresh(),
  bpf_preempt_enable: fresh(),
};

/** Of what is in no table: all it reads and all that there is. */
export const UNKNOWN_EFFECT: HelperEffect = {
  bytes: 'computed',
  answer: 'contents',
  reads: ['skb', 'hashed', 'redirect', 'random', 'timers'],
  writes: ['shape', 'skb', 'hashed', 'redirect', 'random', 'timers'],
  length: true,
};
