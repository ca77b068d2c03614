import { InputError } from '../../errors.ts';
import { endsInCheckSequence } from '../headers/check-sequence.ts';
import { MAX_PACKET, MAX_PACKETS } from '../limits.ts';
import { pluralOf } from '../text/text-place.ts';
import type { LinkType, Packet } from '../types.ts';
import type { CapturedPacket, CaptureFormat } from './capture-file.ts';
import { LINK_LAYERS, linkName } from './link-types.ts';
import { PCAP } from './pcap.ts';
import { PCAPNG } from './pcapng.ts';
import { SNOOP } from './snoop.ts';

const FORMATS: readonly CaptureFormat[] = [PCAP, PCAPNG, SNOOP];

export const isCapture = (bytes: Uint8Array): boolean => FORMATS.some(({ is }) => is(bytes));

/** What was done to packets, and to how many, by the words it is said in. */
type Counts = Map<string, number>;
const count = (counts: Counts, words: string): void =>
  void counts.set(words, (counts.get(words) ?? 0) + 1);

/**
 * Packets of a capture file as Ethernet frames, at most `most` from the `first` on (counted from
 * 1); other link layers are rebuilt and said, or refused by name. A packet's name says its number
 * in the file. The bytes are views of the file's.
 */
export function readCapture(
  name: string,
  bytes: Uint8Array,
  most = MAX_PACKETS,
  first = 1,
): { packets: Packet[]; link: LinkType; notes: string[]; total: number } {
  const format = FORMATS.find(({ is }) => is(bytes));
  if (format === undefined)
    throw new InputError(name, 'is no capture file that is read here: pcap, pcapng or snoop');
  const fileNotes: string[] = [];
  const [changed, refused]: [Counts, Counts] = [new Map(), new Map()];
  const packets: Packet[] = [];
  let total = 0;
  for (const captured of undamaged(format.read(name, bytes, fileNotes), fileNotes)) {
    total++;
    if (total < first || packets.length >= most) continue;
    if (captured.bytes.length > MAX_PACKET) {
      const size = captured.bytes.length;
      fileNotes.push(
        `Packet ${captured.number} has ${size} bytes, at most ${MAX_PACKET} are read: left out.`,
      );
      continue;
    }
    const frame = frameOf(captured, changed);
    if (frame === undefined) count(refused, linkName(captured.linkType));
    else packets.push(toPacket(`${name} #${captured.number}`, captured, frame));
  }
  if (packets.length === 0 && total > 0 && total < first)
    throw new InputError(name, `has ${pluralOf(total, 'packet')}, none is number ${first}`);
  if (packets.length === 0) throw new InputError(name, whyNone(refused, fileNotes));
  const notes = [
    ...[...changed].map(([words, times]) => words.replace('%', pluralOf(times, 'packet'))),
    ...[...refused].map(([link, times]) => `${pluralOf(times, 'packet')} of ${link} left out.`),
    ...(first > 1
      ? [`Read from packet ${first} of ${total} on.`]
      : total > packets.length && packets.length >= most
        ? [`Only the first ${packets.length} of ${total} packets were read.`]
        : []),
    ...fileNotes,
  ];
  return { packets, link: 'ethernet', notes, total };
}

/**
 * The packets in front of where the file is damaged, which is said; where there are none, the error
 * stands.
 */
function* undamaged(
  packets: Generator<CapturedPacket>,
  notes: string[],
): Generator<CapturedPacket> {
  let any = false;
  try {
    for (const packet of packets) {
      any = true;
      yield packet;
    }
  } catch (error) {
    if (!any || !(error instanceof InputError)) throw error;
    notes.push(`${error.message}: left out from there on.`);
  }
}

function whyNone(refused: Counts, notes: readonly string[]): string {
  if (refused.size === 0) return ['has no packets', ...notes].join('. ');
  return (
    `holds ${[...refused.keys()].join(' and ')} packets, ` +
    `which cannot be shown as Ethernet frames`
  );
}

/**
 * The Ethernet frame without its check sequence, which programs never see; what was changed is
 * counted.
 */
function frameOf(
  { linkType, bytes, originalLength, checkSequence }: CapturedPacket,
  changed: Counts,
): Uint8Array | undefined {
  const frame = LINK_LAYERS.get(linkType)?.toEthernet?.(bytes);
  if (frame === undefined) return undefined;
  if (frame !== bytes) {
    count(changed, `Ethernet header made up for % of ${linkName(linkType)}.`);
    return frame;
  }
  const there = Math.min(bytes.length, checkSequence - Math.max(0, originalLength - bytes.length));
  if (there <= 0) return frame;
  count(changed, `Check sequence of ${there} bytes cut off the end of %.`);
  if (there === 4 && !endsInCheckSequence(frame))
    count(changed, 'What was cut off is not the check sequence in %.');
  return frame.subarray(0, frame.length - there);
}

function toPacket(
  name: string,
  { bytes, timestamp, originalLength }: CapturedPacket,
  frame: Uint8Array,
): Packet {
  const cut = originalLength > bytes.length;
  return {
    name,
    bytes: frame,
    ...(timestamp !== undefined && { timestamp }),
    ...(cut && { originalLength: originalLength + frame.length - bytes.length }),
  };
}
