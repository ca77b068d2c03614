import { enterProgram } from '../machine/calls.ts';
import { GuestFault } from '../machine/fault.ts';
import { type HelperFunction, MAX_TAIL_CALLS, NO_ANSWER } from '../machine/machine.ts';
import type { ProgArray } from '../maps/prog-array.ts';
import { mapArgument } from './arguments.ts';

/**
 * bpf_tail_call (kernel/bpf/core.c): r1 context, r2 prog array, r3 index. Goes on in that program
 * in the running frame; an empty slot, an index past the end or the 34th tail call falls through
 * with r0 as it was.
 */
export const tailCall: HelperFunction = (machine) => {
  const map = mapArgument(machine, 2) as ProgArray;
  const number = map.program(Number(BigInt.asUintN(32, machine.argument(3))));
  if (number === undefined || machine.tailCalls >= MAX_TAIL_CALLS) return NO_ANSWER;
  const program = machine.code.programs[number];
  if (program === undefined)
    throw new GuestFault(
      'bad-argument',
      `bpf_tail_call: program ${number} of map "${map.definition.name}" is not loaded`,
    );
  enterProgram(machine, program.start);
  return NO_ANSWER;
};
