import { expect, test } from 'vitest';
import { isTableJump } from '../program/effects.ts';
import { inputsFor } from '../session/inputs.ts';
import { finish, type Session } from '../session/session.ts';
import { randomSession } from '../testing/compare-random.ts';
import { readObject } from '../testing/corpus.ts';
import { randomProgram } from '../testing/random-program.ts';
import { openSession, session } from '../testing/run.ts';
import { sliceOfResult } from '../why/slice.ts';
import { type Traced, traceRun } from '../why/trace.ts';
import { flowOf } from './flow.ts';
import { traceFile } from './trace-file.ts';

const SIZES = { row: 18, head: 24, character: 7.3, side: 20 };

function stood(opened: Session, step: number): Session {
  finish(opened.prepare());
  finish(opened.go({ how: 'to-step', step }));
  return opened;
}

test('counts of instructions and of ways add up to the steps, over random programs', () => {
  let looked = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const opened = stood(randomSession(randomProgram(seed)), 3);
    const { machine } = opened;
    const before = {
      steps: machine!.steps,
      registers: machine!.registers.slice(),
      pc: machine!.pc,
    };
    const { functions, steps } = finish(flowOf(opened, false));
    expect({
      steps: machine!.steps,
      registers: machine!.registers.slice(),
      pc: machine!.pc,
    }).toEqual(before);
    finish(opened.go({ how: 'end' }));
    expect(steps).toBe(machine!.steps);
    if (machine!.fault) continue;
    for (const { blocks, start } of functions) {
      for (const block of blocks) {
        const ways = blocks.flatMap(({ ways }) => ways).filter(({ to }) => to === block.start);
        const entered = ways.reduce((sum, { count }) => sum + count, 0);
        if (block.start !== start)
          expect(entered, `seed ${seed} block ${block.start}`).toBe(block.count);
        if (block.ways.length > 0)
          expect(block.ways.reduce((sum, { count }) => sum + count, 0)).toBe(block.count);
        looked += 1;
      }
    }
  }
  expect(looked).toBeGreaterThan(500);
});

test('a loop is counted by block, each way with its count; what never ran is not covered', () => {
  const opened = stood(
    session(
      'r1 = 0; again: r1 += 1; if r1 < 10 goto again; if r1 == 99 goto +2; r0 = 2; exit; ' +
        'r0 = 3; exit',
    ),
    0,
  );
  const [main] = finish(flowOf(opened, false)).functions;
  expect(main.blocks.map(({ start, count }) => [start, count])).toEqual([
    [0, 1],
    [1, 10],
    [3, 1],
    [4, 1],
    [6, 0],
  ]);
  expect(main.blocks[1].ways).toEqual(
    expect.arrayContaining([
      { to: 1, count: 9 },
      { to: 3, count: 1 },
    ]),
  );
  expect([main.ran, main.instructions]).toEqual([6, 8]);
});

test('the trace has one row for each step, and its last row holds the result', () => {
  const opened = stood(session('r1 = 0; again: r1 += 1; if r1 < 3 goto again; r0 = r1; exit'), 2);
  const rows = JSON.parse(finish(traceFile(opened, 'json')).text) as {
    step: number;
    pc: number;
    registers: string[];
  }[];
  expect(rows.map(({ pc }) => pc)).toEqual([0, 1, 2, 1, 2, 1, 2, 3, 4]);
  expect(BigInt(rows.at(-1)!.registers[0])).toBe(3n);
  const csv = finish(traceFile(opened, 'csv')).text.trim().split('\n');
  expect(csv).toHaveLength(rows.length + 1);
  expect(csv[0]).toBe('step,pc,instruction,what,r0,r1,r2,r3,r4,r5,r6,r7,r8,r9,r10');
  expect(opened.machine!.steps).toBe(2);
});

test.each(['latest.clang-22-v4-g.o', 'latest.clang-22-v4-eb.o'])(
  'the cases of a jump table are ways, and the one that ran is counted: %s',
  (name) => {
    const inputs = {
      ...inputsFor(name, readObject(name)),
      program: 'choose',
      packets: [{ name: 'packet', bytes: new Uint8Array(14) }],
      context: [['rx_queue_index', '5']] as [string, string][],
    };
    const opened = stood(openSession(inputs), 0);
    const { code } = opened.machine!;
    const { blocks } = finish(flowOf(opened, false)).functions.find(
      ({ name }) => name === 'choose',
    )!;
    const table = blocks.find(({ pcs }) => isTableJump(code.instructions[pcs.at(-1)!]))!;
    expect(table.ways.length).toBeGreaterThan(10);
    expect(table.ways.filter(({ count }) => count === 1)).toHaveLength(1);

    opened.begin(0);
    const work = traceRun(opened as Session & Traced, 1000);
    let traced = work.next();
    while (!traced.done) traced = work.next();
    const { pcs } = sliceOfResult(traced.value);
    expect(pcs.has(table.pcs.at(-1)!)).toBe(true);
  },
);

test('a program of 200,000 instructions has a flow, as a list', () => {
  const slots = 200_000;
  const bytes = new Uint8Array(8 * slots);
  // r0 = 1, again and again, with a branch in between that makes many blocks.
  for (let pc = 0; pc < slots - 1; pc++)
    bytes.set(pc % 10 === 9 ? [0x15, 0, 0, 0, 7] : [0xb7, 0, 0, 0, 1], 8 * pc);
  bytes[8 * (slots - 1)] = 0x95;
  const { functions, steps } = finish(
    flowOf(openSession({ ...inputsFor('long', bytes), hook: 'ubpf' }), false, SIZES),
  );
  expect(steps).toBe(slots);
  expect(functions).toMatchObject([{ instructions: slots, ran: slots }]);
  expect(functions[0].graph).toBeUndefined();
  expect(functions[0].blocks.length).toBe(slots / 10);
});

test('blocks are placed by the sizes of who draws them; who draws nothing gets no graph', () => {
  const graphOf = (...sizes: (typeof SIZES)[]) =>
    finish(flowOf(stood(session('if r1 == 0 goto +1; r0 = 1; exit'), 0), false, ...sizes))
      .functions[0].graph;
  expect(graphOf()).toBeUndefined();
  const [small, large] = [7, 14].map((character) => graphOf({ ...SIZES, character }));
  expect(large?.boxes.map(({ width }) => width)).toEqual(
    small?.boxes.map(({ width }) => 2 * width - SIZES.side),
  );
});
