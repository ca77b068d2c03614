import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import type { HookName } from '../spec/program-types.ts';
import { TCP4 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';

const PACKET = toHex(TCP4);
const message = (hook: HookName, source: string) =>
  run(`${source}; r0 = 0; exit`, { hook, packet: PACKET }).fault;

describe('an access to the context that is none, by its place and the reason', () => {
  test.each<[HookName, string, string]>([
    [
      'tc',
      'r0 = *(u32 *)(r1 - 4)',
      'instruction 0 reads 4 bytes at context-4: that lies before the context',
    ],
    [
      'tc',
      'r0 = *(u32 *)(r1 + 192)',
      'instruction 0 reads 4 bytes at context+192: there is no such field',
    ],
    ['tc', 'r0 = *(u64 *)(r1 + 0)', 'instruction 0 reads 8 bytes at context+0: len has 4 bytes'],
    [
      'tc',
      'r0 = *(u16 *)(r1 + 1)',
      'instruction 0 reads 2 bytes at context+1: len is not aligned for 2 bytes there',
    ],
    [
      'tc',
      'r0 = *(u16 *)(r1 + 76)',
      'instruction 0 reads 2 bytes at context+76: data is only accessed as 4 bytes',
    ],
    [
      'tc',
      'r0 = *(u32 *)(r1 + 144)',
      'instruction 0 reads 4 bytes at context+144: flow_keys is only accessed as 8 bytes',
    ],
    [
      'tc',
      'r0 = *(u32 *)(r1 + 92)',
      'instruction 0 reads 4 bytes at context+92: remote_ip4 may not be read by tc programs',
    ],
    [
      'socket_filter',
      'r0 = *(u32 *)(r1 + 76)',
      'instruction 0 reads 4 bytes at context+76: data may not be read by socket_filter programs',
    ],
    [
      'tc',
      '*(u32 *)(r1 + 0) = 1',
      'instruction 0 writes 4 bytes at context+0: len may not be written by tc programs',
    ],
    [
      'tc',
      '*(u8 *)(r1 + 8) = 1',
      'instruction 0 writes 1 byte at context+8: mark is only written as 4 bytes',
    ],
    [
      'cgroup_skb',
      '*(u32 *)(r1 + 12) = 1',
      'instruction 0 writes 4 bytes at context+12: ' +
        'queue_mapping may not be written by cgroup_skb programs',
    ],
    [
      'xdp',
      'r0 = *(u16 *)(r1 + 12)',
      'instruction 0 reads 2 bytes at context+12: ingress_ifindex is only accessed as 4 bytes',
    ],
    [
      'xdp',
      'r0 = *(u32 *)(r1 + 20)',
      'instruction 0 reads 4 bytes at context+20: there is no such field',
    ],
    [
      'sk_reuseport',
      'r0 = *(u8 *)(r1 + 20)',
      'instruction 0 reads 1 byte at context+20: eth_protocol is only accessed as 2 bytes or more',
    ],
  ])('%s: %s', (hook, source, says) =>
    expect(message(hook, source)).toMatchObject({
      kind: 'context-access',
      pc: 0,
      message: says,
      access: { region: 'context' },
    }),
  );
  test('a field of the kernel that is not here is not built; others are read only', () => {
    expect(message('netfilter', 'r2 = *(u64 *)(r1 + 0); r0 = *(u8 *)(r2 + 2)')).toMatchObject({
      kind: 'not-built',
      pc: 1,
      message:
        'instruction 1 reads 1 byte at struct nf_hook_state+2: ' +
        'what the kernel has there is not known here',
    });
    expect(message('netfilter', 'r2 = *(u64 *)(r1 + 0); *(u8 *)(r2 + 0) = 1')).toMatchObject({
      kind: 'context-access',
      pc: 1,
      message:
        'instruction 1 writes 1 byte at struct nf_hook_state+0: ' +
        'hook may not be written by netfilter programs',
    });
  });
  test('fields of a map through its address', () => {
    const field = (offset: number, size: number) =>
      withMaps(`ld_pseudo r1, 0x1, 0; r0 = *(u${8 * size} *)(r1 + ${offset}); exit`, [
        { maxEntries: 7 },
      ]).outcome!;
    // struct bpf_map: map_type, key_size, value_size, max_entries from byte 64 on in Linux 6.18.
    expect([64, 68, 72, 76].map((offset) => field(offset, 4).r0)).toEqual([2n, 4n, 8n, 7n]);
    expect(field(0, 8).fault).toMatchObject({ kind: 'not-built', pc: 2 });
  });
});

describe('parts and signs of a field', () => {
  const value = (source: string, hook: HookName = 'tc') =>
    run(`${source}; exit`, { hook, packet: PACKET }).r0;
  const set = 'r2 = 0x89abcdef ll; *(u32 *)(r1 + 8) = r2';
  test('a load with any target, narrow, and with its sign', () => {
    expect(value(`${set}; r5 = *(u32 *)(r1 + 8); r0 = r5`)).toBe(0x89ab_cdefn);
    expect([8, 9, 10, 11].map((at) => value(`${set}; r0 = *(u8 *)(r1 + ${at})`))).toEqual([
      0xefn,
      0xcdn,
      0xabn,
      0x89n,
    ]);
    expect([8, 10].map((at) => value(`${set}; r0 = *(u16 *)(r1 + ${at})`))).toEqual([
      0xcdefn,
      0x89abn,
    ]);
    expect(value(`${set}; r0 = *(s16 *)(r1 + 10)`)).toBe(BigInt.asUintN(64, -0x7655n));
    expect(value(`${set}; r0 = *(s32 *)(r1 + 8)`)).toBe(BigInt.asUintN(64, -0x7654_3211n));
  });
  test('two words of scratch at once, and one in parts', () => {
    const both = 'r2 = 0x1122334455667788 ll; *(u64 *)(r1 + 48) = r2';
    expect(value(`${both}; r0 = *(u64 *)(r1 + 48)`)).toBe(0x1122_3344_5566_7788n);
    expect([48, 52].map((at) => value(`${both}; r0 = *(u32 *)(r1 + ${at})`))).toEqual([
      0x5566_7788n,
      0x1122_3344n,
    ]);
    expect(value(`${both}; *(u8 *)(r1 + 49) = 0xff; r0 = *(u64 *)(r1 + 48)`)).toBe(
      0x1122_3344_5566_ff88n,
    );
    expect(value(`${both}; *(u16 *)(r1 + 54) = 0; r0 = *(u64 *)(r1 + 48)`)).toBe(0x3344_5566_7788n);
  });
  test('a queue that is none leaves the field as it is', () => {
    expect(value('r2 = 5; *(u32 *)(r1 + 12) = r2; r0 = *(u32 *)(r1 + 12)')).toBe(5n);
    expect(value('r2 = 0xfffe; *(u32 *)(r1 + 12) = r2; r0 = *(u32 *)(r1 + 12)')).toBe(0xfffen);
    expect(value('r2 = 0xffff; *(u32 *)(r1 + 12) = r2; r0 = *(u32 *)(r1 + 12)')).toBe(0n);
  });
  test('what a structure keeps fewer bytes of loses the rest', () =>
    expect(value('r2 = 0x12345 ll; *(u32 *)(r1 + 44) = r2; r0 = *(u32 *)(r1 + 44)')).toBe(0x2345n));
});
