/**
 * Program types (hooks): one row each. Sections as libbpf recognises them (tools/lib/bpf/libbpf.c,
 * section_defs), verdict numbers as in include/uapi/linux/bpf.h and pkt_cls.h.
 */

import type { ContextName } from './contexts.ts';

export type HookName =
  | 'filter-ubpf'
  | 'ubpf'
  | 'xdp'
  | 'tc'
  | 'socket_filter'
  | 'cgroup_skb'
  | 'lwt_in'
  | 'lwt_out'
  | 'lwt_xmit'
  | 'flow_dissector'
  | 'sk_skb'
  | 'sk_msg'
  | 'sk_lookup'
  | 'sk_reuseport'
  | 'netfilter';

/**
 * Where in the Ethernet frame that a person pastes the data of a program starts; none: it is given
 * no packet.
 */
export type DataStart = 'link' | 'network' | 'transport' | 'payload' | 'none';

/** What a return value makes the hook do with the packet; the words of the command line. */
export const ACTIONS = ['pass', 'drop', 'redirect', 'tx', 'aborted', 'truncate', 'other'] as const;
export type Action = (typeof ACTIONS)[number];

export interface VerdictRow {
  readonly code: number;
  readonly name: string;
  readonly action: Action;
  readonly doc: string;
}

