import { InputError } from '../errors.ts';
import { joined } from './joined.ts';

const DAMAGED = 'is damaged or cut short: it does not unpack';

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
  return joined(chunks);
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
    throw new InputError(place, DAMAGED);
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
    throw new InputError(place, DAMAGED);
  }
  return joined(chunks);
}

export const isPacked = (bytes: Uint8Array): boolean => isGzip(bytes) || isZstd(bytes);

/** A file of gzip or zstd unpacked, up to `limit` bytes; any other as it is. */
export async function unpack(bytes: Uint8Array, limit: number, place: string): Promise<Uint8Array> {
  if (isGzip(bytes)) return inflate(bytes, 'gzip', limit, place);
  return isZstd(bytes) ? unzstd(bytes, limit, place) : bytes;
}

/** Bytes that tell how a file is packed. */
const MAGIC = 4;

/**
 * The same of a file that comes in chunks, of any size: what a chunk unpacks to is handed on before
 * the next is asked for.
 */
export async function* unpackChunks(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < MAGIC) {
    const { done, value } = await source.next();
    if (done) break;
    head = joined([head, value]);
  }
  const all = behind(head, source);
  if (isGzip(head)) yield* gunzipChunks(all, place);
  else if (isZstd(head)) yield* unzstdChunks(all, place);
  else yield* all;
}

async function* behind(
  head: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const { done, value } = await source.next();
    if (done) return;
    yield value;
  }
}

async function* gunzipChunks(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const packed = new ReadableStream<BufferSource>({
    pull: async (controller) => {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value as BufferSource);
    },
  });
  const stream: ReadableWritablePair<Uint8Array, BufferSource> = new DecompressionStream('gzip');
  const reader = packed.pipeThrough(stream).getReader();
  for (;;) {
    const step = await reader.read().catch((error: unknown) => {
      throw error instanceof InputError ? error : new InputError(place, DAMAGED);
    });
    if (step.done) return;
    yield step.value;
  }
}

/** A block of one byte repeated is 4 bytes for 128 kB: so few at once unpack to 32 MB at most. */
const ZSTD_STEP = 1024;

async function* unzstdChunks(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let out: Uint8Array[] = [];
  const stream = new Decompress((chunk) => void out.push(chunk.slice()));
  const push = (bytes: Uint8Array, isLast: boolean): Uint8Array => {
    try {
      stream.push(bytes, isLast);
    } catch {
      throw new InputError(place, DAMAGED);
    }
    const all = joined(out);
    out = [];
    return all;
  };
  for await (const chunk of chunks)
    for (let start = 0; start < chunk.length; start += ZSTD_STEP)
      yield push(chunk.slice(start, start + ZSTD_STEP), false);
  yield push(new Uint8Array(), true);
}
