import {
  type HookName,
  PROGRAM_TYPES,
  type ProgramTypeRow,
  type SectionPattern,
} from './program-types.ts';

/** The hook a section name asks for, and how sure that is. */
export interface RecognisedHook {
  readonly hook: HookName;
  /** The name, or its beginning, is a hook's; else it fell back to filter-ubpf. */
  readonly recognised: boolean;
  /** Options the section name chooses. */
  readonly options: Readonly<Record<string, string>>;
  /** What was assumed, in a sentence; '' where libbpf itself knows the name. */
  readonly note: string;
}

/**
 * Names that libbpf 1.x takes for the hooks built here (tools/lib/bpf/libbpf.c, section_defs): none
 * of them may be followed by anything. Loaders before 1.0 took what begins like one, and iproute2
 * takes any name.
 */
const LIBBPF_NAMES = new Set([
  ...[
    'socket',
    'sk_reuseport/migrate',
    'sk_reuseport',
    'tc/ingress',
    'tc/egress',
    'tcx/ingress',
    'tcx/egress',
    'tc',
  ],
  ...[
    'classifier',
    'action',
    'netkit/primary',
    'netkit/peer',
    'xdp.frags/devmap',
    'xdp/devmap',
    'xdp.frags/cpumap',
  ],
  ...['xdp/cpumap', 'xdp.frags', 'xdp', 'lwt_in', 'lwt_out', 'lwt_xmit', 'sk_skb/stream_parser'],
  ...[
    'sk_skb/stream_verdict',
    'sk_skb/verdict',
    'sk_skb',
    'sk_msg',
    'flow_dissector',
    'cgroup_skb/ingress',
  ],
  ...['cgroup_skb/egress', 'cgroup/skb', 'sk_lookup', 'netfilter'],
  // uBPF and filter-ubpf run what stands in .text.
  '.text',
]);

/**
 * Other program types of section_defs, by how their names begin: what they are given is no packet,
 * but for one.
 */
const OTHER_TYPES: readonly (readonly [beginnings: readonly string[], what: string])[] = [
  [
    ['kprobe', 'kretprobe', 'ksyscall', 'kretsyscall'],
    'a kprobe program, which is given no packet',
  ],
  [['uprobe', 'uretprobe', 'usdt'], 'a uprobe program, which is given no packet'],
  [
    ['tracepoint', 'tp', 'raw_tracepoint', 'raw_tp', 'perf_event'],
    'a tracing program, which is given no packet',
  ],
  [
    ['tp_btf', 'fentry', 'fexit', 'fmod_ret', 'fsession', 'iter'],
    'a tracing program, which is given no packet',
  ],
  [['freplace'], 'an extension of another program, whose context it has'],
  [['lsm', 'lsm_cgroup'], 'an LSM program, which is given no packet'],
  [['syscall'], 'a syscall program, which is given no packet'],
  [['struct_ops'], 'a struct_ops program, which the kernel calls itself'],
  [['sockops'], 'a sock_ops program, which is told of connections and not built here'],
  [['lwt_seg6local'], 'a segment routing program, which is not built here'],
  [['lirc_mode2'], 'a program of infrared receivers, which is given no packet'],
  [['cgroup'], 'a cgroup program of sockets, devices or sysctls, which is given no packet'],
];

const matches = (pattern: SectionPattern, section: string): boolean => {
  if (section === pattern.prefix) return true;
  if (pattern.rest === 'exact' || !section.startsWith(pattern.prefix)) return false;
  return pattern.rest === 'any' || section[pattern.prefix.length] === '/';
};

/**
 * A leading `?` says "do not load by itself" and is no part of the name (libbpf.c,
 * bpf_object__init_prog).
 */
const nameOf = (section: string): string => (section.startsWith('?') ? section.slice(1) : section);

/**
 * The hook a section name asks for, as libbpf reads it; `.text` and unknown names are
 * filter-ubpf's.
 */
export function hookOfSection(section: string): RecognisedHook {
  const name = nameOf(section);
  for (const row of PROGRAM_TYPES as readonly ProgramTypeRow[]) {
    const pattern = row.sections.find((candidate) => matches(candidate, name));
    if (pattern === undefined) continue;
    const note = LIBBPF_NAMES.has(name)
      ? ''
      : `section "${section}" begins like "${pattern.prefix}": taken as ${row.name}; libbpf 1.x ` +
        `wants to be told the type`;
    return { hook: row.name, recognised: true, options: pattern.options ?? {}, note };
  }
  return { hook: 'filter-ubpf', recognised: false, options: {}, note: fallback(section, name) };
}

const otherType = (name: string): string | undefined =>
  OTHER_TYPES.find(([beginnings]) => beginnings.includes(name.split(/[/.]/, 1)[0]))?.[1];

/** Whether a section name asks for a program type of libbpf's that is not built here. */
export const isOtherType = (section: string): boolean =>
  !hookOfSection(section).recognised && otherType(nameOf(section)) !== undefined;

function fallback(section: string, name: string): string {
  const other = otherType(name);
  const what = other === undefined ? 'names no hook that libbpf knows' : `names ${other}`;
  return (
    `section "${section}" ${what}: run as filter-ubpf, ` +
    `whose 0 passes and everything else drops; choose another hook where it is meant for one`
  );
}
