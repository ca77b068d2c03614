import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { deflate, inflate, unpack, unpackChunks } from './compression.ts';
import { joined } from './joined.ts';

const BYTES = Uint8Array.from({ length: 200 }, (_, i) => (i * i) % 251);

/** A zstd frame of one block that is as it is (RFC 8878 sections 3.1.1 and 3.1.1.2). */
function zstd(bytes: Uint8Array): Uint8Array {
  const block = (bytes.length << 3) | 1;
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, bytes.length, block & 255, block >> 8, 0];
  return Uint8Array.of(...head, ...bytes);
}
const FORMS: readonly (readonly [name: string, packed: (bytes: Uint8Array) => Uint8Array])[] = [
  ['as it is', (bytes) => bytes],
  ['by gzip', (bytes) => new Uint8Array(gzipSync(bytes))],
  ['by zstd', zstd],
];

/** What comes of bytes that come in chunks of a size. */
async function inChunks(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const found: Uint8Array[] = [];
  for await (const chunk of unpackChunks(chunks(), 'x')) found.push(chunk.slice());
  return joined(found);
}

describe.each(FORMS)('what is packed %s', (_name, packed) => {
  test('comes out whole, in one piece or in many, be they a byte each', async () => {
    for (const length of [0, 1, 2, 3, 4, 5, 200]) {
      const bytes = BYTES.subarray(0, length);
      expect(await unpack(packed(bytes), 1000, 'x')).toEqual(bytes);
      for (const size of [1, 3, 4, 5, 1000])
        expect(await inChunks(packed(bytes), size)).toEqual(bytes);
    }
  });
});

test.each([
  ['gzip', FORMS[1][1](BYTES)],
  ['zstd', FORMS[2][1](BYTES)],
])('%s that is cut short is damaged, in one piece or in many', async (_name, packed) => {
  for (const end of [5, 10, packed.length - 1]) {
    const short = packed.subarray(0, end);
    await expect(unpack(short, 1000, 'x')).rejects.toThrow('x: is damaged or cut short');
    for (const size of [1, 1000])
      await expect(inChunks(short, size)).rejects.toBeInstanceOf(InputError);
  }
});

test('what unpacks to more than is read is refused', async () => {
  const MB = 1024 * 1024;
  const packed = new Uint8Array(gzipSync(new Uint8Array(MB + 1)));
  await expect(unpack(packed, MB, 'x')).rejects.toThrow(
    'x: unpacks to more than 1 MB, the most that is read',
  );
  expect((await unpack(packed, MB + 1, 'x')).length).toBe(MB + 1);
  await expect(unpack(zstd(BYTES), 199, 'x')).rejects.toThrow('x: unpacks to more than');
  expect((await unpack(zstd(BYTES), 200, 'x')).length).toBe(200);
});

test('deflated bytes are inflated again', async () => {
  const packed = await deflate(BYTES);
  expect(await inflate(packed, 'deflate-raw', 200, 'x')).toEqual(BYTES);
  await expect(inflate(packed, 'deflate-raw', 199, 'x')).rejects.toThrow('unpacks to more than');
  await expect(inflate(BYTES, 'deflate-raw', 1000, 'x')).rejects.toThrow('is damaged');
});
