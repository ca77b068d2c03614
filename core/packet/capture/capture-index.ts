import { InputError, present } from '../../errors.ts';
import { pluralOf } from '../text/text-place.ts';
import type { Packet } from '../types.ts';
import { CaptureFrames } from './capture.ts';
import type { CapturedPacket } from './capture-file.ts';

/** Packets whose places are allocated at once: a list of millions never moves as it grows. */
const BLOCK = 65_536;
/** Stands for a time that the file does not say, or says as one behind the year 2262. */
const NO_TIME = -(2n ** 63n);

/** Places of packets in a file, a column each: 33 bytes a packet. */
class IndexBlock {
  readonly offset = new Float64Array(BLOCK);
  readonly time = new BigInt64Array(BLOCK);
  readonly number = new Uint32Array(BLOCK);
  readonly size = new Uint32Array(BLOCK);
  readonly original = new Uint32Array(BLOCK);
  readonly linkType = new Uint32Array(BLOCK);
  readonly checkSequence = new Uint8Array(BLOCK);
}

/** Bytes of the unpacked file from an offset on; fewer where it ends. */
export type ReadAt = (offset: number, size: number) => Promise<Uint8Array>;

/** Where packets stand in a capture, so that any of millions is read again alone. */
export class CaptureIndex {
  private readonly name: string;
  private readonly blocks: IndexBlock[] = [];
  private count = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** How many there are. */
  get length(): number {
    return this.count;
  }

  /** The next packet of the list. */
  add({ number, offset, bytes, timestamp, ...others }: CapturedPacket): void {
    const at = this.count++ % BLOCK;
    if (at === 0) this.blocks.push(new IndexBlock());
    const block = present(this.blocks.at(-1), 'the last block of an index');
    const isTime = timestamp !== undefined && BigInt.asIntN(64, timestamp) === timestamp;
    block.number[at] = number;
    block.offset[at] = offset;
    block.time[at] = isTime ? timestamp : NO_TIME;
    block.size[at] = bytes.length;
    block.original[at] = others.originalLength;
    block.linkType[at] = others.linkType;
    block.checkSequence[at] = others.checkSequence;
  }

  /** The packet at a place of the list, from 0 on: its bytes are read from the file. */
  async packet(place: number, read: ReadAt): Promise<Packet> {
    const block = this.blocks[Math.floor(place / BLOCK)];
    if (block === undefined || place < 0 || place >= this.count)
      throw new InputError(
        this.name,
        `has ${pluralOf(this.count, 'packet')}, none is number ${place + 1}`,
      );
    const of = (column: ArrayLike<number>): number => present(column[place % BLOCK], 'a row');
    const time = present(block.time[place % BLOCK], 'a row');
    const [number, size] = [of(block.number), of(block.size)];
    const bytes = await read(of(block.offset), size);
    if (bytes.length < size)
      throw new InputError(
        this.name,
        `was changed since it was opened: packet ${number} is not there any more`,
      );
    const packet = new CaptureFrames(this.name).packet({
      number,
      bytes,
      offset: of(block.offset),
      timestamp: time === NO_TIME ? undefined : time,
      originalLength: of(block.original),
      linkType: of(block.linkType),
      checkSequence: of(block.checkSequence),
    });
    return present(packet, `packet ${number} of the index`);
  }
}
