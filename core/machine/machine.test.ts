import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../bytes/hex.ts';
import { ENGINES } from '../jit/engines.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish } from '../session/session.ts';
import { readObject } from '../testing/corpus.ts';
import { TRIED_ENGINES } from '../testing/engines.ts';
import { on } from '../testing/run.ts';
import { snapshotOf } from '../view/snapshot.ts';

const MIN64 = '-0x8000000000000000';

describe.each(TRIED_ENGINES)('$name', (engine) => {
  const { openSession, rawRun, run, session } = on(engine);

  describe('arithmetic (RFC 9669 section 4.1)', () => {
    test.each([
      ['a 32-bit add clears the upper half', 'r0 = -1; w0 += 1; exit', 0n],
      ['a 64-bit add carries', 'r0 = 0xffffffff ll; r0 += 1; exit', 0x1_0000_0000n],
      ['a 64-bit subtraction borrows', 'r0 = 0x100000000 ll; r0 -= 1; exit', 0xffff_ffffn],
      ['dividing by zero gives zero', 'r0 = 7; r1 = 0; r0 /= r1; exit', 0n],
      ['signed division by zero gives zero', 'r0 = 7; r1 = 0; r0 s/= r1; exit', 0n],
      ['remainder by zero leaves the register', 'r0 = 7; r1 = 0; r0 %= r1; exit', 7n],
      [
        'a 32-bit remainder by zero clears the upper half',
        'r0 = -1; r1 = 0; w0 %= w1; exit',
        0xffff_ffffn,
      ],
      [
        'the smallest number divided by -1 is itself',
        `r0 = ${MIN64} ll; r1 = -1; r0 s/= r1; exit`,
        1n << 63n,
      ],
      ['its remainder is 0', `r0 = ${MIN64} ll; r1 = -1; r0 s%= r1; exit`, 0n],
      ['signed division cuts toward zero', 'r0 = -7; r0 s/= 2; exit', BigInt.asUintN(64, -3n)],
      ['unsigned division sees a large number', 'r0 = -1; r0 /= 2; exit', (1n << 63n) - 1n],
      ['multiplication wraps', 'r0 = -1; r0 *= r0; exit', 1n],
      ['a shift counts modulo the width', 'r0 = 1; r0 <<= 65; exit', 2n],
      ['an arithmetic shift keeps the sign', 'r0 = -8; r0 s>>= 1; exit', BigInt.asUintN(64, -4n)],
      [
        'be16 on a little-endian machine swaps and cuts',
        'r0 = 0x11223344; r0 = be16 r0; exit',
        0x4433n,
      ],
      ['le16 cuts', 'r0 = 0x11223344; r0 = le16 r0; exit', 0x3344n],
      [
        'bswap64 turns all bytes',
        'r0 = 0x1122334455667788 ll; r0 = bswap64 r0; exit',
        0x8877665544332211n,
      ],
      ['movsx8 fills with the sign', 'r1 = 0x80; r0 = (s8)r1; exit', BigInt.asUintN(64, -128n)],
      [
        'movsx16 in 32 bits leaves the upper half zero',
        'r1 = 0x8000; w0 = (s16)w1; exit',
        0xffff_8000n,
      ],
    ])('%s', (_title, source, r0) => expect(run(source).r0).toBe(r0));
  });

  describe('faults name the place, the fact and the numbers', () => {
    test.each([
      [
        'a load past the packet',
        'r0 = *(u32 *)(r1 + 11); exit',
        'out-of-bounds',
        'instruction 0 reads 4 bytes at memory+11, the memory has 14 bytes',
      ],
      [
        'a load in front of it',
        'r0 = *(u8 *)(r1 - 1); exit',
        'out-of-bounds',
        'instruction 0 reads 1 byte at memory-1, the memory has 14 bytes',
      ],
      [
        'a store below the stack',
        '*(u8 *)(r10 - 513) = 1; exit',
        'out-of-bounds',
        'instruction 0 writes 1 byte at stack-513, the stack frame has 512 bytes below r10',
      ],
      [
        'a store above it',
        '*(u64 *)(r10 - 4) = 1; exit',
        'out-of-bounds',
        'instruction 0 writes 8 bytes at stack-4, the stack frame has 512 bytes below r10',
      ],
      [
        'NULL',
        'r1 = 0; r0 = *(u64 *)(r1 + 8); exit',
        'null-pointer',
        'instruction 1 reads 8 bytes at 0x8, a NULL pointer plus an offset',
      ],
      [
        'a number',
        'r1 = 0x12345678; r0 = *(u8 *)(r1 + 0); exit',
        'bad-pointer',
        'instruction 1 reads 1 byte at 0x12345678, which is a number, not a pointer',
      ],
      [
        'running off the end',
        'r0 = 0',
        'out-of-program',
        'instruction 1 does not exist, the last one is 0: the program runs on without exit',
      ],
      [
        'no such helper',
        'call 99; exit',
        'unknown-helper',
        'instruction 0: helper 99 does not exist, ubpf has 0 to 5',
      ],
      [
        'endless recursion',
        'again: call pc again; exit',
        'call-depth',
        'instruction 0 calls raw 8 frames deep, 8 is the most',
      ],
      [
        'a jump behind the program',
        'goto +80; exit',
        'out-of-program',
        'instruction 81 does not exist, the last one is 1: the program runs on without exit',
      ],
      [
        'a jump in front of it',
        'r0 = 0; if r0 == 0 goto -7; exit',
        'out-of-program',
        'instruction -5 does not exist, the last one is 2: the program runs on without exit',
      ],
      [
        'a jump by table to what is no instruction',
        'r1 = 12; gotox r1; exit',
        'out-of-program',
        'instruction 1 jumps to raw+0xc, which is no instruction of raw',
      ],
      [
        'a jump by table out of the function',
        'call pc f; exit; f: r1 = 8; gotox r1',
        'out-of-program',
        'instruction 3 jumps to raw+0x8, which is no instruction of raw+0x10',
      ],
      [
        'a cast of an address in an arena',
        'r1 = addr_space_cast(r1, 0x0, 0x1); exit',
        'not-built',
        'instruction 0 casts an address of an arena, and arenas are not built here',
      ],
    ])('%s', (_title, source, kind, message) =>
      expect(run(source, { packet: '00'.repeat(14) }).fault).toMatchObject({ kind, message }),
    );
    test('a run without end stops at the step limit', () => {
      expect(run('again: goto again', { maxSteps: 1000 })).toMatchObject({
        steps: 1000,
        fault: { kind: 'step-budget' },
      });
    });
    test('the lower half of a packet pointer is never 0: clang compares it alone with NULL', () => {
      const source = 'r1 = *(u32 *)(r1 + 0); r0 = 1; if w1 == 0 goto out; r0 = 2; out: exit';
      expect(run(source, { hook: 'xdp', packet: '00'.repeat(14) }).r0).toBe(2n);
    });
    test('a known helper that is not built is named', () => {
      const { fault } = run('call bpf_get_task_stack; exit', {
        hook: 'xdp',
        packet: '00'.repeat(14),
      });
      expect(fault).toMatchObject({
        kind: 'helper-not-built',
        message:
          'instruction 0: bpf_get_task_stack is known but not built here: ' +
          'there is no task whose memory or state it could look at',
      });
    });
    test('reading r6 to r9 of the caller is not possible: a call keeps them', () => {
      expect(run('r6 = 5; call pc f; r0 = r6; exit; f: r6 = 9; r0 = 1; exit').r0).toBe(5n);
    });
  });

  describe('memory', () => {
    test('a callee writes to the frame of its caller through a pointer', () => {
      expect(
        run(
          '*(u64 *)(r10 - 8) = 1; r1 = r10; r1 += -8; call pc f; r0 = *(u64 *)(r10 - 8); exit; ' +
            'f: *(u64 *)(r1 + 0) = 7; r0 = 0; exit',
        ).r0,
      ).toBe(7n);
    });
    test.each([
      ['lock *(u64 *)(r10 - 8) += r1', 12n, 5n],
      ['r1 = atomic_fetch_add((u64 *)(r10 - 8), r1)', 12n, 7n],
      ['r1 = xchg_64(r10 - 8, r1)', 5n, 7n],
      ['r1 = atomic_fetch_xor((u64 *)(r10 - 8), r1)', 2n, 7n],
      ['r1 = load_acquire((u64 *)(r10 - 8))', 7n, 7n],
      ['store_release((u64 *)(r10 - 8), r1)', 5n, 5n],
    ])('%s', (statement, memory, register) => {
      expect(
        run(`*(u64 *)(r10 - 8) = 7; r1 = 5; ${statement}; r0 = *(u64 *)(r10 - 8); exit`).r0,
      ).toBe(memory);
      expect(run(`*(u64 *)(r10 - 8) = 7; r1 = 5; ${statement}; r0 = r1; exit`).r0).toBe(register);
    });
    test('cmpxchg compares with r0 and leaves the old value there', () => {
      expect(
        run(
          '*(u64 *)(r10 - 8) = 7; r0 = 7; r1 = 9; r0 = cmpxchg_64(r10 - 8, r0, r1); ' +
            'r0 = *(u64 *)(r10 - 8); exit',
        ).r0,
      ).toBe(9n);
      expect(
        run('*(u64 *)(r10 - 8) = 7; r0 = 6; r1 = 9; r0 = cmpxchg_64(r10 - 8, r0, r1); exit').r0,
      ).toBe(7n);
    });
    test('may_goto ends a loop that would not end', () => {
      const endless = session('r0 = 0; again: r0 += 1; may_goto out; goto again; out: exit', {
        maxSteps: 1000,
      });
      expect(endless.machine!.loops).toBe(8 * 1024 * 1024);
      endless.machine!.loops = 5;
      finish(endless.go({ how: 'end' }));
      expect(endless.machine).toMatchObject({ status: 'finished', steps: 19 });
    });
  });

  describe('jump tables', () => {
    test('an entry counts bytes from the start of the section', () => {
      expect(run('r0 = 5; r1 = 32; gotox r1; r0 = 1; exit').r0).toBe(5n);
      expect(run('r0 = 0; call pc f; exit; f: r1 = 48; gotox r1; r0 = 1; r0 += 7; exit').r0).toBe(
        7n,
      );
    });
    test.each(['latest.clang-22-v4-g.o', 'latest.clang-22-v4-eb.o', 'latest.clang-23-v4.o'])(
      'a switch by table comes to what a switch by comparisons does: %s',
      (name) => {
        const choose = (object: string, queue: number) => {
          const { outcome } = openSession({
            ...inputsFor(object, readObject(object)),
            program: 'choose',
            packets: [{ name: 'packet', bytes: new Uint8Array(14) }],
            context: [['rx_queue_index', String(queue)]],
          });
          return `${outcome!.verdict.name} ${outcome!.r0} ${JSON.stringify(outcome!.fault)}`;
        };
        const queues = Array.from({ length: 17 }, (_, queue) => queue);
        const compared = queues.map((queue) => choose('latest.clang-21-v4.o', queue));
        expect(queues.map((queue) => choose(name, queue))).toEqual(compared);
        expect(new Set(compared).size).toBe(15);
      },
    );
  });

  test('every conformance vector gives its result', () => {
    const folder = join(import.meta.dirname, '../testdata/conformance');
    const vectors = readdirSync(folder).flatMap(
      (file) =>
        JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
          name: string;
          program: string;
          memory: string;
          result: string;
        }[],
    );
    const wrong = vectors
      .filter(({ program, memory, result }) => rawRun(program, memory) !== BigInt(result))
      .map(({ name }) => name);
    expect(wrong).toEqual([]);
    expect(vectors.length).toBeGreaterThan(100);
  });
});

