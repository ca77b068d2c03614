import { expect, test } from 'vitest';
import { isEqualBytes } from '../bytes/equal.ts';
import { CaptureIndex } from '../packet/capture/capture-index.ts';
import { CaptureStream } from '../packet/capture/stream.ts';
import { pcapOf } from '../testing/pcap.ts';
import { Random } from '../testing/random.ts';
import { frameAt, MOST_FRAMES, readFrames } from './frames.ts';

/** A capture's index, and what reads it, with how much was read at once. */
async function opened(packets: readonly Uint8Array[], link?: number) {
  const file = pcapOf(packets.map((bytes) => ({ bytes })));
  if (link !== undefined) new DataView(file.buffer, file.byteOffset).setUint32(20, link, true);
  const index = new CaptureIndex('x.pcap');
  async function* chunks() {
    yield file;
  }
  for await (const _ of new CaptureStream('x.pcap', chunks()).places(index));
  const reads: number[] = [];
  const read = async (offset: number, size: number) => {
    reads.push(size);
    return file.subarray(offset, offset + size);
  };
  return { index, read, reads };
}
const packetsOf = (count: number, length: number): Uint8Array[] => {
  const random = new Random(3);
  return Array.from({ length: count }, () => random.bytes(length));
};

test('frames from a place on, up to another, are those of the file', async () => {
  const packets = packetsOf(20, 70).map((bytes, i) => bytes.subarray(0, 14 + 2 * i));
  const { index, read, reads } = await opened(packets);
  for (const [first, behind] of [
    [0, 20],
    [3, 4],
    [7, 15],
    [19, 20],
  ] as const) {
    const chunk = await readFrames(index, read, 'x.pcap', first, behind);
    expect([chunk.first, chunk.count]).toEqual([first, behind - first]);
    for (let place = first; place < behind; place++)
      expect(isEqualBytes(frameAt(chunk, place), packets[place])).toBe(true);
  }
  // One read each.
  expect(reads).toHaveLength(4);
});

test('at most so many packets are taken at once, and so many bytes', async () => {
  const small = await opened(packetsOf(MOST_FRAMES + 5, 14));
  const counted = async ({ index, read }: typeof small, first: number) =>
    (await readFrames(index, read, 'x.pcap', first, index.length)).count;
  expect(await counted(small, 0)).toBe(MOST_FRAMES);
  expect(await counted(small, 4)).toBe(MOST_FRAMES);
  expect(await counted(small, MOST_FRAMES)).toBe(5);
  const SPAN = 4 * 1024 * 1024;
  // With the 16 bytes in front of each but the first.
  const large = await opened(packetsOf(70, 65_536 - 16));
  expect(await counted(large, 0)).toBe(64);
  expect(Math.max(...large.reads)).toBeLessThanOrEqual(SPAN);
  expect(await counted(large, 60)).toBe(10);
});

test('frames of another link layer are made, behind the bytes of the file', async () => {
  // LINKTYPE_RAW: packets begin with their IP header.
  const packets = packetsOf(5, 30).map((bytes) => bytes.with(0, 0x45));
  const { index, read } = await opened(packets, 101);
  const chunk = await readFrames(index, read, 'x.pcap', 1, 4);
  for (let place = 1; place < 4; place++) {
    const frame = frameAt(chunk, place);
    expect([frame.length, frame[12], frame[13]]).toEqual([44, 0x08, 0x00]);
    expect(isEqualBytes(frame.subarray(14), packets[place])).toBe(true);
  }
});

test('a file that is shorter than it was is refused', async () => {
  const { index } = await opened(packetsOf(3, 30));
  const read = async () => new Uint8Array(20);
  await expect(readFrames(index, read, 'x.pcap', 0, 3)).rejects.toThrow(
    'x.pcap: was changed since it was opened: packet 1 is not there any more',
  );
});
