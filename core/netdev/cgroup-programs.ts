/**
 * Several programs of one cgroup with BPF_F_ALLOW_MULTI: all of them run, in the order in which
 * they were attached (kernel/bpf/cgroup.c, bpf_prog_run_array_cg, and for packets
 * __cgroup_bpf_run_filter_skb).
 */

import type { HandedOn } from '../session/types.ts';
import type { AfterCode } from '../spec/hook-lists.ts';

/** Lowest bit of a code: the packet may pass. */
const PASSES = 1;
/** Next to it, on the way out: TCP is told of congestion (BPF_RET_SET_CN). */
const CONGESTED = 2;

/** What comes after a code of a program. */
export const afterCgroupCode = (code: number): Extract<AfterCode, 'asked' | 'refuses'> =>
  (code & PASSES) === 0 ? 'refuses' : 'asked';

/** The code that stands where programs have returned these: one that refuses is enough. */
export const cgroupCode = (codes: readonly number[]): number =>
  codes.reduce((code, one) => (code & one & PASSES) | ((code | one) & CONGESTED), PASSES);

/** What goes on to the next program: each finds skb->cb as the first one did. */
export function withoutControlBlock(handed: HandedOn | undefined): HandedOn | undefined {
  if (handed?.fields === undefined) return handed;
  const fields = handed.fields.filter(([name]) => !name.startsWith('cb['));
  return { ...handed, fields };
}
