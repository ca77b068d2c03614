import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../machine/fault.ts';
import { type Action, type HookName, PROGRAM_TYPES, programType } from '../spec/program-types.ts';
import { type Ending, verdictOf } from './verdict.ts';

type Options = Readonly<Record<string, string>>;
type Returned = Extract<Ending, { how: 'returned' }>;

function judge(hook: HookName, r0: bigint, options: Options = {}, ending: Partial<Returned> = {}) {
  const initial = programType(hook).options.map(({ name, initial }) => [name, initial] as const);
  const all = new Map([...initial, ...Object.entries(options)]);
  const returned = {
    how: 'returned' as const,
    r0: BigInt.asUintN(64, r0),
    packetLength: 60,
    redirect: undefined,
  };
  return verdictOf(hook, { ...returned, ...ending }, all);
}

const NO_TARGET = 'The program asked for no target with bpf_redirect: the kernel drops the packet.';
const LOW_HALF =
  'The low 32 bits of r0 are zero: as a C int the program returned 0, ' +
  'but filter-ubpf tests all 64 bits and drops.';

describe('QEMU filter-ubpf tests all 64 bits (the series of 2022, filter-ubpf.c)', () => {
  test.each<[bigint, object]>([
    [0n, { name: 'pass', code: 0, action: 'pass', text: 'filter-ubpf: r0 = 0x0 -> pass' }],
    [1n, { name: 'drop', code: 1, action: 'drop', text: 'filter-ubpf: r0 = 0x1 -> drop' }],
    [
      -1n,
      {
        name: 'drop',
        code: -1,
        action: 'drop',
        text: 'filter-ubpf: r0 = 0xffffffffffffffff -> drop',
      },
    ],
    [
      0xffff_ffffn,
      {
        name: 'drop',
        code: 0xffff_ffff,
        action: 'drop',
        text: 'filter-ubpf: r0 = 0xffffffff -> drop',
      },
    ],
    [
      1n << 32n,
      {
        name: 'drop',
        code: 2 ** 32,
        action: 'drop',
        text: 'filter-ubpf: r0 = 0x100000000 -> drop',
        warning: LOW_HALF,
      },
    ],
    [
      1n << 63n,
      {
        name: 'drop',
        code: -(2 ** 63),
        action: 'drop',
        text: 'filter-ubpf: r0 = 0x8000000000000000 -> drop',
        warning: LOW_HALF,
      },
    ],
    [
      (1n << 63n) + 1n,
      {
        name: 'drop',
        code: -(2 ** 63),
        action: 'drop',
        text: 'filter-ubpf: r0 = 0x8000000000000001 -> drop',
      },
    ],
  ])('r0 = %d', (r0, verdict) => expect(judge('filter-ubpf', r0)).toEqual(verdict));
});

describe('uBPF answers with the number itself, signed', () => {
  test.each<[bigint, string, number]>([
    [0n, '0x0', 0],
    [1n, '0x1', 1],
    [-1n, '0xffffffffffffffff', -1],
    [(1n << 63n) - 1n, '0x7fffffffffffffff', Number((1n << 63n) - 1n)],
    [1n << 63n, '0x8000000000000000', -(2 ** 63)],
  ])('r0 = %d', (r0, name, code) =>
    expect(judge('ubpf', r0)).toEqual({ name, code, action: 'other', text: `uBPF: r0 = ${name}` }),
  );
});

