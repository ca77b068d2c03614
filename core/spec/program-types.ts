/**
 * Program types (hooks): one row each. Sections as libbpf recognises them (tools/lib/bpf/libbpf.c, section_defs),
 * verdict numbers as in include/uapi/linux/bpf.h and pkt_cls.h.
 */

export type HookName = 'filter-ubpf' | 'ubpf' | 'xdp' | 'tc' | 'socket_filter' | 'cgroup_skb';

/** What a return value makes the hook do with the packet; the words of the command line. */
export type Action = 'pass' | 'drop' | 'redirect' | 'tx' | 'aborted' | 'truncate' | 'other';

export interface VerdictRow {
  readonly code: number;
  readonly name: string;
  readonly action: Action;
  readonly doc: string;
}

export interface SectionPattern {
  /** The section name itself, or its part before the first `/` or `.`. */
  readonly prefix: string;
  /** `exact`: nothing may follow; `slash`: `/…` may follow; `any`: anything may follow (as libbpf's `+`). */
  readonly rest: 'exact' | 'slash' | 'any';
}

export interface OptionRow {
  readonly name: string;
  readonly label: string;
  readonly doc: string;
  readonly kind: 'choice' | 'number';
  readonly choices?: readonly string[];
  readonly initial: string;
}

export interface ProgramTypeRow {
  readonly name: HookName;
  /** uapi enum bpf_prog_type; undefined for the userspace hooks. */
  readonly id: number | undefined;
  readonly label: string;
  readonly doc: string;
  readonly sections: readonly SectionPattern[];
  /** Name of the context table (spec/contexts.ts); undefined: r1 points at memory, r2 is its length. */
  readonly context: 'xdp_md' | '__sk_buff' | undefined;
  /** The register view of a verdict: what the hook looks at. */
  readonly verdicts: readonly VerdictRow[];
  /** Helper profile: uapi numbers, or the six of uBPF's test program, which filter-ubpf took over. */
  readonly helpers: 'linux' | 'filter-ubpf';
  readonly options: readonly OptionRow[];
}

export const PROGRAM_TYPES = [
  {
    name: 'filter-ubpf',
    id: undefined,
    label: 'QEMU filter-ubpf',
    doc: 'A netdev filter of a virtual machine: 0 passes the packet on, any other value of the 64-bit r0 drops it.',
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
        doc: 'on: r1 points at the IP header and r2 is 20. off: r1 points at the Ethernet header and r2 is the length of the frame.',
      },
      {
        name: 'queue',
        label: 'queue',
        kind: 'choice',
        choices: ['all', 'rx', 'tx'],
        initial: 'all',
        doc: 'Named from the netdev: tx is what the netdev sends, so what the guest receives; rx is what the guest sends.',
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
        doc: 'With ip-mode=on: frame lets loads reach the rest of the frame, as the JIT does, which checks nothing; 20-bytes faults beyond the length the program was told.',
      },
    ],
  },
  {
    name: 'ubpf',
    id: undefined,
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
    label: 'XDP',
    doc: 'At the driver, before the kernel has made an skb.',
    sections: [{ prefix: 'xdp', rest: 'any' }],
    context: 'xdp_md',
    verdicts: [
      { code: 0, name: 'XDP_ABORTED', action: 'aborted', doc: 'Dropped, and traced as an error.' },
      { code: 1, name: 'XDP_DROP', action: 'drop', doc: 'Dropped.' },
      { code: 2, name: 'XDP_PASS', action: 'pass', doc: 'On to the network stack.' },
      { code: 3, name: 'XDP_TX', action: 'tx', doc: 'Out again where it came in.' },
      { code: 4, name: 'XDP_REDIRECT', action: 'redirect', doc: 'To the target that bpf_redirect or bpf_redirect_map chose.' },
    ],
    helpers: 'linux',
    options: [],
  },
  {
    name: 'tc',
    id: 3,
    label: 'tc (sched_cls)',
    doc: 'Traffic control classifier with direct action, and tcx.',
    sections: [
      { prefix: 'tc', rest: 'slash' },
      { prefix: 'tcx', rest: 'slash' },
      { prefix: 'classifier', rest: 'any' },
      { prefix: 'netkit', rest: 'slash' },
      { prefix: 'action', rest: 'any' },
    ],
    context: '__sk_buff',
    verdicts: [
      { code: -1, name: 'TC_ACT_UNSPEC', action: 'pass', doc: 'The default action of the filter; for tcx the next program.' },
      { code: 0, name: 'TC_ACT_OK', action: 'pass', doc: 'The packet goes on.' },
      { code: 1, name: 'TC_ACT_RECLASSIFY', action: 'other', doc: 'Classification starts again.' },
      { code: 2, name: 'TC_ACT_SHOT', action: 'drop', doc: 'Dropped.' },
      { code: 3, name: 'TC_ACT_PIPE', action: 'pass', doc: 'The next action.' },
      { code: 4, name: 'TC_ACT_STOLEN', action: 'drop', doc: 'Taken: gone without counting as a drop.' },
      { code: 5, name: 'TC_ACT_QUEUED', action: 'drop', doc: 'Taken and queued.' },
      { code: 6, name: 'TC_ACT_REPEAT', action: 'other', doc: 'The same action again.' },
      { code: 7, name: 'TC_ACT_REDIRECT', action: 'redirect', doc: 'To the device that bpf_redirect chose.' },
      { code: 8, name: 'TC_ACT_TRAP', action: 'drop', doc: 'To the CPU of an offloading device; in software taken.' },
    ],
    helpers: 'linux',
    options: [],
  },
  {
    name: 'socket_filter',
    id: 1,
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
        doc: 'link: a packet socket (AF_PACKET, SOCK_RAW). network: SOCK_DGRAM, and what BPF_PROG_TEST_RUN does. transport: a UDP or TCP socket.',
      },
    ],
  },
  {
    name: 'cgroup_skb',
    id: 8,
    label: 'cgroup skb',
    doc: 'On the packets of the sockets of a cgroup: 1 lets through, 0 drops. The data starts at the network header.',
    sections: [
      { prefix: 'cgroup_skb', rest: 'slash' },
      { prefix: 'cgroup/skb', rest: 'exact' },
    ],
    context: '__sk_buff',
    verdicts: [
      { code: 0, name: 'SK_DROP', action: 'drop', doc: 'Dropped.' },
      { code: 1, name: 'SK_PASS', action: 'pass', doc: 'Lets the packet through.' },
      { code: 2, name: 'NET_XMIT_DROP', action: 'drop', doc: 'Egress: dropped, and TCP is told of congestion.' },
      { code: 3, name: 'NET_XMIT_CN', action: 'pass', doc: 'Egress: lets through, and TCP is told of congestion.' },
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
] as const satisfies readonly ProgramTypeRow[];

export const programType = (name: HookName): ProgramTypeRow => PROGRAM_TYPES.find((row) => row.name === name)!;

const matches = (pattern: SectionPattern, section: string): boolean => {
  if (section === pattern.prefix) return true;
  if (pattern.rest === 'exact' || !section.startsWith(pattern.prefix)) return false;
  return pattern.rest === 'any' || section[pattern.prefix.length] === '/';
};

/** The hook a section name asks for, as libbpf reads it; `.text` and unknown names are filter-ubpf's. */
export function hookOfSection(section: string): { hook: HookName; recognised: boolean } {
  for (const row of PROGRAM_TYPES as readonly ProgramTypeRow[]) {
    if (row.sections.some((pattern) => matches(pattern, section))) return { hook: row.name, recognised: true };
  }
  return { hook: 'filter-ubpf', recognised: false };
}
