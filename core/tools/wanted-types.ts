import type { Wanted } from './select-types.ts';

const whole = (...names: string[]): Wanted[] => names.map((name) => ({ name }));
const part = (name: string, ...members: string[]): Wanted => ({ name, members });

/** Types of the kernel that packet programs read, for the bundled BTF; what lies in them by value comes along. */
export const KERNEL_TYPES: readonly Wanted[] = [
  // contexts and what they are made of
  ...whole(
    '__sk_buff',
    'xdp_md',
    'sk_buff',
    'skb_shared_info',
    'xdp_buff',
    'xdp_frame',
    'xdp_rxq_info',
    'xdp_txq_info',
  ),
  ...whole('xdp_mem_info', 'nf_hook_state', 'bpf_nf_ctx', 'sk_msg_md', 'sk_reuseport_md'),
  // sockets
  ...whole('sock_common', 'sock', 'socket', 'inet_sock', 'inet_connection_sock', 'tcp_sock', 'udp_sock', 'raw_sock'),
  ...whole('request_sock', 'inet_request_sock', 'tcp_request_sock', 'inet_timewait_sock', 'tcp_timewait_sock'),
  ...whole('ipv6_pinfo', 'tcp6_sock', 'udp6_sock', 'tcp_skb_cb', 'sock_cgroup_data'),
  // devices, routes, connections
  ...whole('bpf_map', 'neighbour', 'napi_struct', 'netdev_queue', 'Qdisc', 'in_device', 'inet6_dev', 'unix_sock'),
  ...whole('net_device', 'dst_entry', 'rtable', 'flowi4', 'flowi6', 'nf_conn', 'nf_conntrack_tuple'),
  part('net', 'ns', 'ifindex', 'count', 'hash_mix', 'net_cookie'),
  part('task_struct', 'pid', 'tgid', 'comm', 'real_parent', 'parent', 'group_leader', 'flags', 'prio', 'start_time'),
  // headers
  ...whole('ethhdr', 'vlan_hdr', 'vlan_ethhdr', 'arphdr', 'iphdr', 'ipv6hdr', 'ipv6_opt_hdr', 'frag_hdr'),
  ...whole('tcphdr', 'udphdr', 'icmphdr', 'icmp6hdr', 'sctphdr', 'gre_base_hdr', 'ip_auth_hdr', 'ip_esp_hdr'),
  ...whole('in_addr', 'in6_addr', 'sockaddr', 'sockaddr_in', 'sockaddr_in6'),
  // flows
  ...whole('flow_keys', 'bpf_flow_keys'),
  // uapi of bpf
  ...whole('bpf_sock', 'bpf_tcp_sock', 'bpf_sock_tuple', 'bpf_sock_addr', 'bpf_sock_ops', 'bpf_sk_lookup'),
  ...whole('bpf_fib_lookup', 'bpf_tunnel_key', 'bpf_xfrm_state', 'bpf_redir_neigh', 'bpf_devmap_val', 'bpf_cpumap_val'),
  ...whole('bpf_spin_lock', 'bpf_timer', 'bpf_dynptr', 'bpf_lpm_trie_key_u8', 'bpf_perf_event_value', 'btf_ptr'),
  ...whole('bpf_map_type', 'bpf_prog_type', 'bpf_attach_type', 'bpf_link_type', 'bpf_func_id', 'bpf_ret_code'),
  ...whole('bpf_adj_room_mode', 'bpf_hdr_start_off', 'bpf_lwt_encap_mode', 'xdp_action'),
  // enumerations of the network
  ...whole('skb_drop_reason', 'pkt_hash_types', 'xdp_mem_type', 'nf_inet_hooks', 'nf_dev_hooks', 'sock_type'),
  ...whole('nf_ip_hook_priorities', 'ip_conntrack_info', 'ip_conntrack_status', 'tcp_ca_state'),
  // names of numbers
  ...whole('__u8', '__u16', '__u32', '__u64', '__s8', '__s16', '__s32', '__s64', '__be16', '__be32', '__wsum'),
  ...whole('u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'size_t', 'bool', 'pid_t', '__sum16', '__be64'),
];
