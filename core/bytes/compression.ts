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
      throw new InputError(place, `unpacks to more than ${limit / 1024 / 1024} MB, the most that is read`);
    }
    chunks.push(value);
  }
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

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
