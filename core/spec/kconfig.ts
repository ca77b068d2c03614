import { KERNEL_RELEASE } from './kernel.ts';

const [major, minor, patch] = KERNEL_RELEASE;

/**
 * Values that libbpf makes up for `__kconfig` variables (libbpf.c, bpf_object__resolve_externs).
 */
const VIRTUAL = [
  ['LINUX_KERNEL_VERSION', String((major << 16) | (minor << 8) | patch)],
  ['LINUX_HAS_BPF_COOKIE', '1'],
  ['LINUX_HAS_SYSCALL_WRAPPER', '1'],
] as const;

/**
 * Options that packet programs ask for, as general x86-64 kernels of distributions set them
 * (/proc/config.gz).
 */
const OPTIONS = [
  ['CONFIG_64BIT', 'y'],
  ['CONFIG_X86_64', 'y'],
  ['CONFIG_SMP', 'y'],
  ['CONFIG_NR_CPUS', '512'],
  ['CONFIG_HZ', '250'],
  ['CONFIG_HZ_250', 'y'],
  ['CONFIG_PREEMPT_DYNAMIC', 'y'],
  ['CONFIG_CGROUPS', 'y'],
  ['CONFIG_CGROUP_BPF', 'y'],
  ['CONFIG_DEBUG_INFO_BTF', 'y'],
  ['CONFIG_DEFAULT_HOSTNAME', '"(none)"'],
  ['CONFIG_BPF', 'y'],
  ['CONFIG_BPF_SYSCALL', 'y'],
  ['CONFIG_BPF_JIT', 'y'],
  ['CONFIG_BPF_JIT_ALWAYS_ON', 'y'],
  ['CONFIG_BPF_EVENTS', 'y'],
  ['CONFIG_BPF_LSM', 'y'],
  ['CONFIG_BPF_STREAM_PARSER', 'y'],
  ['CONFIG_NET', 'y'],
  ['CONFIG_NET_NS', 'y'],
  ['CONFIG_NET_XGRESS', 'y'],
  ['CONFIG_NET_SCH_INGRESS', 'm'],
  ['CONFIG_NET_CLS_BPF', 'm'],
  ['CONFIG_NET_CLS_ACT', 'y'],
  ['CONFIG_XDP_SOCKETS', 'y'],
  ['CONFIG_INET', 'y'],
  ['CONFIG_IPV6', 'y'],
  ['CONFIG_SYN_COOKIES', 'y'],
  ['CONFIG_MPTCP', 'y'],
  ['CONFIG_MAX_SKB_FRAGS', '17'],
  ['CONFIG_VLAN_8021Q', 'm'],
  ['CONFIG_NETFILTER', 'y'],
  ['CONFIG_NF_CONNTRACK', 'm'],
  ['CONFIG_NF_CONNTRACK_MARK', 'y'],
  ['CONFIG_NF_NAT', 'm'],
  ['CONFIG_LWTUNNEL', 'y'],
  ['CONFIG_LWTUNNEL_BPF', 'y'],
  ['CONFIG_TCP_CONG_CUBIC', 'y'],
] as const;

/**
 * What a `__kconfig` variable holds where the user sets nothing, in the words of a kernel's
 * configuration file.
 */
export const KCONFIG: ReadonlyMap<string, string> = new Map<string, string>([
  ...VIRTUAL,
  ...OPTIONS,
]);
