import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { toHex } from '../bytes/hex.ts';
import { MAP_FLAGS, MAP_TYPE_ID } from '../spec/map-types.ts';
import { programType } from '../spec/program-types.ts';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { TCP4 } from '../testing/frames.ts';
import { askKernel, kernelIsThere } from '../testing/kernel.ts';
import { on } from '../testing/run.ts';
import { runWithMaps as runOnWithMaps } from '../testing/with-maps.ts';

const LOOKUP =
  `*(u32 *)(r10 - 4) = 1; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ` + `call bpf_map_lookup_elem`;
const PACKET = toHex(TCP4);

describe.each(TRIED_ENGINES)('$name', (engine) => {
  const { run } = on(engine);
  const runWithMaps: typeof runOnWithMaps = (source, maps, given) =>
    runOnWithMaps(source, maps, { ...given, engine });

  describe('a value that a program may not write', () => {
    test('of .rodata', () => {
      const { fault } = runWithMaps(
        'ld_pseudo r1, 0x2, 0x400000000; *(u8 *)(r1 + 3) = 1; r0 = 0; exit',
        [
          {
            name: '.rodata',
            origin: 'global',
            readOnly: true,
            initialValue: new Uint8Array(8),
            maxEntries: 1,
          },
        ],
      );
      expect(fault).toEqual({
        kind: 'not-writable',
        pc: 2,
        message: 'instruction 2 writes 1 byte at .rodata+7, which may only be read',
        access: { address: expect.any(BigInt), size: 1, region: '.rodata' },
      });
    });
    test('of a map with BPF_F_RDONLY_PROG', () => {
      const { fault } = runWithMaps(`${LOOKUP}; *(u64 *)(r0 + 0) = 1; r0 = 0; exit`, [
        { flags: MAP_FLAGS.BPF_F_RDONLY_PROG },
      ]);
      expect(fault).toMatchObject({
        kind: 'not-writable',
        pc: 6,
        message: 'instruction 6 writes 8 bytes at map m0[1]+0, which may only be read',
      });
    });
    test('or read: BPF_F_WRONLY_PROG', () => {
      const { fault } = runWithMaps(`${LOOKUP}; r0 = *(u16 *)(r0 + 6); exit`, [
        { flags: MAP_FLAGS.BPF_F_WRONLY_PROG },
      ]);
      expect(fault).toMatchObject({
        kind: 'not-writable',
        pc: 6,
        message: 'instruction 6 reads 2 bytes at map m0[1]+6, which may only be written',
      });
    });
    test('an atomic operation writes, and a helper that takes the address does', () => {
      const map = {
        name: '.rodata',
        origin: 'global',
        readOnly: true,
        initialValue: new Uint8Array(8),
        maxEntries: 1,
      } as const;
      const { fault } = runWithMaps(
        'r2 = 1; ld_pseudo r1, 0x2, 0; lock *(u64 *)(r1 + 0) += r2; r0 = 0; exit',
        [map],
      );
      expect(fault?.message).toBe(
        'instruction 3 writes 8 bytes at .rodata+0, which may only be read',
      );
      const call = 'r1 = r1; r2 = 0; ld_pseudo r3, 0x2, 0; r4 = 8; call bpf_xdp_load_bytes; exit';
      expect(runWithMaps(call, [map]).fault).toMatchObject({
        kind: 'not-writable',
        pc: 5,
        message:
          'instruction 5: bpf_xdp_load_bytes writes 8 bytes at .rodata+0, which may only be read',
        access: { size: 8, region: '.rodata' },
      });
    });
    test('its first and last byte, and those around them', () => {
      const at = (offset: number) =>
        runWithMaps(
          `${LOOKUP}; *(u8 *)(r0 ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}) = 1; r0 = 7; exit`,
          [{}],
        );
      expect([at(0).r0, at(7).r0]).toEqual([7n, 7n]);
      expect([at(-1).fault!.message, at(8).fault!.message]).toEqual([
        'instruction 6 writes 1 byte at map m0[1]-1, map m0[1] has 8 bytes',
        'instruction 6 writes 1 byte at map m0[1]+8, map m0[1] has 8 bytes',
      ]);
    });
  });

  describe('an address that is none of bytes', () => {
    test.each([
      ['a map', 'ld_pseudo r1, 0x1, 0; r0 = *(u64 *)(r1 + 0); exit', { kind: 'not-built', pc: 2 }],
      [
        'a function',
        'ld_pseudo r1, 0x4, 2; r0 = *(u64 *)(r1 + 0); exit; r0 = 0; exit',
        {
          kind: 'bad-pointer',
          message: 'instruction 2 reads 8 bytes at function at 3, a function',
        },
      ],
    ])('%s', (_title, source, fault) =>
      expect(runWithMaps(source, [{}]).fault).toMatchObject(fault),
    );

    test.each([
      ['0', 0n, 'null-pointer', '0x0, a NULL pointer'],
      ['1', 1n, 'null-pointer', '0x1, a NULL pointer plus an offset'],
      [
        'the last byte of the first page',
        4095n,
        'null-pointer',
        '0xfff, a NULL pointer plus an offset',
      ],
      ['behind it', 4096n, 'bad-pointer', '0x1000, which is a number, not a pointer'],
      [
        '-1',
        (1n << 64n) - 1n,
        'bad-pointer',
        '0xffffffffffffffff, which is a number, not a pointer',
      ],
      [
        'a region that is not there',
        0x1fff_0001_0000n,
        'bad-pointer',
        '0x1fff00010000, which is a number, not a pointer',
      ],
    ] as const)('%s', (_title, value, kind, place) => {
      expect(run(`r1 = ${value} ll; r0 = *(u16 *)(r1 + 0); exit`).fault).toEqual({
        kind,
        pc: 2,
        message: `instruction 2 reads 2 bytes at ${place}`,
        access: { address: value, size: 2, region: undefined },
      });
      expect(run(`r1 = ${value} ll; *(u8 *)(r1 + 0) = 1; r0 = 0; exit`).fault?.message).toBe(
        `instruction 2 writes 1 byte at ${place}`,
      );
    });
  });

  describe('a packet pointer from before the packet was moved', () => {
    const MOVERS: [string, string][] = [
      ['bpf_xdp_adjust_head', 'r2 = 4; call bpf_xdp_adjust_head'],
      ['bpf_xdp_adjust_tail', 'r2 = -4; call bpf_xdp_adjust_tail'],
      ['bpf_xdp_adjust_meta', 'r2 = -4; call bpf_xdp_adjust_meta'],
    ];
    test.each(MOVERS)('%s: it can no longer be read or written', (_name, call) => {
      const before = `r6 = r1; r7 = *(u32 *)(r1 + 0); ${call}`;
      const stale = ', a pointer from before the packet was moved';
      expect(
        run(`${before}; r0 = *(u8 *)(r7 + 0); exit`, { hook: 'xdp', packet: PACKET }).fault,
      ).toMatchObject({
        kind: 'stale-pointer',
        pc: 4,
        message: `instruction 4 reads 1 byte at packet+0${stale}`,
      });
      expect(
        run(`${before}; *(u8 *)(r7 + 5) = 1; exit`, { hook: 'xdp', packet: PACKET }).fault?.message,
      ).toBe(`instruction 4 writes 1 byte at packet+5${stale}`);
      expect(
        run(`${before}; r7 = *(u32 *)(r6 + 0); r0 = *(u8 *)(r7 + 0); exit`, {
          hook: 'xdp',
          packet: PACKET,
        }).fault,
      ).toBe(undefined);
    });
  });

  describe('helpers that cannot be called', () => {
    test.each([
      [
        'xdp',
        'call bpf_skb_load_bytes; exit',
        'unknown-helper',
        'instruction 0: bpf_skb_load_bytes may not be called by xdp programs: ' +
          'the kernel refuses the program',
      ],
      [
        'tc',
        'call bpf_xdp_adjust_head; exit',
        'unknown-helper',
        'instruction 0: bpf_xdp_adjust_head may not be called by tc programs: ' +
          'the kernel refuses the program',
      ],
      ['xdp', 'call 9999; exit', 'unknown-helper', 'instruction 0: helper 9999 does not exist'],
      ['xdp', 'call 0; exit', 'unknown-helper', 'instruction 0: helper 0 does not exist'],
      [
        'filter-ubpf',
        'call 6; exit',
        'unknown-helper',
        'instruction 0: helper 6 does not exist, filter-ubpf has 0 to 5',
      ],
    ] as const)('%s: %s', (hook, source, kind, message) =>
      expect(run(source, { hook, packet: PACKET }).fault).toEqual({ kind, pc: 0, message }),
    );
    test.each([
      [
        'a number',
        'r1 = 5; r2 = r10; call bpf_map_lookup_elem; exit',
        'instruction 2: bpf_map_lookup_elem wants a map in r1, which is 0x5',
      ],
      [
        'the stack',
        'r1 = r10; r2 = r10; call bpf_map_lookup_elem; exit',
        'instruction 2: bpf_map_lookup_elem wants a map in r1, which is stack+0',
      ],
    ])('a map is wanted, and it is %s', (_title, source, message) =>
      expect(run(source, { hook: 'xdp', packet: PACKET }).fault).toEqual({
        kind: 'bad-argument',
        pc: 2,
        message,
      }),
    );
    test('a map of a type the helper does not take', () => {
      const source = 'r2 = r10; r2 += -8; ld_pseudo r1, 0x1, 0; call bpf_map_pop_elem; exit';
      expect(runWithMaps(source, [{}]).fault).toEqual({
        kind: 'bad-argument',
        pc: 4,
        message:
          'instruction 4: bpf_map_pop_elem may not be used on array map "m0": ' +
          'the kernel refuses the program',
      });
    });
    test('a key that lies half behind the stack', () => {
      const source = 'r2 = r10; r2 += -3; ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem; exit';
      expect(runWithMaps(source, [{}]).fault).toMatchObject({
        kind: 'out-of-bounds',
        pc: 4,
        message:
          'instruction 4: bpf_map_lookup_elem reads 4 bytes at stack-3, ' +
          'the stack frame has 512 bytes below r10',
      });
    });
  });

  describe('code that cannot be executed', () => {
    test.each([
      [
        'the second half of a 64-bit load',
        'goto +1; r1 = 5 ll; r0 = 0; exit',
        2,
        'instruction 2 is the second half of a 64-bit immediate load',
      ],
    ])('%s', (_title, source, pc, message) =>
      expect(run(source).fault).toEqual({ kind: 'undefined-instruction', pc, message }),
    );
    test.each([
      [
        'one behind the last',
        'goto +1; exit',
        2,
        'instruction 2 does not exist, the last one is 1: the program runs on without exit',
      ],
      [
        'one in front of the first',
        'goto -2; exit',
        -1,
        'instruction -1 does not exist, the last one is 1: the program runs on without exit',
      ],
    ])('%s', (_title, source, pc, message) =>
      expect(run(source).fault).toEqual({ kind: 'out-of-program', pc, message }),
    );
  });

  describe('tail calls', () => {
    const PROGRAMS = { type: MAP_TYPE_ID.prog_array, valueSize: 4, maxEntries: 2 };
    const call = (index: number) =>
      `r6 = r1; ld_pseudo r2, 0x1, 0; r3 = ${index}; call bpf_tail_call; r0 = 7; exit`;
    test.each([0, 1, 2, 3, 4, 255, 0x7fff_ffff, -1])(
      'an empty slot, or index %d past the end, falls through',
      (index) => {
        const { r0, fault } = runWithMaps(
          call(index),
          [PROGRAMS, { type: MAP_TYPE_ID.array, maxEntries: 64 }],
          {
            presets: [],
          },
        );
        expect([r0, fault]).toEqual([7n, undefined]);
      },
    );
    test('neighbours of the array in memory are no programs', () => {
      const filled = `*(u32 *)(r10 - 4) = 0; *(u64 *)(r10 - 16) = 1; r7 = r1; r2 = r10; r2 += -4;
      r3 = r10; r3 += -16; r4 = 0
      ld_pseudo r1, 0x1, 1; call bpf_map_update_elem; r1 = r7; ${call(2)}`;
      expect(runWithMaps(filled, [PROGRAMS, {}]).r0).toBe(7n);
    });
    test('34th falls through', () => {
      const chain = `r6 = r1; r1 = 0; ld_pseudo r1, 0x2, 0x100000000; r2 = *(u64 *)(r1 + 0)
      r2 += 1; *(u64 *)(r1 + 0) = r2
      r1 = r6; r3 = 0; ld_pseudo r2, 0x1, 0; call bpf_tail_call; ld_pseudo r1, 0x2, 0x100000000;
      r0 = *(u64 *)(r1 + 0); exit`;
      const fixed = chain.replaceAll('0x100000000', '1');
      const { r0, fault } = runWithMaps(
        fixed,
        [
          { ...PROGRAMS, initialSlots: [{ index: 0, program: 'raw' }] },
          { name: '.bss', origin: 'global', initialValue: new Uint8Array(8), maxEntries: 1 },
        ],
        {},
      );
      expect([r0, fault]).toEqual([34n, undefined]);
    });
  });

  describe('call depth', () => {
    const nested = (depth: number) =>
      `r1 = ${depth}; call pc f; exit; f: if r1 == 0 goto out; ` +
      `r1 -= 1; call pc f; out: r0 = 5; exit`;
    test('eight frames are the most', () => {
      expect(run(nested(6)).r0).toBe(5n);
      expect(run(nested(7)).fault).toMatchObject({ kind: 'call-depth', pc: 5 });
    });
    test('a function gets the frame of the one that has returned', () =>
      expect(
        run('call pc f; call pc f; exit; f: r0 = *(u64 *)(r10 - 8); *(u64 *)(r10 - 8) = 9; exit')
          .r0,
      ).toBe(9n));
  });

  test('an atomic operation on the context is a fault: the kernel refuses it', () => {
    const source = 'r2 = 5; lock *(u32 *)(r1 + 48) += r2; r0 = *(u32 *)(r1 + 48); exit';
    expect(run(source, { hook: 'tc', packet: PACKET }).fault).toMatchObject({
      kind: 'context-access',
      pc: 1,
      message:
        'instruction 1 writes 4 bytes at context+48: atomic operations are not allowed there',
    });
  });
});

test.runIf(kernelIsThere())('the running kernel refuses an atomic operation on the context', () => {
  const { id } = programType('tc');
  const insns = toHex(assemble('r2 = 5; lock *(u32 *)(r1 + 48) += r2; r0 = 0; exit'));
  const [answer] = askKernel([{ type: id!, insns, runs: [{ packet: PACKET }], log: true }]);
  expect(answer.log).toContain('BPF_ATOMIC stores into R1 ctx is not allowed');
});
