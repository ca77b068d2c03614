/** Map types, uapi enum bpf_map_type: one row each. */
export interface MapTypeRow {
  readonly id: number;
  readonly name: string;
  /** A value a CPU. */
  readonly perCpu: boolean;
  /**
   * Helpers that take such a map, without bpf_ (kernel/bpf/verifier.c,
   * check_map_func_compatibility).
   */
  readonly helpers: readonly string[];
  /** Why the playground cannot use it; undefined for a type that is built. */
  readonly refused: string | undefined;
  readonly doc: string;
}

const ELEMENTS = ['map_lookup_elem', 'map_update_elem', 'map_delete_elem', 'for_each_map_elem'];
const TIMED = [...ELEMENTS, 'timer_init'];
const PER_CPU = [...ELEMENTS, 'map_lookup_percpu_elem'];
const LPM = ['map_lookup_elem', 'map_update_elem', 'map_delete_elem'];
const ENDS = ['map_push_elem', 'map_pop_elem', 'map_peek_elem'];
const RECORDS = ['ringbuf_output', 'ringbuf_reserve', 'ringbuf_reserve_dynptr', 'ringbuf_query'];

interface Traits {
  readonly perCpu?: true;
  readonly refused?: string;
}
type Plain = { readonly perCpu?: true };
type Refusal<More> = More extends { refused: string } ? string : undefined;
type Names = readonly string[];
type Cells<Name, More> = [id: number, name: Name, helpers: Names, doc: string, more?: More];

/** Keeps its name and whether it is refused as types: the compiler counts the built ones. */
const row = <const Name extends string, M extends Traits = Plain>(...cells: Cells<Name, M>) => {
  const [id, name, helpers, doc, more] = cells;
  const refused = more?.refused as Refusal<M>;
  return { id, name, helpers, doc, perCpu: more?.perCpu ?? false, refused };
};

const ROWS = [
  row(1, 'hash', TIMED, 'Key to value.'),
  row(2, 'array', TIMED, 'Values by index; every one exists from the start.'),
  row(3, 'prog_array', ['tail_call'], 'Programs by index, for tail calls.'),
  row(
    4,
    'perf_event_array',
    ['perf_event_output'],
    'Perf events by index, for sending records to user space.',
  ),
  row(5, 'percpu_hash', PER_CPU, 'Key to one value a CPU.', { perCpu: true }),
  row(6, 'percpu_array', PER_CPU, 'Index to one value a CPU.', { perCpu: true }),
  row(7, 'stack_trace', ['get_stackid'], 'Stack traces by id.', {
    refused: 'a stack trace is of a kernel, and there is none here',
  }),
  row(8, 'cgroup_array', ['skb_under_cgroup', 'current_task_under_cgroup'], 'Cgroups by index.', {
    refused: 'there are no cgroups here to compare with',
  }),
  row(9, 'lru_hash', TIMED, 'Key to value; makes room by dropping what was not used for longest.'),
  row(10, 'lru_percpu_hash', PER_CPU, 'Key to one value a CPU; makes room as lru_hash.', {
    perCpu: true,
  }),
  row(11, 'lpm_trie', LPM, 'Longest matching prefix to value.'),
  row(12, 'array_of_maps', ['map_lookup_elem'], 'Maps by index.'),
  row(13, 'hash_of_maps', ['map_lookup_elem'], 'Key to map.'),
  row(
    14,
    'devmap',
    ['redirect_map', 'map_lookup_elem'],
    'Network devices by index, for redirection.',
  ),
  row(
    15,
    'sockmap',
    [
      'sk_redirect_map',
      'msg_redirect_map',
      'sock_map_update',
      'sk_select_reuseport',
      'map_lookup_elem',
      'map_update_elem',
      'map_delete_elem',
    ],
    'Sockets by index.',
  ),
  row(16, 'cpumap', ['redirect_map'], 'CPUs by index, for redirection.'),
  row(
    17,
    'xskmap',
    ['redirect_map', 'map_lookup_elem'],
    'AF_XDP sockets by index, for redirection.',
  ),
  row(
    18,
    'sockhash',
    [
      'sk_redirect_hash',
      'msg_redirect_hash',
      'sock_hash_update',
      'sk_select_reuseport',
      'map_lookup_elem',
      'map_update_elem',
      'map_delete_elem',
    ],
    'Key to socket.',
  ),
  row(
    19,
    'cgroup_storage',
    ['get_local_storage'],
    'A value for each cgroup a program is attached to.',
  ),
  row(20, 'reuseport_sockarray', ['sk_select_reuseport'], 'Sockets of a reuseport group.'),
  row(21, 'percpu_cgroup_storage', ['get_local_storage'], 'As cgroup_storage, one value a CPU.', {
    perCpu: true,
  }),
  row(22, 'queue', ENDS, 'First in, first out.'),
  row(23, 'stack', ENDS, 'Last in, first out.'),
  row(24, 'sk_storage', ['sk_storage_get', 'sk_storage_delete'], 'A value for each socket.'),
  row(
    25,
    'devmap_hash',
    ['redirect_map', 'map_lookup_elem'],
    'Key to network device, for redirection.',
  ),
  row(26, 'struct_ops', [], 'Kernel operations given by programs.', {
    refused: 'its programs are called by a kernel, not by packets',
  }),
  row(27, 'ringbuf', RECORDS, 'Records to user space, in order.'),
  row(
    28,
    'inode_storage',
    ['inode_storage_get', 'inode_storage_delete'],
    'A value for each inode.',
    {
      refused: 'no packet program may use it, the kernel keeps it for LSM programs',
    },
  ),
  row(29, 'task_storage', ['task_storage_get', 'task_storage_delete'], 'A value for each task.', {
    refused: 'no packet program may use it, the kernel keeps it for tracing and LSM programs',
  }),
  row(
    30,
    'bloom_filter',
    ['map_push_elem', 'map_peek_elem'],
    'Set membership that may say yes wrongly.',
  ),
  row(31, 'user_ringbuf', ['user_ringbuf_drain'], 'Records from user space.', {
    refused: 'there is no user space here that would write records for the program',
  }),
  row(32, 'cgrp_storage', ['cgrp_storage_get', 'cgrp_storage_delete'], 'A value for each cgroup.', {
    refused: 'its helpers want a struct cgroup, which packet programs have no way to get here',
  }),
  row(33, 'arena', [], 'Memory shared with user space.', {
    refused: 'arena pointers (addr_space_cast) are not built here',
  }),
] as const;

