import type { Fault, FaultKind } from '../machine/fault.ts';
import { type Action, type HookName, programType, returnRange } from '../spec/program-types.ts';
import type { Options } from './options.ts';

/** What a hook does with a packet. */
export interface Verdict {
  /** `XDP_DROP`, `drop`, `keep 64 bytes`. */
  readonly name: string;
  /** r0 as the hook reads it; undefined where the program did not run to its end. */
  readonly code?: number;
  readonly action: Action;
  /** `filter-ubpf: r0 = 0x1 -> drop`. */
  readonly text: string;
  /** Why: bypassed, faulted, or a code the hook does not know. */
  readonly reason?: string;
  /** What to watch out for. */
  readonly warning?: string;
}

/** How a run ended, as a hook sees it. `r0` is the whole register. */
export type Ending =
  | {
      readonly how: 'returned';
      readonly r0: bigint;
      readonly packetLength: number;
      readonly redirect: { ifindex: number; target?: string } | undefined;
    }
  | { readonly how: 'faulted'; readonly fault: Fault }
  | { readonly how: 'bypassed'; readonly reason: string };

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const bytes = (count: number): string => `${count} ${count === 1 ? 'byte' : 'bytes'}`;

type Judge = (
  r0: bigint,
  ending: Extract<Ending, { how: 'returned' }>,
  options: Options,
) => Verdict;

/**
 * The filter looks at all 64 bits (the series' filter-ubpf.c); a C function's int is only the low
 * half.
 */
const judgeFilterUbpf: Judge = (r0) => {
  const drops = r0 !== 0n;
  const name = drops ? 'drop' : 'pass';
  const code = Number(BigInt.asIntN(64, r0));
  const text = `filter-ubpf: r0 = ${hex(r0)} -> ${name}`;
  const lowHalfIsZero = drops && BigInt.asUintN(32, r0) === 0n;
  return {
    name,
    code,
    action: name,
    text,
    ...(lowHalfIsZero && {
      warning:
        'The low 32 bits of r0 are zero: as a C int the program returned 0, ' +
        'but filter-ubpf tests all 64 bits and drops.',
    }),
  };
};

const judgeUbpf: Judge = (r0) => ({
  name: hex(r0),
  code: Number(BigInt.asIntN(64, r0)),
  action: 'other',
  text: `uBPF: r0 = ${hex(r0)}`,
});

/** sk_filter_trim_cap (net/core/filter.c): the return value as unsigned 32 bits is what is kept. */
const judgeSocketFilter: Judge = (r0, { packetLength }) => {
  const keep = Number(BigInt.asUintN(32, r0));
  if (keep === 0) return { name: 'drop', code: 0, action: 'drop', text: 'socket filter: drop (0)' };
  const kept = Math.min(keep, packetLength);
  const name = `keep ${bytes(kept)}`;
  const action = keep < packetLength ? 'truncate' : 'pass';
  return { name, code: keep, action, text: `socket filter: ${name} (${keep})` };
};

/**
 * Hooks whose return value is a signed int: tc's codes start at -1, a parser's errors are negative.
 */
const SIGNED: ReadonlySet<HookName> = new Set(['tc', 'sk_skb']);

/** Linux hooks with named codes. */
const judgeByCode =
  (hook: HookName, unknown: (code: number) => Pick<Verdict, 'name' | 'action' | 'reason'>): Judge =>
  (r0, { redirect }) => {
    const { verdicts, label } = programType(hook);
    const code = SIGNED.has(hook) ? Number(BigInt.asIntN(32, r0)) : Number(BigInt.asUintN(32, r0));
    const row = verdicts.find((verdict) => verdict.code === code);
    const named: Pick<Verdict, 'name' | 'action' | 'reason'> = row ?? unknown(code);
    const target =
      named.action === 'redirect' && redirect
        ? ` to ${redirect.target ?? `interface ${redirect.ifindex}`}`
        : '';
    return {
      name: named.name,
      code,
      action: named.action,
      text: `${label}: ${named.name} (${code})${target}`,
      ...(named.reason && { reason: named.reason }),
      ...(named.action === 'redirect' &&
        !redirect && {
          warning:
            'The program asked for no target with bpf_redirect: the kernel drops the packet.',
        }),
    };
  };