describe(
  'a socket keeps as many bytes as its filter returns (net/core/filter.c, ' + 'sk_filter_trim_cap)',
  () => {
    test.each<[bigint, string, number, Action, string]>([
      [0n, 'drop', 0, 'drop', 'socket filter: drop (0)'],
      [1n, 'keep 1 byte', 1, 'truncate', 'socket filter: keep 1 byte (1)'],
      [2n, 'keep 2 bytes', 2, 'truncate', 'socket filter: keep 2 bytes (2)'],
      [59n, 'keep 59 bytes', 59, 'truncate', 'socket filter: keep 59 bytes (59)'],
      [60n, 'keep 60 bytes', 60, 'pass', 'socket filter: keep 60 bytes (60)'],
      [61n, 'keep 60 bytes', 61, 'pass', 'socket filter: keep 60 bytes (61)'],
      [-1n, 'keep 60 bytes', 0xffff_ffff, 'pass', 'socket filter: keep 60 bytes (4294967295)'],
      [1n << 32n, 'drop', 0, 'drop', 'socket filter: drop (0)'],
      [1n << 63n, 'drop', 0, 'drop', 'socket filter: drop (0)'],
    ])('r0 = %d of 60 bytes', (r0, name, code, action, text) =>
      expect(judge('socket_filter', r0)).toEqual({ name, code, action, text }),
    );
    test.each([
      ['link', 1n, 'keep 1 byte'],
      ['network', 1n, 'keep 1 byte'],
      ['transport', 1n, 'keep 1 byte'],
    ])('wherever its data starts: %s', (start, r0, name) =>
      expect(judge('socket_filter', r0, { start })).toEqual({
        name,
        code: 1,
        action: 'truncate',
        text: `socket filter: ${name} (1)`,
      }),
    );
  },
);

/** name, action and code of r0; the label of the hook is part of the text. */
type Row = readonly [r0: bigint, name: string, action: Action, code: number];

/**
 * include/uapi/linux/bpf.h, pkt_cls.h and netfilter.h; what each caller in the kernel makes of the
 * number.
 */
const CODES: Record<
  string,
  readonly [hook: HookName, options: Options, label: string, rows: readonly Row[]]
> = {
  xdp: [
    'xdp',
    {},
    'XDP',
    [
      [0n, 'XDP_ABORTED', 'aborted', 0],
      [1n, 'XDP_DROP', 'drop', 1],
      [2n, 'XDP_PASS', 'pass', 2],
      [3n, 'XDP_TX', 'tx', 3],
      [(1n << 32n) + 2n, 'XDP_PASS', 'pass', 2],
      [1n << 63n, 'XDP_ABORTED', 'aborted', 0],
    ],
  ],
  tc: [
    'tc',
    {},
    'tc (sched_cls)',
    [
      [-1n, 'TC_ACT_UNSPEC', 'pass', -1],
      [0xffff_ffffn, 'TC_ACT_UNSPEC', 'pass', -1],
      [0n, 'TC_ACT_OK', 'pass', 0],
      [1n, 'TC_ACT_RECLASSIFY', 'other', 1],
      [2n, 'TC_ACT_SHOT', 'drop', 2],
      [3n, 'TC_ACT_PIPE', 'pass', 3],
      [4n, 'TC_ACT_STOLEN', 'drop', 4],
      [5n, 'TC_ACT_QUEUED', 'drop', 5],
      [6n, 'TC_ACT_REPEAT', 'other', 6],
      [8n, 'TC_ACT_TRAP', 'drop', 8],
      [1n << 63n, 'TC_ACT_OK', 'pass', 0],
    ],
  ],
  'cgroup_skb, ingress': [
    'cgroup_skb',
    { direction: 'ingress' },
    'cgroup skb',
    [
      [0n, 'SK_DROP', 'drop', 0],
      [1n, 'SK_PASS', 'pass', 1],
    ],
  ],
  'cgroup_skb, egress': [
    'cgroup_skb',
    { direction: 'egress' },
    'cgroup skb',
    [
      [0n, 'SK_DROP', 'drop', 0],
      [1n, 'SK_PASS', 'pass', 1],
      [2n, 'NET_XMIT_DROP', 'drop', 2],
      [3n, 'NET_XMIT_CN', 'pass', 3],
    ],
  ],
  ...Object.fromEntries(
    (['lwt_in', 'lwt_out', 'lwt_xmit'] as const).map((hook) => [
      hook,
      [
        hook,
        {},
        hook,
        [
          [0n, 'BPF_OK', 'pass', 0],
          [2n, 'BPF_DROP', 'drop', 2],
          [128n, 'BPF_LWT_REROUTE', 'other', 128],
        ],
      ] as const,
    ]),
  ),
  flow_dissector: [
    'flow_dissector',
    {},
    'flow dissector',
    [
      [0n, 'BPF_OK', 'pass', 0],
      [2n, 'BPF_DROP', 'drop', 2],
      [129n, 'BPF_FLOW_DISSECTOR_CONTINUE', 'other', 129],
    ],
  ],
  ...Object.fromEntries(
    (['sk_skb', 'sk_msg', 'sk_lookup', 'sk_reuseport'] as const).map((hook) => [
      hook,
      [
        hook,
        {},
        hook,
        [
          [0n, 'SK_DROP', 'drop', 0],
          [1n, 'SK_PASS', 'pass', 1],
        ],
      ] as const,
    ]),
  ),
  netfilter: [
    'netfilter',
    {},
    'netfilter',
    [
      [0n, 'NF_DROP', 'drop', 0],
      [1n, 'NF_ACCEPT', 'pass', 1],
    ],
  ],
};

