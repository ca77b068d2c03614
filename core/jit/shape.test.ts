import { describe, expect, test } from 'vitest';
import { assemble } from '../asm/assemble.ts';
import { decodePrograms } from '../program/code.ts';
import { shapeOf, type UnitShape } from './shape.ts';

/** The shape of what is reached from a slot of assembled code, without what exit and tables are. */
function shapeFrom(source: string, entry = 0): UnitShape {
  const linked = { bytes: assemble(source), functions: [], lines: [] };
  const code = decodePrograms([{ name: 'main', linked }], 'little');
  const at = (pc: number) => {
    const instruction = code.instructions[pc];
    return instruction?.row && instruction.row.kind !== 'exit' ? instruction : undefined;
  };
  return shapeOf(code, entry, at)!;
}

const starts = ({ blocks }: UnitShape): number[] => [...blocks.keys()];

describe('blocks', () => {
  test('begin where jumps lead and behind them; an exit is none', () => {
    const { blocks } = shapeFrom('r0 = 1; if r1 == 0 goto out; r0 = 2; out: r0 += 1; exit');
    expect([...blocks.values()]).toEqual([
      { start: 0, pcs: [0, 1], leadsTo: [2, 3] },
      { start: 2, pcs: [2], leadsTo: [3] },
      { start: 3, pcs: [3], leadsTo: [4] },
    ]);
  });
  test('are those that are reached, each behind the ones that lead to it', () => {
    expect(starts(shapeFrom('goto end; dead: r0 = 1; exit; end: r0 = 2; exit'))).toEqual([0, 3]);
  });
  test('of very long code are so many as fit', () => {
    const shape = shapeFrom(`${'r0 += 1; '.repeat(5000)}exit`);
    const [{ pcs, leadsTo }] = shape.blocks.values();
    expect(pcs.length).toBe(2000);
    expect(leadsTo).toEqual([2000]);
    expect(shape.leads(0, 2000)).toBe(false);
  });
});

test('blocks in which ways meet belong to the one that dominates them', () => {
  const source =
    'if r1 == 0 goto other; if r2 == 0 goto inner; r0 = 1; inner: r0 = 2; goto end; ' +
    'other: r0 = 3; end: r0 = 4; exit';
  expect([...shapeFrom(source).merges]).toEqual([
    [1, [3]],
    [0, [6]],
  ]);
});

describe('loops', () => {
  const nested =
    'r0 = 0; outer: r0 += 1; inner: r1 += 1; if r1 < 9 goto inner; if r0 < 9 goto outer; exit';
  test('have heads, which jumps back lead to', () => {
    expect([...shapeFrom(nested).heads].sort()).toEqual([1, 2]);
  });
  test('are looked at for the steps left at their heads: so many until the next look', () => {
    expect([...shapeFrom(nested).checked].sort()).toEqual([
      [0, 1],
      [1, 1],
      [2, 3],
    ]);
  });
  test('that are entered in their middle have another head', () => {
    expect([...shapeFrom(nested, 4).heads].sort()).toEqual([2, 4]);
  });
  test('with two entries are left by the jump to the second of them', () => {
    const shape = shapeFrom(
      'if r1 == 0 goto second; first: r0 += 1; second: r0 += 2; if r0 < 9 goto first; exit',
    );
    const back = [shape.leads(2, 1), shape.leads(1, 2)];
    expect(back.filter((leads) => !leads)).toHaveLength(1);
    expect(shape.heads.size).toBe(0);
  });
});

test('behind a call of a function the steps that are left are looked at', () => {
  const { checked } = shapeFrom('r0 = 1; call pc f; r0 += 1; r0 += 2; exit; f: r0 = 3; exit');
  expect([...checked]).toEqual([
    [0, 2],
    [2, 2],
  ]);
});
