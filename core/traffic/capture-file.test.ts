import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { isEqualBytes } from '../bytes/equal.ts';
import { Random } from '../testing/random.ts';
import { CaptureFile } from './capture-file.ts';
import { CHUNK, fileChunks } from './file-chunks.ts';

const BYTES = new Random(7).bytes(2 * CHUNK + 100_000);

test('bytes are of the file, wherever they lie and whatever was read last', async () => {
  const file = new CaptureFile('x.pcap', new Blob([BYTES as BlobPart]), false);
  const random = new Random(1);
  let end = 0;
  for await (const chunk of file.chunks()) {
    expect(isEqualBytes(chunk, BYTES.subarray(end, end + chunk.length))).toBe(true);
    end += chunk.length;
    const near = [0, CHUNK, 2 * CHUNK, end, end - CHUNK, random.below(BYTES.length)];
    for (const place of near)
      for (const [before, size] of [
        [5, 3],
        [5, 10],
        [200, 90_000],
        [0, 1],
      ]) {
        const from = Math.max(0, place - before);
        const read = await file.read(from, size);
        expect(isEqualBytes(read, BYTES.subarray(from, from + size))).toBe(true);
      }
  }
  expect(end).toBe(BYTES.length);
});

test('what of the file was gone through is counted, of a packed one as it lies there', async () => {
  const packed = gzipSync(BYTES);
  for (const [bytes, isPacked] of [
    [BYTES, false],
    [packed, true],
  ] as const) {
    const file = new CaptureFile('x.pcap', new Blob([bytes as BlobPart]), isPacked);
    expect([file.size, file.done]).toEqual([bytes.length, 0]);
    let before = 0;
    for await (const _ of file.chunks()) {
      expect(file.done).toBeGreaterThanOrEqual(before);
      before = file.done;
    }
    expect(file.done).toBe(bytes.length);
  }
});

test('what was read last is not read again, across its parts neither', async () => {
  const blob = new Blob([BYTES as BlobPart]);
  const slices = vi.spyOn(blob, 'slice');
  const file = new CaptureFile('x.pcap', blob, false);
  const chunks = file.chunks();
  await chunks.next();
  await chunks.next();
  slices.mockClear();
  await file.read(CHUNK - 10, 20);
  await file.read(17, 1000);
  await file.read(2 * CHUNK - 10, 10);
  expect(slices).not.toHaveBeenCalled();
  await file.read(2 * CHUNK - 10, 11);
  expect(slices).toHaveBeenCalledOnce();
});

/** A file whose streams are as in browsers that do not know streams of bytes. */
function withoutByteStreams(file: Blob): Blob {
  file.stream = () => new ReadableStream();
  return file;
}

test.each([
  ['as a stream', (file: Blob) => file],
  ['by slices', withoutByteStreams],
])('a file is read %s to its end', async (_how, prepared) => {
  for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, BYTES.length]) {
    const lengths: number[] = [];
    let end = 0;
    for await (const chunk of fileChunks(prepared(new Blob([BYTES.slice(0, size)])))) {
      expect(isEqualBytes(chunk, BYTES.subarray(end, end + chunk.length))).toBe(true);
      end += chunk.length;
      lengths.push(chunk.length);
    }
    expect(end).toBe(size);
    expect(lengths.slice(0, -1).every((length) => length === CHUNK)).toBe(true);
  }
});

test('a file that is shorter than it was ends in front of what is not whole', async () => {
  const file = new Blob([BYTES.slice(0, CHUNK + 10)]);
  Object.defineProperty(file, 'size', { value: BYTES.length });
  const lengths: number[] = [];
  for await (const chunk of fileChunks(file)) lengths.push(chunk.length);
  expect(lengths).toEqual([CHUNK]);
});

test('what unpacks to more than there is room for is read up to there, which is said', async () => {
  const [a, b, c] = [1, 2, 3].map((value) => new Uint8Array(CHUNK).fill(value));
  const packed = new Blob([gzipSync(Buffer.concat([a, b, c]))]);
  const readWith = async (most?: number) => {
    const file = new CaptureFile('x.pcap.gz', packed, true, most);
    const firsts: number[] = [];
    let size = 0;
    for await (const chunk of file.chunks()) {
      firsts.push(chunk[0]);
      size += chunk.length;
    }
    // Any of its bytes are read again alone; behind them there are none.
    const end = Math.max(0, size - 4);
    expect((await file.read(end, 8)).length).toBe(size - end);
    return { size, last: firsts.at(-1), note: file.note };
  };
  const all = { size: 3 * CHUNK, last: 3, note: undefined };
  expect(await readWith()).toEqual(all);
  expect(await readWith(3 * CHUNK)).toEqual(all);
  const cut = await readWith(3 * CHUNK - 1);
  expect(cut.size).toBeLessThan(3 * CHUNK);
  expect(cut.size).toBeGreaterThanOrEqual(CHUNK);
  expect(cut.note).toMatch(/^Unpacks to more than 1[12](\.\d+)? MB, what is behind is left out/);
  // What comes behind does not come either, though it would have room.
  const first = await readWith(CHUNK - 1);
  expect(first.size).toBe(0);
});

test('a packed file is read to its last byte', async () => {
  for (const size of [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1]) {
    const file = new CaptureFile('x.pcap.gz', new Blob([gzipSync(BYTES.subarray(0, size))]), true);
    const lengths: number[] = [];
    let end = 0;
    for await (const chunk of file.chunks()) {
      expect(isEqualBytes(chunk, BYTES.subarray(end, end + chunk.length))).toBe(true);
      end += chunk.length;
      lengths.push(chunk.length);
    }
    expect(end).toBe(size);
    expect(lengths.slice(0, -1).every((length) => length >= CHUNK)).toBe(true);
    expect(lengths.at(-1)).not.toBe(0);
  }
});