describe.each(Object.entries(CODES))('%s', (_title, [hook, options, label, rows]) => {
  test.each(rows)('r0 = %d is %s', (r0, name, action, code) =>
    expect(judge(hook, r0, options)).toEqual({
      name,
      code,
      action,
      text: `${label}: ${name} (${code})`,
    }),
  );
  test('a target asked for is no part of a verdict that does not redirect', () => {
    const [r0, name, action, code] = rows[0];
    expect(judge(hook, r0, options, { redirect: { ifindex: 7 } })).toEqual({
      name,
      code,
      action,
      text: `${label}: ${name} (${code})`,
    });
  });
});

test(
  'the table of verdicts above is whole: a code that spec/program-types.ts has and no row ' +
    'here names',
  () => {
    const redirects = ['XDP_REDIRECT', 'TC_ACT_REDIRECT', 'BPF_REDIRECT'];
    const named = new Set(
      Object.values(CODES).flatMap(([hook, , , rows]) => rows.map((row) => `${hook} ${row[3]}`)),
    );
    const missing = PROGRAM_TYPES.flatMap(({ name, verdicts }) =>
      verdicts.filter((row) => !redirects.includes(row.name) && !named.has(`${name} ${row.code}`)),
    );
    expect(missing).toEqual([]);
  },
);

describe('a redirect names its target, or says that there is none', () => {
  test.each<[HookName, bigint, string, string]>([
    ['xdp', 4n, 'XDP_REDIRECT', 'XDP: XDP_REDIRECT (4)'],
    ['tc', 7n, 'TC_ACT_REDIRECT', 'tc (sched_cls): TC_ACT_REDIRECT (7)'],
    ['lwt_xmit', 7n, 'BPF_REDIRECT', 'lwt_xmit: BPF_REDIRECT (7)'],
  ])('%s', (hook, r0, name, text) => {
    const verdict = { name, code: Number(r0), action: 'redirect' };
    expect(judge(hook, r0)).toEqual({ ...verdict, text, warning: NO_TARGET });
    expect(judge(hook, r0, {}, { redirect: { ifindex: 3 } })).toEqual({
      ...verdict,
      text: `${text} to interface 3`,
    });
    expect(judge(hook, r0, {}, { redirect: { ifindex: 3, target: 'CPU 2' } })).toEqual({
      ...verdict,
      text: `${text} to CPU 2`,
    });
  });
  test.each(['lwt_in', 'lwt_out'] as const)('%s may not redirect: the packet goes on', (hook) =>
    expect(judge(hook, 7n, {}, { redirect: { ifindex: 3 } })).toEqual({
      name: 'BPF_REDIRECT',
      code: 7,
      action: 'pass',
      text: `${hook}: BPF_REDIRECT (7)`,
    }),
  );
});

const LWT = 'The kernel warns of an illegal return value and drops the packet.';
const XDP = 'The kernel warns of an invalid XDP return value and drops the packet.';
const CGROUP =
  'The verifier refuses programs that can return more than 1 on ingress, more than 3 on egress.';
