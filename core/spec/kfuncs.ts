import type { HookName } from './program-types.ts';
import type { Argument, Prototype } from './prototypes.ts';

/**
 * Kernel functions that packet programs call by name (`__ksym`), as registered in
 * net/core/filter.c, net/core/xdp.c and kernel/bpf/helpers.c.
 */
export interface KfuncRow {
  readonly name: string;
  readonly prototype: Prototype;
  /** Undefined: every hook. */
  readonly hooks?: readonly HookName[];
  readonly doc: string;
}

const XDP: readonly HookName[] = ['xdp'];
const SKB: readonly HookName[] = [
  'tc',
  'socket_filter',
  'cgroup_skb',
  'lwt_in',
  'lwt_out',
  'lwt_xmit',
  'sk_skb',
  'netfilter',
];

const ANY: Argument = { type: 'anything' };
const CTX: Argument = { type: 'ctx' };
/** Of struct sk_buff: the context, or what netfilter's context points at. */
const SKB_POINTER: Argument = { type: 'btf_id' };
const DYNPTR: Argument = { type: 'dynptr' };
const NEW_DYNPTR: Argument = { type: 'dynptr', flags: ['uninit'] };
/** Where bytes go that do not lie in one piece; NULL: those are not wanted then. */
const BUFFER: Argument = { type: 'mem', flags: ['maybe_null', 'uninit'] };
const SIZE: Argument = { type: 'const_size' };
const ITER: Argument = { type: 'iter' };
const NEW_ITER: Argument = { type: 'iter', flags: ['uninit'] };
const END_ITER: Argument = { type: 'iter', flags: ['release'] };
const out = (size: number): Argument => ({
  type: 'mem',
  flags: ['uninit', 'fixed_size', 'write'],
  size,
});

const INTEGER: Prototype['returns'] = { type: 'integer' };
const VOID: Prototype['returns'] = { type: 'void' };
const MEM_OR_NULL: Prototype['returns'] = { type: 'mem', flags: ['maybe_null'] };
const takes = (args: readonly Argument[], returns = INTEGER): Prototype => ({
  arguments: args,
  returns,
});

export const KFUNCS = [
  {
    name: 'bpf_dynptr_from_skb',
    prototype: takes([SKB_POINTER, ANY, NEW_DYNPTR]),
    hooks: SKB,
    doc: 'A dynptr of the whole packet.',
  },
  {
    name: 'bpf_dynptr_from_xdp',
    prototype: takes([CTX, ANY, NEW_DYNPTR]),
    hooks: XDP,
    doc: 'A dynptr of the whole packet.',
  },
  {
    name: 'bpf_dynptr_slice',
    prototype: takes([DYNPTR, ANY, BUFFER, SIZE], MEM_OR_NULL),
    doc: 'Bytes of a dynptr to read in place; NULL where they are not there.',
  },
  {
    name: 'bpf_dynptr_slice_rdwr',
    prototype: takes([DYNPTR, ANY, BUFFER, SIZE], MEM_OR_NULL),
    doc: 'Bytes of a dynptr to read and write in place; NULL where that cannot be.',
  },
  {
    name: 'bpf_dynptr_adjust',
    prototype: takes([DYNPTR, ANY, ANY]),
    doc: 'Makes a dynptr smaller at its start and end.',
  },
  {
    name: 'bpf_dynptr_is_null',
    prototype: takes([DYNPTR]),
    doc: 'Whether a dynptr is of nothing.',
  },
  {
    name: 'bpf_dynptr_is_rdonly',
    prototype: takes([DYNPTR]),
    doc: 'Whether a dynptr may only be read.',
  },
  { name: 'bpf_dynptr_size', prototype: takes([DYNPTR]), doc: 'Bytes a dynptr is of.' },
  {
    name: 'bpf_dynptr_clone',
    prototype: takes([DYNPTR, NEW_DYNPTR]),
    doc: 'A second dynptr of the same bytes.',
  },
  {
    name: 'bpf_iter_num_new',
    prototype: takes([NEW_ITER, ANY, ANY]),
    doc: 'Starts counting from a number to another.',
  },
  {
    name: 'bpf_iter_num_next',
    prototype: takes([ITER], MEM_OR_NULL),
    doc: 'The next number; NULL at the end.',
  },
  { name: 'bpf_iter_num_destroy', prototype: takes([END_ITER], VOID), doc: 'Ends counting.' },
  {
    name: 'bpf_xdp_metadata_rx_timestamp',
    prototype: takes([CTX, out(8)]),
    hooks: XDP,
    doc: 'When the device received the packet; the device here does not say.',
  },
  {
    name: 'bpf_xdp_metadata_rx_hash',
    prototype: takes([CTX, out(4), out(4)]),
    hooks: XDP,
    doc: 'The hash the device made; the device here makes none.',
  },
  {
    name: 'bpf_xdp_metadata_rx_vlan_tag',
    prototype: takes([CTX, out(2), out(2)]),
    hooks: XDP,
    doc: 'The tag the device took off; the device here takes none off.',
  },
  {
    name: 'bpf_rcu_read_lock',
    prototype: takes([], VOID),
    doc: 'Objects stay as long as they are looked at.',
  },
  { name: 'bpf_rcu_read_unlock', prototype: takes([], VOID), doc: 'Ends that.' },
  { name: 'bpf_preempt_disable', prototype: takes([], VOID), doc: 'Nothing else runs on the CPU.' },
  { name: 'bpf_preempt_enable', prototype: takes([], VOID), doc: 'Ends that.' },
] as const satisfies readonly KfuncRow[];

export type KfuncName = (typeof KFUNCS)[number]['name'];

const byName: ReadonlyMap<string, KfuncRow> = new Map(KFUNCS.map((row) => [row.name, row]));

export const kfuncByName = (name: string): KfuncRow | undefined => byName.get(name);
