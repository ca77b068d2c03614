import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { toHex } from '../bytes/hex.ts';
import { helperByName } from '../spec/helpers.ts';
import { askKernel, kernelIsThere } from '../testing/kernel.ts';
import { run } from '../testing/run.ts';

/** 5,000 bytes: more than the first piece. */
const PACKET = toHex(Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff));
const LOAD = '*(u64 *)(r10 - 8) = 0; r3 = r10; r3 += -8; r4 = 4';
const LENGTHS =
  'call bpf_xdp_get_buff_len; r7 = r0; r2 = *(u32 *)(r6 + 0); r3 = *(u32 *)(r6 + 4); r3 -= r2; ' +
  'r3 <<= 16; r0 = r7; r0 |= r3; exit';

// What Linux 6.18 returned (BPF_PROG_TEST_RUN, program loaded with BPF_F_XDP_HAS_FRAGS); asked
// again where there is a kernel.
const CASES: [string, string, number][] = [
  [
    'only the first piece lies between data and data_end',
    `r6 = r1; ${LENGTHS}`,
    (3520 << 16) | 5000,
  ],
  [
    'bytes of a further piece are loaded by the helper',
    `r6 = r1; r2 = 4000; ${LOAD}; call bpf_xdp_load_bytes; r0 = *(u32 *)(r10 - 8); exit`,
    0xa3a2a1a0 | 0,
  ],
  [
    'also those that lie in both',
    `r6 = r1; r2 = 3518; ${LOAD}; call bpf_xdp_load_bytes; r0 = *(u32 *)(r10 - 8); exit`,
    0xc1c0bfbe | 0,
  ],
  [
    'a packet in pieces becomes shorter at its end',
    `r6 = r1; r2 = -1000; call bpf_xdp_adjust_tail; r1 = r6; ${LENGTHS}`,
    (3520 << 16) | 4000,
  ],
  [
    'as far as into the first piece',
    `r6 = r1; r2 = -2000; call bpf_xdp_adjust_tail; r1 = r6; ${LENGTHS}`,
    (3000 << 16) | 3000,
  ],
  [
    'and longer, as far as its last piece has room',
    `r6 = r1; r2 = 2616; call bpf_xdp_adjust_tail; r1 = r6; ${LENGTHS}`,
    (3520 << 16) | 7616,
  ],
  ['not further', 'r2 = 2617; call bpf_xdp_adjust_tail; exit', -22],
];
const BPF_F_XDP_HAS_FRAGS = 32;

describe('an XDP packet in pieces', () => {
  test.each(CASES)('%s', (_title, source, expected) => {
    const { r0 } = run(source, { hook: 'xdp', packet: PACKET, options: [['frags', 'yes']] });
    expect(Number(BigInt.asIntN(32, r0!))).toBe(expected);
  });

  test.runIf(kernelIsThere())('is so in the running kernel', () => {
    const helper = (name: string) => helperByName(name)?.id;
    const answers = askKernel(
      CASES.map(([, source]) => ({
        type: 6,
        insns: toHex(assemble(source, { helper })),
        flags: BPF_F_XDP_HAS_FRAGS,
        log: true,
        runs: [{ packet: PACKET }],
      })),
    );
    expect(answers.map(({ runs, log }) => (runs ? runs[0].retval! | 0 : log))).toEqual(
      CASES.map(([, , expected]) => expected),
    );
  });
});
