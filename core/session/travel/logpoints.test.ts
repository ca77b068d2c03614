import { describe, expect, test } from 'vitest';
import { openSession, session } from '../../testing/run.ts';
import { finish, type Session } from '../session.ts';
import type { BreakpointRule } from '../types.ts';

/** Counts r1 from 1 to 5; slot 2 runs once a round. */
const LOOP = 'r0 = 0; r1 = 0; r1 += 1; if r1 < 5 goto -2; exit';

function open(rules: BreakpointRule[], breakpoints = rules.map(({ pc }) => pc)): Session {
  const opened = openSession({ ...session(LOOP).inputs, breakpoints, rules });
  finish(opened.go({ how: 'reset' }));
  return opened;
}
const go = (opened: Session, how: 'run' | 'back-run' | 'end') => {
  finish(opened.go({ how }));
  return [opened.machine!.steps, opened.stopped];
};

describe('a logpoint', () => {
  test('writes a line each time, and does not stop', () => {
    const opened = open([{ pc: 2, log: 'r1 is {r1}, twelve {r1 + 12}' }]);
    expect(go(opened, 'run')).toEqual([13, 'end of the program']);
    expect([...opened.logged]).toEqual([
      [2, 'r1 is 0, twelve 12 (0xc)'],
      [4, 'r1 is 1, twelve 13 (0xd)'],
      [6, 'r1 is 2, twelve 14 (0xe)'],
      [8, 'r1 is 3, twelve 15 (0xf)'],
      [10, 'r1 is 4, twelve 16 (0x10)'],
    ]);
  });
  test('small numbers are decimal alone; negative ones have 64 bits', () => {
    const opened = open([{ pc: 4, log: '{r1 + 4} {r1 + 5} {r1 - 6} {r1 - 5}' }]);
    go(opened, 'run');
    expect([...opened.logged.values()]).toEqual(['9 10 (0xa) -1 (0xffffffffffffffff) 0']);
  });
  test.each([
    ['{ is open', '{ is open'],
    ['closed }', 'closed }'],
    ['} {r1} {', '} 4 {'],
    ['{{r1}}', '{4}'],
    ['{r1}{r1}', '44'],
  ])('a brace that has no other is text: %s', (log, text) => {
    const opened = open([{ pc: 4, log: log.replaceAll('r1', 'r1 - 1') }]);
    go(opened, 'run');
    expect([...opened.logged.values()]).toEqual([text]);
  });
  test('with a condition writes where it holds', () => {
    const opened = open([{ pc: 2, condition: 'r1 == 3', log: 'three' }]);
    go(opened, 'run');
    expect([...opened.logged]).toEqual([[8, 'three']]);
  });
});

describe('a breakpoint', () => {
  const AT = 'breakpoint at instruction 2';
  test('stops each time, forward and back', () => {
    const opened = open([], [2]);
    expect([
      go(opened, 'run'),
      go(opened, 'run'),
      go(opened, 'run'),
      go(opened, 'back-run'),
    ]).toEqual([
      [2, AT],
      [4, AT],
      [6, AT],
      [4, AT],
    ]);
  });
  test('with a condition where it holds', () =>
    expect(go(open([{ pc: 2, condition: 'r1 == 4' }]), 'run')).toEqual([10, AT]));
  test.each([
    [1, 2],
    [2, 4],
    [5, 10],
  ])('at hit %d, counted from where the journey began', (hits, step) =>
    expect(go(open([{ pc: 2, hits }]), 'run')).toEqual([step, AT]),
  );
  test('at a hit that does not come, not at all', () =>
    expect(go(open([{ pc: 2, hits: 6 }]), 'run')).toEqual([13, 'end of the program']));
  test('whose condition cannot be told stops, and says so', () =>
    expect(go(open([{ pc: 2, condition: 'packet[30:4] == 1' }]), 'run')).toEqual([
      2,
      `${AT}: its condition could not be told, what it reads is not there`,
    ]));
  test('behind the end there is none to come to', () => {
    const opened = open([], [2]);
    go(opened, 'end');
    expect([opened.machine!.steps, opened.stopped]).toEqual([13, 'end of the program']);
    expect(go(opened, 'back-run')).toEqual([10, AT]);
  });
});
