import { describe, expect, test } from 'vitest';
import { MAP_TYPE_ID } from '../spec/map-types.ts';
import { runWithMaps } from '../testing/with-maps.ts';

const PACKET = Array.from({ length: 64 }, (_, i) => i.toString(16).padStart(2, '0')).join('');
const kfuncs = ['bpf_dynptr_from_xdp', 'bpf_dynptr_from_skb'];
const [E2BIG, EFAULT, EINVAL] = [-7, -14, -22];

/** What a program answers that has a dynptr of its packet at r10 - 32; r6 is the context. */
function answer(hook: 'xdp' | 'tc', source: string): number | string {
  const from =
    `r6 = r1; r2 = 0; r3 = r10; r3 += -32; call btf ${hook === 'xdp' ? 0 : 1} mod 0; ` +
    '*(u64 *)(r10 - 40) = 0x77';
  const { r0, fault } = runWithMaps(`${from}; ${source}; exit`, [], {
    hook,
    kfuncs,
    packet: PACKET,
  });
  return fault ? fault.message : Number(BigInt.asIntN(64, r0!));
}
const write = (offset: number, length: number, flags = 0) =>
  `r1 = r10; r1 += -32; r2 = ${offset}; r3 = r10; r3 += -40; r4 = ${length}; r5 = ${flags}; ` +
  'call bpf_dynptr_write';
const read = (offset: number, length: number) =>
  `r1 = r10; r1 += -48; r2 = ${length}; r3 = r10; r3 += -32; r4 = ${offset}; r5 = 0; ` +
  'call bpf_dynptr_read';
const SHORTER = {
  xdp: 'r1 = r6; r2 = -4; call bpf_xdp_adjust_tail',
  tc: 'r1 = r6; r2 = 60; r3 = 0; call bpf_skb_change_tail',
};

// kernel/bpf/helpers.c, bpf_dynptr_write and bpf_dynptr_check_off_len.
describe.each(['xdp', 'tc'] as const)('a dynptr of the packet of %s', (hook) => {
  test.each<[string, number, number, number]>([
    ['its first byte', 0, 1, 0],
    ['its last byte', 63, 1, 0],
    ['its last eight', 56, 8, 0],
    ['nothing behind its last', 64, 0, 0],
    ['a byte behind its last', 64, 1, E2BIG],
    ['across its end', 60, 5, E2BIG],
    ['no byte beyond its end', 65, 0, E2BIG],
  ])('takes and gives %s', (_title, offset, length, said) => {
    expect([answer(hook, write(offset, length)), answer(hook, read(offset, length))]).toEqual([
      said,
      said,
    ]);
  });

  test('is written into where it says', () => {
    const then = `${write(63, 1)}; ${read(62, 2)}; r0 = *(u16 *)(r10 - 48)`;
    expect(answer(hook, then)).toBe(0x773e);
  });

  test('of a packet that became shorter ends with the packet', () => {
    const beyond = hook === 'xdp' ? EINVAL : EFAULT;
    const behind = (access: string) => answer(hook, `${SHORTER[hook]}; ${access}`);
    expect([behind(write(59, 1)), behind(write(60, 1)), behind(write(56, 8))]).toEqual([
      0,
      beyond,
      beyond,
    ]);
    expect([behind(read(59, 1)), behind(read(60, 1))]).toEqual([0, beyond]);
  });

  test('takes the flags that bpf_skb_store_bytes has, where it is one of an skb', () => {
    const flags = [0, 1, 2, 3, 4].map((flag) => answer(hook, write(0, 1, flag)));
    expect(flags).toEqual(
      hook === 'xdp' ? [0, EINVAL, EINVAL, EINVAL, EINVAL] : [0, 0, 0, 0, EINVAL],
    );
  });
});

