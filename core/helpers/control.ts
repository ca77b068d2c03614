import { enterFunction, startIteration } from '../machine/calls.ts';
import { functionAt } from '../machine/code-space.ts';
import { GuestFault } from '../machine/fault.ts';
import { type HelperFunction, type LoopCallback, MAX_LOOPS, MAX_TAIL_CALLS } from '../machine/machine.ts';
import { ProgArray } from '../maps/prog-array.ts';
import { address, nameAddress, regionOf } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { mapArgument } from './maps.ts';

/**
 * bpf_tail_call (kernel/bpf/core.c): r1 context, r2 prog array, r3 index. Goes on in that program in the running frame;
 * an empty slot, an index past the end or the 34th tail call falls through with r0 as it was.
 */
export const tailCall: HelperFunction = (machine) => {
  const map = mapArgument(machine, 'bpf_tail_call', 2);
  if (!(map instanceof ProgArray)) {
    throw new GuestFault('bad-argument', `bpf_tail_call wants a prog_array, map "${map.definition.name}" is not one`);
  }
  const number = map.program(Number(BigInt.asUintN(32, machine.argument(3))));
  if (number === undefined || machine.tailCalls >= MAX_TAIL_CALLS) return undefined;
  const program = machine.code.programs[number];
  if (program === undefined)
    throw new GuestFault(
      'bad-argument',
      `bpf_tail_call: program ${number} of map "${map.definition.name}" is not loaded`,
    );
  machine.tailCalls += 1;
  machine.pc = program.start;
  if (machine.recorder) machine.recorder.readable = 0b10 | (1 << 10);
  return undefined;
};

/** bpf_loop (kernel/bpf/bpf_iter.c): r1 count, r2 function, r3 context, r4 flags; answers the number of calls made. */
export const loop: HelperFunction = (machine) => {
  const count = BigInt.asUintN(32, machine.argument(1));
  if (machine.argument(4) !== 0n) return failure('EINVAL');
  if (count > BigInt(MAX_LOOPS)) return failure('E2BIG');
  const entry = functionEntry(machine, machine.argument(2));
  if (count === 0n) return 0n;
  const callback: LoopCallback = { kind: 'loop', entry, count: Number(count), context: machine.argument(3), index: 0 };
  if (enterFunction(machine, machine.pc - 1, machine.pc, entry, callback)) {
    startIteration(machine, callback);
    machine.pc = entry;
  }
  return undefined;
};

/** Slot of the function a pointer names. */
function functionEntry(machine: Parameters<HelperFunction>[0], pointer: bigint): number {
  const region = regionOf(machine.memory, Number(pointer >> 32n));
  const entry = Number(pointer & 0xffff_ffffn) / 8;
  if (
    region === 0 ||
    machine.memory.info[region].kind !== 'function' ||
    pointer !== address(region, entry * 8) ||
    functionAt(machine.code, entry) === undefined
  ) {
    throw new GuestFault(
      'bad-argument',
      `bpf_loop wants a function in r2, which is ${nameAddress(machine.memory, pointer) ?? `0x${pointer.toString(16)}`}`,
    );
  }
  return entry;
}
