import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { SLOT_BYTES } from '../asm/encoding.ts';
import { helperByName } from '../spec/helpers.ts';
import { type Code, constantOf, decodePrograms } from './code.ts';
import { ALL_WRITES, ControlFlow } from './control-flow.ts';
import { VIRTUAL_EXIT } from './dominators.ts';

/** One function of some assembly. */
function codeOf(source: string): Code {
  const bytes = assemble(source, { helper: (name) => helperByName(name)?.id });
  const end = bytes.length / SLOT_BYTES;
  const place = { section: '.text', sectionIndex: 0, sectionOffset: 0, type: undefined };
  const functions = [{ name: 'main', start: 0, end, ...place }];
  return decodePrograms([{ name: 'main', linked: { bytes, functions, lines: [] } }], 'little');
}
const flowOf = (source: string, tables: readonly number[] = []) =>
  new ControlFlow(codeOf(source), tables).at(0)!;

const DIAMOND = 'if r1 == 0 goto else; r0 = 1; goto out; else: r0 = 2; out: r0 += 1; exit';

describe('a function is cut into blocks', () => {
  test.each([
    ['straight code is one', 'r0 = 1 ll; r0 += 1; exit', [[0, [0, 2, 3], []]]],
    [
      'a branch and where its paths meet begin others',
      DIAMOND,
      [
        [0, [0], [1, 3]],
        [1, [1, 2], [4]],
        [3, [3], [4]],
        [4, [4, 5], []],
      ],
    ],
    [
      'a loop leads back to its head',
      'r0 = 0; again: r0 += 1; if r0 < 9 goto again; exit',
      [
        [0, [0], [1]],
        [1, [1, 2], [3, 1]],
        [3, [3], []],
      ],
    ],
    [
      'a jump to the next instruction has one successor',
      'if r1 == 0 goto +0; exit',
      [
        [0, [0], [1]],
        [1, [1], []],
      ],
    ],
    [
      'may_goto may jump',
      'may_goto out; r0 = 1; out: exit',
      [
        [0, [0], [1, 2]],
        [1, [1], [2]],
        [2, [2], []],
      ],
    ],
  ] as const)('%s', (_title, source, blocks) => {
    const found = flowOf(source).blocks.map(({ start, pcs, successors }) => [
      start,
      pcs,
      successors,
    ]);
    expect(found).toEqual(blocks);
  });
  test('a jump by a table leads to the slots that the table names', () => {
    const source = 'gotox r1; r0 = 1; exit; r0 = 2; exit';
    expect(flowOf(source).successors.get(0)).toEqual([]);
    expect(flowOf(source, [8, 24]).successors.get(0)).toEqual([1, 3]);
  });
});

describe('dominators', () => {
  test('the paths of a branch meet again, and both begin at it', () => {
    const flow = flowOf(DIAMOND);
    expect(flow.dominators.get(4)).toBe(0);
    expect(flow.postDominators.get(0)).toBe(4);
    expect(flow.postDominators.get(5)).toBe(VIRTUAL_EXIT);
  });
  test('a tail call may end the function: the paths in front of it meet only at its end', () => {
    const flow = flowOf('if r1 == 0 goto out; call tail_call; out: r0 = 0; exit');
    expect(flow.postDominators.get(0)).toBe(VIRTUAL_EXIT);
  });
  test('an endless loop has no end, and nothing dominates code that nothing leads to', () => {
    const flow = flowOf('again: r0 += 1; goto again; exit');
    expect(flow.postDominators.has(0)).toBe(false);
    expect(flow.dominators.has(2)).toBe(false);
  });
});

describe('what the path not taken could have written', () => {
  test.each([
    ['registers', 'if r1 == 0 goto out; r2 = 1; out: exit', { registers: 0b100 }],
    ['the stack', 'if r1 == 0 goto out; *(u8 *)(r10 - 1) = 1; out: exit', { stack: true }],
    ['other memory', 'if r1 == 0 goto out; *(u8 *)(r2 + 0) = 1; out: exit', { memory: true }],
    [
      'all that a call may change',
      'if r1 == 0 goto out; call 7; out: exit',
      { registers: 0b11_1111, memory: true, calls: true },
    ],
    [
      'anything, by a table that is not known',
      'if r1 == 0 goto out; gotox r2; out: exit',
      { registers: ALL_WRITES, stack: true, memory: true, calls: true },
    ],
  ])('%s', (_title, source, written) => {
    const nothing = { registers: 0, stack: false, memory: false, calls: false };
    const flow = new ControlFlow(codeOf(source));
    expect(flow.writesOnWay(0, 1)).toEqual({ ...nothing, ...written });
  });
});

test.each([
  ['r0 = 7', { kind: 'number', value: 7n }],
  ['r0 = -1 ll', { kind: 'number', value: -1n }],
  ['ld_pseudo r1, 0x1, 3', { kind: 'map', map: 3 }],
  ['ld_pseudo r1, 0x2, 3, 8', { kind: 'map-value', map: 3, offset: 8 }],
  ['ld_pseudo r1, 0x3, 9', { kind: 'variable', id: 9 }],
  ['ld_pseudo r1, 0x4, 5', { kind: 'function', entry: 6 }],
  ['r0 = r1', undefined],
  ['exit', undefined],
] as const)('the constant of %s', (source, constant) => {
  const instruction = codeOf(source).instructions[0]!;
  expect(instruction.row && constantOf(instruction, 0)).toEqual(constant);
});
