// net/core/filter.c: bpf_xdp_adjust_head, _tail and _meta, bpf_xdp_load_bytes and _store_bytes.
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { TCP4 } from '../testing/frames.ts';
import { run } from '../testing/run.ts';

const [EACCES, EFAULT, EINVAL] = [-13n, -14n, -22n];
const LENGTH = TCP4.length;
/** XDP_PACKET_HEADROOM, and what struct xdp_frame takes of it. */
const [HEADROOM, FRAME] = [256, 40];
/** A page without headroom and struct skb_shared_info. */
const ROOM = 4096 - HEADROOM - 320;

const xdp = (source: string, bytes = TCP4): bigint => {
  const { r0, fault } = run(`r6 = r1; ${source}; exit`, { hook: 'xdp', packet: toHex(bytes) });
  expect(fault).toBeUndefined();
  return BigInt.asIntN(64, r0!);
};
const call = (helper: string, by: number): string =>
  `r1 = r6; r2 = ${by}; r0 = 7; call bpf_xdp_adjust_${helper}`;
/** Bytes from data to data_end, and from data_meta to data. */
const PACKET = 'r2 = *(u32 *)(r6 + 0); r0 = *(u32 *)(r6 + 4); r0 -= r2';
const META = 'r2 = *(u32 *)(r6 + 8); r0 = *(u32 *)(r6 + 0); r0 -= r2';

describe('moves the start of the packet', () => {
  test.each([
    [0, 0n, LENGTH],
    [14, 0n, LENGTH - 14],
    [-14, 0n, LENGTH + 14],
    [FRAME - HEADROOM, 0n, LENGTH + HEADROOM - FRAME],
    [FRAME - HEADROOM - 1, EINVAL, LENGTH],
    [LENGTH - 14, 0n, 14],
    [LENGTH - 13, EINVAL, LENGTH],
    [2 ** 31 - 1, EINVAL, LENGTH],
  ])('by %d', (by, answer, length) => {
    expect(xdp(call('head', by))).toBe(answer);
    expect(xdp(`${call('head', by)}; ${PACKET}`)).toBe(BigInt(length));
  });
  test('takes the metadata along', () => {
    const put =
      `${call('meta', -4)}; r2 = *(u32 *)(r6 + 8); r3 = *(u32 *)(r6 + 0); r4 = r2; r4 += 4; ` +
      'if r4 > r3 goto +1; *(u32 *)(r2 + 0) = 0x1234';
    const read =
      'r2 = *(u32 *)(r6 + 8); r3 = *(u32 *)(r6 + 0); r4 = r2; r4 += 4; if r4 > r3 goto +1; ' +
      'r0 = *(u32 *)(r2 + 0)';
    for (const by of [-20, 20]) expect(xdp(`${put}; ${call('head', by)}; ${read}`)).toBe(0x1234n);
    // It needs its room, too.
    const farthest = FRAME - HEADROOM + 4;
    expect(xdp(`${put}; ${call('head', farthest)}`)).toBe(0n);
    expect(xdp(`${put}; ${call('head', farthest - 1)}`)).toBe(EINVAL);
  });
});

describe('moves the end of the packet', () => {
  test.each([
    [0, 0n, LENGTH],
    [-1, 0n, LENGTH - 1],
    [14 - LENGTH, 0n, 14],
    [13 - LENGTH, EINVAL, LENGTH],
    [ROOM - LENGTH, 0n, ROOM],
    [ROOM - LENGTH + 1, EINVAL, LENGTH],
  ])('by %d', (by, answer, length) => {
    expect(xdp(call('tail', by))).toBe(answer);
    expect(xdp(`${call('tail', by)}; ${PACKET}`)).toBe(BigInt(length));
  });
  test('new bytes are zero, those that were cut off before as well', () => {
    const source =
      `${call('tail', -8)}; ${call('tail', 8)}; r1 = r6; r2 = ${LENGTH - 8}; r3 = r10; r3 += -8; ` +
      'r4 = 8; call bpf_xdp_load_bytes; r0 = *(u64 *)(r10 - 8)';
    expect(
      xdp(
        source,
        TCP4.map(() => 0xff),
      ),
    ).toBe(0n);
  });
});

describe('makes room for metadata', () => {
  test.each([
    [0, 0n, 0],
    [-4, 0n, 4],
    [-(HEADROOM - FRAME), 0n, HEADROOM - FRAME],
    [-(HEADROOM - FRAME) - 4, EINVAL, 0],
    [-3, EACCES, 0],
    [1, EINVAL, 0],
  ])('of %d', (by, answer, length) => {
    expect(xdp(call('meta', by))).toBe(answer);
    expect(xdp(`${call('meta', by)}; ${META}`)).toBe(BigInt(length));
  });
  test('up to 252 bytes, where the packet begins that much later', () => {
    const later = call('head', 40);
    expect(xdp(`${later}; ${call('meta', -252)}; ${META}`)).toBe(252n);
    expect(xdp(`${later}; ${call('meta', -256)}`)).toBe(EACCES);
    expect(xdp(`${call('meta', -8)}; ${call('meta', 4)}; ${META}`)).toBe(4n);
  });
});

describe.each(['load', 'store'])('bpf_xdp_%s_bytes', (helper) => {
  const access = (offset: number, length: number): string =>
    `*(u64 *)(r10 - 8) = 0; r1 = r6; r2 = ${offset}; r3 = r10; r3 += -8; r4 = ${length}; ` +
    `r0 = 7; call bpf_xdp_${helper}_bytes`;
  test.each([
    [0, 8, 0n],
    [LENGTH - 8, 8, 0n],
    [LENGTH - 7, 8, EINVAL],
    [LENGTH - 1, 1, 0n],
    [LENGTH, 1, EINVAL],
    [0xffff, 1, EINVAL],
    [0x1_0000, 1, EFAULT],
    [-1, 1, EFAULT],
  ])('at %d, %d bytes', (offset, length, answer) =>
    expect(xdp(access(offset, length))).toBe(answer),
  );
});

test('bytes that are loaded are those of the packet, and stored ones become it', () => {
  const load = (offset: number) =>
    `r1 = r6; r2 = ${offset}; r3 = r10; r3 += -8; r4 = 8; call bpf_xdp_load_bytes; ` +
    'r0 = *(u64 *)(r10 - 8)';
  const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
  expect(xdp(load(3), bytes)).toBe(0x0a09080706050403n);
  const store =
    '*(u64 *)(r10 - 16) = 0x55; r1 = r6; r2 = 5; r3 = r10; r3 += -16; r4 = 2; ' +
    'call bpf_xdp_store_bytes';
  expect(xdp(`${store}; ${load(3)}`, bytes)).toBe(0x0a09080700550403n);
});