const judgeXdp = judgeByCode('xdp', (code) => ({
  name: `unknown action ${code}`,
  action: 'aborted',
  reason: 'The kernel warns of an invalid XDP return value and drops the packet.',
}));

const judgeTc = judgeByCode('tc', (code) => ({
  name: `unknown action ${code}`,
  action: 'pass',
  reason: 'cls_bpf takes a code it does not know as TC_ACT_UNSPEC.',
}));

const judgeCgroupAny = judgeByCode('cgroup_skb', (code) => ({
  name: `out of range ${code}`,
  action: 'drop',
  reason: `The verifier refuses programs that can return ${programType('cgroup_skb')
    .returns!.map(({ high, only }) => `more than ${high} on ${only![1]}`)
    .join(', ')}.`,
}));

const judgeCgroup: Judge = (r0, ending, options) => {
  const verdict = judgeCgroupAny(r0, ending, options);
  const { high } = returnRange('cgroup_skb', options)!;
  if (options.get('direction') !== 'ingress' || verdict.code! <= high) return verdict;
  return {
    ...verdict,
    action: 'drop',
    reason: `The verifier refuses programs on ingress that can return more than ${high}.`,
  };
};

/** A hook whose every code that the verifier allows has a name. */
function judgeInRange(hook: HookName): Judge {
  const { low, high } = returnRange(hook, new Map())!;
  return judgeByCode(hook, () => ({
    name: 'out of range',
    action: 'drop',
    reason: `The verifier refuses programs that can return anything but ${low} and ${high}.`,
  }));
}

/** run_lwt_bpf (net/core/lwt_bpf.c). */
const judgeLwt = (hook: HookName): Judge =>
  judgeByCode(hook, (code) => ({
    name: `unknown code ${code}`,
    action: 'drop',
    reason: 'The kernel warns of an illegal return value and drops the packet.',
  }));

/**
 * bpf_flow_dissect's caller (net/core/flow_dissector.c): anything but OK and CONTINUE finds no
 * flow.
 */
const judgeFlowDissector = judgeByCode('flow_dissector', (code) => ({
  name: `unknown code ${code}`,
  action: 'drop',
  reason: 'Anything but BPF_OK and BPF_FLOW_DISSECTOR_CONTINUE says that there is no flow.',
}));

/** sk_psock_map_verd (net/core/skmsg.c): what is not SK_PASS is dropped. */
const judgeSocketCode = (hook: HookName): Judge =>
  judgeByCode(hook, (code) => ({
    name: `unknown code ${code}`,
    action: 'drop',
    reason: 'Anything but SK_PASS drops.',
  }));

/** A stream parser's answer is a length (net/strparser/strparser.c). */
const judgeParser: Judge = (r0) => {
  const length = Number(BigInt.asIntN(32, r0));
  const name =
    length > 0
      ? `message of ${bytes(length)}`
      : length === 0
        ? 'needs more data'
        : `error ${length}`;
  const action = length < 0 ? 'aborted' : 'other';
  return { name, code: length, action, text: `sk_skb parser: ${name} (${length})` };
};

const judgeSkSkb: Judge = (r0, ending, options) =>
  options.get('attach') === 'parser'
    ? judgeParser(r0, ending, options)
    : judgeSkSkbVerdict(r0, ending, options);
const judgeSkSkbVerdict = judgeSocketCode('sk_skb');

const JUDGES: Record<HookName, Judge> = {
  'filter-ubpf': judgeFilterUbpf,
  ubpf: judgeUbpf,
  xdp: judgeXdp,
  tc: judgeTc,
  socket_filter: judgeSocketFilter,
  cgroup_skb: judgeCgroup,
  lwt_in: judgeLwt('lwt_in'),
  lwt_out: judgeLwt('lwt_out'),
  lwt_xmit: judgeLwt('lwt_xmit'),
  flow_dissector: judgeFlowDissector,
  sk_skb: judgeSkSkb,
  sk_msg: judgeSocketCode('sk_msg'),
  sk_lookup: judgeInRange('sk_lookup'),
  sk_reuseport: judgeSocketCode('sk_reuseport'),
  netfilter: judgeInRange('netfilter'),
};

