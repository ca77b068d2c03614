import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTEXTS, type ContextName } from './contexts.ts';
import { ERRNO, ERRNO_WORDS, type Errno, failure } from './errno.ts';
import { FILTER_UBPF_HELPERS, HELPERS, helperById, helperByName } from './helpers.ts';
import { KFUNCS, kfuncByName } from './kfuncs.ts';
import {
  isMapInMap,
  MAP_FLAGS,
  MAP_TYPE_ID,
  MAP_TYPES,
  mapFlagNames,
  mapType,
  mapTypeName,
} from './map-types.ts';
import { PROGRAM_TYPES } from './program-types.ts';
import { ETHERTYPES, ICMP_TYPES, ICMPV6_TYPES, IP_PROTOCOLS } from './protocols.ts';
import { CORE_RELOCATIONS } from './relocations.ts';
import { BPF_SOCK, BPF_TCP_SOCK } from './sockets.ts';

/** What the kernel's own types and the uapi headers say (core/testdata/kernel/record-uapi.mjs). */
interface Uapi {
  readonly kernel: string;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly structs: Readonly<
    Record<string, { size: number; members: [name: string, offset: number, size: number][] }>
  >;
  readonly kfuncs: Readonly<Record<string, number>>;
  readonly macros: Readonly<Record<string, number>>;
  readonly protocols: Readonly<Record<string, number>>;
}
const uapi: Uapi = JSON.parse(
  readFileSync(join(import.meta.dirname, '../testdata/kernel/uapi.json'), 'utf8'),
);
const { enums, structs, macros, protocols } = uapi;

describe('program types', () => {
  /** Name of the type, and of the attach type that BPF_PROG_LOAD wants. */
  const NAMES: Record<string, [type: string, attach?: string]> = {
    xdp: ['XDP', 'XDP'],
    tc: ['SCHED_CLS'],
    socket_filter: ['SOCKET_FILTER'],
    cgroup_skb: ['CGROUP_SKB'],
    lwt_in: ['LWT_IN'],
    lwt_out: ['LWT_OUT'],
    lwt_xmit: ['LWT_XMIT'],
    flow_dissector: ['FLOW_DISSECTOR', 'FLOW_DISSECTOR'],
    sk_skb: ['SK_SKB'],
    sk_msg: ['SK_MSG', 'SK_MSG_VERDICT'],
    sk_lookup: ['SK_LOOKUP', 'SK_LOOKUP'],
    sk_reuseport: ['SK_REUSEPORT', 'SK_REUSEPORT_SELECT'],
    netfilter: ['NETFILTER', 'NETFILTER'],
  };
  test('have the numbers of the kernel; those of user space have none', () => {
    expect(PROGRAM_TYPES.map(({ name, id, attach }) => [name, id, attach])).toEqual([
      ['filter-ubpf', undefined, 0],
      ['ubpf', undefined, 0],
      ...Object.entries(NAMES).map(([name, [type, attach]]) => [
        name,
        enums.bpf_prog_type[`BPF_PROG_TYPE_${type}`],
        attach === undefined ? 0 : enums.bpf_attach_type[`BPF_${attach}`],
      ]),
    ]);
  });
  test('name their codes as the kernel does', () => {
    const known: Record<string, number> = {
      ...enums.xdp_action,
      ...enums.sk_action,
      ...enums.bpf_ret_code,
      ...macros,
      // include/linux/netdevice.h, not uapi.
      NET_XMIT_DROP: 2,
      NET_XMIT_CN: 3,
    };
    for (const { name, verdicts } of PROGRAM_TYPES)
      for (const row of verdicts)
        expect([name, row.name, known[row.name]]).toEqual([name, row.name, row.code]);
    const codes = (name: string) =>
      PROGRAM_TYPES.find((row) => row.name === name)!.verdicts.map((row) => row.name);
    expect(codes('xdp')).toEqual(Object.keys(enums.xdp_action));
    expect(codes('tc').toSorted()).toEqual(
      Object.keys(macros)
        .filter(
          (name) => /^TC_ACT_/.test(name) && macros[name] <= 8 && !/JUMP|EXT|VALUE/.test(name),
        )
        .toSorted(),
    );
  });
  test('offer only choices that are among them, the initial one too', () => {
    for (const { options } of PROGRAM_TYPES)
      for (const { name, choices, initial } of options) {
        expect([name, (choices as readonly string[]).includes(initial)]).toEqual([name, true]);
        expect(new Set<string>(choices).size).toBe(choices.length);
      }
  });
  test('exact options', () =>
    expect(
      PROGRAM_TYPES.flatMap(({ name, options }) =>
        options.map((option) => [name, option.name, option.choices.join(' '), option.initial]),
      ),
    ).toEqual([
      ['filter-ubpf', 'ip-mode', 'on off', 'on'],
      ['filter-ubpf', 'queue', 'all rx tx', 'all'],
      ['filter-ubpf', 'direction', 'to-guest from-guest', 'to-guest'],
      ['filter-ubpf', 'status', 'on off', 'on'],
      ['filter-ubpf', 'bounds', '20-bytes frame', 'frame'],
      ['xdp', 'attach', 'device devmap cpumap', 'device'],
      ['xdp', 'frags', 'no yes', 'no'],
      ['tc', 'direction', 'egress ingress', 'egress'],
      ['tc', 'socket', 'none own', 'none'],
      ['socket_filter', 'start', 'link network transport', 'link'],
      ['cgroup_skb', 'direction', 'ingress egress', 'ingress'],
      ['lwt_in', 'socket', 'none own', 'none'],
      ['lwt_out', 'socket', 'none own', 'none'],
      ['lwt_xmit', 'socket', 'none own', 'none'],
      ['sk_skb', 'attach', 'verdict parser', 'verdict'],
      ['sk_skb', 'start', 'payload transport network link', 'payload'],
      ['sk_msg', 'start', 'payload link', 'payload'],
      ['netfilter', 'hook', 'prerouting input forward output postrouting', 'prerouting'],
    ]));
});

