import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BreakpointCounts, ShareResult, Wish } from '../protocol/messages.ts';
import { TestPage } from '../testing/page.ts';

const TESTDATA = join(import.meta.dirname, '../testdata');
const file = (path: string): Uint8Array => new Uint8Array(readFileSync(join(TESTDATA, path)));
/**
 * TCP from 10.0.0.66 to port 443; public/examples/lpm-firewall/program.c asks no rule about it that
 * exists, and passes it.
 */
const TCP4 =
  '52540012345652540065432108004500002800010000400666c50a0000420a0000019c4001bb00' +
  '000001000000005002200000000000';
const FILE = 'lpm_firewall.c';

let page: TestPage;
const wish = (wanted: Wish) => page.wish(wanted);
const counted = async () => (await wish({ type: 'count-breakpoints' })).value as BreakpointCounts;

async function open(path: string): Promise<void> {
  await wish({ type: 'open-file', name: 'program.o', bytes: file(path) });
  await wish({ type: 'open-text', text: TCP4, as: 'packet' });
}

beforeEach(async () => {
  page = new TestPage();
  await open('debug/lpm_firewall-clang14.o');
});

/**
 * Slots as llvm-objdump-19 -d -l shows them, of the object without DWARF; `decide` (lines 70 to 87)
 * stands behind `firewall`, from slot 74 on.
 */
describe('a breakpoint at a line of C (clang 14)', () => {
  test.each([
    ['of one place', 113, 113, [27]],
    ['with two branches: the second continues the first', 110, 110, [13]],
    ['that was inlined twice, once with code of no line in between', 94, 94, [33, 64]],
    ['of a subprogram, with code on both ways', 83, 83, [74 + 78, 74 + 103]],
    ['inlined and unrolled, with another line in between', 65, 65, [74 + 32, 74 + 42]],
    ['that is a comment', 89, 94, [33, 64]],
    ['that is empty, in a function', 109, 110, [13]],
    ['in a function: its name, where BTF lets it begin', 69, 70, [74]],
  ])('%s', async (_title, line, at, pcs) => {
    const { view, notice } = await wish({ type: 'toggle-line', file: FILE, line });
    expect(view!.breakpoints).toEqual(pcs);
    expect(view!.breakpointRows).toEqual([{ pcs, line: { file: './lpm_firewall.c', line: at } }]);
    if (line !== at)
      expect(notice).toBe(`Line ${line} has no instructions: the breakpoint is at line ${at}`);
    else if (pcs.length > 1) expect(notice).toMatch(`line ${line} begins in ${pcs.length} places`);
    else expect(notice).toBeUndefined();
  });

  test.each([
    [
      'behind the last line',
      FILE,
      127,
      'No instruction of this program comes from line 127 of lpm_firewall.c or after it',
    ],
    [
      'of a header',
      'bpf.h',
      5,
      'No instruction of this program comes from line 5 of bpf.h or after it',
    ],
  ])('%s there is none, and it says so', async (_title, name, line, said) => {
    const { view, notice } = await wish({ type: 'toggle-line', file: name, line });
    expect(view).toBeUndefined();
    expect(notice).toBe(said);
  });

  test('is taken away as a whole; a line that stands for it never takes it away', async () => {
    await wish({ type: 'toggle-line', file: FILE, line: 94 });
    expect((await wish({ type: 'toggle-line', file: FILE, line: 89 })).view!.breakpoints).toEqual([
      33, 64,
    ]);
    expect((await wish({ type: 'toggle-line', file: FILE, line: 94 })).view!.breakpoints).toEqual(
      [],
    );
  });

  test(
    'with one of its places taken away the others are breakpoints at instructions; ' +
      'the line sets all again',
    async () => {
      await wish({ type: 'toggle-line', file: FILE, line: 94 });
      const { view } = await wish({ type: 'toggle-breakpoint', pc: 33 });
      expect(view!.breakpointRows).toEqual([{ pcs: [64] }]);
      expect((await wish({ type: 'toggle-line', file: FILE, line: 94 })).view!.breakpoints).toEqual(
        [33, 64],
      );
    },
  );

  test('stops where the line begins, and comes back from a link', async () => {
    await wish({ type: 'toggle-line', file: FILE, line: 94 });
    expect((await wish({ type: 'go', go: { how: 'run' } })).snapshot).toMatchObject({ pc: 33 });
    const { fragment } = (await wish({ type: 'share', keeps: 'lines' })).value as ShareResult;
    const { view } = await wish({ type: 'open-link', fragment });
    expect(view!.breakpointRows).toEqual([
      { pcs: [33, 64], line: { file: './lpm_firewall.c', line: 94 } },
    ]);
  });

  test('has one rule for all its places', async () => {
    await wish({ type: 'toggle-line', file: FILE, line: 94 });
    const { view } = await wish({ type: 'set-rule', rule: { pc: 33, condition: 'r3 == 17' } });
    expect(view!.rules.map(({ pc, condition }) => [pc, condition])).toEqual([
      [33, 'r3 == 17'],
      [64, 'r3 == 17'],
    ]);
  });
});

