import { describe, expect, test } from 'vitest';
import type { Session } from '../session/session.ts';
import { randomSession } from '../testing/compare-random.ts';
import { randomProgram } from '../testing/random-program.ts';
import { session } from '../testing/run.ts';
import { withMaps } from '../testing/with-maps.ts';
import { type Causes, lengthCounts, SliceRoom, sliceOfMemory, sliceOfResult } from './slice.ts';
import { type Trace, type Traced, traceRun } from './trace.ts';
import { KIND } from './trace-inputs.ts';

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

test('each byte of memory leads to the byte of the number that was stored there', () => {
  const trace = traced(
    session(`${DATA}; r2 = *(u64 *)(r7 + 16); *(u64 *)(r7 + 40) = r2; r0 = 0; exit`, {
      hook: 'xdp',
      packet: '00'.repeat(64),
    }),
  );
  for (let lane = 0; lane < 8; lane++) {
    const { causes } = sliceOfMemory(trace, (trace.frameStart + 40 + lane) as never, 1);
    expect([...causes.packet]).toEqual([[16 + lane, 0xff]]);
  }
});

test('an entry by a key in the code is not changed by a store into another such entry', () => {
  const found = (key: string, without: string) =>
    `*(u32 *)(r10 - 4) = ${key}; r2 = r10; r2 += -4; ld_pseudo r1, 0x1, 0; ` +
    `call bpf_map_lookup_elem; if r0 == 0 goto ${without}; `;
  const causes = (key: string) => {
    const opened = withMaps(
      `r7 = *(u32 *)(r1 + 0); r6 = *(u8 *)(r7 + 30); r9 = *(u8 *)(r7 + 31); ${found('1', 'out')} ` +
        `r8 = r0; if r6 == 9 goto read; ${found(key, 'read')} *(u64 *)(r0 + 0) = 5; ` +
        'read: r0 = *(u64 *)(r8 + 0); out: exit',
      [{}],
    );
    return bytesOf(sliceOfResult(traced(opened)).causes);
  };
  expect(causes('2')).toEqual([]);
  // By a key from the packet it could have been the one that is read.
  expect(causes('r9')).toEqual([30, 31]);
});

test('what timers do behind the end of a program is not what it comes to', () => {
  const timer = { valueSize: 24, special: [{ kind: 'timer', offset: 0 }] } as never;
  const opened = withMaps(
    `r7 = *(u32 *)(r1 + 0); r7 = *(u8 *)(r7 + 23); *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4
    ld_pseudo r1, 0x1, 0; call bpf_map_lookup_elem; if r0 == 0 goto out; r6 = r0
    r1 = r6; ld_pseudo r2, 0x1, 0; r3 = 1; call bpf_timer_init
    r1 = r6; ld_pseudo r2, 0x4, 8; call bpf_timer_set_callback
    r1 = r6; r2 = 1; r3 = 0; call bpf_timer_start
    r0 = r7
    out: exit
    r0 = *(u64 *)(r3 + 16); exit`,
    [timer],
    { gap: '1000', packets: 2 },
  );
  const { causes } = sliceOfResult(traced(opened));
  expect([bytesOf(causes), [...causes.memory]]).toEqual([[23], []]);
});

describe('whether the length of the packet counts on a side of a branch', () => {
  const LENGTH = 'r7 = *(u32 *)(r1 + 0); r2 = *(u32 *)(r1 + 4); r2 -= r7; r3 = 1';
  const sides = (source: string) => {
    const trace = traced(
      session(`${LENGTH}; ${source} goto +0; r0 = 0; exit`, {
        hook: 'xdp',
        packet: '00'.repeat(33),
      }),
    );
    const step = trace.compared.at(0);
    const room = new SliceRoom(trace);
    return [KIND.dst, KIND.src].map((kind) => lengthCounts(trace, room, step, kind));
  };
  test.each<[string, string, boolean[]]>([
    ['all of it', 'if r2 > r3', [true, false]],
    ['on the right', 'if r3 > r2', [false, true]],
    ['its lowest bit', 'r2 &= 1; if r2 == r3', [true, false]],
    ['its lowest bit as the 33rd', 'r2 &= 1; r2 <<= 32; if r2 == r3', [true, false]],
    ['nothing that is left of it', 'r2 &= 0; if r2 == r3', [false, false]],
    ['an immediate', 'if r3 == 1', [false, false]],
  ])('%s', (_title, source, counts) => expect(sides(source)).toEqual(counts));
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
