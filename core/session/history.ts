import type { MachineImage } from '../machine/machine.ts';
import type { Step } from '../spec/units.ts';

/**
 * Steps between checkpoints at first, and bytes they may take together before every other one is
 * dropped.
 */
const FIRST_INTERVAL = 20_000;
const BYTES = 64 * 1024 * 1024;

/**
 * Checkpoints of one packet's run, ascending by step. Going to a step is re-execution from the
 * nearest one before it; a long run keeps fewer, farther apart.
 */
export class History {
  interval = FIRST_INTERVAL;
  private images: MachineImage[] = [];
  private bytes = 0;

  /** Forgets all; `start` is the state before the first instruction. */
  reset(start: MachineImage): void {
    this.images = [start];
    this.bytes = 0;
    this.interval = FIRST_INTERVAL;
  }

  /** The step at which the next checkpoint is due. */
  get nextDue(): Step {
    return this.images[this.images.length - 1].steps + this.interval;
  }

  add(image: MachineImage): void {
    this.images.push(image);
    this.bytes += image.memory.bytes.length;
    while (this.bytes > BYTES && this.images.length > 2) this.thin();
  }

  /**
   * The last checkpoint before `step` (or the start): from there the last instruction before `step`
   * is executed anew.
   */
  before(step: Step): MachineImage {
    let low = 0;
    for (let high = this.images.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (this.images[middle].steps < step) low = middle;
      else high = middle - 1;
    }
    return this.images[low];
  }

  private thin(): void {
    this.interval *= 2;
    this.images = this.images.filter((_, i) => i % 2 === 0);
    this.bytes = this.images.slice(1).reduce((sum, image) => sum + image.memory.bytes.length, 0);
  }
}
