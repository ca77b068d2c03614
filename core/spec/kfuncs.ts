import type { HookName } from './program-types.ts';

/**
 * Kernel functions that packet programs call by name (`__ksym`), as registered in
 * net/core/filter.c, net/core/xdp.c and kernel/bpf/helpers.c. Parameters are registers it takes, r1
 * on.
 */
export interface KfuncRow {
  readonly name: string;
  readonly parameters: number;
  /** Undefined: every hook. */
  readonly hooks?: readonly HookName[];
  readonly doc: string;
}

const XDP: readonly HookName[] = ['xdp'];
const SKB: readonly HookName[] = ['tc', 'socket_filter', 'cgroup_skb', 'lwt_in', 'lwt_out', 'lwt_xmit', 'sk_skb', 'netfilter'];

export const KFUNCS = [
  { name: 'bpf_dynptr_from_skb', parameters: 3, hooks: SKB, doc: 'A dynptr of the whole packet.' },
  { name: 'bpf_dynptr_from_xdp', parameters: 3, hooks: XDP, doc: 'A dynptr of the whole packet.' },
  { name: 'bpf_dynptr_slice', parameters: 4, doc: 'Bytes of a dynptr to read in place; NULL where they are not there.' },
  { name: 'bpf_dynptr_slice_rdwr', parameters: 4, doc: 'Bytes of a dynptr to read and write in place; NULL where that cannot be.' },
  { name: 'bpf_dynptr_adjust', parameters: 3, doc: 'Makes a dynptr smaller at its start and end.' },
  { name: 'bpf_dynptr_is_null', parameters: 1, doc: 'Whether a dynptr is of nothing.' },
  { name: 'bpf_dynptr_is_rdonly', parameters: 1, doc: 'Whether a dynptr may only be read.' },
  { name: 'bpf_dynptr_size', parameters: 1, doc: 'Bytes a dynptr is of.' },
  { name: 'bpf_dynptr_clone', parameters: 2, doc: 'A second dynptr of the same bytes.' },
  { name: 'bpf_iter_num_new', parameters: 3, doc: 'Starts counting from a number to another.' },
  { name: 'bpf_iter_num_next', parameters: 1, doc: 'The next number; NULL at the end.' },
  { name: 'bpf_iter_num_destroy', parameters: 1, doc: 'Ends counting.' },
  { name: 'bpf_xdp_metadata_rx_timestamp', parameters: 2, hooks: XDP, doc: 'When the device received the packet; the device here does not say.' },
  { name: 'bpf_xdp_metadata_rx_hash', parameters: 3, hooks: XDP, doc: 'The hash the device made; the device here makes none.' },
  { name: 'bpf_xdp_metadata_rx_vlan_tag', parameters: 3, hooks: XDP, doc: 'The tag the device took off; the device here takes none off.' },
  { name: 'bpf_rcu_read_lock', parameters: 0, doc: 'Objects stay as long as they are looked at.' },
  { name: 'bpf_rcu_read_unlock', parameters: 0, doc: 'Ends that.' },
  { name: 'bpf_preempt_disable', parameters: 0, doc: 'Nothing else runs on the CPU.' },
  { name: 'bpf_preempt_enable', parameters: 0, doc: 'Ends that.' },
] as const satisfies readonly KfuncRow[];

export type KfuncName = (typeof KFUNCS)[number]['name'];

const byName: ReadonlyMap<string, KfuncRow> = new Map(KFUNCS.map((row) => [row.name, row]));

export const kfuncByName = (name: string): KfuncRow | undefined => byName.get(name);
