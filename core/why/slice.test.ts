import { describe, expect, test } from 'vitest';
import type { Session } from '../session/session.ts';
import { randomSession } from '../testing/compare-random.ts';
import { randomProgram } from '../testing/random-program.ts';
import { session } from '../testing/run.ts';
import { type Causes, sliceOfResult } from './slice.ts';
import { type Trace, type Traced, traceRun } from './trace.ts';

function traced(opened: Session): Trace {
  opened.load();
  opened.begin(0);
  const work = traceRun(opened as Traced & Session, 1_000_000);
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}

const bytesOf = ({ packet }: Causes): number[] => [...packet.keys()].sort((a, b) => a - b);

function sliceOf(source: string, packet = '00'.repeat(64)) {
  const { causes, branches, pcs } = sliceOfResult(traced(session(source, { hook: 'xdp', packet })));
  const compared = branches.map(({ causes: of, ...branch }) => ({
    ...branch,
    packetBytes: bytesOf(of),
  }));
  return { packetBytes: bytesOf(causes), branches: compared, pcs };
}

const DATA = 'r7 = *(u32 *)(r1 + 0)';

test('a value moved through registers and the stack leads back to the byte of the packet', () => {
  const { packetBytes, pcs } = sliceOf(
    `${DATA}; r2 = *(u8 *)(r7 + 23); r3 = 9; *(u64 *)(r10 - 8) = r2; r0 = *(u64 *)(r10 - 8); exit`,
  );
  expect(packetBytes).toEqual([23]);
  expect(pcs.has(2)).toBe(false);
});

describe('a part of what was stored leads to its bytes alone, wherever it lies', () => {
  const bits = (source: string) => {
    const opened = session(`${DATA}; ${source}`, { hook: 'xdp', packet: '00'.repeat(96) });
    return [...sliceOfResult(traced(opened)).causes.packet].sort(([a], [b]) => a - b);
  };
  const whole = (from: number, size: number) =>
    Array.from({ length: size }, (_, i) => [from + i, 0xff]);
  const sizes = [1, 2, 4, 8];

  test.each(sizes)('%i bytes of a number of 8', (size) => {
    for (let offset = 0; offset + size <= 8; offset++)
      expect(
        bits(
          `r2 = *(u64 *)(r7 + 16); *(u64 *)(r10 - 8) = r2; ` +
            `r0 = *(u${8 * size} *)(r10 - ${8 - offset}); exit`,
        ),
      ).toEqual(whole(16 + offset, size));
  });

  test.each(sizes)('numbers of %i bytes side by side', (size) => {
    const stores = Array.from(
      { length: 8 / size },
      (_, i) =>
        `r2 = *(u${8 * size} *)(r7 + ${16 + 8 * i}); ` +
        `*(u${8 * size} *)(r10 - ${8 - size * i}) = r2; `,
    ).join('');
    for (let byte = 0; byte < 8; byte++)
      expect(bits(`${stores} r0 = *(u64 *)(r10 - 8); r0 >>= ${8 * byte}; r0 &= 255; exit`)).toEqual(
        whole(16 + 8 * Math.floor(byte / size) + (byte % size), 1),
      );
  });

  test('what a helper reads of it', () => {
    for (let offset = 0; offset <= 4; offset++)
      expect(
        bits(
          `r2 = *(u64 *)(r7 + 16); *(u64 *)(r10 - 8) = r2; r1 = r10; r1 += -${8 - offset}; ` +
            'r2 = 4; r3 = 0; r4 = 0; r5 = 0; call bpf_csum_diff; exit',
        ),
      ).toEqual(whole(16 + offset, 4));
  });

  test('a byte stored over one of a number takes its place, and no other', () => {
    for (let byte = 0; byte < 8; byte++)
      expect(
        bits(
          `r2 = *(u64 *)(r7 + 16); *(u64 *)(r10 - 8) = r2; r3 = *(u8 *)(r7 + 40); ` +
            `*(u8 *)(r10 - ${8 - byte}) = r3; r0 = *(u64 *)(r10 - 8); exit`,
        ),
      ).toEqual([...whole(16, 8).filter(([at]) => at !== 16 + byte), [40, 0xff]]);
  });
});

