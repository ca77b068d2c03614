/**
 * Hooks of Linux on which several programs stand in a list, and what comes after a code of one:
 * net/core/dev.c (tcx_run, sch_handle_ingress), kernel/bpf/mprog.c, net/sched/cls_bpf.c; for XDP
 * libxdp's dispatcher (lib/libxdp/xdp-dispatcher.c.in, prog_dispatcher.h, libxdp.c); of a cgroup
 * with BPF_F_ALLOW_MULTI kernel/bpf/cgroup.c (bpf_prog_run_array_cg).
 */

export type ListHook = 'tc' | 'xdp' | 'cgroup_skb';
export const LIST_HOOKS: readonly ListHook[] = ['tc', 'xdp', 'cgroup_skb'];

/** Hooks whose lists stand on the way in, or on the way out. */
export const HOOKS_WITH_DIRECTION: ReadonlySet<ListHook> = new Set<ListHook>(['tc', 'cgroup_skb']);

/** Where a program of tc stands: all of tcx are asked before all of cls_bpf. */
export type TcPlace = 'tcx' | 'cls_bpf';

export interface TcPlaceRow {
  readonly name: TcPlace;
  readonly label: string;
  readonly doc: string;
  /** Codes behind which nothing else is asked. */
  readonly final: ReadonlySet<number>;
  /** Any other code than TC_ACT_UNSPEC: the places behind this one go on, or the next program. */
  readonly unknown: 'ends-tcx' | 'asked';
}

export const TC_PLACES: readonly TcPlaceRow[] = [
  {
    name: 'tcx',
    label: 'tcx',
    doc: 'In the order of BPF_PROG_ATTACH, before all filters of a qdisc.',
    // tcx_action_code
    final: new Set([0, 2, 7]),
    unknown: 'ends-tcx',
  },
  {
    name: 'cls_bpf',
    label: 'clsact, cls_bpf da',
    doc: 'A filter of clsact in direct-action mode, in the order of its pref.',
    // cls_bpf_exec_opcode
    final: new Set([0, 2, 4, 7, 8]),
    unknown: 'asked',
  },
];

export const tcPlace = (name: TcPlace): TcPlaceRow => TC_PLACES.find((row) => row.name === name)!;

/** TC_ACT_UNSPEC: a program has nothing to say of the packet. */
export const TC_UNSPEC = -1;

/** What comes after a program that was asked. */
export type AfterCode = 'asked' | 'final' | 'ends-tcx' | 'refuses' | 'faulted' | 'none-left';

export const AFTER_CODE: Readonly<Record<AfterCode, { readonly label: string; doc: string }>> = {
  asked: {
    label: 'the next is asked',
    doc: 'The code lets the program behind this one say what becomes of the packet.',
  },
  final: {
    label: 'decides',
    doc: 'The code says what becomes of the packet: no program behind this one is asked.',
  },
  'ends-tcx': {
    label: 'ends tcx',
    doc:
      'tcx does not know the code: no program of tcx behind this one is asked, and those of ' +
      'cls_bpf are asked as if none had said anything.',
  },
  refuses: {
    label: 'refuses, and the others run too',
    doc: 'All programs of a cgroup run; where one of them refuses the packet it is dropped.',
  },
  faulted: {
    label: 'faulted',
    doc: 'No kernel would have loaded the program: what would come behind it is not known.',
  },
  'none-left': {
    label: 'none is left',
    doc: 'The next program would be asked, and there is none.',
  },
};

/** BPF_MPROG_MAX; and as many of tc together here. */
export const MOST_TCX = 64;
/** MAX_DISPATCHER_ACTIONS */
const MOST_XDP = 10;
/** XDP_DEFAULT_RUN_PRIO */
export const USUAL_PRIORITY = 50;
export const XDP_PASS = 2;
/** XDP_DEFAULT_CHAIN_CALL_ACTIONS: after XDP_PASS alone the next program is asked. */
export const USUAL_ACTIONS: readonly number[] = [XDP_PASS];

/** BPF_CGROUP_MAX_PROGS */
const MOST_CGROUP = 64;

/** Programs that a list has at most here. */
export const MOST_ON_HOOK: Readonly<Record<ListHook, number>> = {
  tc: MOST_TCX,
  xdp: MOST_XDP,
  cgroup_skb: MOST_CGROUP,
};

/** What a kernel, or libxdp, says of a list that it refuses: include/uapi/asm-generic/errno.h. */
const LIST_REFUSALS = {
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  ERANGE: 'Numerical result out of range',
  E2BIG: 'Argument list too long',
} as const;
export type ListRefusal = keyof typeof LIST_REFUSALS;

/** `ERANGE (Numerical result out of range)` */
export const refusalWords = (refusal: ListRefusal): string =>
  `${refusal} (${LIST_REFUSALS[refusal]})`;
