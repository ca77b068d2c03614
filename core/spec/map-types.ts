/** Map types, uapi enum bpf_map_type: one row each. */
export interface MapTypeRow {
  readonly id: number;
  readonly name: string;
  /** A value a CPU. */
  readonly perCpu: boolean;
  /** The playground can make and use it. */
  readonly built: boolean;
  readonly doc: string;
}

const row = (id: number, name: string, doc: string, traits: { perCpu?: true; built?: true } = {}): MapTypeRow => ({
  id,
  name,
  doc,
  perCpu: traits.perCpu ?? false,
  built: traits.built ?? false,
});

export const MAP_TYPES: readonly MapTypeRow[] = [
  row(1, 'hash', 'Key to value.', { built: true }),
  row(2, 'array', 'Values by index; every one exists from the start.', { built: true }),
  row(3, 'prog_array', 'Programs by index, for tail calls.', { built: true }),
  row(4, 'perf_event_array', 'Perf events by index, for sending records to user space.'),
  row(5, 'percpu_hash', 'Key to one value a CPU.', { perCpu: true, built: true }),
  row(6, 'percpu_array', 'Index to one value a CPU.', { perCpu: true, built: true }),
  row(7, 'stack_trace', 'Stack traces by id.'),
  row(8, 'cgroup_array', 'Cgroups by index.'),
  row(9, 'lru_hash', 'Key to value; makes room by dropping what was not used for longest.', { built: true }),
  row(10, 'lru_percpu_hash', 'Key to one value a CPU; makes room as lru_hash.', { perCpu: true, built: true }),
  row(11, 'lpm_trie', 'Longest matching prefix to value.', { built: true }),
  row(12, 'array_of_maps', 'Maps by index.'),
  row(13, 'hash_of_maps', 'Key to map.'),
  row(14, 'devmap', 'Network devices by index, for redirection.'),
  row(15, 'sockmap', 'Sockets by index.'),
  row(16, 'cpumap', 'CPUs by index, for redirection.'),
  row(17, 'xskmap', 'AF_XDP sockets by index, for redirection.'),
  row(18, 'sockhash', 'Key to socket.'),
  row(19, 'cgroup_storage', 'A value for each cgroup a program is attached to.'),
  row(20, 'reuseport_sockarray', 'Sockets of a reuseport group.'),
  row(21, 'percpu_cgroup_storage', 'As cgroup_storage, one value a CPU.', { perCpu: true }),
  row(22, 'queue', 'First in, first out.'),
  row(23, 'stack', 'Last in, first out.'),
  row(24, 'sk_storage', 'A value for each socket.'),
  row(25, 'devmap_hash', 'Key to network device, for redirection.'),
  row(26, 'struct_ops', 'Kernel operations given by programs.'),
  row(27, 'ringbuf', 'Records to user space, in order.'),
  row(28, 'inode_storage', 'A value for each inode.'),
  row(29, 'task_storage', 'A value for each task.'),
  row(30, 'bloom_filter', 'Set membership that may say yes wrongly.'),
  row(31, 'user_ringbuf', 'Records from user space.'),
  row(32, 'cgrp_storage', 'A value for each cgroup.'),
  row(33, 'arena', 'Memory shared with user space.'),
];

const byId = new Map(MAP_TYPES.map((type) => [type.id, type]));

export const mapType = (id: number): MapTypeRow | undefined => byId.get(id);
export const mapTypeName = (id: number): string => byId.get(id)?.name ?? `type ${id}`;
export const MAP_TYPE_ID = Object.fromEntries(MAP_TYPES.map((type) => [type.name, type.id])) as Readonly<Record<string, number>>;

/** uapi flags of BPF_MAP_CREATE and of an update. */
export const BPF_F_NO_PREALLOC = 1;
export const BPF_F_RDONLY_PROG = 1 << 7;
export const BPF_F_WRONLY_PROG = 1 << 8;
export const BPF_ANY = 0n;
export const BPF_NOEXIST = 1n;
export const BPF_EXIST = 2n;

/** The CPUs of the machine that is imitated. */
export const CPU_COUNT = 4;

/** Values are maps themselves. */
export const isMapInMap = (type: number): boolean => type === MAP_TYPE_ID.array_of_maps || type === MAP_TYPE_ID.hash_of_maps;