test('a branch that was not needed to write still decides: the seed filter', () => {
  const { packetBytes, branches } = sliceOf(
    `${DATA}; r1 = *(u32 *)(r7 + 30); r0 = 1; if r1 == 0x1010101 goto +1; r0 = 0; exit`,
  );
  expect(packetBytes).toEqual([30, 31, 32, 33]);
  expect(branches).toMatchObject([{ pc: 3, taken: false, packetBytes: [30, 31, 32, 33] }]);
  const jumped = sliceOf(
    `${DATA}; r1 = *(u32 *)(r7 + 30); r0 = 1; if r1 == 0 goto +1; r0 = 0; exit`,
  );
  expect(jumped.branches).toMatchObject([{ pc: 3, taken: true, packetBytes: [30, 31, 32, 33] }]);
});

test('a branch whose ways both leave the result alone does not matter', () => {
  const { branches } = sliceOf(
    `${DATA}; r2 = *(u8 *)(r7 + 1); if r2 == 7 goto +1; r3 = 1; r0 = 2; exit`,
  );
  expect(branches).toEqual([]);
});

test('functions give back r6 to r9, and their result leads into them', () => {
  const { packetBytes } = sliceOf(
    `${DATA}; r6 = *(u8 *)(r7 + 5); r1 = *(u8 *)(r7 + 6); call pc f; r0 += r6; exit; f: r6 = 3; ` +
      `r0 = r1; r0 += r6; exit`,
  );
  expect(packetBytes).toEqual([5, 6]);
});

test('a branch of the caller that left r6 alone is still there when a function has used r6', () => {
  const { packetBytes } = sliceOf(
    `${DATA}; r2 = *(u8 *)(r7 + 5); r6 = 1; if r2 == 9 goto set; goto on; set: r6 = 2; on: ` +
      `r1 = 0; call pc f; r0 = r6; exit; f: r6 = 3; r0 = r6; exit`,
  );
  expect(packetBytes).toEqual([5]);
});

test('a field that is written in parts leads to all who wrote it', () => {
  const parts = session(
    'r2 = *(u32 *)(r1 + 76); r3 = *(u8 *)(r2 + 5); r4 = *(u8 *)(r2 + 6); ' +
      '*(u32 *)(r1 + 48) = r3; *(u8 *)(r1 + 49) = r4; r0 = *(u32 *)(r1 + 48); exit',
    { hook: 'tc', packet: '00'.repeat(64) },
  );
  expect(bytesOf(sliceOfResult(traced(parts)).causes)).toEqual([5, 6]);
});

test(
  'a field of the context leads to the step that wrote it, ' +
    'and bytes keep their number when the packet grows',
  () => {
    const mark = session(
      'r2 = *(u32 *)(r1 + 76); r3 = *(u8 *)(r2 + 8); *(u32 *)(r1 + 8) = r3; ' +
        'r0 = *(u32 *)(r1 + 8); exit',
      {
        hook: 'tc',
        packet: '00'.repeat(64),
      },
    );
    expect(bytesOf(sliceOfResult(traced(mark)).causes)).toEqual([8]);
    const grown = sliceOf(
      'r6 = r1; r2 = -8; call bpf_xdp_adjust_head; ' +
        'r7 = *(u32 *)(r6 + 0); r0 = *(u8 *)(r7 + 10); exit',
    );
    expect(grown.packetBytes).toEqual([2]);
  },
);

test(
  'what the slice leaves out of the packet can change without changing the result, ' +
    'over random programs',
  () => {
    let changed = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const program = randomProgram(seed);
      if (program.hook === 'flow_dissector') continue;
      const opened = randomSession(program);
      const trace = traced(opened);
      if (opened.machine!.fault) continue;
      const r0 = opened.machine!.registers[0];
      const { packet: bits } = sliceOfResult(trace).causes;
      const free = [...program.packet.keys()].filter((byte) => bits.get(byte) !== 0xff);
      const packet = program.packet.slice();
      for (const byte of free) packet[byte] ^= 0x55 & ~(bits.get(byte) ?? 0);
      if (free.length === 0) continue;
      changed += 1;
      const other = randomSession({ ...program, packet });
      traced(other);
      expect({ seed, r0: other.machine!.registers[0] }).toEqual({ seed, r0 });
    }
    expect(changed).toBeGreaterThan(450);
  },
);
