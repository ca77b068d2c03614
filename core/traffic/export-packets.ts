import { isEqualBytes } from '../bytes/equal.ts';
import type { CaptureIndex } from '../packet/capture/capture-index.ts';
import { pcapngHead, pcapngPacket } from '../packet/capture/pcapng-write.ts';
import type { TrafficChoice } from '../protocol/traffic.ts';
import type { RunOutcome } from '../session/outcome.ts';
import { BlobWriter } from './blob-writer.ts';
import type { Rerun } from './errand.ts';
import { isStop } from './summary.ts';

/** Whether a packet is one of those that are chosen. */
const CHOSEN: Readonly<
  Record<TrafficChoice, (outcome: RunOutcome, isChanged: boolean) => boolean>
> = {
  passed: ({ verdict }) => !isStop(verdict),
  dropped: ({ verdict }) => isStop(verdict),
  redirected: ({ verdict }) => verdict.action === 'redirect',
  changed: ({ verdict }, isChanged) => isChanged && !isStop(verdict),
  all: () => true,
};

/**
 * Packets of a capture as a pcapng file, each with its verdict as comment: those that go on as they
 * go on, others as they came.
 */
export function packetExport(index: CaptureIndex, choice: TrafficChoice, name: string): Rerun {
  const file = new BlobWriter();
  for (const block of pcapngHead()) file.write(block);
  let packets = 0;
  return {
    what: `export of ${choice} packets`,
    visit: (packet, frame, outcome) => {
      const { verdict, packetOut } = outcome;
      const goesOn = !isStop(verdict);
      const bytes = goesOn ? packetOut : frame;
      const isChanged = goesOn && !isEqualBytes(frame, packetOut);
      if (!CHOSEN[choice](outcome, isChanged)) return;
      packets++;
      file.write(
        pcapngPacket({
          bytes,
          time: index.timeOf(packet) ?? 0n,
          // What was cut off the end of it when it was captured belongs to it, too.
          wireLength: index.wireLengthOf(packet, bytes.length),
          comment: `packet ${packet + 1}: ${verdict.text}${isChanged ? ', changed' : ''}`,
        }),
      );
    },
    result: () => ({ kind: 'blob-file', name, blob: file.blob, packets }),
  };
}
