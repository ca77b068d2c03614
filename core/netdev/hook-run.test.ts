import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JIT } from '../jit/jit.ts';
import { INTERPRETER } from '../machine/engine.ts';
import { loadObject } from '../object/load.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, runnableSession, Session } from '../session/session.ts';
import { hookListFrom, hookRunOf, type ListedProgram } from '../testing/hook-lists.ts';

const objectOf = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../testdata/hook-lists', name)));
const TC_LIST = objectOf('tc-list.o');
const XDP_LIST = objectOf('xdp-list.o');

/** Ethernet and IPv4; byte 23 is the protocol, byte 50 what the random programs look at. */
function frameOf(protocol: number, looked: number, length: number): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set([0x08, 0x00, 0x45], 12);
  frame[22] = 64;
  frame[23] = protocol;
  frame[50] = looked;
  return frame;
}

const CODES = [-1, -1, -1, -1, 0, 2, 3, 4, 7, 100];

/** Adds to the mark and to byte 50, and says one of two codes by its lowest bit and the mark's. */
const someProgram = fc
  .record({
    mark: fc.integer({ min: 0, max: 3 }),
    byte: fc.integer({ min: 0, max: 3 }),
    codes: fc.tuple(fc.constantFrom(...CODES), fc.constantFrom(...CODES)),
  })
  .map(({ mark, byte, codes }) =>
    [
      'r2 = *(u32 *)(r1 + 76); r3 = *(u32 *)(r1 + 80); r4 = r2; r4 += 51',
      `r0 = ${codes[0]}`,
      'if r4 > r3 goto out',
      'r5 = *(u8 *)(r2 + 50)',
      ...(byte > 0 ? [`r5 += ${byte}; *(u8 *)(r2 + 50) = r5`] : []),
      'r6 = *(u32 *)(r1 + 8)',
      ...(mark > 0 ? [`r6 += ${mark}; *(u32 *)(r1 + 8) = r6`] : []),
      'r5 += r6; r5 &= 1',
      'if r5 == 0 goto out',
      `r0 = ${codes[1]}`,
      'out: exit',
    ].join('; '),
  );
const listed = fc.oneof(
  { weight: 3, arbitrary: someProgram.map((source): ListedProgram => ({ source })) },
  fc
    .constantFrom('mark_udp', 'count_marks', 'third')
    .map((program): ListedProgram => ({ source: TC_LIST, program })),
);
const packets = fc.array(
  fc
    .tuple(fc.constantFrom(6, 17), fc.integer({ min: 0, max: 255 }), fc.constantFrom(40, 60, 300))
    .map(([protocol, looked, length]) => frameOf(protocol, looked, Math.max(51, length))),
  { minLength: 1, maxLength: 40 },
);

/** Codes that end it, as net/core/dev.c and net/sched/cls_bpf.c have them. */
const ENDS = { tcx: [0, 2, 7], cls_bpf: [0, 2, 4, 7, 8] };

/** Each program by itself, run by hand: what one leaves of bytes and mark is given to the next. */
function byHand(programs: readonly ListedProgram[], frames: readonly Uint8Array[]) {
  const { list, objects } = hookListFrom('tc', programs);
  const sessions = list.programs.map(({ object, program }) => {
    const { name, bytes } = objects[object];
    const inputs = {
      ...inputsFor(name, bytes),
      hook: 'tc' as const,
      options: [['direction', 'ingress']] as [string, string][],
      ...(program !== undefined && { program }),
    };
    const memory = new WebAssembly.Memory({ initial: 1 });
    const session = new Session(inputs, memory, loadObject(name, bytes));
    session.load(512);
    return { session: runnableSession(session), seen: 0 };
  });
  return frames.map((frame) => {
    let [bytes, mark, isTcxOver] = [frame, '0', false];
    const codes: string[] = [];
    for (const [at, { id, where = 'tcx' }] of list.programs.entries()) {
      if (isTcxOver && where === 'tcx') continue;
      const one = sessions[at];
      one.session.beginFrame(one.seen, bytes, undefined, [['mark', mark]]);
      const outcome = finish(one.session.completeFrame(one.seen++, bytes));
      bytes = outcome.packetOut;
      mark = one.session.machine.context!.get('mark').toString();
      const { code = -1 } = outcome.verdict;
      codes.push(`${id} ${code}`);
      if (ENDS[where].includes(code)) break;
      if (where === 'tcx' && code !== -1) isTcxOver = true;
    }
    return { codes, bytes: [...bytes] };
  });
}

