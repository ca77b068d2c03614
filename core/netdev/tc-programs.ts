/**
 * Several tc programs on one device: those of tcx in their order (kernel/bpf/mprog.c), then those
 * of cls_bpf in direct-action mode, a filter each (net/core/dev.c, sch_handle_ingress;
 * net/sched/cls_bpf.c).
 */
import {
  type AfterCode,
  type ListRefusal,
  MOST_TCX,
  TC_UNSPEC,
  type TcPlace,
  tcPlace,
} from '../spec/hook-lists.ts';

/** How a program is attached to tcx: at an end, beside another one, or in its place. */
export type TcxAttachment<Name = number> =
  | { readonly how: 'append' | 'first' | 'last' }
  | { readonly how: 'before' | 'after' | 'replace'; readonly other: Name };

/** Why the kernel refuses an attachment. */
export type TcxRefusal = Extract<ListRefusal, 'ENOENT' | 'EEXIST' | 'ERANGE'>;

/** The order of programs with another one attached, or why it is not. */
export function tcxAttached<Name>(
  order: readonly Name[],
  program: Name,
  attachment: TcxAttachment<Name>,
): readonly Name[] | TcxRefusal {
  if (order.includes(program)) return 'EEXIST';
  const { how } = attachment;
  if (how === 'replace') {
    const at = order.indexOf(attachment.other);
    return at < 0 ? 'ENOENT' : order.with(at, program);
  }
  if (how === 'before' || how === 'after') {
    const at = order.indexOf(attachment.other);
    if (at < 0) return 'ENOENT';
    if (order.length >= MOST_TCX) return 'ERANGE';
    return order.toSpliced(how === 'before' ? at : at + 1, 0, program);
  }
  if (order.length >= MOST_TCX) return 'ERANGE';
  return how === 'first' ? [program, ...order] : [...order, program];
}

/** What comes after a code of a program. */
export function afterTcCode(
  where: TcPlace,
  code: number,
): Extract<AfterCode, 'asked' | 'final' | 'ends-tcx'> {
  const { final, unknown } = tcPlace(where);
  if (final.has(code)) return 'final';
  return code === TC_UNSPEC ? 'asked' : unknown;
}

/** cls_bpf gives each of its programs the class of its filter, which here has none. */
export const CLASS_FIELD = 'tc_classid';
