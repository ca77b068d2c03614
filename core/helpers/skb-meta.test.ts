import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { READ } from '../memory/memory.ts';
import { finish } from '../session/session.ts';
import { ARP, TCP4, TCP6 } from '../testing/frames.ts';
import { run, session } from '../testing/run.ts';

const EINVAL = BigInt.asUintN(64, -22n);
const EACCES = BigInt.asUintN(64, -13n);
const EOPNOTSUPP = BigInt.asUintN(64, -95n);
const tc = (source: string, bytes = TCP4) =>
  run(`r6 = r1; ${source}; exit`, { hook: 'tc', packet: toHex(bytes) }).r0;

/** net/core/filter.c, bpf_csum_level; include/linux/skbuff.h, __skb_incr_checksum_unnecessary. */
describe('bpf_csum_level', () => {
  const levels = (...steps: number[]) =>
    tc([...steps, 0].map((step) => `r1 = r6; r2 = ${step}; call bpf_csum_level`).join('; '));
  test.each<[number[], bigint]>([
    [[], EACCES],
    [[1], 0n],
    [[1, 1], 1n],
    [[1, 1, 1, 1], 3n],
    [[1, 1, 1, 1, 1], 3n],
    [[1, 1, 2], 0n],
    [[1, 2], EACCES],
    [[2], EACCES],
    [[1, 1, 3], EACCES],
  ])('after %o', (steps, level) => expect(levels(...steps)).toBe(level));
  test('a change answers 0, an unknown one EINVAL', () => {
    for (const step of [1, 2, 3]) expect(tc(`r2 = ${step}; call bpf_csum_level`)).toBe(0n);
    expect(tc('r2 = 4; call bpf_csum_level')).toBe(EINVAL);
  });
  test('is unknown again once room was made', () => {
    const room = 'r1 = r6; r2 = 20; r3 = 1; r4 = 0; call bpf_skb_adjust_room';
    const raise = 'r2 = 1; call bpf_csum_level';
    const ask = 'r1 = r6; r2 = 0; call bpf_csum_level';
    expect(tc(`${raise}; ${room}; ${ask}`)).toBe(EACCES);
  });
  test('unless it is to stay (BPF_F_ADJ_ROOM_NO_CSUM_RESET)', () => {
    const room = 'r1 = r6; r2 = 20; r3 = 1; r4 = 32; call bpf_skb_adjust_room';
    expect(tc(`r2 = 1; call bpf_csum_level; ${room}; r1 = r6; r2 = 0; call bpf_csum_level`)).toBe(
      0n,
    );
  });
});

describe('the flow hash', () => {
  const recalc = 'r1 = r6; call bpf_get_hash_recalc';
  test('is what was set, until it is forgotten', () => {
    expect(tc(`r2 = 0x1234; call bpf_set_hash; ${recalc}`)).toBe(0x1234n);
    const made = tc(recalc);
    expect(made).not.toBe(0n);
    expect(
      tc(`r2 = 0x1234; call bpf_set_hash; r1 = r6; call bpf_set_hash_invalid; ${recalc}`),
    ).toBe(made);
    expect(
      tc(
        'r2 = 0x1234; call bpf_set_hash; r1 = r6; ' +
          'call bpf_set_hash_invalid; r0 = *(u32 *)(r6 + 68)',
      ),
    ).toBe(0n);
  });
  test('shows which bytes of the packet it is made of: 60 behind the link header', () => {
    const readBy = (source: string, bytes: Uint8Array) => {
      const opened = session(`r6 = r1; ${source}; exit`, { hook: 'tc', packet: toHex(bytes) });
      finish(opened.go({ how: 'end' }));
      const { packet, recorder } = opened.machine!;
      const read = recorder!.marks.subarray(packet.data, packet.end).map((mark) => mark & READ);
      return [read.indexOf(READ), read.lastIndexOf(READ), read.filter((mark) => mark).length];
    };
    const long = new Uint8Array(100);
    long.set(TCP4);
    expect(readBy(recalc, long)).toEqual([14, 73, 60]);
    expect(readBy(recalc, long.subarray(0, 40))).toEqual([14, 39, 26]);
    expect(readBy(`r2 = 5; call bpf_set_hash; ${recalc}`, long)).toEqual([-1, -1, 0]);
  });
  test('a hash of 0 that was set is known', () =>
    expect(tc(`r2 = 0; call bpf_set_hash; ${recalc}`)).toBe(0n));
  test('is of the bytes behind the link header: a change there changes it', () => {
    const other = TCP4.slice();
    other[29] ^= 1;
    const link = TCP4.slice();
    link[0] ^= 4;
    expect(tc(recalc, other)).not.toBe(tc(recalc));
    expect(tc(recalc, link)).toBe(tc(recalc));
  });
  test('is forgotten where IPv4 becomes IPv6', () =>
    expect(
      tc(
        `r2 = 5; call bpf_set_hash; r1 = r6; r2 = 0xdd86; r3 = 0; ` +
          `call bpf_skb_change_proto; ${recalc}`,
      ),
    ).not.toBe(5n));
});