const INGRESS = 'The verifier refuses programs on ingress that can return more than 1.';
const refusesBut = (range: string) =>
  `The verifier refuses programs that can return anything but ${range}.`;

describe('a code the hook does not know', () => {
  test.each<[HookName, bigint, Options, string, number, Action, string]>([
    ['xdp', 5n, {}, 'unknown action 5', 5, 'aborted', XDP],
    ['xdp', -1n, {}, 'unknown action 4294967295', 0xffff_ffff, 'aborted', XDP],
    [
      'tc',
      9n,
      {},
      'unknown action 9',
      9,
      'pass',
      'cls_bpf takes a code it does not know as TC_ACT_UNSPEC.',
    ],
    [
      'tc',
      -2n,
      {},
      'unknown action -2',
      -2,
      'pass',
      'cls_bpf takes a code it does not know as TC_ACT_UNSPEC.',
    ],
    ['cgroup_skb', 2n, { direction: 'ingress' }, 'NET_XMIT_DROP', 2, 'drop', INGRESS],
    ['cgroup_skb', 3n, { direction: 'ingress' }, 'NET_XMIT_CN', 3, 'drop', INGRESS],
    ['cgroup_skb', 4n, { direction: 'ingress' }, 'out of range 4', 4, 'drop', INGRESS],
    ['cgroup_skb', 4n, { direction: 'egress' }, 'out of range 4', 4, 'drop', CGROUP],
    [
      'cgroup_skb',
      -1n,
      { direction: 'egress' },
      'out of range 4294967295',
      0xffff_ffff,
      'drop',
      CGROUP,
    ],
    ['lwt_in', 1n, {}, 'unknown code 1', 1, 'drop', LWT],
    ['lwt_out', -1n, {}, 'unknown code 4294967295', 0xffff_ffff, 'drop', LWT],
    ['lwt_xmit', 129n, {}, 'unknown code 129', 129, 'drop', LWT],
    [
      'flow_dissector',
      1n,
      {},
      'unknown code 1',
      1,
      'drop',
      'Anything but BPF_OK and BPF_FLOW_DISSECTOR_CONTINUE says that there is no flow.',
    ],
    ['sk_skb', 2n, {}, 'unknown code 2', 2, 'drop', 'Anything but SK_PASS drops.'],
    ['sk_skb', -1n, {}, 'unknown code -1', -1, 'drop', 'Anything but SK_PASS drops.'],
    ['sk_msg', 2n, {}, 'unknown code 2', 2, 'drop', 'Anything but SK_PASS drops.'],
    [
      'sk_reuseport',
      -1n,
      {},
      'unknown code 4294967295',
      0xffff_ffff,
      'drop',
      'Anything but SK_PASS drops.',
    ],
    ['sk_lookup', 2n, {}, 'out of range', 2, 'drop', refusesBut('0 and 1')],
    ['netfilter', 2n, {}, 'out of range', 2, 'drop', refusesBut('0 and 1')],
  ])('%s, r0 = %d %o', (hook, r0, options, name, code, action, reason) =>
    expect(judge(hook, r0, options)).toEqual({
      name,
      code,
      action,
      text: `${programType(hook).label}: ${name} (${code})`,
      reason,
    }),
  );
});

describe('a stream parser answers with a length (net/strparser/strparser.c)', () => {
  test.each<[bigint, string, Action, number]>([
    [0n, 'needs more data', 'other', 0],
    [1n, 'message of 1 byte', 'other', 1],
    [2n, 'message of 2 bytes', 'other', 2],
    [-1n, 'error -1', 'aborted', -1],
    [0xffff_ffeen, 'error -18', 'aborted', -18],
    [1n << 63n, 'needs more data', 'other', 0],
  ])('r0 = %d', (r0, name, action, code) =>
    expect(judge('sk_skb', r0, { attach: 'parser' })).toEqual({
      name,
      code,
      action,
      text: `sk_skb parser: ${name} (${code})`,
    }),
  );
});