describe.each(ENGINES)('stepping back is exact: $name', (engine) => {
  const { session } = on(engine);
  const source =
    'r0 = 0; r1 = 0; again: r1 += 1; *(u64 *)(r10 - 8) = r1; r2 = r1; r2 *= 7; r0 += r2; ' +
    'if r1 < 300 goto again; exit';
  test('every step, forward once and back in any order, gives the same state', () => {
    const debugged = session(source);
    const states: string[] = [];
    const state = () =>
      JSON.stringify(snapshotOf(debugged), (_key, value) =>
        value instanceof Uint8Array ? toHex(value) : value,
      );
    const total = debugged.outcome!.steps;
    finish(debugged.go({ how: 'reset' }));
    for (let step = 0; step <= total; step++) {
      states.push(state().replace(/"stopped":"[^"]*"/, ''));
      finish(debugged.go({ how: 'into' }));
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: total }), (step) => {
        finish(debugged.go({ how: 'to-step', step }));
        expect(state().replace(/"stopped":"[^"]*"/, '')).toBe(states[step]);
      }),
      { numRuns: 200 },
    );
  });
  test('also over checkpoints, in a run of a million steps', () => {
    const long = session(
      'r0 = 0; r1 = 0; again: r1 += 1; r0 += r1; if r1 < 400000 goto again; exit',
    );
    for (const step of [1_000_000, 3, 700_001, 19_999, 20_000, 20_001, 0]) {
      finish(long.go({ how: 'to-step', step }));
      expect(long.machine!.steps).toBe(step);
      expect(long.machine!.registers[1]).toBe(BigInt(Math.max(0, Math.ceil((step - 2) / 3))));
    }
  });
});
