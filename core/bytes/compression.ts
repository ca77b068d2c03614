import { InputError } from '../errors.ts';

async function pump(
  bytes: Uint8Array,
  stream: ReadableWritablePair<Uint8Array, BufferSource>,
  limit: number,
  place: string,
): Promise<Uint8Array> {
  const reader = new Blob([bytes as BlobPart]).stream().pipeThrough(stream).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new InputError(
        place,
        `unpacks to more than ${limit / 1024 / 1024} MB, the most that is read`,
      );
    }
    chunks.push(value);
  }
  return joined(chunks, size);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

export const deflate = (bytes: Uint8Array): Promise<Uint8Array> =>
  pump(bytes, new CompressionStream('deflate-raw'), Number.POSITIVE_INFINITY, '');

/** Unpacks up to `limit` bytes; an InputError where it is no such stream, or unpacks to more. */
export async function inflate(
  bytes: Uint8Array,
  format: 'deflate-raw' | 'gzip',
  limit: number,
  place: string,
): Promise<Uint8Array> {
  try {
    return await pump(bytes, new DecompressionStream(format), limit, place);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(place, 'is damaged or cut short: it does not unpack');
  }
}

export const isGzip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;

const ZSTD_MAGIC = 0xfd2f_b528;
export const isZstd = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 &&
  new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === ZSTD_MAGIC;

/**
 * Packed bytes given to the decompressor at once, so that a small file that unpacks to much is
 * stopped in time.
 */
const ZSTD_CHUNK = 16 * 1024;

/** Unpacks zstd as `inflate` does; no browser does it by itself. */
async function unzstd(bytes: Uint8Array, limit: number, place: string): Promise<Uint8Array> {
  const { Decompress } = await import('fzstd');
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((chunk) => {
    size += chunk.length;
    if (size > limit)
      throw new InputError(
        place,
        `unpacks to more than ${limit / 1024 / 1024} MB, the most that is read`,
      );
    chunks.push(chunk.slice());
  });
  try {
    for (let start = 0; start < bytes.length; start += ZSTD_CHUNK)
      stream.push(bytes.slice(start, start + ZSTD_CHUNK), start + ZSTD_CHUNK >= bytes.length);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(place, 'is damaged or cut short: it does not unpack');
  }
  return joined(chunks, size);
}

export const isPacked = (bytes: Uint8Array): boolean => isGzip(bytes) || isZstd(bytes);

/** A file of gzip or zstd unpacked, up to `limit` bytes; any other as it is. */
export async function unpack(bytes: Uint8Array, limit: number, place: string): Promise<Uint8Array> {
  if (isGzip(bytes)) return inflate(bytes, 'gzip', limit, place);
  return isZstd(bytes) ? unzstd(bytes, limit, place) : bytes;
}