describe('structures', () => {
  const TABLES: Record<
    string,
    { size: number; fields: readonly { name: string; offset: number; size: number }[] }
  > = {
    ...(CONTEXTS as Record<ContextName, (typeof CONTEXTS)[ContextName]>),
    bpf_sock: BPF_SOCK,
    bpf_tcp_sock: BPF_TCP_SOCK,
  };
  /** Only a field of its own in the kernel's structure for what is a word of an array here. */
  const base = (name: string) => name.replace(/\[\d\]$/, '');

  test.each(Object.keys(TABLES))('%s has its fields where the kernel has them', (name) => {
    const { size, fields } = TABLES[name];
    const struct = structs[name];
    // The kernel pads the last byte of a structure to a multiple of its words.
    expect(size).toBe(struct.size);
    for (const field of fields) {
      const [, offset, bytes] = struct.members.find(([member]) => member === base(field.name))!;
      const index = Number(/\[(\d)\]$/.exec(field.name)?.[1] ?? 0);
      expect([field.name, field.offset]).toEqual([field.name, offset + 4 * index]);
      // Ports of struct bpf_sk_lookup and bpf_sock have two bytes, and are also read as the word
      // they were before.
      const narrow = /_port$/.test(field.name) && bytes === 2;
      expect([field.name, field.size]).toEqual([
        field.name,
        narrow ? 4 : Math.min(bytes, index > 0 || field.name.endsWith('[0]') ? 4 : bytes),
      ]);
    }
  });
  test.each(Object.keys(TABLES))('%s leaves no field out', (name) => {
    const here = new Set(TABLES[name].fields.map((field) => base(field.name)));
    // Padding has no name; the cookie of a lookup is for user space alone.
    const missing = structs[name].members
      .map(([member]) => member)
      .filter((member) => member !== '' && !here.has(member));
    expect(missing.filter((member) => !(name === 'bpf_sk_lookup' && member === 'cookie'))).toEqual(
      [],
    );
  });
  test('a user may set numbers, but for those that follow from the packet', () => {
    const fixed = Object.entries(CONTEXTS).map(([name, { fields }]) => [
      name,
      fields
        .filter(({ editable, yields }) => !editable && (yields === 'number' || yields === 'length'))
        .map((field) => field.name),
    ]);
    expect(Object.fromEntries(fixed)).toEqual({
      xdp_md: [],
      __sk_buff: ['len', 'protocol', 'wire_len'],
      sk_msg_md: ['size'],
      sk_reuseport_md: ['len', 'eth_protocol', 'ip_protocol'],
      bpf_sk_lookup: [],
      bpf_nf_ctx: [],
    });
    for (const { fields } of Object.values(CONTEXTS))
      for (const { name, editable, yields } of fields)
        if (yields !== 'number') expect([name, editable]).toEqual([name, false]);
  });
  test('what they hold where nothing says otherwise', () => {
    const initial = Object.entries(CONTEXTS).flatMap(([name, { fields }]) =>
      fields
        .filter((field) => field.initial !== 0)
        .map((field) => `${name}.${field.name} ${field.initial}`),
    );
    const address = (name: string) =>
      ['remote', 'local'].flatMap((end) => [
        `${name}.${end}_ip4 ${end}-ip4`,
        ...[0, 1, 2, 3].map((i) => `${name}.${end}_ip6[${i}] ${end}-ip6[${i}]`),
      ]);
    const ports = (name: string, half: string) => [
      `${name}.remote_port remote-port-${half}`,
      `${name}.local_port local-port`,
    ];
    expect(initial.toSorted()).toEqual(
      [
        'xdp_md.ingress_ifindex 1',
        '__sk_buff.pkt_type packet-type',
        '__sk_buff.protocol protocol',
        '__sk_buff.ifindex 1',
        '__sk_buff.family family',
        '__sk_buff.wire_len length',
        ...address('__sk_buff'),
        ...ports('__sk_buff', 'high'),
        'sk_msg_md.family family',
        ...address('sk_msg_md'),
        ...ports('sk_msg_md', 'high'),
        'sk_reuseport_md.eth_protocol protocol',
        'sk_reuseport_md.ip_protocol ip-protocol',
        'bpf_sk_lookup.family family',
        'bpf_sk_lookup.protocol ip-protocol',
        'bpf_sk_lookup.ingress_ifindex 1',
        ...address('bpf_sk_lookup'),
        ...ports('bpf_sk_lookup', 'low'),
      ].toSorted(),
    );
  });
});

