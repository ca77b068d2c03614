import { describe, expect, test } from 'vitest';
import type { Fault } from '../machine/fault.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { XDP_PASSED } from '../testing/outcomes.ts';
import { CHANGED, Outcomes, RAN } from './outcomes.ts';
import { VerdictNumbers } from './verdict-numbers.ts';

const faultAt = (pc: number, kind: Fault['kind'] = 'bad-pointer'): Fault => ({
  kind,
  pc,
  message: `instruction ${pc}`,
});

describe('what became of each packet', () => {
  test('is what was put in', () => {
    const outcomes = new Outcomes();
    const drop = { ...XDP_PASSED.verdict, name: 'XDP_DROP', action: 'drop' } as const;
    const all: [Partial<RunOutcome>, boolean][] = [
      [{}, false],
      [{ verdict: drop, steps: 70_000 }, true],
      [{ ran: false, r0: undefined, steps: 0 }, false],
      [{ fault: faultAt(0), r0: undefined }, false],
      [{ r0: 0xffff_ffff_ffff_fffen }, false],
      [{ r0: 1n << 32n, steps: 5_000_000_000 }, false],
    ];
    const numbers = all.map(([outcome, isChanged]) =>
      outcomes.add({ ...XDP_PASSED, ...outcome }, isChanged),
    );
    expect(numbers).toEqual([0, 1, 0, 0, 0, 0]);
    expect([outcomes.length, outcomes.verdicts.map(({ name }) => name)]).toEqual([
      6,
      ['XDP_PASS', 'XDP_DROP'],
    ]);
    for (const [packet, [outcome, isChanged]] of all.entries()) {
      const { verdict, steps, ran, r0 = 0n, fault } = { ...XDP_PASSED, ...outcome };
      expect(outcomes.verdicts[outcomes.verdictOf(packet)].name).toBe(verdict.name);
      expect([outcomes.stepsOf(packet), outcomes.r0Of(packet)]).toEqual([steps, r0]);
      expect([outcomes.has(packet, RAN), outcomes.has(packet, CHANGED)]).toEqual([ran, isChanged]);
      expect(outcomes.faultOf(packet)).toBe(fault && 0);
    }
    expect(outcomes.faults).toEqual([faultAt(0)]);
  });

  test('is the same for those that are put in many at once', () => {
    const outcomes = new Outcomes();
    outcomes.add(XDP_PASSED, true);
    outcomes.addPlain(Uint16Array.of(0, 0), Uint32Array.of(2, 0xffff_ffff), Uint32Array.of(7, 8));
    outcomes.add({ ...XDP_PASSED, steps: 9 }, true);
    const rows = [0, 1, 2, 3].map((packet) => [
      outcomes.r0Of(packet),
      outcomes.stepsOf(packet),
      outcomes.has(packet, RAN),
      outcomes.has(packet, CHANGED),
      outcomes.faultOf(packet),
    ]);
    expect(rows).toEqual([
      [2n, 5, true, true, undefined],
      [2n, 7, true, false, undefined],
      [0xffff_ffffn, 8, true, false, undefined],
      [2n, 9, true, true, undefined],
    ]);
  });

  test('of faults the first one of its kind at a place speaks for all', () => {
    const outcomes = new Outcomes();
    const add = (fault: Fault) => {
      outcomes.add({ ...XDP_PASSED, fault }, false);
      return outcomes.faultOf(outcomes.length - 1);
    };
    expect([
      add(faultAt(3)),
      add({ ...faultAt(3), message: 'another address' }),
      add(faultAt(3, 'out-of-bounds')),
      add(faultAt(4)),
      add(faultAt(3)),
    ]).toEqual([0, 0, 1, 2, 0]);
    expect(outcomes.faults[0].message).toBe('instruction 3');
  });

  test('4,096 places of faults are told apart', () => {
    const outcomes = new Outcomes();
    for (let pc = 0; pc < 4098; pc++) outcomes.add({ ...XDP_PASSED, fault: faultAt(pc) }, false);
    expect(outcomes.faults).toHaveLength(4096);
    expect([4094, 4095, 4096, 4097].map((packet) => outcomes.faultOf(packet))).toEqual([
      4094, 4095, 4095, 4095,
    ]);
  });
});

test('250 verdicts have numbers of their own, others share one', () => {
  const numbers = new VerdictNumbers();
  const of = (code: number) => numbers.of({ name: `XDP ${code}`, action: 'aborted' });
  const codes = Array.from({ length: 250 }, (_, code) => code);
  expect(codes.map(of)).toEqual(codes);
  expect([of(250), of(251), of(250), of(249), of(0)]).toEqual([250, 250, 250, 249, 0]);
  expect(numbers.verdicts).toHaveLength(251);
  expect(numbers.verdicts[250]).toEqual({ name: 'others', action: 'other' });
});