test('hits of all places of a line count together', async () => {
  await open('debug/locals-clang14.o');
  const { view } = await wish({ type: 'toggle-line', file: 'locals.c', line: 76 });
  const [first, second] = view!.breakpoints;
  await wish({ type: 'set-rule', rule: { pc: first, hits: 2 } });
  const { snapshot } = await wish({ type: 'go', go: { how: 'run' } });
  expect(snapshot!.pc).toBe(second);
  expect((await counted()).counts.map(({ reached }) => reached)).toEqual(
    view!.breakpoints.map(() => 1),
  );
});

describe('how often a run comes by', () => {
  test('reached, not reached, and reached with a condition that does not hold', async () => {
    for (const line of [94, 110, 119]) await wish({ type: 'toggle-line', file: FILE, line });
    await wish({ type: 'set-rule', rule: { pc: 13, condition: 'r2 == 0' } });
    const before = (await wish({ type: 'go', go: { how: 'to-step', step: 7 } })).snapshot!;
    expect(await counted()).toEqual({
      kind: 'breakpoint-counts',
      counts: [
        { pc: 13, reached: 1, held: 0 },
        { pc: 33, reached: 1, held: 1 },
        { pc: 44, reached: 0, held: 0 },
        { pc: 64, reached: 0, held: 0 },
      ],
      steps: expect.any(Number),
      isWhole: true,
    });
    const after = (await wish({ type: 'go', go: { how: 'to-step', step: 7 } })).snapshot!;
    expect(after.registers).toEqual(before.registers);
  });

  test('a loop', async () => {
    await wish({
      type: 'open-text',
      text: 'r1 = 5\nloop: r1 += -1\nif r1 != 0 goto loop\nr0 = 0\nexit',
      as: 'assembly',
    });
    for (const pc of [1, 4]) await wish({ type: 'toggle-breakpoint', pc });
    await wish({ type: 'set-rule', rule: { pc: 1, condition: 'r1 > 2' } });
    const { counts, steps } = await counted();
    expect({ counts, steps }).toEqual({
      counts: [
        { pc: 1, reached: 5, held: 3 },
        { pc: 4, reached: 1, held: 1 },
      ],
      steps: 13,
    });
  });
});

describe('an object whose lines only DWARF has', () => {
  test.each(['dwarf2', 'dwarf3', 'dwarf4', 'dwarf5-64', 'gcc12-little'])('%s', async (version) => {
    await open(`debug/versions/lpm_firewall-${version}.o`);
    const text = new TextDecoder().decode(file('../../public/examples/lpm-firewall/program.c'));
    const { view } = await wish({
      type: 'open-file',
      name: FILE,
      bytes: new TextEncoder().encode(text),
    });
    expect(view!.sources).toEqual([{ file: FILE, text }]);
    await wish({ type: 'toggle-line', file: FILE, line: 113 });
    const { snapshot } = await wish({ type: 'go', go: { how: 'run' } });
    const { rows, lines } = view!.code;
    const lineOf = (pc?: number) => lines[rows.find((row) => row.pc === pc)?.line ?? -1]?.line;
    expect(lineOf(snapshot!.pc)).toBe(113);
    const next = await wish({ type: 'go', go: { how: 'line-over' } });
    expect([94, 114]).toContain(lineOf(next.snapshot!.pc));
    expect(next.snapshot!.step).toBeGreaterThan(snapshot!.step);
  });
});
