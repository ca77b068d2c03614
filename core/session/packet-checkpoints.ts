import type { MachineImage } from '../machine/machine.ts';

/** Steps, and packets, between two checkpoints at first, whichever are done earlier. */
const FIRST_INTERVAL = 500_000;
const FIRST_PACKETS = 1024;
/** What checkpoints may take together before every other one is dropped. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A place between packets: how many are before it, and the machine there. */
export interface Checkpoint {
  readonly packet: number;
  /** Steps of all packets before it. */
  readonly steps: number;
  readonly image: MachineImage;
}

/**
 * States between packets, ascending: what earlier packets left in maps, clock and chance. Going to
 * a packet is running the packets from the nearest one on.
 */
export class PacketCheckpoints {
  private interval = FIRST_INTERVAL;
  private packets = FIRST_PACKETS;
  private points: Checkpoint[];
  private readonly most: number;

  /** `start`: the state in front of all packets; `most`: bytes that all of them may take. */
  constructor(start: MachineImage, most = MOST_BYTES) {
    this.points = [{ packet: 0, steps: 0, image: start }];
    this.most = most;
  }

  /** The last one at or before a packet. */
  before(packet: number): Checkpoint {
    let low = 0;
    for (let high = this.points.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (this.points[middle].packet <= packet) low = middle;
      else high = middle - 1;
    }
    return this.points[low];
  }

  /** Whether one is due in front of a packet, `steps` of all packets on. */
  isDue(packet: number, steps: number): boolean {
    const last = this.points[this.points.length - 1];
    return (
      packet > last.packet &&
      (steps - last.steps >= this.interval || packet - last.packet >= this.packets)
    );
  }

  add(packet: number, steps: number, image: MachineImage): void {
    this.points.push({ packet, steps, image });
    // The first one and the last are always kept.
    while (this.points.length > 2 && this.points.reduce(addBytes, 0) > this.most) this.thin();
  }

  private thin(): void {
    this.interval *= 2;
    this.packets *= 2;
    const last = this.points.length - 1;
    this.points = this.points.filter((_, i) => i % 2 === 0 || i === last);
  }
}

const addBytes = (sum: number, { image }: Checkpoint): number => sum + image.memory.bytes.length;
