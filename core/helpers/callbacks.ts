import { enterFunction, startIteration } from '../machine/calls.ts';
import {
  type ForEachCallback,
  type HelperFunction,
  type LoopCallback,
  MAX_LOOPS,
  type Machine,
  NO_ANSWER,
} from '../machine/machine.ts';
import { inlinesLoop } from '../program/known-values.ts';
import { failure } from '../spec/errno.ts';
import { functionArgument, mapArgument } from './arguments.ts';

/** Goes on in the callback, or leaves 0 in r0 where it is never called. */
function startCallback(
  machine: Machine,
  callback: LoopCallback | ForEachCallback,
): ReturnType<HelperFunction> {
  // The callback's registers are set once its frame is open, which keeps those of the caller.
  if (!enterFunction(machine, machine.pc - 1, machine.pc, callback.entry, callback))
    return NO_ANSWER;
  if (startIteration(machine, callback)) {
    machine.pc = callback.entry;
    return NO_ANSWER;
  }
  const { readable } = machine.closeFrame();
  machine.readable = readable;
  return 0n;
}

/**
 * bpf_loop (kernel/bpf/bpf_iter.c): r1 count, r2 function, r3 context, r4 flags; answers the number
 * of calls made. Where the verifier inlines it (inline_bpf_loop) the count has 64 bits, and too
 * many give w0 = -E2BIG: no negative number.
 */
export const loop: HelperFunction = (machine) => {
  const isInlined = inlinesLoop(machine.code, machine.pc - 1);
  const count = isInlined ? machine.argument(1) : BigInt.asUintN(32, machine.argument(1));
  if (machine.argument(4) !== 0n) return failure('EINVAL');
  if (count > BigInt(MAX_LOOPS))
    return isInlined ? BigInt.asUintN(32, failure('E2BIG')) : failure('E2BIG');
  const entry = functionArgument(machine, 2);
  return startCallback(machine, {
    kind: 'loop',
    entry,
    count: Number(count),
    context: machine.argument(3),
    index: 0,
  });
};

/**
 * bpf_for_each_map_elem: r1 map, r2 function, r3 context, r4 flags; answers the number of calls
 * made.
 */
export const forEachMapElem: HelperFunction = (machine) => {
  const map = mapArgument(machine);
  if (machine.argument(4) !== 0n) return failure('EINVAL');
  return startCallback(machine, {
    kind: 'for-each',
    entry: functionArgument(machine, 2),
    map: machine.maps.indexOf(map),
    context: machine.argument(3),
    cursor: { bucket: -1, next: -1 },
    index: 0,
  });
};
