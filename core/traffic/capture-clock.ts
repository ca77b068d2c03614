import { nextArrival } from '../machine/machine.ts';
import type { Nanoseconds, Step } from '../spec/units.ts';
import type { CaptureMachine } from './capture-machine.ts';
import type { Outcomes } from './outcomes.ts';

/**
 * The machine's clock along a capture whose packets did not run one behind the other: each comes
 * when the run in front of it is over, by the steps that are known of that.
 */
export class CaptureClock {
  private readonly machine: CaptureMachine;
  /** Where it was last asked for. */
  private last: { packet: number; time: Nanoseconds };

  constructor(machine: CaptureMachine) {
    this.machine = machine;
    this.last = { packet: 0, time: machine.start.surroundings.time };
  }

  /** The time at the first step of a packet that has run, and its steps. */
  at(packet: number, outcomes: Outcomes): { readonly time: Nanoseconds; readonly steps: Step } {
    const { start, session } = this.machine;
    const { surroundings } = start;
    if (packet < this.last.packet) this.last = { packet: 0, time: surroundings.time };
    let { packet: at, time } = this.last;
    const isFixed = surroundings.gap === 0n && session.inputs.settings.clock !== 'capture';
    if (!isFixed)
      for (; at < packet; at++) {
        const next = this.machine.arrivalBehind(at);
        if (next !== undefined || surroundings.gap !== 0n)
          time = nextArrival({ ...surroundings, next }, time + BigInt(outcomes.stepsOf(at)));
      }
    this.last = { packet, time };
    return { time, steps: outcomes.stepsOf(packet) };
  }
}