export const MAP_TYPES: readonly MapTypeRow[] = ROWS;
type Row = (typeof ROWS)[number];
export type MapTypeName = Row['name'];
/** Types that are built here. */
export type BuiltMapType = Extract<Row, { refused: undefined }>['name'];

const byId = new Map(MAP_TYPES.map((type) => [type.id, type]));

export const mapType = (id: number): MapTypeRow | undefined => byId.get(id);
export const mapTypeName = (id: number): string => byId.get(id)?.name ?? `type ${id}`;
export const MAP_TYPE_ID = Object.fromEntries(
  MAP_TYPES.map((type) => [type.name, type.id]),
) as Readonly<Record<MapTypeName, number>>;

/** uapi flags of BPF_MAP_CREATE, by name. */
export const MAP_FLAGS = {
  BPF_F_NO_PREALLOC: 1,
  BPF_F_NO_COMMON_LRU: 1 << 1,
  BPF_F_NUMA_NODE: 1 << 2,
  BPF_F_RDONLY: 1 << 3,
  BPF_F_WRONLY: 1 << 4,
  BPF_F_STACK_BUILD_ID: 1 << 5,
  BPF_F_ZERO_SEED: 1 << 6,
  BPF_F_RDONLY_PROG: 1 << 7,
  BPF_F_WRONLY_PROG: 1 << 8,
  BPF_F_CLONE: 1 << 9,
  BPF_F_MMAPABLE: 1 << 10,
  BPF_F_PRESERVE_ELEMS: 1 << 11,
  BPF_F_INNER_MAP: 1 << 12,
  BPF_F_LINK: 1 << 13,
  BPF_F_PATH_FD: 1 << 14,
  BPF_F_VTYPE_BTF_OBJ_FD: 1 << 15,
  BPF_F_TOKEN_FD: 1 << 16,
  BPF_F_SEGV_ON_FAULT: 1 << 17,
  BPF_F_NO_USER_CONV: 1 << 18,
} as const;
export type MapFlag = keyof typeof MAP_FLAGS;

/** Names of the flags in a number; what has no name stays a number. */
export function mapFlagNames(flags: number): string {
  const names: string[] = [];
  let rest = flags >>> 0;
  for (const [name, bit] of Object.entries(MAP_FLAGS)) {
    if ((rest & bit) === 0) continue;
    names.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.join(' | ');
}

/** uapi flags of an update. */
export const BPF_ANY = 0n;
export const BPF_NOEXIST = 1n;
export const BPF_EXIST = 2n;
export const BPF_F_LOCK = 4n;

/**
 * The CPUs of the machine that is imitated, where nothing else was chosen; and the most that can
 * be.
 */
export const CPU_COUNT = 4;
export const MAX_CPUS = 64;

/** Values are maps themselves. */
export const isMapInMap = (type: number): boolean =>
  type === MAP_TYPE_ID.array_of_maps || type === MAP_TYPE_ID.hash_of_maps;
