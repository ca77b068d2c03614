import { BLOCK_ROWS, NumberColumn } from '../../bytes/number-column.ts';
import { InputError, present } from '../../errors.ts';
import { pluralOf } from '../text/text-place.ts';
import type { Packet } from '../types.ts';
import { CaptureFrames } from './capture.ts';
import type { CapturedPacket } from './capture-file.ts';
import { ETHERNET_LINK } from './link-types.ts';
import { heldTime, NO_TIME, type PacketRun } from './packet-run.ts';

/** Bytes of the unpacked file from an offset on; fewer where it ends. */
export type ReadAt = (offset: number, size: number) => Promise<Uint8Array>;

/**
 * Where packets stand in a capture, so that any of millions is read again alone: 14 to 20 bytes a
 * packet, since what all packets have in common takes none.
 */
export class CaptureIndex {
  private readonly name: string;
  private readonly offsets = new NumberColumn();
  private readonly sizes = new NumberColumn();
  private readonly times: BigInt64Array[] = [];
  /** What its number in the file is more than its place in the list, which it never is less. */
  private readonly leftOut = new NumberColumn();
  private readonly originals = new NumberColumn();
  private readonly linkTypes = new NumberColumn();
  private readonly checkSequences = new NumberColumn();
  private start: bigint | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** How many there are. */
  get length(): number {
    return this.sizes.length;
  }

  /** When the first packet that says it was captured; nanoseconds since the epoch. */
  get firstTime(): bigint | undefined {
    return this.start;
  }

  /** The next packet of the list. */
  add({ number, offset, bytes, timestamp, ...others }: CapturedPacket): void {
    const place = this.length;
    const row = place % BLOCK_ROWS;
    if (row === 0) this.times.push(new BigInt64Array(BLOCK_ROWS));
    const time = heldTime(timestamp);
    if (time !== NO_TIME) this.start ??= time;
    present(this.times.at(-1), 'the last block of an index')[row] = time;
    this.leftOut.push(number - 1 - place);
    this.offsets.push(offset);
    this.sizes.push(bytes.length);
    this.originals.push(longerBy(others.originalLength, bytes.length));
    this.linkTypes.push(others.linkType);
    this.checkSequences.push(others.checkSequence);
  }

  /** The next packets of the list, all of a run. */
  addRun(run: PacketRun): void {
    const { number, count, offset, starts, lengths, originals, times } = run;
    const place = this.length;
    for (let at = 0; at < count; ) {
      const row = (place + at) % BLOCK_ROWS;
      if (row === 0) this.times.push(new BigInt64Array(BLOCK_ROWS));
      const behind = Math.min(count, at + BLOCK_ROWS - row);
      present(this.times.at(-1), 'the last block of an index').set(times.subarray(at, behind), row);
      at = behind;
    }
    this.start ??= times.find((time) => time !== NO_TIME);
    this.leftOut.pushSame(number - 1 - place, count);
    this.linkTypes.pushSame(run.linkType, count);
    this.checkSequences.pushSame(run.checkSequence, count);
    const offsets = new Float64Array(count);
    const longer = new Uint32Array(count);
    for (let at = 0; at < count; at++) {
      offsets[at] = offset + (starts[at] ?? 0);
      longer[at] = longerBy(originals[at] ?? 0, lengths[at] ?? 0);
    }
    this.offsets.pushAll(offsets);
    this.sizes.pushAll(lengths);
    this.originals.pushAll(longer);
  }

  /** Whether the bytes of the packet at a place are its frame. */
  isPlain(place: number): boolean {
    return this.linkTypes.at(place) === ETHERNET_LINK && this.checkSequences.at(place) === 0;
  }

  /** Of the bytes of the packet at a place of the list, in the file. */
  offsetOf(place: number): number {
    return this.offsets.at(place);
  }

  /** How many bytes of the packet the file holds. */
  sizeOf(place: number): number {
    return this.sizes.at(place);
  }

  /** Bytes on the wire of one whose frame has so many. */
  wireLengthOf(place: number, length: number): number {
    return length + this.originals.at(place);
  }

  /** Nanoseconds since the epoch; undefined where the file does not say. */
  timeOf(place: number): bigint | undefined {
    const time = this.times[Math.floor(place / BLOCK_ROWS)]?.[place % BLOCK_ROWS];
    return time === NO_TIME ? undefined : time;
  }

  /** The packet at a place as the file has it, of its bytes. */
  captured(place: number, bytes: Uint8Array): CapturedPacket {
    const number = place + 1 + this.leftOut.at(place);
    if (bytes.length < this.sizes.at(place))
      throw new InputError(
        this.name,
        `was changed since it was opened: packet ${number} is not there any more`,
      );
    return {
      number,
      bytes,
      offset: this.offsets.at(place),
      timestamp: this.timeOf(place),
      originalLength: bytes.length + this.originals.at(place),
      linkType: this.linkTypes.at(place),
      checkSequence: this.checkSequences.at(place),
    };
  }

  /** The packet at a place of the list, from 0 on: its bytes are read from the file. */
  async packet(place: number, read: ReadAt): Promise<Packet> {
    if (!Number.isInteger(place) || place < 0 || place >= this.length)
      throw new InputError(
        this.name,
        `has ${pluralOf(this.length, 'packet')}, none is number ${place + 1}`,
      );
    const bytes = await read(this.offsets.at(place), this.sizes.at(place));
    const captured = this.captured(place, bytes);
    const packet = new CaptureFrames(this.name).packet(captured);
    return present(packet, `packet ${captured.number} of the index`);
  }
}

/** How much longer a packet was: most were not, and a file may say that one was shorter. */
const longerBy = (original: number, captured: number): number =>
  original > captured ? original - captured : 0;
