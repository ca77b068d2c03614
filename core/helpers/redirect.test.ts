import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { finish } from '../session/session.ts';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import type { HookName } from '../spec/program-types.ts';
import { TCP4 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';
import { runWithMaps } from '../testing/with-maps.ts';

const PACKET = toHex(TCP4);
const NO_TARGET = 'The program asked for no target with bpf_redirect: the kernel drops the packet.';

/** net/core/filter.c: what each answers, and what the hook makes of it. */
describe('redirecting to an interface', () => {
  test.each<[HookName, string, string]>([
    ['xdp', 'r1 = 3; r2 = 0; call bpf_redirect', 'XDP: XDP_REDIRECT (4) to interface 3'],
    ['xdp', 'r1 = 3; r2 = 1; call bpf_redirect', 'XDP: XDP_ABORTED (0)'],
    [
      'tc',
      'r1 = 3; r2 = 0; call bpf_redirect',
      'tc (sched_cls): TC_ACT_REDIRECT (7) to interface 3',
    ],
    [
      'tc',
      'r1 = 3; r2 = 1; call bpf_redirect',
      'tc (sched_cls): TC_ACT_REDIRECT (7) to interface 3',
    ],
    ['tc', 'r1 = 3; r2 = 2; call bpf_redirect', 'tc (sched_cls): TC_ACT_SHOT (2)'],
    ['tc', 'r1 = 3; r2 = 3; call bpf_redirect', 'tc (sched_cls): TC_ACT_SHOT (2)'],
    ['lwt_xmit', 'r1 = 2; r2 = 0; call bpf_redirect', 'lwt_xmit: BPF_REDIRECT (7) to interface 2'],
    [
      'tc',
      'r1 = 2; r2 = 0; call bpf_redirect_peer',
      'tc (sched_cls): TC_ACT_REDIRECT (7) to interface 2',
    ],
    ['tc', 'r1 = 2; r2 = 1; call bpf_redirect_peer', 'tc (sched_cls): TC_ACT_SHOT (2)'],
    [
      'tc',
      'r1 = 2; r2 = 0; r3 = 0; r4 = 0; call bpf_redirect_neigh',
      'tc (sched_cls): TC_ACT_REDIRECT (7) to interface 2',
    ],
    [
      'tc',
      'r1 = 2; r2 = 0; r3 = 0; r4 = 1; call bpf_redirect_neigh',
      'tc (sched_cls): TC_ACT_SHOT (2)',
    ],
    [
      'tc',
      'r1 = 2; r2 = r10; r2 += -24; r3 = 19; r4 = 0; call bpf_redirect_neigh',
      'tc (sched_cls): TC_ACT_SHOT (2)',
    ],
    [
      'tc',
      'r1 = 2; r2 = r10; r2 += -24; r3 = 20; r4 = 0; call bpf_redirect_neigh',
      'tc (sched_cls): TC_ACT_REDIRECT (7) to interface 2',
    ],
  ])('%s: %s', (hook, source, text) => {
    const { verdict } = run(`${source}; exit`, { hook, packet: PACKET });
    expect([verdict.text, verdict.warning]).toEqual([text, undefined]);
  });
  test('the code alone is no target', () => {
    expect(run('r0 = 4; exit', { hook: 'xdp', packet: PACKET }).verdict.warning).toBe(NO_TARGET);
    expect(run('r0 = 7; exit', { hook: 'tc', packet: PACKET }).verdict.warning).toBe(NO_TARGET);
  });
  test('a next hop that lies outside memory is a fault', () => {
    const { fault } = run('r1 = 2; r2 = 0; r3 = 20; r4 = 0; call bpf_redirect_neigh; exit', {
      hook: 'tc',
      packet: PACKET,
    });
    expect(fault).toMatchObject({
      kind: 'null-pointer',
      message: 'instruction 4: bpf_redirect_neigh reads 20 bytes at 0x0, a NULL pointer',
    });
  });
});

describe('a copy to an interface', () => {
  const clone = (ifindex: number, flags: number) =>
    run(`r2 = ${ifindex}; r3 = ${flags}; call bpf_clone_redirect; exit`, {
      hook: 'tc',
      packet: PACKET,
    }).r0;
  const EINVAL = BigInt.asUintN(64, -22n);
  test.each([
    [2, 0, 0n],
    [2, 1, 0n],
    [2, 2, EINVAL],
    [9, 0, EINVAL],
    [0, 0, EINVAL],
  ])('interface %d, flags %d', (ifindex, flags, r0) => expect(clone(ifindex, flags)).toBe(r0));
});

describe('redirecting by a map', () => {
  const DEVICES = { type: MAP_TYPE_ID.devmap, valueSize: 4, maxEntries: 4 };
  const presets = [{ map: 'm0', key: '02000000', value: '05000000' }];
  const by = (key: number, flags: number) =>
    runWithMaps(
      `ld_pseudo r1, 0x1, 0; r2 = ${key}; r3 = ${flags}; call bpf_redirect_map; exit`,
      [DEVICES],
      { presets },
    ).verdict;
  test.each([
    [2, 0, 'XDP: XDP_REDIRECT (4) to interface 5 (map "m0", key 2)'],
    [1, 0, 'XDP: XDP_ABORTED (0)'],
    [1, 1, 'XDP: XDP_DROP (1)'],
    [1, 2, 'XDP: XDP_PASS (2)'],
    [1, 3, 'XDP: XDP_TX (3)'],
    [3, 2, 'XDP: XDP_PASS (2)'],
    [4, 2, 'XDP: XDP_PASS (2)'],
    [-1, 2, 'XDP: XDP_PASS (2)'],
    [2, 4, 'XDP: XDP_ABORTED (0)'],
    [0, 8, 'XDP: XDP_REDIRECT (4) to every interface of map "m0"'],
    [0, 24, 'XDP: XDP_REDIRECT (4) to every interface of map "m0" but the one it came in by'],
    [0, 32, 'XDP: XDP_ABORTED (0)'],
  ])('key %d, flags %d', (key, flags, text) => expect(by(key, flags).text).toBe(text));
  test('the last call counts', () => {
    const call = (key: number) =>
      `ld_pseudo r1, 0x1, 0; r2 = ${key}; r3 = 0; call bpf_redirect_map`;
    const source = `${call(2)}; ${call(1)}; r0 = 4; exit`;
    expect(runWithMaps(source, [DEVICES], { presets }).verdict).toMatchObject({
      text: 'XDP: XDP_REDIRECT (4)',
      warning: NO_TARGET,
    });
  });
});

describe('whether a packet fits an interface', () => {
  const EINVAL = BigInt.asUintN(64, -22n);
  const ENODEV = BigInt.asUintN(64, -19n);
  /** r0, and the MTU that is written back. */
  const check = (hook: HookName, ifindex: number, length: number, change: number, flags = 0) => {
    const call =
      `*(u32 *)(r10 - 4) = ${length}; r2 = ${ifindex}; r3 = r10; r3 += -4; ` +
      `r4 = ${change}; r5 = ${flags}; call bpf_check_mtu`;
    return [`${call}; exit`, `${call}; r0 = *(u32 *)(r10 - 4); exit`].map(
      (source) => run(source, { hook, packet: PACKET }).r0,
    );
  };
  test.each<[string, HookName, number, number, number, number, [bigint, bigint]]>([
    ['the length of the packet', 'xdp', 2, 0, 0, 0, [0n, 1500n]],
    ['a length that just fits', 'xdp', 2, 1500, 0, 0, [0n, 1500n]],
    ['one that does not', 'xdp', 2, 1501, 0, 0, [1n, 1500n]],
    ['a change that just fits', 'xdp', 2, 1490, 10, 0, [0n, 1500n]],
    ['one that does not', 'xdp', 2, 1490, 11, 0, [1n, 1500n]],
    ['a change down', 'xdp', 2, 1501, -1, 0, [0n, 1500n]],
    ['a packet that grows', 'tc', 2, 0, 1500 + 14 - TCP4.length, 0, [0n, 1500n]],
    ['too far', 'tc', 2, 0, 1500 + 15 - TCP4.length, 0, [1n, 1500n]],
    ['an interface that is not there', 'xdp', 9, 0, 0, 0, [ENODEV, 0n]],
    ['its own', 'xdp', 0, 0, 0, 0, [0n, 65536n]],
    ['a flag of XDP, which has none', 'xdp', 2, 0, 0, 1, [EINVAL, 0n]],
    ['segments', 'tc', 2, 0, 0, 1, [0n, 1500n]],
    ['segments with a length', 'tc', 2, 5, 0, 1, [EINVAL, 5n]],
    ['segments with a change', 'tc', 2, 0, 5, 1, [EINVAL, 0n]],
    ['an unknown flag', 'tc', 2, 0, 0, 2, [EINVAL, 0n]],
  ])('%s', (_title, hook, ifindex, length, change, flags, answer) =>
    expect(check(hook, ifindex, length, change, flags)).toEqual(answer),
  );
});

/** net/core/sock_map.c, bpf_sk_redirect_map: of flags BPF_F_INGRESS alone. */
test.each<[string, string, string]>([
  ['no flags, whatever the next register holds', 'r4 = 0; r5 = 2', 'sk_skb: SK_PASS (1)'],
  ['BPF_F_INGRESS', 'r4 = 1; r5 = 0', 'sk_skb: SK_PASS (1)'],
  ['another flag', 'r4 = 2; r5 = 0', 'sk_skb: SK_DROP (0)'],
  ['BPF_F_INGRESS and another', 'r4 = 3; r5 = 0', 'sk_skb: SK_DROP (0)'],
])('bpf_sk_redirect_map with %s', (_title, flags, said) => {
  const { verdict } = runWithMaps(
    `ld_pseudo r2, 0x1, 0; r3 = 0; ${flags}; call bpf_sk_redirect_map; exit`,
    [{ type: MAP_TYPE_ID.sockmap, valueSize: 4 }],
    {
      hook: 'sk_skb',
      packet: PACKET,
      presets: [{ map: 'm0', key: '00000000', value: '01000000' }],
    },
  );
  expect(verdict.text).toBe(said);
});

/** net/core/filter.c, sk_select_reuseport: it looks at no flags. */
describe('bpf_sk_select_reuseport', () => {
  const SOCKETS = { type: MAP_TYPE_ID.reuseport_sockarray, maxEntries: 4 };
  const presets = [
    { map: 'm0', key: '02000000', value: '0500000000000000' },
    { map: 'm1', key: '02000000', value: '0600000000000000' },
    { map: 'm2', key: '02000000', value: '0700000000000000' },
  ];
  const choose = (map: number, key: number, flags = 0) => {
    const { r0, session } = runWithMaps(
      `*(u32 *)(r10 - 4) = ${key}; ld_pseudo r2, 0x1, ${map}; r3 = r10; r3 += -4; r4 = ${flags}
      call bpf_sk_select_reuseport; exit`,
      [SOCKETS, SOCKETS, { ...SOCKETS, type: MAP_TYPE_ID.sockhash }],
      { hook: 'sk_reuseport', packet: PACKET, presets },
    );
    finish(session.go({ how: 'end' }));
    return [r0, session.machine!.redirect?.target];
  };
  test.each([
    ['of the map that is named', 0, 'socket 5 (map "m0")'],
    ['of another', 1, 'socket 6 (map "m1")'],
    ['by a key that is no index', 2, 'socket 7 (map "m2")'],
  ])('a socket %s', (_title, map, target) => {
    expect(choose(map, 2)).toEqual([0n, target]);
    expect(choose(map, 2, 1)).toEqual([0n, target]);
  });
  test('a key without one', () => {
    const ENOENT = BigInt.asUintN(64, -2n);
    for (const key of [0, 1, 3, 4, -1]) expect(choose(0, key)).toEqual([ENOENT, undefined]);
    expect(choose(0, 1, 1)).toEqual([ENOENT, undefined]);
  });
});
