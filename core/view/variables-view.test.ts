import { describe, expect, test } from 'vitest';
import { finish } from '../session/session.ts';
import { lastName } from '../source/expression.ts';
import { openExample } from '../testing/examples.ts';
import { session } from '../testing/run.ts';
import { checkExpressions, depthOf, evaluate } from './variables-view.ts';

const PROGRAM = 'r0 = 5; r1 = -7; call f; exit; f: r0 = 11; exit';
const opened = () => {
  const made = session(PROGRAM);
  finish(made.go({ how: 'to-step', step: 2 }));
  return made;
};
/** An expression of so many characters that comes to 5. */
const long = (length: number): string => `r0${' '.repeat(length - 2)}`;

describe('an expression', () => {
  test('comes to a number, in hex too where it has more than a digit', () => {
    const made = opened();
    expect(evaluate(made, 0, 'r0')).toMatchObject({ kind: 'evaluated', value: { text: '5' } });
    expect(evaluate(made, 0, 'r0 + 4').value?.text).toBe('9');
    expect(evaluate(made, 0, 'r0 + 5').value?.text).toBe('10 (0xa)');
    expect(evaluate(made, 0, 'r10').value?.text).toMatch(/^(stack|frame).*\(0x[0-9a-f]+\)$/);
  });

  test('may have 256 characters, and no more', () => {
    const made = opened();
    expect(evaluate(made, 0, long(256)).value?.text).toBe('5');
    expect(evaluate(made, 0, long(257))).toEqual({
      kind: 'evaluated',
      text: long(257),
      error: 'has no value here',
    });
    expect(() => checkExpressions([long(256)], made.object)).not.toThrow();
    expect(() => checkExpressions([long(257)], made.object)).toThrow('takes 256 characters');
  });

  test('is watched among 64 at most', () => {
    const { object } = opened();
    const watched = (count: number) => () => checkExpressions(Array(count).fill('r0'), object);
    expect(watched(64)).not.toThrow();
    expect(watched(65)).toThrow('takes 64 expressions');
  });

  test('that is none says what is wrong with it', () => {
    expect(evaluate(opened(), 0, 'r0 +').error).toMatch(/./);
    expect(() => checkExpressions(['r0 +'], opened().object)).toThrow(/./);
  });

  test('has no value where the program is not run', () => {
    const bypassed = openExample('seed-filter');
    const off = bypassed.inputs.options.filter(([name]) => name !== 'status');
    const made = session('r0 = 0; exit', {
      hook: 'filter-ubpf',
      options: [...off, ['status', 'off']] as [string, string][],
      packet: '00'.repeat(60),
    });
    expect(made.bypass).toBeDefined();
    expect(evaluate(made, 0, 'r0').error).toBe('has no value here');
  });
});

test('frames are counted from the one that runs; one that is none is the nearest', () => {
  const made = session(PROGRAM);
  finish(made.go({ how: 'to-step', step: 4 }));
  const machine = made.machine!;
  expect(machine.frames.length).toBe(1);
  expect([-1, 0, 0.9, 1, 2, 99].map((frame) => depthOf(machine, frame))).toEqual([
    0, 0, 0, 1, 1, 1,
  ]);
});

test('the name that an expression ends with', () => {
  expect(['ip->daddr', '*(&x.port)', 'a[3]', 'list[i]', '', '->'].map(lastName)).toEqual([
    'daddr',
    'port',
    '3',
    'i',
    '',
    '',
  ]);
});
