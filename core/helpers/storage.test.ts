import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { mapContents } from '../session/outcome.ts';
import { finish } from '../session/session.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { TCP4 } from '../testing/frames.ts';
import { withMaps } from '../testing/with-maps.ts';

const STORAGE = {
  type: MAP_TYPE_ID.sk_storage,
  maxEntries: 0,
  flags: MAP_FLAGS.BPF_F_NO_PREALLOC,
  keyType: 1,
  valueType: 1,
};
const EINVAL = BigInt.asUintN(64, -22n);
const ENOENT = BigInt.asUintN(64, -2n);

/**
 * Runs on the socket of a cgroup's packet: r6; answers r0 and what the storage holds at the end.
 */
function at(source: string): [bigint | undefined, string[]] {
  const opened = withMaps(`r6 = *(u64 *)(r1 + 168); ${source}; exit`, [STORAGE], {
    hook: 'cgroup_skb',
    packet: toHex(TCP4),
  });
  finish(opened.go({ how: 'end' }));
  expect(opened.outcome!.fault).toBeUndefined();
  return [
    opened.outcome!.r0,
    mapContents(opened.machine!, 0).entries.map(({ value }) => toHex(value)),
  ];
}
const get = (socket: string, initial: string, flags: number) =>
  `ld_pseudo r1, 0x1, 0; r2 = ${socket}; r3 = ${initial}; r4 = ${flags}; call bpf_sk_storage_get`;
const remove = (socket: string) =>
  `ld_pseudo r1, 0x1, 0; r2 = ${socket}; call bpf_sk_storage_delete`;

/** net/core/bpf_sk_storage.c. */
describe('bpf_sk_storage_get', () => {
  test('without CREATE finds none and makes none', () =>
    expect(at(get('r6', '0', 0))).toEqual([0n, []]));
  test('with CREATE makes it, of zeros', () => {
    expect(at(`${get('r6', '0', 1)}; r0 = *(u64 *)(r0 + 0); r0 += 5`)).toEqual([
      5n,
      ['0000000000000000'],
    ]);
  });
  test('or of the value that is given', () => {
    const initial = '*(u64 *)(r10 - 8) = 7; r7 = r10; r7 += -8';
    expect(at(`${initial}; ${get('r6', 'r7', 1)}; r0 = *(u64 *)(r0 + 0)`)).toEqual([
      7n,
      ['0700000000000000'],
    ]);
  });
  test('what is there stays, with and without CREATE', () => {
    const twice = (flags: number) =>
      `${get('r6', '0', 1)}; *(u64 *)(r0 + 0) = 9; *(u64 *)(r10 - 8) = 7; r7 = r10; ` +
      `r7 += -8; ${get('r6', 'r7', flags)}; r0 = *(u64 *)(r0 + 0)`;
    expect(at(twice(0))).toEqual([9n, ['0900000000000000']]);
    expect(at(twice(1))).toEqual([9n, ['0900000000000000']]);
  });
  test('of no socket and with a flag it does not know: NULL', () => {
    expect(at(get('0', '0', 1))).toEqual([0n, []]);
    expect(at(get('r6', '0', 2))).toEqual([0n, []]);
    expect(at(get('r6', '0', 3))).toEqual([0n, []]);
  });
});

describe('bpf_sk_storage_delete', () => {
  test('takes away what is there', () =>
    expect(at(`${get('r6', '0', 1)}; ${remove('r6')}`)).toEqual([0n, []]));
  test('finds none', () => expect(at(remove('r6'))).toEqual([ENOENT, []]));
  test('of no socket', () => expect(at(remove('0'))).toEqual([EINVAL, []]));
  test('what is made anew begins anew', () =>
    expect(
      at(
        `${get('r6', '0', 1)}; *(u64 *)(r0 + 0) = 9; ${remove('r6')}; ${get('r6', '0', 1)}; r0 ` +
          `= *(u64 *)(r0 + 0)`,
      ),
    ).toEqual([0n, ['0000000000000000']]));
});

test('the socket of every packet has a storage of its own, however many packets come', () => {
  const made = get('r6', '0', 1);
  const count = `${made}; r7 = *(u64 *)(r0 + 0); r8 = r7; r8 += 1; *(u64 *)(r0 + 0) = r8`;
  const opened = withMaps(`r6 = *(u64 *)(r1 + 168); ${count}; r0 = r7; exit`, [STORAGE], {
    hook: 'cgroup_skb',
    packet: toHex(TCP4),
    packets: 700,
  });
  expect(new Set(opened.outcomes.map((outcome) => outcome!.r0))).toEqual(new Set([0n]));
});
