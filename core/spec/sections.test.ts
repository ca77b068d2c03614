import { expect, test } from 'vitest';
import { hookOfSection } from './sections.ts';

/** tools/lib/bpf/libbpf.c, section_defs: what each name loads as. */
test.each([
  ['xdp', 'xdp', {}],
  ['xdp.frags', 'xdp', { frags: 'yes' }],
  ['xdp/devmap', 'xdp', { attach: 'devmap' }],
  ['xdp.frags/cpumap', 'xdp', { attach: 'cpumap', frags: 'yes' }],
  ['tc', 'tc', {}],
  ['tc/ingress', 'tc', { direction: 'ingress' }],
  ['tcx/egress', 'tc', {}],
  ['netkit/peer', 'tc', {}],
  ['classifier', 'tc', {}],
  ['action', 'tc', {}],
  ['socket', 'socket_filter', {}],
  ['cgroup_skb/ingress', 'cgroup_skb', {}],
  ['cgroup_skb/egress', 'cgroup_skb', { direction: 'egress' }],
  ['cgroup/skb', 'cgroup_skb', {}],
  ['lwt_xmit', 'lwt_xmit', {}],
  ['sk_skb/stream_parser', 'sk_skb', { attach: 'parser' }],
  ['sk_skb/stream_verdict', 'sk_skb', {}],
  ['sk_skb/verdict', 'sk_skb', {}],
  ['sk_msg', 'sk_msg', {}],
  ['sk_reuseport/migrate', 'sk_reuseport', {}],
  ['flow_dissector', 'flow_dissector', {}],
  ['sk_lookup', 'sk_lookup', {}],
  ['netfilter', 'netfilter', {}],
  ['.text', 'filter-ubpf', {}],
])('section "%s", with and without a leading ?, is of %s', (section, hook, options) => {
  const recognised = { hook, recognised: true, options, note: '' };
  expect(hookOfSection(section)).toEqual(recognised);
  expect(hookOfSection(`?${section}`)).toEqual(recognised);
});

test.each([
  ['xdp_firewall', 'xdp', 'xdp'],
  ['socket1', 'socket_filter', 'socket'],
  ['tc/my_filter', 'tc', 'tc'],
  ['cgroup_skb', 'cgroup_skb', 'cgroup_skb'],
])('"%s" is taken as %s by its beginning, and that is said', (section, hook, prefix) => {
  expect(hookOfSection(section)).toMatchObject({
    hook,
    recognised: true,
    note:
      `section "${section}" begins like "${prefix}": taken as ${hook}; libbpf 1.x wants to ` +
      `be told the type`,
  });
});

test.each([
  ['from-container', 'names no hook that libbpf knows'],
  ['??xdp', 'names no hook that libbpf knows'],
  ['kprobe/tcp_v4_connect', 'names a kprobe program, which is given no packet'],
  ['?fentry/foo', 'names a tracing program, which is given no packet'],
  ['uprobe.s//bin/sh:main', 'names a uprobe program, which is given no packet'],
  [
    'cgroup/connect4',
    'names a cgroup program of sockets, devices or sysctls, which is given no packet',
  ],
  ['sockops', 'names a sock_ops program, which is told of connections and not built here'],
  ['lwt_seg6local', 'names a segment routing program, which is not built here'],
])('"%s" falls back to filter-ubpf, and it is said why', (section, why) => {
  const { hook, recognised, note } = hookOfSection(section);
  expect([hook, recognised]).toEqual(['filter-ubpf', false]);
  expect(note).toBe(
    `section "${section}" ${why}: run as filter-ubpf, whose 0 passes and everything else drops; ` +
      `choose another hook where it is meant for one`,
  );
});