describe('helpers', () => {
  test('have the numbers and names of the kernel', () => {
    const kernel = Object.entries(enums.bpf_func_id)
      .filter(([name]) => name !== 'BPF_FUNC_unspec' && name !== '__BPF_FUNC_MAX_ID')
      .map(([name, id]) => [id, name.replace('BPF_FUNC_', '')]);
    expect(HELPERS.map(({ id, name }) => [id, name])).toEqual(kernel);
  });
  test('take as many registers as their prototype has parameters', () => {
    const registers = (name: string) => helperByName(name)!.parameters;
    const COUNTS: Record<number, string[]> = {
      0: [
        'ktime_get_ns',
        'get_prandom_u32',
        'get_smp_processor_id',
        'get_current_pid_tgid',
        'jiffies64',
      ],
      1: ['skb_vlan_pop', 'get_hash_recalc', 'sk_release', 'spin_lock', 'timer_cancel'],
      2: [
        'map_lookup_elem',
        'map_delete_elem',
        'redirect',
        'xdp_adjust_head',
        'get_current_comm',
        'skb_pull_data',
      ],
      3: [
        'tail_call',
        'clone_redirect',
        'skb_change_proto',
        'redirect_map',
        'map_push_elem',
        'strncmp',
      ],
      4: [
        'map_update_elem',
        'skb_load_bytes',
        'skb_adjust_room',
        'for_each_map_elem',
        'fib_lookup',
        'loop',
      ],
      5: [
        'skb_store_bytes',
        'csum_diff',
        'l3_csum_replace',
        'perf_event_output',
        'sk_lookup_tcp',
        'snprintf',
        'trace_printk',
      ],
    };
    for (const [count, names] of Object.entries(COUNTS))
      expect(names.map((name) => [name, registers(name)])).toEqual(
        names.map((name) => [name, Number(count)]),
      );
  });
  test('all of them: a comma between two, none for void, five where their number is open', () => {
    for (const { name, signature, parameters } of HELPERS) {
      const list = /\((.*)\)$/.exec(signature)![1];
      const commas = [...list].filter((letter) => letter === ',').length;
      const expected = list === 'void' ? 0 : list.endsWith('...') ? 5 : commas + 1;
      expect([name, parameters]).toEqual([name, expected]);
      expect(parameters).toBeLessThanOrEqual(5);
    }
  });
  test('are found by number, and by name with and without bpf_', () => {
    expect(helperById(1)).toBe(helperByName('map_lookup_elem'));
    expect(helperByName('bpf_map_lookup_elem')).toBe(helperById(1));
    expect(helperById(0)).toBeUndefined();
    expect(helperById(HELPERS.length + 1)).toBeUndefined();
    expect(helperByName('bpf_')).toBeUndefined();
  });
  test("those of filter-ubpf are uBPF's test program's", () =>
    expect(FILTER_UBPF_HELPERS.map(({ id, name, parameters }) => [id, name, parameters])).toEqual([
      [0, 'gather_bytes', 5],
      [1, 'memfrob', 2],
      [2, 'trash_registers', 0],
      [3, 'sqrti', 1],
      [4, 'strcmp_ext', 2],
      [5, 'unwind', 1],
    ]));
  test('kernel functions take what the kernel says', () => {
    expect(
      Object.fromEntries(KFUNCS.map(({ name, prototype }) => [name, prototype.arguments.length])),
    ).toEqual(uapi.kfuncs);
    expect(kfuncByName('bpf_dynptr_slice')).toMatchObject({ name: 'bpf_dynptr_slice' });
    expect(kfuncByName('bpf_no_such')).toBeUndefined();
  });
});

