import { type HelperFunction, NO_ANSWER } from '../machine/machine.ts';
import { failure } from '../spec/errno.ts';
import type { KfuncName } from '../spec/kfunc-docs.ts';
import { KFUNCS } from '../spec/kfuncs.ts';
import type { HookName } from '../spec/program-types.ts';
import { checked } from './arguments.ts';
import {
  dynptrAdjust,
  dynptrClone,
  dynptrFromPacket,
  dynptrIsNull,
  dynptrIsRdonly,
  dynptrSize,
  dynptrSlice,
} from './dynptr.ts';
import { iterNumDestroy, iterNumNew, iterNumNext } from './iterators.ts';

/** A device without the metadata (include/net/xdp.h): what BPF_PROG_TEST_RUN's device answers. */
const noMetadata: HelperFunction = () => failure('EOPNOTSUPP');
const nothing: HelperFunction = () => NO_ANSWER;

const TABLE: Record<KfuncName, (hook: HookName) => HelperFunction> = {
  bpf_dynptr_from_skb: dynptrFromPacket,
  bpf_dynptr_from_xdp: dynptrFromPacket,
  bpf_dynptr_slice: () => dynptrSlice('bpf_dynptr_slice', false),
  bpf_dynptr_slice_rdwr: () => dynptrSlice('bpf_dynptr_slice_rdwr', true),
  bpf_dynptr_adjust: () => dynptrAdjust,
  bpf_dynptr_is_null: () => dynptrIsNull,
  bpf_dynptr_is_rdonly: () => dynptrIsRdonly,
  bpf_dynptr_size: () => dynptrSize,
  bpf_dynptr_clone: () => dynptrClone,
  bpf_iter_num_new: () => iterNumNew,
  bpf_iter_num_next: () => iterNumNext,
  bpf_iter_num_destroy: () => iterNumDestroy,
  bpf_xdp_metadata_rx_timestamp: () => noMetadata,
  bpf_xdp_metadata_rx_hash: () => noMetadata,
  bpf_xdp_metadata_rx_vlan_tag: () => noMetadata,
  bpf_rcu_read_lock: () => nothing,
  bpf_rcu_read_unlock: () => nothing,
  bpf_preempt_disable: () => nothing,
  bpf_preempt_enable: () => nothing,
};

/** The kernel function of a name for programs of a hook; undefined where there is none. */
export function kfunc(hook: HookName, name: string): HelperFunction | undefined {
  const row = KFUNCS.find((known) => known.name === name);
  if (row === undefined || !row.hooks.includes(hook)) return undefined;
  return checked(name, row.prototype, TABLE[row.name](hook));
}
