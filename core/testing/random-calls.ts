import type { BuiltHelperName } from '../spec/helpers.ts';

/**
 * An argument of a helper call of a random program: the context, a number out of a few or any, or a
 * pointer to the bytes of the stack that random statements may touch; `slot`: to a word of its own
 * that is set to one of a few numbers; a map out of those a program has.
 */
export type CallArgument =
  | 'context'
  | 'number'
  | 'stack'
  | { readonly map: number }
  | { readonly slot: readonly number[] }
  | { readonly of: readonly number[] };

export interface RandomCall {
  readonly name: BuiltHelperName;
  readonly arguments: readonly CallArgument[];
  /** Packet pointers are invalid behind it. */
  readonly changesPacket?: true;
  /** What it answers is an address: only whether it is NULL goes on from there. */
  readonly pointer?: true;
}

const of = (...numbers: number[]): CallArgument => ({ of: numbers });
const OFFSETS = of(0, 1, 14, 40, 60, 70, 200);
const LENGTHS = of(1, 2, 4, 7, 16, 63, 64);
/** Up to four characters in a word: numbers in every base, signs, spaces, and what is none. */
const TEXT: CallArgument = {
  slot: [
    '12',
    '-7',
    ' 42',
    '0x1f',
    '077',
    '09',
    '-0x8',
    'abc',
    '',
    '- 1',
    '\t+5',
    '9z',
    '\xa03',
    'ffff',
  ].map((text) => [...text].reduceRight((word, letter) => (word << 8) | letter.charCodeAt(0), 0)),
};
const BASES = of(0, 8, 10, 16, 2, 36);
const IPV4 = 0x0008;
const IPV6 = 0xdd86;
const VLAN = 0x0081;
const ROOM = of(0, 4, -4, 20, -20, 40, -40, 8, 28, -54, 4096, -5000, 1);
const ROOM_FLAGS = of(
  0,
  0,
  0,
  1,
  2,
  4,
  6,
  10,
  18,
  0x1a,
  0x20,
  0x42,
  0x80,
  0x100,
  0x180,
  0x22,
  0x200,
  0x04,
  0x84,
);

/** Helpers with their arguments: what is right, what is at an edge, and what is refused. */
export const RANDOM_CALLS: readonly RandomCall[] = [
  { name: 'skb_load_bytes', arguments: ['context', OFFSETS, 'stack', LENGTHS] },
  {
    name: 'skb_load_bytes_relative',
    arguments: ['context', OFFSETS, 'stack', LENGTHS, of(0, 1, 2)],
  },
  {
    name: 'skb_store_bytes',

    arguments: ['context', OFFSETS, 'stack', LENGTHS, of(0, 1, 2, 8)],
    changesPacket: true,
  },
  {
    name: 'l3_csum_replace',

    arguments: ['context', OFFSETS, 'number', 'number', of(0, 2, 4, 8)],
    changesPacket: true,
  },
  {
    name: 'l4_csum_replace',

    arguments: ['context', OFFSETS, 'number', 'number', of(0, 2, 4, 0x12, 0x24, 0x62, 8)],
    changesPacket: true,
  },
  { name: 'skb_pull_data', arguments: ['context', of(0, 10, 64, 100, 5000)], changesPacket: true },
  {
    name: 'skb_adjust_room',

    arguments: ['context', ROOM, of(0, 1, 1, 2), ROOM_FLAGS],
    changesPacket: true,
  },
  {
    name: 'skb_change_head',

    arguments: ['context', of(0, 1, 14, 16000, 65000, -1), of(0, 0, 0, 1)],
    changesPacket: true,
  },
  {
    name: 'skb_change_tail',

    arguments: ['context', of(0, 13, 200, 1500, 16064, 16065, 65551), of(0, 0, 0, 1)],
    changesPacket: true,
  },
  {
    name: 'skb_change_proto',

    arguments: ['context', of(IPV4, IPV6, IPV6, 0), of(0, 0, 0, 1)],
    changesPacket: true,
  },
  { name: 'skb_change_type', arguments: ['context', of(0, 1, 2, 3, 4, 7)] },
  {
    name: 'skb_vlan_push',

    arguments: ['context', of(VLAN, 0xa888, 0, IPV4), 'number'],
    changesPacket: true,
  },
  { name: 'skb_vlan_pop', arguments: ['context'], changesPacket: true },
  { name: 'skb_ecn_set_ce', arguments: ['context'] },
  { name: 'skb_set_tstamp', arguments: ['context', 'number', of(0, 1, 2, 3)] },
  { name: 'csum_update', arguments: ['context', 'number'] },
  { name: 'csum_level', arguments: ['context', of(0, 1, 2, 3, 4)] },
  { name: 'set_hash', arguments: ['context', 'number'] },
  { name: 'set_hash_invalid', arguments: ['context'] },
  { name: 'get_route_realm', arguments: ['context'] },
  { name: 'redirect_peer', arguments: [of(1, 2), of(0, 1)] },
  { name: 'redirect_neigh', arguments: [of(1, 2), 'stack', of(0, 19, 20, 24), of(0, 1)] },
  { name: 'redirect', arguments: [of(1, 2), of(0, 1, 2)] },
  {
    name: 'check_mtu',
    arguments: [
      'context',
      of(0, 1, 77),
      { slot: [0, 100, 65536, 65537] },
      of(0, 10, -10, 70000),
      of(0, 0, 1, 2),
    ],
  },
  {
    name: 'xdp_load_bytes',
    arguments: ['context', of(0, 1, 60, 64, 200, 65536), 'stack', LENGTHS],
  },
  {
    name: 'xdp_store_bytes',
    arguments: ['context', of(0, 1, 60, 64, 200, 65536), 'stack', LENGTHS],
  },
  { name: 'xdp_get_buff_len', arguments: ['context'] },
  {
    name: 'xdp_adjust_head',

    arguments: ['context', of(0, 4, -4, 14, -14, 100, -200, -256)],
    changesPacket: true,
  },
  {
    name: 'xdp_adjust_tail',

    arguments: ['context', of(0, 4, -4, 14, -14, 100, 3000, -2000)],
    changesPacket: true,
  },
  {
    name: 'xdp_adjust_meta',
    arguments: ['context', of(0, -4, -8, 4, -32, -3, -256)],
    changesPacket: true,
  },
  {
    name: 'skb_set_tunnel_key',

    arguments: ['context', 'stack', of(44, 28, 24, 22, 8, 9), of(0, 1, 2, 15, 16, 32)],
  },
  {
    name: 'skb_get_tunnel_key',

    arguments: ['context', 'stack', of(44, 28, 24, 22, 8, 9), of(0, 1, 16, 2)],
  },
  { name: 'skb_set_tunnel_opt', arguments: ['context', 'stack', of(4, 8, 6, 64)] },
  { name: 'skb_get_tunnel_opt', arguments: ['context', 'stack', of(4, 8, 6, 64)] },
  { name: 'skb_get_xfrm_state', arguments: ['context', of(0, 1), 'stack', of(4, 16), of(0, 1)] },
  { name: 'get_socket_uid', arguments: ['context'] },
  { name: 'get_numa_node_id', arguments: [] },
  { name: 'strtol', arguments: [TEXT, of(1, 2, 3, 4, 8), BASES, 'stack'] },
  { name: 'strtoul', arguments: [TEXT, of(1, 2, 3, 4, 8), BASES, 'stack'] },
  { name: 'probe_read_kernel', arguments: ['stack', LENGTHS, of(0, 1, 4096)] },
  { name: 'probe_read_kernel_str', arguments: ['stack', LENGTHS, TEXT] },
];