describe('a list in its order is each program by hand, with bytes and fields handed on', () => {
  test.each([
    ['by compiled code', JIT],
    ['interpreted', INTERPRETER],
  ] as const)('%s', (_name, engine) => {
    fc.assert(
      fc.property(
        fc.array(listed, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 4 }),
        packets,
        (programs, tcx, frames) => {
          const placed = programs.map((one, i) => ({
            ...one,
            where: i < tcx ? ('tcx' as const) : ('cls_bpf' as const),
          }));
          const run = hookRunOf('tc', placed, { engine });
          const half = Math.ceil(frames.length / 2);
          const passed = [
            ...finish(run.take(frames.slice(0, half))),
            ...finish(run.take(frames.slice(half))),
          ];
          const seen = passed.map(({ steps, result }) => ({
            codes: steps.map(({ id, verdict }) => `${id} ${verdict.code}`),
            bytes: [...result.packetOut],
          }));
          expect(seen).toEqual(byHand(placed, frames));
          const counted = run.counts.reduce((sum, one) => sum + one.seen, 0);
          expect(counted).toBe(passed.reduce((sum, { steps }) => sum + steps.length, 0));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('metadata and room in front of the packet go on to the next XDP program', () => {
  const run = (protocol: number) =>
    finish(
      hookRunOf('xdp', [
        { source: XDP_LIST, program: 'tag' },
        { source: XDP_LIST, program: 'by_tag' },
      ]).take([frameOf(protocol, 0, 60)]),
    )[0];

  test('what the first one writes there decides what the second one says', () => {
    expect(run(17).result).toMatchObject({ name: 'XDP_DROP', by: 'p2' });
    expect(run(6).result).toMatchObject({ name: 'XDP_PASS', by: undefined });
    expect(run(17).steps[1].given.handed).toEqual({ front: { start: 256, metadata: '11000000' } });
  });

  test('room in front of the packet is used up by one program after the other', () => {
    const programs = Array.from({ length: 2 }, () => ({
      source: XDP_LIST,
      program: 'late',
      priority: 1,
      actions: [3],
    }));
    const [{ steps }] = finish(hookRunOf('xdp', programs).take([frameOf(6, 0, 60)]));
    // 256 bytes, of which the kernel keeps 40: 200 fit once.
    expect(steps.map(({ verdict }) => verdict.name)).toEqual(['XDP_TX', 'XDP_DROP']);
  });
});

test('a program that is off is not asked', () => {
  const programs: ListedProgram[] = [
    { source: 'r0 = 2; exit', status: 'off' },
    { source: 'r0 = 0; exit' },
  ];
  const run = hookRunOf('tc', programs);
  const [{ steps, result }] = finish(run.take([frameOf(6, 0, 60)]));
  expect(steps.map(({ id, after }) => [id, after])).toEqual([['p2', 'final']]);
  expect(result).toMatchObject({ name: 'TC_ACT_OK', action: 'pass', by: 'p2' });
});

test('where bpf_redirect pointed stays for a program behind that says TC_ACT_REDIRECT', () => {
  const programs = [
    { source: 'r1 = 3; r2 = 0; call 23; r0 = -1; exit' },
    { source: 'r0 = 7; exit' },
  ];
  const [{ result, steps }] = finish(hookRunOf('tc', programs).take([frameOf(6, 0, 60)]));
  expect(result.name).toBe('TC_ACT_REDIRECT');
  expect(steps[1].verdict.warning).toBeUndefined();
  expect(steps[1].verdict.text).toContain('interface 3');
});
