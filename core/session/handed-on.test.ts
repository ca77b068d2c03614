// What a program leaves to the next on its hook, beside the bytes of the packet.
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { TCP4 } from '../testing/frames.ts';
import { session as opened } from '../testing/run.ts';
import { handedBehind } from './handed-on.ts';
import { finish, runnableSession } from './session.ts';
import type { HandedOn } from './types.ts';

/** What is handed on behind a program that goes on with its packet. */
function handed(hook: 'tc' | 'xdp', source: string): HandedOn | undefined {
  const session = opened(`r6 = r1; ${source}; r0 = 2; exit`, { hook, packet: toHex(TCP4) });
  finish(session.go({ how: 'end' }));
  expect(session.outcome!.fault).toBeUndefined();
  return handedBehind(runnableSession(session), { bytes: TCP4 }, session.outcome!.packetOut);
}
const NOTHING = 'r3 = *(u32 *)(r6 + 0)';

test.each(['tc', 'xdp'] as const)('of %s nothing, where nothing was changed', (hook) =>
  expect(handed(hook, NOTHING)).toBeUndefined(),
);

describe('of tc', () => {
  test.each<[title: string, source: string, told: HandedOn]>([
    ['a mark', '*(u32 *)(r6 + 8) = 7', { fields: [['mark', '7']] }],
    ['a priority', '*(u32 *)(r6 + 32) = 3', { fields: [['priority', '3']] }],
    [
      'where bpf_redirect pointed',
      'r1 = 4; r2 = 1; call bpf_redirect',
      { redirect: { ifindex: 4, flags: '1' } },
    ],
  ])('%s', (_title, source, told) => expect(handed('tc', source)).toEqual(told));
  test('a mark that is as it was is none', () =>
    expect(handed('tc', '*(u32 *)(r6 + 8) = 0')).toBeUndefined());

  const LAID = {
    networkOffset: 14,
    linkLength: 14,
    macLength: 0,
    encapsulation: false,
    hashed: false,
  };
  test.each<[title: string, source: string, skb: object]>([
    [
      'that its checksum was found right',
      'r1 = r6; r2 = 1; call bpf_csum_level',
      { ...LAID, checksumLevel: 0 },
    ],
    [
      'a tunnel around it',
      'r1 = r6; r2 = 20; r3 = 1; r4 = 2; call bpf_skb_adjust_room',
      { encapsulation: true },
    ],
    [
      'the key of a tunnel',
      [
        ...[8, 16, 24, 32, 40, 48].map((at) => `*(u64 *)(r10 - ${at}) = 0`),
        'r1 = r6; r2 = r10; r2 += -48; r3 = 44; r4 = 0; call bpf_skb_set_tunnel_key',
      ].join('; '),
      { ...LAID, tunnel: { ipv6: false, key: '00'.repeat(44), flags: 0x2005 } },
    ],
    [
      'where its link header is',
      'r1 = r6; r2 = 0x81; r3 = 5; call bpf_skb_vlan_push; r1 = r6; call bpf_skb_vlan_pop',
      {},
    ],
    [
      'that its hash is known, be it 0',
      'r1 = r6; r2 = 0; call bpf_set_hash',
      { ...LAID, hashed: true },
    ],
  ])('%s', (_title, source, skb) => expect(handed('tc', source)?.skb).toMatchObject(skb));
  test('a hash, which says that it is known', () => {
    const { fields, skb } = handed('tc', 'r1 = r6; r2 = 9; call bpf_set_hash')!;
    expect([fields, skb]).toEqual([[['hash', '9']], undefined]);
  });
});

describe('of XDP', () => {
  const adjust = (helper: string, by: number) =>
    `r1 = r6; r2 = ${by}; call bpf_xdp_adjust_${helper}`;
  test('where the frame begins, where it was moved', () => {
    expect(handed('xdp', adjust('head', 14))).toEqual({ front: { start: 270, metadata: '' } });
    expect(handed('xdp', adjust('head', -8))).toEqual({ front: { start: 248, metadata: '' } });
    expect(handed('xdp', `${adjust('head', 8)}; ${adjust('head', -8)}`)).toBeUndefined();
    expect(handed('xdp', adjust('tail', -4))).toBeUndefined();
  });
  test('metadata in front of it', () => {
    const put =
      'r2 = *(u32 *)(r6 + 8); r3 = *(u32 *)(r6 + 0); r4 = r2; r4 += 4; if r4 > r3 goto +1; ' +
      '*(u32 *)(r2 + 0) = 0x1234';
    expect(handed('xdp', `${adjust('meta', -4)}; ${put}`)).toEqual({
      front: { start: 256, metadata: '34120000' },
    });
  });
});
