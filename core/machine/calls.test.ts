// What a tail call leaves of the frame it was made in.
import { expect, test } from 'vitest';
import { session } from '../testing/run.ts';
import { enterProgram } from './calls.ts';
import { MAX_LOOPS } from './machine.ts';
import { run } from './run.ts';

const begun = () => {
  const { machine } = session('call f; exit; f: r0 = 1; exit', { hook: 'xdp', packet: '00' });
  return machine!;
};

test('the program that is called has rounds of may_goto, registers and depth of its own', () => {
  const machine = begun();
  machine.loops = 5;
  enterProgram(machine, 2);
  expect(machine.loops).toBe(MAX_LOOPS);
  expect([machine.pc, machine.tailCalls, machine.programDepth]).toEqual([2, 1, 0]);
  // r1 and r10
  expect(machine.readable).toBe(0b100_0000_0010);
});

test('in a function they are those of its frame: its caller keeps what is left', () => {
  const machine = begun();
  machine.loops = 5;
  run(machine, 1);
  expect(machine.frames).toHaveLength(1);
  const [frame] = machine.frames;
  frame.loops = 7;
  enterProgram(machine, 2);
  expect([frame.loops, machine.loops]).toEqual([MAX_LOOPS, 5]);
  expect(machine.programDepth).toBe(1);
});
