import { InputError } from '../../errors.ts';
import { endsInCheckSequence } from '../headers/check-sequence.ts';
import { MAX_PACKET, MAX_PACKETS } from '../limits.ts';
import { pluralOf } from '../text/text-place.ts';
import type { LinkType, Packet } from '../types.ts';
import type { CapturedPacket, CaptureFormat, ReadPackets } from './capture-file.ts';
import { ETHERNET_LINK, LINK_LAYERS, linkName } from './link-types.ts';
import { heldTime, NO_TIME, type PacketRun, packetOfRun } from './packet-run.ts';
import { PCAP } from './pcap.ts';
import { PCAPNG } from './pcapng.ts';
import { SNOOP } from './snoop.ts';
import { CaptureWindow } from './window.ts';

const FORMATS: readonly CaptureFormat[] = [PCAP, PCAPNG, SNOOP];

/** The format of a file that begins with these bytes. */
const formatOf = (bytes: Uint8Array): CaptureFormat | undefined =>
  FORMATS.find(({ is }) => is(bytes));

export const isCapture = (bytes: Uint8Array): boolean => formatOf(bytes) !== undefined;

/** Bytes that tell a format. */
export const FORMAT_BYTES = 12;

/** The reader of a file that begins with what is in sight; an InputError where there is none. */
export function captureReader(file: CaptureWindow, notes: string[]): ReturnType<ReadPackets> {
  const format = formatOf(file.peek());
  if (format === undefined)
    throw new InputError(file.name, 'is no capture file that is read here: pcap, pcapng or snoop');
  return format.read(file, notes);
}

/** The packets of what a reader gives, one at a time. */
export function* eachPacket(step: CapturedPacket | PacketRun): Iterable<CapturedPacket> {
  if (!('starts' in step)) yield step;
  else for (let at = 0; at < step.count; at++) yield packetOfRun(step, at);
}

/** Whether the bytes of all its packets are the frames that programs are given. */
export const isPlainRun = (step: CapturedPacket | PacketRun): step is PacketRun =>
  'starts' in step && step.linkType === ETHERNET_LINK && step.checkSequence === 0;

/** What was done to packets, and to how many, by the words it is said in. */
type Counts = Map<string, number>;
const count = (counts: Counts, words: string): void =>
  void counts.set(words, (counts.get(words) ?? 0) + 1);

/**
 * Makes Ethernet frames of captured packets; other link layers are rebuilt and said, or refused by
 * name. A packet's name says its number in the file. The bytes are views of the file's.
 */
export class CaptureFrames {
  private readonly name: string;
  /** What is said of the file. */
  readonly notes: string[] = [];
  private readonly changed: Counts = new Map();
  private readonly refused: Counts = new Map();

  constructor(name: string) {
    this.name = name;
  }

  /** The packet, where it can be one. */
  packet(captured: CapturedPacket): Packet | undefined {
    const frame = this.frame(captured);
    return frame && toPacket(`${this.name} #${captured.number}`, captured, frame);
  }

  /** The same of its bytes alone. */
  frame(captured: CapturedPacket): Uint8Array | undefined {
    const { number, bytes, linkType } = captured;
    if (bytes.length > MAX_PACKET) {
      this.notes.push(
        `Packet ${number} has ${bytes.length} bytes, at most ${MAX_PACKET} are read: left out.`,
      );
      return undefined;
    }
    const frame = frameOf(captured, this.changed);
    if (frame === undefined) count(this.refused, linkName(linkType));
    return frame;
  }

  /** The packets in front of this place stay, where there are any, and the place is said. */
  damaged(error: unknown, any: boolean): void {
    if (!any || !(error instanceof InputError)) throw error;
    this.notes.push(`${error.message}: left out from there on.`);
  }

  /** An InputError: why there is no packet at all. */
  none(): InputError {
    return new InputError(this.name, whyNone(this.refused, this.notes));
  }

  /** What was changed and what was left out; `part`: which part of the file was asked for. */
  said(part: readonly string[] = []): string[] {
    return [
      ...[...this.changed].map(([words, times]) => words.replace('%', pluralOf(times, 'packet'))),
      ...[...this.refused].map(
        ([link, times]) => `${pluralOf(times, 'packet')} of ${link} left out.`,
      ),
      ...part,
      ...this.notes,
    ];
  }
}

/**
 * Packets of a capture file as Ethernet frames, at most `most` from the `first` on (counted from
 * 1).
 */
export function readCapture(
  name: string,
  bytes: Uint8Array,
  most = MAX_PACKETS,
  first = 1,
): { packets: Packet[]; link: LinkType; notes: string[]; total: number } {
  const frames = new CaptureFrames(name);
  const packets: Packet[] = [];
  let total = 0;
  try {
    // All bytes are in sight: what the reader needs is there, or nowhere.
    for (const step of captureReader(new CaptureWindow(name, bytes), frames.notes)) {
      if (typeof step === 'number') continue;
      for (const captured of eachPacket(step)) {
        total++;
        if (total < first || packets.length >= most) continue;
        const packet = frames.packet(captured);
        if (packet !== undefined) packets.push(packet);
      }
    }
  } catch (error) {
    frames.damaged(error, total > 0);
  }
  if (packets.length === 0 && total > 0 && total < first)
    throw new InputError(name, `has ${pluralOf(total, 'packet')}, none is number ${first}`);
  if (packets.length === 0) throw frames.none();
  const part =
    first > 1
      ? [`Read from packet ${first} of ${total} on.`]
      : total > packets.length && packets.length >= most
        ? [`Only the first ${packets.length} of ${total} packets were read.`]
        : [];
  return { packets, link: 'ethernet', notes: frames.said(part), total };
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
    ...(heldTime(timestamp) !== NO_TIME && { timestamp }),
    ...(cut && { originalLength: originalLength + frame.length - bytes.length }),
  };
}