/**
 * What each hook does with the packet where the program faults. A kernel would not have loaded such
 * a program.
 */
const ON_FAULT: Record<HookName, Pick<Verdict, 'name' | 'code' | 'action'>> = {
  'filter-ubpf': { name: 'drop', code: undefined, action: 'drop' },
  ubpf: { name: 'error', code: undefined, action: 'aborted' },
  xdp: { name: 'XDP_ABORTED', code: 0, action: 'aborted' },
  tc: { name: 'TC_ACT_SHOT', code: 2, action: 'drop' },
  socket_filter: { name: 'drop', code: 0, action: 'drop' },
  cgroup_skb: { name: 'SK_DROP', code: 0, action: 'drop' },
  lwt_in: { name: 'BPF_DROP', code: 2, action: 'drop' },
  lwt_out: { name: 'BPF_DROP', code: 2, action: 'drop' },
  lwt_xmit: { name: 'BPF_DROP', code: 2, action: 'drop' },
  flow_dissector: { name: 'BPF_DROP', code: 2, action: 'drop' },
  sk_skb: { name: 'SK_DROP', code: 0, action: 'drop' },
  sk_msg: { name: 'SK_DROP', code: 0, action: 'drop' },
  sk_lookup: { name: 'SK_DROP', code: 0, action: 'drop' },
  sk_reuseport: { name: 'SK_DROP', code: 0, action: 'drop' },
  netfilter: { name: 'NF_DROP', code: 0, action: 'drop' },
};

const REFUSED = ' The verifier of a kernel would refuse the program.';
const UNKNOWN =
  ' It is in the kernel but not built here: what the program would come to is not known.';

/**
 * What a kernel would make of a program that faults here: where it may not be said that it refuses,
 * it is not.
 */
const ON_KERNEL: Record<FaultKind, string> = {
  'out-of-bounds': REFUSED,
  'null-pointer': REFUSED,
  'bad-pointer': REFUSED,
  'not-writable': REFUSED,
  'stale-pointer': REFUSED,
  'context-access': REFUSED,
  'undefined-instruction': REFUSED,
  'failed-relocation': REFUSED,
  'out-of-program': REFUSED,
  'call-depth': REFUSED,
  'unknown-helper': REFUSED,
  'bad-argument': REFUSED,
  'helper-not-built': UNKNOWN,
  'not-built': UNKNOWN,
  'step-budget':
    ' A kernel that has accepted it runs it on: whether and how it ends is not known here.',
};

/**
 * A pointer of one of the kernel's own structures may be NULL: reading through it gives 0
 * (fixup_exception of BPF).
 */
const NULL_IN_KERNEL =
  ' A kernel reads 0 there where the pointer is of one of its own structures; ' +
  'else its verifier would refuse the program.';

function onKernel(hook: HookName, { kind }: Fault): string {
  if (programType(hook).helpers !== 'linux') return '';
  return hook === 'netfilter' && kind === 'null-pointer' ? NULL_IN_KERNEL : ON_KERNEL[kind];
}

/**
 * What a hook does with a packet after a run: named, numbered, with the reason where the program
 * did not decide.
 */
export function verdictOf(hook: HookName, ending: Ending, options: Options): Verdict {
  const { label } = programType(hook);
  switch (ending.how) {
    case 'returned':
      return JUDGES[hook](ending.r0, ending, options);
    case 'bypassed':
      return {
        name: 'pass',
        action: 'pass',
        text: `${label}: pass, the program did not run`,
        reason: `The program did not run: ${ending.reason}.`,
      };
    case 'faulted': {
      const verdict = ON_FAULT[hook];
      return {
        ...verdict,
        text: `${label}: fault -> ${verdict.name}`,
        reason: `The program faulted: ${ending.fault.message}.${onKernel(hook, ending.fault)}`,
      };
    }
  }
}