const FAULTED: Record<HookName, [name: string, code: number | undefined, action: Action]> = {
  'filter-ubpf': ['drop', undefined, 'drop'],
  ubpf: ['error', undefined, 'aborted'],
  xdp: ['XDP_ABORTED', 0, 'aborted'],
  tc: ['TC_ACT_SHOT', 2, 'drop'],
  socket_filter: ['drop', 0, 'drop'],
  cgroup_skb: ['SK_DROP', 0, 'drop'],
  lwt_in: ['BPF_DROP', 2, 'drop'],
  lwt_out: ['BPF_DROP', 2, 'drop'],
  lwt_xmit: ['BPF_DROP', 2, 'drop'],
  flow_dissector: ['BPF_DROP', 2, 'drop'],
  sk_skb: ['SK_DROP', 0, 'drop'],
  sk_msg: ['SK_DROP', 0, 'drop'],
  sk_lookup: ['SK_DROP', 0, 'drop'],
  sk_reuseport: ['SK_DROP', 0, 'drop'],
  netfilter: ['NF_DROP', 0, 'drop'],
};
const REFUSES = ' The verifier of a kernel would refuse the program.';
const USERSPACE: readonly HookName[] = ['filter-ubpf', 'ubpf'];

const faulted = (hook: HookName, kind: FaultKind) =>
  verdictOf(
    hook,
    { how: 'faulted', fault: { kind, pc: 3, message: 'instruction 3 does what it may not' } },
    new Map(),
  );

describe.each(Object.entries(FAULTED) as [HookName, (typeof FAULTED)[HookName]][])(
  'a fault in %s',
  (hook, [name, code, action]) => {
    const { label } = programType(hook);
    test('drops the packet, and says what a kernel would have done', () =>
      expect(faulted(hook, 'out-of-bounds')).toEqual({
        name,
        code,
        action,
        text: `${label}: fault -> ${name}`,
        reason:
          `The program faulted: instruction 3 does what it may ` +
          `not.${USERSPACE.includes(hook) ? '' : REFUSES}`,
      }));
    test('a frame that bypasses the program passes', () =>
      expect(verdictOf(hook, { how: 'bypassed', reason: 'the frame is empty' }, new Map())).toEqual(
        {
          name: 'pass',
          action: 'pass',
          text: `${label}: pass, the program did not run`,
          reason: 'The program did not run: the frame is empty.',
        },
      ));
  },
);

describe('what a kernel would make of each kind of fault', () => {
  const UNKNOWN =
    ' It is in the kernel but not built here: what the program would come to is not known.';
  const NULL_READS_ZERO =
    ' A kernel reads 0 there where the pointer is of one of its own structures; ' +
    'else its verifier would refuse the program.';
  const RUNS_ON =
    ' A kernel that has accepted it runs it on: whether and how it ends is not known here.';
  const SAYS: Record<FaultKind, string> = {
    'out-of-bounds': REFUSES,
    'null-pointer': REFUSES,
    'bad-pointer': REFUSES,
    'not-writable': REFUSES,
    'stale-pointer': REFUSES,
    'context-access': REFUSES,
    'undefined-instruction': REFUSES,
    'failed-relocation': REFUSES,
    'out-of-program': REFUSES,
    'call-depth': REFUSES,
    'unknown-helper': REFUSES,
    'bad-argument': REFUSES,
    'helper-not-built': UNKNOWN,
    'not-built': UNKNOWN,
    'step-budget': RUNS_ON,
  };
  test.each(Object.entries(SAYS) as [FaultKind, string][])('%s', (kind, says) => {
    const fact = 'The program faulted: instruction 3 does what it may not.';
    expect(faulted('xdp', kind).reason).toBe(`${fact}${says}`);
    expect(faulted('ubpf', kind).reason).toBe(fact);
    expect(faulted('netfilter', kind).reason).toBe(
      `${fact}${kind === 'null-pointer' ? NULL_READS_ZERO : says}`,
    );
  });
});