describe('bpf_skb_change_type', () => {
  test.each([
    [0, 0n, 0n],
    [3, 0n, 3n],
    [4, EINVAL, 0n],
    [-1, EINVAL, 0n],
  ])('to %d', (type, r0, after) => {
    expect(tc(`r2 = ${type}; call bpf_skb_change_type`)).toBe(r0);
    expect(tc(`r2 = ${type}; call bpf_skb_change_type; r0 = *(u32 *)(r6 + 4)`)).toBe(after);
  });
});

describe('bpf_skb_set_tstamp', () => {
  test.each([
    ['realtime, none', TCP4, 0, 0, 0n],
    ['monotonic', TCP4, 9, 1, 0n],
    ['monotonic, none', TCP4, 0, 1, EINVAL],
    ['TAI', TCP6, 9, 2, 0n],
    ['a clock that is none', TCP4, 9, 3, EINVAL],
    ['of what is no IP', ARP, 9, 1, EOPNOTSUPP],
  ])('%s', (_title, bytes, time, clock, r0) =>
    expect(tc(`r2 = ${time}; r3 = ${clock}; call bpf_skb_set_tstamp`, bytes)).toBe(r0),
  );
  test('the field holds both', () => {
    const set = 'r2 = 9; r3 = 2; call bpf_skb_set_tstamp';
    expect([tc(`${set}; r0 = *(u64 *)(r6 + 152)`), tc(`${set}; r0 = *(u8 *)(r6 + 180)`)]).toEqual([
      9n,
      2n,
    ]);
  });
});

describe('bpf_skb_ecn_set_ce', () => {
  /** r0, and the byte of the field afterwards. */
  const marked = (bytes: Uint8Array, tos: number, at: number) => {
    const packet = bytes.slice();
    packet[at] = tos;
    return [
      'exit',
      `r2 = ${at}; r1 = r6; r3 = r10; r3 += -1; r4 = 1; call bpf_skb_load_bytes; ` +
        `r0 = *(u8 *)(r10 - 1); exit`,
    ].map(
      (rest) =>
        run(`r6 = r1; call bpf_skb_ecn_set_ce; ${rest}`, { hook: 'tc', packet: toHex(packet) }).r0,
    );
  };
  test.each([
    ['Not-ECT', 0, [0n, 0n]],
    ['ECT(1)', 1, [1n, 3n]],
    ['ECT(0)', 2, [1n, 3n]],
    ['CE', 3, [1n, 3n]],
    ['with a code point', 0xb9, [1n, 0xbbn]],
  ])('IPv4, %s', (_title, tos, answer) => expect(marked(TCP4, tos, 15)).toEqual(answer));
  test.each([
    ['Not-ECT', 0x00, [0n, 0n]],
    ['ECT(0)', 0x20, [1n, 0x30n]],
    ['CE', 0x30, [1n, 0x30n]],
  ])('IPv6, %s', (_title, second, answer) => expect(marked(TCP6, second, 15)).toEqual(answer));
  test('of what is no IP, and of a header that is cut off', () => {
    expect(tc('call bpf_skb_ecn_set_ce', ARP)).toBe(0n);
    expect(tc('call bpf_skb_ecn_set_ce', TCP4.subarray(0, 33))).toBe(0n);
  });
});

test('two random numbers are two', () => {
  const first = run('call bpf_get_prandom_u32; exit', { hook: 'xdp', packet: '00' }).r0;
  const second = run('call bpf_get_prandom_u32; call bpf_get_prandom_u32; exit', {
    hook: 'xdp',
    packet: '00',
  }).r0;
  expect(first).not.toBe(second);
});
