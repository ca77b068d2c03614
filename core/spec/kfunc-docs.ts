/**
 * Kernel functions that packet programs call by name (`__ksym`) and that are built here, as
 * registered in net/core/filter.c, net/core/xdp.c and kernel/bpf/helpers.c, in a sentence each.
 */
export const KFUNC_DOCS = {
  bpf_dynptr_from_skb: 'A dynptr of the whole packet.',
  bpf_dynptr_from_xdp: 'A dynptr of the whole packet.',
  bpf_dynptr_slice: 'Bytes of a dynptr to read in place; NULL where they are not there.',
  bpf_dynptr_slice_rdwr: 'Bytes of a dynptr to read and write in place; NULL where that cannot be.',
  bpf_dynptr_adjust: 'Makes a dynptr smaller at its start and end.',
  bpf_dynptr_is_null: 'Whether a dynptr is of nothing.',
  bpf_dynptr_is_rdonly: 'Whether a dynptr may only be read.',
  bpf_dynptr_size: 'Bytes a dynptr is of.',
  bpf_dynptr_clone: 'A second dynptr of the same bytes.',
  bpf_iter_num_new: 'Starts counting from a number to another.',
  bpf_iter_num_next: 'The next number; NULL at the end.',
  bpf_iter_num_destroy: 'Ends counting.',
  bpf_xdp_metadata_rx_timestamp:
    'When the device received the packet; the device here does not say.',
  bpf_xdp_metadata_rx_hash: 'The hash the device made; the device here makes none.',
  bpf_xdp_metadata_rx_vlan_tag: 'The tag the device took off; the device here takes none off.',
  bpf_rcu_read_lock: 'Objects stay as long as they are looked at.',
  bpf_rcu_read_unlock: 'Ends that.',
  bpf_preempt_disable: 'Nothing else runs on the CPU.',
  bpf_preempt_enable: 'Ends that.',
} as const;

export type KfuncName = keyof typeof KFUNC_DOCS;