export interface SectionPattern {
  /** The section name itself, or its part before the first `/` or `.`. */
  readonly prefix: string;
  /**
   * `exact`: nothing may follow; `slash`: `/…` may follow; `any`: anything may follow (as libbpf's
   * `+`).
   */
  readonly rest: 'exact' | 'slash' | 'any';
  /** Options that the name chooses. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface OptionRow {
  readonly name: string;
  readonly label: string;
  readonly doc: string;
  readonly kind: 'choice' | 'number';
  readonly choices?: readonly string[];
  readonly initial: string;
}

/** What r0 may be when the program ends: both bounds are allowed. */
export interface ReturnRange {
  readonly low: number;
  readonly high: number;
  /** Option and value it holds for; none: always. */
  readonly only?: readonly [option: string, value: string];
}

export interface ProgramTypeRow {
  readonly name: HookName;
  /** uapi enum bpf_prog_type; undefined for the userspace hooks. */
  readonly id: number | undefined;
  /** uapi enum bpf_attach_type the kernel wants at load; 0: none. */
  readonly attach: number;
  readonly label: string;
  readonly doc: string;
  readonly sections: readonly SectionPattern[];
  /**
   * Name of the context table (spec/contexts.ts); undefined: r1 points at memory, r2 is its length.
   */
  readonly context: ContextName | undefined;
  /** Unless option `start` says another. */
  readonly data: DataStart;
  /** What the verifier lets r0 be at the end (check_return_code); none: anything. */
  readonly returns?: readonly ReturnRange[];
  /** The register view of a verdict: what the hook looks at. */
  readonly verdicts: readonly VerdictRow[];
  /**
   * Helper profile: uapi numbers, or the six of uBPF's test program, which filter-ubpf took over.
   */
  readonly helpers: 'linux' | 'filter-ubpf';
  readonly options: readonly OptionRow[];
}

const LWT_DOC = {
  lwt_in: 'before a packet that came in is delivered or forwarded.',
  lwt_out: 'after routing, before a packet of this host goes out.',
  lwt_xmit: 'right before the packet is sent to its next hop.',
} as const;

const SOCKET_OPTION = {
  name: 'socket',
  label: 'its socket',
  kind: 'choice',
  choices: ['none', 'own'],
  initial: 'none',
  doc:
    'own: the packet belongs to a socket of this host, made from its addresses and ports, ' +
    'and the context names it.',
} as const satisfies OptionRow;

export const PROGRAM_TYPES = [
  {
    name: 'filter-ubpf',
    id: undefined,
    attach: 0,
    data: 'link',
    label: 'QEMU filter-ubpf',
    doc:
      'A netdev filter of a virtual machine: 0 passes the packet on, ' +
      'any other value of the 64-bit r0 drops it.',
    sections: [{ prefix: '.text', rest: 'exact' }],
    context: undefined,
    verdicts: [],
    helpers: 'filter-ubpf',
    options: [
      {
        name: 'ip-mode',
        label: 'ip-mode',
        kind: 'choice',
        choices: ['on', 'off'],
        initial: 'on',
        doc:
          'on: r1 points at the IP header and r2 is 20. off: ' +
          'r1 points at the Ethernet header and r2 is the length of the frame.',
      },
      {
        name: 'queue',
        label: 'queue',
        kind: 'choice',
        choices: ['all', 'rx', 'tx'],
        initial: 'all',
        doc:
          'Named from the netdev: tx is what the netdev sends, so what the guest receives; ' +
          'rx is what the guest sends.',
      },
      {
        name: 'direction',
        label: 'this packet goes',
        kind: 'choice',
        choices: ['to-guest', 'from-guest'],
        initial: 'to-guest',
        doc: 'to-guest travels on the tx queue, from-guest on the rx queue.',
      },
      {
        name: 'status',
        label: 'status',
        kind: 'choice',
        choices: ['on', 'off'],
        initial: 'on',
        doc: 'off: the netdev skips this filter.',
      },
      {
        name: 'bounds',
        label: 'bounds',
        kind: 'choice',
        choices: ['20-bytes', 'frame'],
        initial: 'frame',
        doc:
          'With ip-mode=on: frame lets loads reach the rest of the frame, as the JIT does, ' +
          'which checks nothing; 20-bytes faults beyond the length the program was told.',
      },
    ],
  },
  {
    name: 'ubpf',
    id: undefined,
    attach: 0,
    data: 'link',
    label: 'uBPF',
    doc: 'Raw memory: r1 points at the bytes, r2 is their number; r0 is the answer.',
    sections: [],
    context: undefined,
    verdicts: [],
    helpers: 'filter-ubpf',
    options: [],
  },
  {
    name: 'xdp',
    id: 6,
    attach: 37,
    data: 'link',
    label: 'XDP',
    doc: 'At the driver, before the kernel has made an skb.',
    sections: [
      { prefix: 'xdp/devmap', rest: 'any', options: { attach: 'devmap' } },
      { prefix: 'xdp.frags/devmap', rest: 'any', options: { attach: 'devmap', frags: 'yes' } },
      { prefix: 'xdp/cpumap', rest: 'any', options: { attach: 'cpumap' } },
      { prefix: 'xdp.frags/cpumap', rest: 'any', options: { attach: 'cpumap', frags: 'yes' } },
      { prefix: 'xdp.frags', rest: 'any', options: { frags: 'yes' } },
      { prefix: 'xdp', rest: 'any' },
    ],
    context: 'xdp_md',
    verdicts: [
      { code: 0, name: 'XDP_ABORTED', action: 'aborted', doc: 'Dropped, and traced as an error.' },
      { code: 1, name: 'XDP_DROP', action: 'drop', doc: 'Dropped.' },
      { code: 2, name: 'XDP_PASS', action: 'pass', doc: 'On to the network stack.' },
      { code: 3, name: 'XDP_TX', action: 'tx', doc: 'Out again where it came in.' },
      {
        code: 4,
        name: 'XDP_REDIRECT',
        action: 'redirect',
        doc: 'To the target that bpf_redirect or bpf_redirect_map chose.',
      },
    ],
    helpers: 'linux',
    options: [
      {
        name: 'attach',
        label: 'attached to',
        kind: 'choice',
        choices: ['device', 'devmap', 'cpumap'],
        initial: 'device',
        doc:
          'devmap: runs on the way out of a device that a devmap redirected to, ' +
          'and sees egress_ifindex. cpumap: runs on the CPU that a cpumap redirected to.',
      },
      {
        name: 'frags',
        label: 'in pieces',
        kind: 'choice',
        choices: ['no', 'yes'],
        initial: 'no',
        doc:
          'yes (xdp.frags): only the first 3,520 bytes of a longer packet are reached through ' +
          'data; bpf_xdp_load_bytes reaches the rest.',
      },
    ],
  },
  {
    name: 'tc',
    id: 3,
    attach: 0,
    data: 'link',
    label: 'tc (sched_cls)',
    doc: 'Traffic control classifier with direct action, and tcx.',
    sections: [
      { prefix: 'tc/ingress', rest: 'exact', options: { direction: 'ingress' } },
      { prefix: 'tcx/ingress', rest: 'exact', options: { direction: 'ingress' } },
      { prefix: 'tc', rest: 'slash' },
      { prefix: 'tcx', rest: 'slash' },
      { prefix: 'classifier', rest: 'any' },
      { prefix: 'netkit', rest: 'slash' },
      { prefix: 'action', rest: 'any' },
    ],
    context: '__sk_buff',
    verdicts: [
      {
        code: -1,
        name: 'TC_ACT_UNSPEC',
        action: 'pass',
        doc: 'The default action of the filter; for tcx the next program.',
      },
      { code: 0, name: 'TC_ACT_OK', action: 'pass', doc: 'The packet goes on.' },
      { code: 1, name: 'TC_ACT_RECLASSIFY', action: 'other', doc: 'Classification starts again.' },
      { code: 2, name: 'TC_ACT_SHOT', action: 'drop', doc: 'Dropped.' },
      { code: 3, name: 'TC_ACT_PIPE', action: 'pass', doc: 'The next action.' },
      {
        code: 4,
        name: 'TC_ACT_STOLEN',
        action: 'drop',
        doc: 'Taken: gone without counting as a drop.',
      },
      { code: 5, name: 'TC_ACT_QUEUED', action: 'drop', doc: 'Taken and queued.' },
      { code: 6, name: 'TC_ACT_REPEAT', action: 'other', doc: 'The same action again.' },
      {
        code: 7,
        name: 'TC_ACT_REDIRECT',
        action: 'redirect',
        doc: 'To the device that bpf_redirect chose.',
      },
      {
        code: 8,
        name: 'TC_ACT_TRAP',
        action: 'drop',
        doc: 'To the CPU of an offloading device; in software taken.',
      },
    ],
    helpers: 'linux',
    options: [
      {
        name: 'direction',
        label: 'direction',
        kind: 'choice',
        choices: ['egress', 'ingress'],
        initial: 'egress',
        doc: 'ingress: the packet comes in, and bpf_sk_assign may choose its socket.',
      },
      SOCKET_OPTION,
    ],
  },
  {
    name: 'socket_filter',
    id: 1,
    attach: 0,
    data: 'link',
    label: 'socket filter',
    doc: 'SO_ATTACH_BPF: the return value is how many bytes the socket keeps; 0 drops.',
    sections: [{ prefix: 'socket', rest: 'any' }],
    context: '__sk_buff',
    verdicts: [],
    helpers: 'linux',
    options: [
      {
        name: 'start',
        label: 'data starts at',
        kind: 'choice',
        choices: ['link', 'network', 'transport'],
        initial: 'link',
        doc:
          'link: a packet socket (AF_PACKET, SOCK_RAW). network: SOCK_DGRAM, ' +
          'and what BPF_PROG_TEST_RUN does. transport: a UDP or TCP socket.',
      },
    ],
  },
  {
    name: 'cgroup_skb',
    id: 8,
    attach: 0,
    data: 'network',
    label: 'cgroup skb',
    doc:
      'On the packets of the sockets of a cgroup: 1 lets through, 0 drops. ' +
      'The data starts at the network header.',
    sections: [
      { prefix: 'cgroup_skb/egress', rest: 'exact', options: { direction: 'egress' } },
      { prefix: 'cgroup_skb', rest: 'slash' },
      { prefix: 'cgroup/skb', rest: 'exact' },
    ],
    context: '__sk_buff',
    returns: [
      { low: 0, high: 1, only: ['direction', 'ingress'] },
      { low: 0, high: 3, only: ['direction', 'egress'] },
    ],
    verdicts: [
      { code: 0, name: 'SK_DROP', action: 'drop', doc: 'Dropped.' },
      { code: 1, name: 'SK_PASS', action: 'pass', doc: 'Lets the packet through.' },
      {
        code: 2,
        name: 'NET_XMIT_DROP',
        action: 'drop',
        doc: 'Egress: dropped, and TCP is told of congestion.',
      },
      {
        code: 3,
        name: 'NET_XMIT_CN',
        action: 'pass',
        doc: 'Egress: lets through, and TCP is told of congestion.',
      },
    ],
    helpers: 'linux',
    options: [
      {
        name: 'direction',
        label: 'direction',
        kind: 'choice',
        choices: ['ingress', 'egress'],
        initial: 'ingress',
        doc: 'From the section name where it says; egress knows two more return values.',
      },
    ],
  },
  ...(['lwt_in', 'lwt_out', 'lwt_xmit'] as const).map(
    (name, i) =>
      ({
        name,
        id: 10 + i,
        attach: 0,
        data: 'network',
        label: name,
        doc: `A route with \`encap bpf\`: ${LWT_DOC[name]} The data starts at the network header.`,
        sections: [{ prefix: name, rest: 'any' }],
        context: '__sk_buff',
        verdicts: [
          { code: 0, name: 'BPF_OK', action: 'pass', doc: 'The packet goes on.' },
          { code: 2, name: 'BPF_DROP', action: 'drop', doc: 'Dropped.' },
          name === 'lwt_xmit'
            ? {
                code: 7,
                name: 'BPF_REDIRECT',
                action: 'redirect',
                doc: 'To the device that bpf_redirect chose.',
              }
            : {
                code: 7,
                name: 'BPF_REDIRECT',
                action: 'pass',
                doc: 'Not allowed here: the kernel warns and lets the packet go on.',
              },
          {
            code: 128,
            name: 'BPF_LWT_REROUTE',
            action: 'other',
            doc: 'Looked up again by its new destination.',
          },
        ],
        helpers: 'linux',
        options: [SOCKET_OPTION],
      }) as const satisfies ProgramTypeRow,
  ),
  {
    name: 'flow_dissector',
    id: 22,
    attach: 17,
    data: 'link',
    label: 'flow dissector',
    doc:
      'Finds addresses, ports and protocols of a packet in place of the kernel; ' +
      'what it found is in flow_keys.',
    sections: [{ prefix: 'flow_dissector', rest: 'any' }],
    context: '__sk_buff',
    verdicts: [
      { code: 0, name: 'BPF_OK', action: 'pass', doc: 'flow_keys hold the flow.' },
      {
        code: 2,
        name: 'BPF_DROP',
        action: 'drop',
        doc: 'The packet has no flow that can be told.',
      },
      {
        code: 129,
        name: 'BPF_FLOW_DISSECTOR_CONTINUE',
        action: 'other',
        doc: "The kernel's own dissector does it.",
      },
    ],
    helpers: 'linux',
    options: [],
  },
  {
    name: 'sk_skb',
    id: 14,
    attach: 0,
    data: 'payload',
    label: 'sk_skb',
    doc:
      'On what a socket of a sockmap receives: a parser says how long a message is, ' +
      'a verdict what becomes of it.',
    sections: [
      { prefix: 'sk_skb/stream_parser', rest: 'any', options: { attach: 'parser' } },
      { prefix: 'sk_skb', rest: 'slash' },
    ],
    context: '__sk_buff',
    verdicts: [
      { code: 0, name: 'SK_DROP', action: 'drop', doc: 'Dropped.' },
      {
        code: 1,
        name: 'SK_PASS',
        action: 'pass',
        doc: 'To the socket, or to the one that bpf_sk_redirect_* chose.',
      },
    ],
    helpers: 'linux',
    options: [
      {
        name: 'attach',
        label: 'attached as',
        kind: 'choice',
        choices: ['verdict', 'parser'],
        initial: 'verdict',
        doc:
          'parser: the return value is the length of the message, 0 asks for more data, ' +
          'below 0 is an error. verdict: SK_DROP or SK_PASS.',
      },
      {
        name: 'start',
        label: 'data starts at',
        kind: 'choice',
        choices: ['payload', 'transport', 'network', 'link'],
        initial: 'payload',
        doc: 'payload: behind the TCP or UDP header, as a socket sees it.',
      },
    ],
  },
  {
    name: 'sk_msg',
    id: 16,
    attach: 7,
    data: 'payload',
    label: 'sk_msg',
    doc:
      'On what is sent through a socket of a sockmap; the data is the message, ' +
      'here the payload of the packet.',
    sections: [{ prefix: 'sk_msg', rest: 'any' }],
    context: 'sk_msg_md',
    verdicts: [
      { code: 0, name: 'SK_DROP', action: 'drop', doc: 'The sender gets EACCES.' },
      {
        code: 1,
        name: 'SK_PASS',
        action: 'pass',
        doc: 'Sent, or given to the socket that bpf_msg_redirect_* chose.',
      },
    ],
    helpers: 'linux',
    options: [
      {
        name: 'start',
        label: 'data starts at',
        kind: 'choice',
        choices: ['payload', 'link'],
        initial: 'payload',
        doc: 'payload: behind the TCP or UDP header. link: all the bytes given are the message.',
      },
    ],
  },
  {
    name: 'sk_lookup',
    id: 30,
    attach: 36,
    data: 'none',
    label: 'sk_lookup',
    doc:
      'Chooses the socket for a new connection or datagram; sees addresses and ports, ' +
      'not the packet.',
    sections: [{ prefix: 'sk_lookup', rest: 'any' }],
    context: 'bpf_sk_lookup',
    returns: [{ low: 0, high: 1 }],
    verdicts: [
      { code: 0, name: 'SK_DROP', action: 'drop', doc: 'Dropped: the lookup finds no socket.' },
      {
        code: 1,
        name: 'SK_PASS',
        action: 'pass',
        doc: 'To the socket that bpf_sk_assign chose, else to the one the usual lookup finds.',
      },
    ],
    helpers: 'linux',
    options: [],
  },
  {
    name: 'sk_reuseport',
    id: 21,
    attach: 39,
    data: 'transport',
    label: 'sk_reuseport',
    doc: 'Chooses a socket of a SO_REUSEPORT group.',
    sections: [
      { prefix: 'sk_reuseport/migrate', rest: 'any' },
      { prefix: 'sk_reuseport', rest: 'any' },
    ],
    context: 'sk_reuseport_md',
    verdicts: [
      { code: 0, name: 'SK_DROP', action: 'drop', doc: 'Refused.' },
      {
        code: 1,
        name: 'SK_PASS',
        action: 'pass',
        doc: 'To the socket that bpf_sk_select_reuseport chose, else by hash.',
      },
    ],
    helpers: 'linux',
    options: [],
  },
  {
    name: 'netfilter',
    id: 32,
    attach: 45,
    data: 'network',
    label: 'netfilter',
    doc: 'A BPF program at a netfilter hook; the packet is read through bpf_dynptr_from_skb.',
    sections: [{ prefix: 'netfilter', rest: 'any' }],
    context: 'bpf_nf_ctx',
    returns: [{ low: 0, high: 1 }],
    verdicts: [
      { code: 0, name: 'NF_DROP', action: 'drop', doc: 'Dropped.' },
      { code: 1, name: 'NF_ACCEPT', action: 'pass', doc: 'On to the next hook.' },
    ],
    helpers: 'linux',
    options: [
      {
        name: 'hook',
        label: 'at',
        kind: 'choice',
        choices: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
        initial: 'prerouting',
        doc: 'The netfilter hook that nf_hook_state names.',
      },
    ],
  },
] as const satisfies readonly ProgramTypeRow[];

/** What r0 may be when a program of the hook ends; undefined: anything. */
export const returnRange = (
  hook: HookName,
  options: ReadonlyMap<string, string>,
): ReturnRange | undefined =>
  programType(hook).returns?.find(
    ({ only }) => only === undefined || options.get(only[0]) === only[1],
  );

export const programType = (name: HookName): ProgramTypeRow =>
  PROGRAM_TYPES.find((row) => row.name === name)!;
