import type { CaptureIndex, ReadAt } from '../packet/capture/capture-index.ts';
import type { TrafficComparison } from '../protocol/traffic.ts';
import type { Comparison } from './compare.ts';
import { comparisonReport } from './compare-report.ts';
import type { Drive, Errand } from './errand.ts';
import { frameAt, readFrames } from './frames.ts';

/** Packets that both sides judge at once: what the maps hold is compared behind as many. */
const AT_ONCE = 8192;

/** The packets that are compared. */
export interface ComparedPackets {
  readonly index: CaptureIndex;
  readonly read: ReadAt;
  /** Of the capture. */
  readonly name: string;
  readonly count: number;
}

/** Another program, version or engine over the packets of a capture. */
export class CompareErrand implements Errand {
  readonly what = 'compare';
  readonly total: number;
  readonly comparison: Comparison;
  private readonly packets: ComparedPackets;

  constructor(comparison: Comparison, packets: ComparedPackets) {
    this.comparison = comparison;
    this.packets = packets;
    this.total = packets.count;
  }

  get done(): number {
    return this.comparison.packets;
  }

  get isDone(): boolean {
    return this.done >= this.total;
  }

  async piece(drive: Drive): Promise<void> {
    const { index, read, name } = this.packets;
    const { done } = this;
    const chunk = await readFrames(index, read, name, done, Math.min(this.total, done + AT_ONCE));
    const frames = Array.from({ length: chunk.count }, (_, i) => frameAt(chunk, done + i));
    await drive(this.comparison.run(frames));
  }

  result(): TrafficComparison {
    const { left, right, packets, differing, differences } = this.comparison;
    const names = {
      left: left.name,
      right: right.name,
      capture: this.packets.name,
      // As the page counts them.
      numberOf: (packet: number) => packet + 1,
    };
    return {
      kind: 'traffic-comparison',
      left: left.name,
      right: right.name,
      packets,
      isWhole: this.isDone,
      differing,
      differences: differences.map(({ packet }) => packet),
      report: comparisonReport(this.comparison, names).join('\n'),
    };
  }
}
