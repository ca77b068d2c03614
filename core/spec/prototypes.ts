/**
 * What a helper takes, answers and does to what a program holds, in the kernel's words: enum
 * bpf_arg_type without ARG_ and PTR_TO_, enum bpf_return_type without RET_ and PTR_TO_, enum
 * bpf_type_flag without PTR_, MEM_, OBJ_ and TYPE_ (include/linux/bpf.h).
 */
export type ArgumentType =
  | 'const_map_ptr'
  | 'map_key'
  | 'map_value'
  | 'mem'
  | 'const_size'
  | 'const_size_or_zero'
  | 'ctx'
  | 'anything'
  | 'spin_lock'
  | 'sock_common'
  | 'socket'
  | 'btf_id'
  | 'ringbuf_mem'
  | 'const_alloc_size_or_zero'
  | 'btf_id_sock_common'
  | 'percpu_btf_id'
  | 'func'
  | 'stack'
  | 'const_str'
  | 'timer'
  | 'kptr_xchg_dest'
  | 'dynptr'
  /** Of kernel functions: struct bpf_iter_*. */
  | 'iter';

export type ReturnType =
  | 'integer'
  | 'void'
  | 'map_value'
  | 'socket'
  | 'tcp_sock'
  | 'sock_common'
  | 'mem'
  | 'mem_or_btf_id'
  | 'btf_id';

export type TypeFlag =
  | 'maybe_null'
  | 'rdonly'
  | 'ringbuf'
  | 'user'
  | 'percpu'
  /** The reference in the argument is given back. */
  | 'release'
  | 'untrusted'
  /** Nothing need be written there before the call. */
  | 'uninit'
  | 'dynptr_local'
  | 'dynptr_ringbuf'
  /** Memory of `size` bytes, with no argument that tells how many. */
  | 'fixed_size'
  | 'alloc'
  | 'trusted'
  | 'rcu'
  | 'aligned'
  | 'write';

export interface Argument {
  readonly type: ArgumentType;
  readonly flags?: readonly TypeFlag[];
  /** bytes */
  readonly size?: number;
}

export interface Prototype {
  /** r1 on. */
  readonly arguments: readonly Argument[];
  readonly returns: { readonly type: ReturnType; readonly flags?: readonly TypeFlag[] };
  /** Only for programs under a licence that is compatible with the GPL. */
  readonly gpl?: true;
  /** Takes pointers into the packet as memory. */
  readonly packetAccess?: true;
  /** Pointers into the packet hold no longer (bpf_helper_changes_pkt_data). */
  readonly invalidatesPacket?: true;
  /** What it gives has to be given back (is_acquire_function). */
  readonly acquires?: true;
}