describe('maps', () => {
  test('have the numbers of the kernel', () => {
    const OTHER: Record<string, string> = {
      cgroup_storage: 'CGROUP_STORAGE_DEPRECATED',
      percpu_cgroup_storage: 'PERCPU_CGROUP_STORAGE_DEPRECATED',
    };
    for (const { name, id } of MAP_TYPES)
      expect([name, id]).toEqual([
        name,
        enums.bpf_map_type[`BPF_MAP_TYPE_${OTHER[name] ?? name.toUpperCase()}`],
      ]);
    expect(MAP_TYPES.map(({ id }) => id)).toEqual(Array.from({ length: 33 }, (_, i) => i + 1));
    expect(MAP_TYPES.filter(({ perCpu }) => perCpu).map(({ name }) => name)).toEqual([
      'percpu_hash',
      'percpu_array',
      'lru_percpu_hash',
      'percpu_cgroup_storage',
    ]);
    expect(MAP_TYPES.filter(({ id }) => isMapInMap(id)).map(({ name }) => name)).toEqual([
      'array_of_maps',
      'hash_of_maps',
    ]);
  });
  test('are found by number', () => {
    expect([mapType(1)?.name, mapTypeName(2), mapTypeName(99), mapType(0)]).toEqual([
      'hash',
      'array',
      'type 99',
      undefined,
    ]);
    expect(MAP_TYPE_ID.lpm_trie).toBe(11);
  });
  test('are made with the flags of the kernel', () => expect(MAP_FLAGS).toEqual(enums.map_flags));
  test.each([
    [0, ''],
    [1, 'BPF_F_NO_PREALLOC'],
    [3, 'BPF_F_NO_PREALLOC | BPF_F_NO_COMMON_LRU'],
    [1 << 18, 'BPF_F_NO_USER_CONV'],
    [(1 << 19) | 8, 'BPF_F_RDONLY | 0x80000'],
    [0x8000_0000, '0x80000000'],
    [-1, `${Object.keys(MAP_FLAGS).join(' | ')} | 0xfff80000`],
  ])('flags %d are called %s', (flags, names) => expect(mapFlagNames(flags)).toBe(names));
});

test('error numbers are those of Linux', () => {
  // ENOTSUPP is the kernel's own, include/linux/errno.h.
  expect(ERRNO).toEqual(
    Object.fromEntries(
      Object.keys(ERRNO).map((name) => [name, name === 'ENOTSUPP' ? 524 : macros[name]]),
    ),
  );
  for (const name of Object.keys(ERRNO) as Errno[])
    expect(failure(name)).toBe(BigInt(-ERRNO[name]));
  for (const [name, words] of Object.entries(ERRNO_WORDS))
    expect([name, /^[a-z ,A-Z]+$/.test(words)]).toEqual([name, true]);
});

test('kinds of CO-RE relocations are numbered as libbpf numbers them', () =>
  expect(CORE_RELOCATIONS.length).toBe(Object.keys(enums.bpf_core_relo_kind).length));

