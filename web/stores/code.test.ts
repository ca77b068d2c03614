import { expect, test } from 'vitest';
import type { CodeRow, CodeView } from '../../core/protocol/messages.ts';
import { kindOfBreakpoint, rowAt, sameFile, tintOfLines } from './code.ts';

const row = (pc: number, line?: number): CodeRow => ({
  pc,
  text: '',
  bytes: '',
  comment: '',
  doc: '',
  line,
});

const code: CodeView = { functions: [], rows: [row(0, 0), row(1, 1), row(3, 0)], lines: [] };

test('a C line keeps its tint wherever its instructions stand', () => {
  expect([...tintOfLines(code)]).toEqual([
    [0, 0],
    [1, 1],
  ]);
});

test('a slot has the instruction that starts at it, the second half of a wide one has none', () => {
  expect([0, 1, 2, 3, 4].map((pc) => rowAt(code.rows, pc)?.pc)).toEqual([
    0,
    1,
    undefined,
    3,
    undefined,
  ]);
});

test.each([
  ['/home/me/program.c', 'program.c', true],
  ['src/a.h', 'other/a.h', true],
  ['a.c', 'a.h', false],
])('%s and %s are one file: %s', (a, b, same) => expect(sameFile(a, b)).toBe(same));

test.each([
  [{ pc: 3 }, 'stops'],
  [{ pc: 3, condition: 'r1 == 0' }, 'condition'],
  [{ pc: 3, hits: 5 }, 'hits'],
  [{ pc: 3, condition: 'r1 == 0', log: 'r1 is {r1}' }, 'log'],
] as const)('the sign of a breakpoint tells what it asks for: %o', (rule, kind) => {
  expect(kindOfBreakpoint([rule], [2, 3])).toBe(kind);
  expect(kindOfBreakpoint([rule], [4])).toBe('stops');
});
