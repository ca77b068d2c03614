import type { LinearAddress, Nanoseconds, Pc } from '../spec/units.ts';
import { type Machine, nextArrival } from './machine.ts';

/**
 * bpf_timer in virtual time (kernel/bpf/helpers.c). A program's run takes 1 ns an instruction; when
 * it has returned, `Surroundings.gap` ns pass until the next packet comes. Timers due by then call
 * their callbacks after the program, in order of expiry, as frames that can be stepped through; the
 * clock goes on to each one's expiry. In a kernel a timer may also interrupt the program or run
 * beside it: here it never does, so that a run is the same every time.
 */
export interface Timer {
  /** Linear address of the struct bpf_timer: which timer it is. */
  readonly at: LinearAddress;
  /** Index into Machine.maps. */
  readonly map: number;
  /**
   * First slot of the callback; undefined before bpf_timer_set_callback, and after
   * bpf_timer_cancel.
   */
  entry: Pc | undefined;
  /** Undefined while it is not armed. */
  expiry: Nanoseconds | undefined;
}

export const now = (machine: Machine): Nanoseconds =>
  machine.surroundings.time + BigInt(machine.steps);

/** The armed timer that is due first, by the end of the time that passes before the next packet. */
function dueTimer(machine: Machine): Timer | undefined {
  let due: Timer | undefined;
  for (const timer of machine.timers) {
    if (timer.expiry === undefined || timer.entry === undefined || timer.expiry > machine.deadline!)
      continue;
    if (due === undefined || timer.expiry < due.expiry!) due = timer;
  }
  return due;
}

/**
 * Once the program or a callback returned: disarms the next timer that is due and sets the clock to
 * it.
 */
export function nextTimer(machine: Machine): Timer | undefined {
  machine.deadline ??= nextArrival(machine.surroundings, now(machine));
  const timer = dueTimer(machine);
  if (timer === undefined) return undefined;
  const wait = timer.expiry! - now(machine);
  if (wait > 0n) machine.surroundings.time += wait;
  timer.expiry = undefined;
  return timer;
}

/**
 * Forgets timers whose element left the map, or whose bytes lie in [start, end): its value was
 * written anew.
 */
export function dropTimers(
  machine: Machine,
  map: number,
  start: LinearAddress = 0,
  end: LinearAddress = 0,
): void {
  if (machine.timers.length === 0) return;
  const { elementAt } = machine.maps[map];
  machine.timers = machine.timers.filter(
    (timer) =>
      timer.map !== map ||
      (elementAt!.call(machine.maps[map], timer.at, 0) !== undefined &&
        !(timer.at >= start && timer.at < end)),
  );
}
