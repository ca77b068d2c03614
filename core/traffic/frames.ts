import { joined } from '../bytes/joined.ts';
import { CaptureFrames } from '../packet/capture/capture.ts';
import type { CaptureIndex, ReadAt } from '../packet/capture/capture-index.ts';

/** Packets, and bytes of the file, that are in memory at once. */
export const MOST_FRAMES = 16_384;
const MOST_SPAN = 4 * 1024 * 1024;

/**
 * Frames of packets that stand one behind the other in a capture, in one piece of memory: what is
 * run at once.
 *
 *     bytes   | ... frame 0 ... | ... frame 1 ... |
 *              ^ starts[0]       ^ starts[1]          lengths[0], lengths[1]
 */
export interface FrameChunk {
  /** Place of the first in the capture, from 0 on. */
  readonly first: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
}

/** The frame at a place of the capture that the chunk has. */
export function frameAt({ first, bytes, starts, lengths }: FrameChunk, place: number): Uint8Array {
  const start = starts[place - first];
  return bytes.subarray(start, start + lengths[place - first]);
}

/** Where the chunk ends whose first packet stands at a place. */
function endOf(index: CaptureIndex, first: number, behind: number): number {
  const start = index.offsetOf(first);
  let place = first + 1;
  while (place < behind && place - first < MOST_FRAMES) {
    const end = index.offsetOf(place) + index.sizeOf(place);
    if (end - start > MOST_SPAN) break;
    place++;
  }
  return place;
}

/**
 * The frames from a place on, as many as are taken at once, at most those in front of `behind`.
 * Throws an InputError where the file is not what it was any more.
 */
export async function readFrames(
  index: CaptureIndex,
  read: ReadAt,
  name: string,
  first: number,
  behind: number,
): Promise<FrameChunk> {
  const end = endOf(index, first, behind);
  const start = index.offsetOf(first);
  const span = index.offsetOf(end - 1) + index.sizeOf(end - 1) - start;
  const bytes = await read(start, span);
  const frames = new CaptureFrames(name);
  const starts = new Uint32Array(end - first);
  const lengths = new Uint32Array(end - first);
  // Frames whose link header was made anew are no part of the file: they stand behind it.
  const made: Uint8Array[] = [];
  let free = bytes.length;
  for (let place = first; place < end; place++) {
    const offset = index.offsetOf(place) - start;
    const size = index.sizeOf(place);
    if (index.isPlain(place) && offset + size <= bytes.length) {
      starts[place - first] = offset;
      lengths[place - first] = size;
      continue;
    }
    const raw = bytes.subarray(offset, offset + size);
    const frame = frames.frame(index.captured(place, raw)) ?? new Uint8Array();
    lengths[place - first] = frame.length;
    if (frame.buffer === bytes.buffer) {
      starts[place - first] = frame.byteOffset - bytes.byteOffset;
      continue;
    }
    starts[place - first] = free;
    free += frame.length;
    made.push(frame);
  }
  const all = made.length === 0 ? bytes : joined([bytes, ...made]);
  return { first, count: end - first, bytes: all, starts, lengths };
}
