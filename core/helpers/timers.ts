import { helperMemory } from '../machine/access.ts';
import type { HelperFunction, Machine } from '../machine/machine.ts';
import { now, type Timer } from '../machine/timers.ts';
import { READ, WRITE } from '../memory/memory.ts';
import { failure } from '../spec/errno.ts';
import { functionArgument, mapArgument } from './arguments.ts';

const TIMER_BYTES = 16;
/** CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME: one and the same clock here. */
const CLOCKS = [0n, 1n, 7n];
const BPF_F_TIMER_ABS = 1n;
const BPF_F_TIMER_CPU_PIN = 2n;

const timerArgument = (machine: Machine, helper: string): number =>
  helperMemory(machine, helper, machine.argument(1), TIMER_BYTES, READ | WRITE);

const timerAt = (machine: Machine, at: number): Timer | undefined =>
  machine.timers.find((timer) => timer.at === at);

/** r1 timer, r2 map, r3 clock. */
export const timerInit: HelperFunction = (machine) => {
  const map = mapArgument(machine, 2);
  const at = timerArgument(machine, 'bpf_timer_init');
  if (!CLOCKS.includes(machine.argument(3))) return failure('EINVAL');
  if (timerAt(machine, at)) return failure('EBUSY');
  machine.timers.push({ at, map: machine.maps.indexOf(map), entry: undefined, expiry: undefined });
  return 0n;
};

/** r1 timer, r2 function. */
export const timerSetCallback: HelperFunction = (machine) => {
  const timer = timerAt(machine, timerArgument(machine, 'bpf_timer_set_callback'));
  const entry = functionArgument(machine, 2);
  if (timer === undefined) return failure('EINVAL');
  timer.entry = entry;
  return 0n;
};

/** r1 timer, r2 ns, r3 flags. */
export const timerStart: HelperFunction = (machine) => {
  const timer = timerAt(machine, timerArgument(machine, 'bpf_timer_start'));
  const flags = machine.argument(3);
  if (flags & ~(BPF_F_TIMER_ABS | BPF_F_TIMER_CPU_PIN)) return failure('EINVAL');
  if (timer?.entry === undefined) return failure('EINVAL');
  timer.expiry = flags & BPF_F_TIMER_ABS ? machine.argument(2) : now(machine) + machine.argument(2);
  return 0n;
};

/**
 * Answers 1 where it was armed; its callback has to be set anew. A callback may not cancel its own
 * timer.
 */
export const timerCancel: HelperFunction = (machine) => {
  const at = timerArgument(machine, 'bpf_timer_cancel');
  const timer = timerAt(machine, at);
  if (timer === undefined) return failure('EINVAL');
  if (machine.frames[0]?.callback?.kind === 'timer' && machine.frames[0].callback.timer === at)
    return failure('EDEADLK');
  const armed = timer.expiry !== undefined;
  timer.entry = undefined;
  timer.expiry = undefined;
  return armed ? 1n : 0n;
};
