import { expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { toHex } from '../bytes/hex.ts';
import { programType } from '../spec/program-types.ts';
import { askKernel, kernelIsThere } from '../testing/kernel.ts';
import { run } from '../testing/run.ts';

const FRAME =
  `5200000000025200000000010800450000280001400040060000` +
  `${'0a000002'}08080808${'00'.repeat(20)}`;
// Linux 6.18's BPF_PROG_TEST_RUN is at the output hook of IPv4, and is given the packet from its
// network header on.
const CASES: [string, string, bigint][] = [
  [
    'the state says at which hook the packet is',
    'r2 = *(u64 *)(r1 + 0); r0 = *(u8 *)(r2 + 0); exit',
    3n,
  ],
  ['and of which protocol family', 'r2 = *(u64 *)(r1 + 0); r0 = *(u8 *)(r2 + 1); exit', 2n],
  [
    'there is no device behind a packet that goes out',
    'r2 = *(u64 *)(r1 + 0); r0 = *(u64 *)(r2 + 8); exit',
    0n,
  ],
  [
    'the packet begins at its network header',
    'r2 = *(u64 *)(r1 + 8); r0 = *(u32 *)(r2 + 112); exit',
    40n,
  ],
  [
    'its protocol is in network byte order',
    'r2 = *(u64 *)(r1 + 8); r0 = *(u16 *)(r2 + 176); exit',
    0x0008n,
  ],
];

test.each(CASES)('%s', (_title, source, expected) => {
  expect(run(source, { hook: 'netfilter', packet: FRAME, options: [['hook', 'output']] }).r0).toBe(
    expected,
  );
});

test('a field of a kernel structure that is not here is a fault by name', () => {
  const { fault } = run('r2 = *(u64 *)(r1 + 8); r0 = *(u64 *)(r2 + 24); exit', {
    hook: 'netfilter',
    packet: FRAME,
  });
  expect(fault).toMatchObject({
    kind: 'not-built',
    message: expect.stringMatching(/struct sk_buff\+24: what the kernel has there is not known/),
  });
});

test.runIf(kernelIsThere())('so it is in the running kernel', () => {
  const { id, attach } = programType('netfilter');
  const store = (source: string) =>
    assemble(
      `${source.replace('exit', 'r6 = r0')}; *(u64 *)(r10 - 8) = 0; r2 = r10; r2 += -8;
        ld_pseudo r1, 0x1, 0
      call 1; if r0 == 0 goto out; *(u64 *)(r0 + 0) = r6; out: r0 = 1; exit`,
    );
  const answers = askKernel(
    CASES.map(([, source]) => ({
      type: id!,
      attach,
      insns: toHex(store(source)),
      refs: [[source.split(';').length + 3, 0]] as const,
      maps: [{ type: 2, key: 4, value: 8, entries: 1 }],
      runs: [{ packet: FRAME.slice(28) }],
      log: true,
      dump: true,
    })),
  );
  const values = answers.map(({ maps, log, runs }) =>
    runs?.[0].errno === 0 ? Buffer.from(maps![0][0][1], 'hex').readBigUInt64LE() : `${log}`,
  );
  expect(values).toEqual(CASES.map(([, , expected]) => expected));
});