test.each([
  ['xdp', 'bpf_dynptr_from_xdp'],
  ['tc', 'bpf_dynptr_from_skb'],
] as const)('a dynptr of %s that has no place is a fault of %s', (hook, name) => {
  const source = `r2 = 0; r3 = 0; call btf ${kfuncs.indexOf(name)} mod 0; exit`;
  const { fault } = runWithMaps(source, [], { hook, kfuncs, packet: PACKET });
  expect(fault).toMatchObject({
    kind: 'null-pointer',
    message: `instruction 2: ${name} writes 16 bytes at 0x0, a NULL pointer`,
  });
});

// kernel/bpf/helpers.c, bpf_dynptr_from_mem.
describe('bpf_dynptr_from_mem', () => {
  const MOST = 0xff_ffff;
  const from = (data: string, size: number, flags = 0): number | string => {
    const source =
      `${data}; r2 = ${size}; r3 = ${flags}; r4 = r10; r4 += -32; ` +
      'call bpf_dynptr_from_mem; exit';
    const { r0, fault } = runWithMaps(source, [], { hook: 'xdp', packet: PACKET });
    return fault ? fault.message : Number(BigInt.asIntN(64, r0!));
  };
  const stack = 'r1 = r10; r1 += -16';
  test('takes memory that the program may read', () => {
    expect(from(stack, 16)).toBe(0);
    expect(from(stack, 17)).toMatch(/17 bytes/);
    expect(from('r1 = 8', 8)).toMatch(/bpf_dynptr_from_mem reads 8 bytes at 0x8/);
  });
  test('what is too large, or has flags, is answered before memory is looked at', () => {
    expect(from(stack, MOST + 1)).toBe(E2BIG);
    expect(from(stack, MOST)).toMatch(/bytes/);
    expect(from('r1 = 8', 8, 1)).toBe(EINVAL);
    expect(from('r1 = 8', MOST + 1, 1)).toBe(E2BIG);
  });
});

// kernel/bpf/ringbuf.c, bpf_ringbuf_reserve_dynptr and bpf_ringbuf_submit_dynptr.
describe('a dynptr of a ring buffer', () => {
  const RING = { type: MAP_TYPE_ID.ringbuf, keySize: 0, valueSize: 0, maxEntries: 4096 };
  const reserved = (size: number, flags: number, end: string): number | string => {
    const source =
      `ld_pseudo r1, 0x1, 0; r2 = ${size}; r3 = ${flags}; r4 = r10; r4 += -16; ` +
      `call bpf_ringbuf_reserve_dynptr; r6 = r0; ${end}; exit`;
    const { r0, fault } = runWithMaps(source, [RING], { hook: 'xdp', packet: PACKET });
    return fault ? fault.message : Number(BigInt.asIntN(64, r0!));
  };
  const submit = 'r1 = r10; r1 += -16; r2 = 0; call bpf_ringbuf_submit_dynptr';
  test.each([
    [8, 0, 0],
    [8, 1, EINVAL],
    [5000, 0, EINVAL],
    [0xff_ffff, 0, EINVAL],
    [0x100_0000, 0, E2BIG],
  ])('%i bytes, flags %i: %i', (size, flags, answer) =>
    expect(reserved(size, flags, `${submit}; r0 = r6`)).toBe(answer),
  );
  test('one that is NULL is given back without a word', () => {
    expect(reserved(8, 1, `${submit}; r0 = 5`)).toBe(5);
    expect(reserved(8, 0, `${submit}; r0 = 5`)).toBe(5);
  });
});

// net/core/filter.c, __bpf_skb_store_bytes (flags recorded on Linux 6.18).
test('a write into an skb keeps its hash, unless BPF_F_INVALIDATE_HASH is said', () => {
  const hash = (flags: number) =>
    answer(
      'tc',
      `r1 = r6; r2 = 0x77; call bpf_set_hash; ${write(4, 2, flags)}; r7 = r0; ` +
        'r0 = *(u32 *)(r6 + 68); if r7 == 0 goto out; r0 = r7; out: r0 = r0',
    );
  expect([0, 1, 2, 3, 4].map(hash)).toEqual([0x77, 0x77, 0, 0, EINVAL]);
});
