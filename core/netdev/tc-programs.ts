/**
 * Several tc programs on one device: those of tcx in their order (kernel/bpf/mprog.c), then those
 * of cls_bpf in direct-action mode, a filter each (net/core/dev.c, sch_handle_ingress;
 * net/sched/cls_bpf.c).
 */
import type { RunOutcome } from '../session/outcome.ts';
import type { runnableSession, Work } from '../session/session.ts';
import { contextFields } from '../spec/contexts.ts';
import type { Action } from '../spec/program-types.ts';

/** How a program is attached to tcx: at an end, beside another one, or in its place. */
export type TcxAttachment =
  | { readonly how: 'append' | 'first' | 'last' }
  | { readonly how: 'before' | 'after' | 'replace'; readonly other: number };

/** Why the kernel refuses an attachment. */
export type TcxRefusal = 'ENOENT' | 'EEXIST' | 'ERANGE';

/** BPF_MPROG_MAX */
export const MOST_TCX = 64;

/** The order of programs with another one attached, or why it is not. */
export function tcxAttached(
  order: readonly number[],
  program: number,
  attachment: TcxAttachment,
): readonly number[] | TcxRefusal {
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

type Runnable = ReturnType<typeof runnableSession>;

/** A program in its place; each has a machine, so that maps are its own. */
export interface TcProgram {
  readonly session: Runnable;
  readonly where: 'tcx' | 'cls_bpf';
}

/** What one program saw of the fields that are handed on, and what came of it. */
export interface TcStep {
  /** Among those that were given. */
  readonly program: number;
  readonly saw: ReadonlyMap<string, bigint>;
  readonly outcome: RunOutcome;
}

/** What became of a packet behind all of them. */
export interface TcResult {
  readonly steps: readonly TcStep[];
  /** The code that stands, and what it does; the packet passes where none stopped it. */
  readonly code: number;
  readonly action: Action;
  readonly packetOut: Uint8Array;
}

const UNSPEC = -1;
/**
 * Codes after which nothing else is asked. Of tcx these alone (tcx_action_code): any other code
 * ends tcx, too, but cls_bpf goes on as if no program had said anything. Of a filter of cls_bpf
 * these (cls_bpf_exec_opcode); any other is taken for UNSPEC, and the next filter is asked.
 */
const FINAL: Readonly<Record<TcProgram['where'], ReadonlySet<number>>> = {
  tcx: new Set([0, 2, 7]),
  cls_bpf: new Set([0, 2, 4, 7, 8]),
};

/** Fields of struct __sk_buff that a program may write: the next one finds them so. */
const HANDED_ON = contextFields('__sk_buff').filter(
  ({ write = [], yields }) => yields === 'number' && write.includes('tc'),
);
/** cls_bpf gives each of its programs the class of its filter, which here has none. */
const CLASS = 'tc_classid';

/**
 * A packet past programs, in the order in which they stand: those of tcx first. What one of them
 * writes into the packet and into fields of the context the next one sees. `k`: number of the
 * packet, as `Session.begin` has it.
 */
export function* throughTcPrograms(
  programs: readonly TcProgram[],
  k: number,
  frame: Uint8Array,
): Work<TcResult> {
  const steps: TcStep[] = [];
  let packetOut = frame;
  let handed: ReadonlyMap<string, bigint> | undefined;
  let isTcxOver = false;
  for (const [program, { session, where }] of programs.entries()) {
    if (where === 'tcx' && isTcxOver) continue;
    session.beginFrame(k, packetOut, undefined, fieldsFor(session, where, handed));
    const saw = fieldsOf(session);
    const outcome = yield* session.completeFrame(k, packetOut);
    steps.push({ program, saw, outcome });
    ({ packetOut } = outcome);
    handed = fieldsOf(session);
    const code = outcome.verdict.code ?? UNSPEC;
    if (FINAL[where].has(code)) return { steps, code, action: outcome.verdict.action, packetOut };
    // A code that tcx does not know ends it, and says nothing.
    if (where === 'tcx' && code !== UNSPEC) isTcxOver = true;
  }
  return { steps, code: UNSPEC, action: 'pass', packetOut };
}

/** What the fields hold now. */
function fieldsOf({ machine }: Runnable): ReadonlyMap<string, bigint> {
  const { context } = machine;
  return new Map(HANDED_ON.map(({ name }) => [name, context?.get(name) ?? 0n]));
}

/** Fields as a program is given them; the first one has those of the session. */
function fieldsFor(
  { inputs }: Runnable,
  where: TcProgram['where'],
  handed: ReadonlyMap<string, bigint> | undefined,
): [field: string, value: string][] {
  if (handed === undefined) return inputs.context;
  const fields = [...handed].map(([name, value]): [string, string] => [name, value.toString()]);
  return where === 'tcx' ? fields : [...fields.filter(([name]) => name !== CLASS), [CLASS, '0']];
}
