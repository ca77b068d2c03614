import { helperMemory, writeGuest } from '../machine/access.ts';
import { type HelperFunction, MAX_LOOPS, type Machine, NO_ANSWER } from '../machine/machine.ts';
import { READ } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { i32 } from './arguments.ts';

/** struct bpf_iter_num: the present number and the end, 32 bits each (kernel/bpf/bpf_iter.c). */
function store(machine: Machine, helper: string, current: number, end: number): void {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, current, machine.memory.littleEndian);
  view.setInt32(4, end, machine.memory.littleEndian);
  writeGuest(machine, helper, machine.argument(1), bytes);
}

/** bpf_iter_num_new: r1 iterator, r2 start, r3 end. */
export const iterNumNew: HelperFunction = (machine) => {
  const start = i32(machine.argument(2));
  const end = i32(machine.argument(3));
  const problem =
    start > end ? failure('EINVAL') : end - start > MAX_LOOPS ? failure('E2BIG') : undefined;
  if (problem === undefined) store(machine, 'bpf_iter_num_new', (start - 1) | 0, end);
  else store(machine, 'bpf_iter_num_new', 0, 0);
  return problem ?? 0n;
};

/** bpf_iter_num_next: r1 iterator; the address of the next number, NULL at the end. */
export const iterNumNext: HelperFunction = (machine) => {
  const at = helperMemory(machine, 'bpf_iter_num_next', machine.argument(1), 8, READ);
  const { view, littleEndian } = machine.memory;
  const next = view.getInt32(at, littleEndian) + 1;
  const end = view.getInt32(at + 4, littleEndian);
  if (next >= end) {
    store(machine, 'bpf_iter_num_next', 0, 0);
    return 0n;
  }
  store(machine, 'bpf_iter_num_next', next, end);
  return machine.argument(1);
};

export const iterNumDestroy: HelperFunction = (machine) => {
  store(machine, 'bpf_iter_num_destroy', 0, 0);
  return NO_ANSWER;
};