/** Maps of programs that ask for all there is: random-program.ts has them in this order. */
export const WORLD_MAP = { globals: 2, lpm: 3, lru: 4, perCpu: 5, queue: 6, devices: 7 } as const;
const KEYS: CallArgument = { slot: [0, 1, 2, 3, 4] };
/** A prefix length, as the trie's key begins. */
const PREFIXES: CallArgument = { slot: [0, 4, 8, 32] };

/**
 * What depends on more than the packet: clock, chance, CPU, task, cgroup, network, and maps of
 * every kind.
 */
export const WORLD_CALLS: readonly RandomCall[] = [
  { name: 'ktime_get_ns', arguments: [] },
  { name: 'ktime_get_boot_ns', arguments: [] },
  { name: 'ktime_get_coarse_ns', arguments: [] },
  { name: 'jiffies64', arguments: [] },
  { name: 'get_prandom_u32', arguments: [] },
  { name: 'get_prandom_u32', arguments: [] },
  { name: 'get_smp_processor_id', arguments: [] },
  { name: 'get_current_pid_tgid', arguments: [] },
  { name: 'get_current_uid_gid', arguments: [] },
  { name: 'get_current_comm', arguments: ['stack', of(16, 4, 64)] },
  { name: 'get_current_cgroup_id', arguments: [] },
  { name: 'get_current_ancestor_cgroup_id', arguments: [of(0, 1, 2)] },
  { name: 'get_cgroup_classid', arguments: ['context'] },
  { name: 'skb_cgroup_id', arguments: ['context'] },
  { name: 'get_netns_cookie', arguments: ['context'] },
  { name: 'get_socket_cookie', arguments: ['context'] },
  { name: 'get_hash_recalc', arguments: ['context'] },
  { name: 'fib_lookup', arguments: ['context', 'stack', of(64), of(0, 1, 2, 3)] },
  {
    name: 'sk_lookup_tcp',
    arguments: ['context', 'stack', of(12, 36, 5), of(-1, 0), of(0, 1)],
    pointer: true,
  },
  {
    name: 'sk_lookup_udp',
    arguments: ['context', 'stack', of(12, 36, 5), of(-1, 0), of(0, 1)],
    pointer: true,
  },
  { name: 'clone_redirect', arguments: ['context', of(1, 2, 9), of(0, 1)], changesPacket: true },
  { name: 'tcp_raw_gen_syncookie_ipv4', arguments: ['stack', 'stack', of(20)] },
  { name: 'map_lookup_elem', arguments: [{ map: WORLD_MAP.lpm }, PREFIXES], pointer: true },
  { name: 'map_update_elem', arguments: [{ map: WORLD_MAP.lpm }, PREFIXES, 'stack', of(0, 1, 2)] },
  { name: 'map_lookup_elem', arguments: [{ map: WORLD_MAP.lru }, KEYS], pointer: true },
  { name: 'map_update_elem', arguments: [{ map: WORLD_MAP.lru }, KEYS, 'stack', of(0, 1, 2)] },
  { name: 'map_delete_elem', arguments: [{ map: WORLD_MAP.lru }, KEYS] },
  { name: 'map_lookup_elem', arguments: [{ map: WORLD_MAP.perCpu }, KEYS], pointer: true },
  { name: 'map_push_elem', arguments: [{ map: WORLD_MAP.queue }, 'stack', of(0, 2)] },
  { name: 'map_pop_elem', arguments: [{ map: WORLD_MAP.queue }, 'stack'] },
  { name: 'map_peek_elem', arguments: [{ map: WORLD_MAP.queue }, 'stack'] },
  { name: 'redirect_map', arguments: [{ map: WORLD_MAP.devices }, of(0, 1, 3, 9), of(0, 1, 2)] },
];