describe('names of numbers in packets', () => {
  test('EtherTypes (linux/if_ether.h)', () => {
    const MACROS: Record<string, string> = {
      IPv4: 'IP',
      ARP: 'ARP',
      RARP: 'RARP',
      '802.1Q': '8021Q',
      IPv6: 'IPV6',
      'Ethernet flow control': 'PAUSE',
      'Slow protocols': 'SLOW',
      MPLS: 'MPLS_UC',
      'MPLS multicast': 'MPLS_MC',
      'PPPoE discovery': 'PPP_DISC',
      'PPPoE session': 'PPP_SES',
      '802.1X': 'PAE',
      '802.1ad': '8021AD',
      LLDP: 'LLDP',
      MACsec: 'MACSEC',
      PTP: '1588',
    };
    const byName = new Map([...ETHERTYPES].map(([number, name]) => [name, number]));
    for (const [name, macro] of Object.entries(MACROS))
      expect([name, byName.get(name)]).toEqual([name, macros[`ETH_P_${macro}`]]);
  });
  test('protocols behind IP (linux/in.h)', () => {
    const MACROS: Record<string, string> = {
      ICMP: 'ICMP',
      IGMP: 'IGMP',
      IPv4: 'IPIP',
      TCP: 'TCP',
      UDP: 'UDP',
      DCCP: 'DCCP',
      IPv6: 'IPV6',
      GRE: 'GRE',
      ESP: 'ESP',
      AH: 'AH',
      PIM: 'PIM',
      L2TP: 'L2TP',
      SCTP: 'SCTP',
      'UDP-Lite': 'UDPLITE',
    };
    const byName = new Map([...IP_PROTOCOLS].map(([number, name]) => [name, number]));
    for (const [name, macro] of Object.entries(MACROS))
      expect([name, byName.get(name)]).toEqual([name, protocols[`IPPROTO_${macro}`]]);
    // RFC 8200 section 4, RFC 5340, RFC 5798.
    const others = {
      'IPv6 hop-by-hop': 0,
      'IPv6 routing': 43,
      'IPv6 fragment': 44,
      ICMPv6: 58,
      'No next header': 59,
    };
    for (const [name, number] of Object.entries({
      ...others,
      'IPv6 destination options': 60,
      OSPF: 89,
      VRRP: 112,
    }))
      expect([name, byName.get(name)]).toEqual([name, number]);
  });
  test('types of ICMP (linux/icmp.h, RFC 1256) and ICMPv6 (linux/icmpv6.h, RFC 4861)', () => {
    const { ICMP_ECHOREPLY, ICMP_DEST_UNREACH, ICMP_SOURCE_QUENCH, ICMP_REDIRECT, ICMP_ECHO } =
      macros;
    const { ICMP_TIME_EXCEEDED, ICMP_PARAMETERPROB, ICMP_TIMESTAMP, ICMP_TIMESTAMPREPLY } = macros;
    const icmp: [number, string][] = [
      [ICMP_ECHOREPLY, 'Echo reply'],
      [ICMP_DEST_UNREACH, 'Destination unreachable'],
      [ICMP_SOURCE_QUENCH, 'Source quench'],
      [ICMP_REDIRECT, 'Redirect'],
      [ICMP_ECHO, 'Echo request'],
      [9, 'Router advertisement'],
      [10, 'Router solicitation'],
      [ICMP_TIME_EXCEEDED, 'Time exceeded'],
      [ICMP_PARAMETERPROB, 'Parameter problem'],
      [ICMP_TIMESTAMP, 'Timestamp request'],
      [ICMP_TIMESTAMPREPLY, 'Timestamp reply'],
    ];
    for (const [number, name] of icmp) expect([name, ICMP_TYPES.get(number)]).toEqual([name, name]);
    const icmpv6: [number, string][] = [
      [macros.ICMPV6_DEST_UNREACH, 'Destination unreachable'],
      [macros.ICMPV6_PKT_TOOBIG, 'Packet too big'],
      [macros.ICMPV6_TIME_EXCEED, 'Time exceeded'],
      [macros.ICMPV6_PARAMPROB, 'Parameter problem'],
      [macros.ICMPV6_ECHO_REQUEST, 'Echo request'],
      [macros.ICMPV6_ECHO_REPLY, 'Echo reply'],
      [macros.ICMPV6_MGM_QUERY, 'Multicast listener query'],
      [macros.ICMPV6_MGM_REPORT, 'Multicast listener report'],
      [macros.ICMPV6_MGM_REDUCTION, 'Multicast listener done'],
      [133, 'Router solicitation'],
      [134, 'Router advertisement'],
      [135, 'Neighbor solicitation'],
      [136, 'Neighbor advertisement'],
      [137, 'Redirect'],
      [macros.ICMPV6_MLD2_REPORT, 'Multicast listener report v2'],
    ];
    for (const [number, name] of icmpv6)
      expect([name, ICMPV6_TYPES.get(number)]).toEqual([name, name]);
  });
});
