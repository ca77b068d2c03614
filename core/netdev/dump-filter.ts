import { pcapHead, pcapPacketHead } from '../packet/capture/pcap-write.ts';
import type { Work } from '../session/session.ts';
import type { FlowDirection } from '../spec/net-filters.ts';
import { BlobWriter } from '../traffic/blob-writer.ts';
import { propertyOf } from './chain.ts';
import { type FilterCounts, noCounts } from './counters.ts';
import type { Passed, RunningFilter } from './filter.ts';
import { flowCount, flowFrame, type PacketFlow } from './flow.ts';
import type { ChainFilter } from './types.ts';

/** What a dump writes at most: a tab has no disk. */
const MOST_WRITTEN = 1024 * 1024 * 1024;

interface Waiting {
  readonly time: number;
  readonly number: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** filter-dump: writes packets into a pcap file, in the order in which they came (net/dump.c). */
export class DumpFilter implements RunningFilter {
  filter: ChainFilter;
  readonly version: number;
  readonly counts: FilterCounts = noCounts();
  private readonly file = new BlobWriter();
  private readonly longest: number;
  private readonly start: bigint;
  private waiting: Waiting[] = [];
  private bytes = 0;
  private count = 0;
  private over = 0;

  private readonly isKept: boolean;
  private readonly mostWritten: number;

  constructor(
    filter: ChainFilter,
    version: number,
    { start, keepsDumps }: { readonly start: bigint; readonly keepsDumps: boolean },
    mostWritten = MOST_WRITTEN,
  ) {
    this.filter = filter;
    this.version = version;
    this.start = start;
    this.isKept = keepsDumps;
    this.mostWritten = mostWritten;
    this.longest = Number(propertyOf(filter, 'maxlen'));
    this.file.write(pcapHead(this.longest));
  }

  // biome-ignore lint/correctness/useYield: nothing in it takes long
  *pass(flow: PacketFlow, direction: FlowDirection): Work<Passed> {
    const count = flowCount(flow);
    for (let place = 0; place < count; place++) {
      const frame = flowFrame(flow, place);
      this.waiting.push({
        time: flow.times[place],
        number: flow.numbers[place],
        length: frame.length,
        bytes: frame.subarray(0, this.longest),
      });
    }
    this.counts.seen[direction] += count;
    this.counts.passed[direction] += count;
    return { on: flow };
  }

  /** Packets of both directions come together, one direction behind the other. */
  settle(): void {
    this.waiting.sort((one, other) => one.time - other.time || one.number - other.number);
    for (const { time, length, bytes } of this.waiting) {
      if (this.isKept && this.bytes + bytes.length > this.mostWritten) {
        this.over++;
        continue;
      }
      if (this.isKept) {
        const at = this.start + BigInt(Math.round(time));
        this.file.write(pcapPacketHead(at, bytes.length, length));
        this.file.write(bytes.slice());
      }
      this.bytes += bytes.length;
      this.count++;
    }
    this.waiting = [];
  }

  /** What was written so far; `leftOut`: packets for which there was no room. */
  get written(): { name: string; blob: Blob; packets: number; leftOut: number } {
    return {
      name: propertyOf(this.filter, 'file') ?? '',
      blob: this.file.blob,
      packets: this.count,
      leftOut: this.over,
    };
  }

  /** The same without the file. */
  get size(): { packets: number; bytes: number; leftOut: number } {
    return { packets: this.count, bytes: this.bytes, leftOut: this.over };
  }
}
