/** Bytes that are read at once. */
export const CHUNK = 4 * 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A file from its beginning to its end in chunks of CHUNK bytes, the last one shorter. One that was
 * moved or changed since it was opened ends in front of the chunk that cannot be read any more.
 */
export async function* fileChunks(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = byteReader(file);
  if (reader === undefined) {
    yield* slices(file);
    return;
  }
  try {
    for (let left = file.size; left > 0; ) {
      const chunk = await filled(reader, Math.min(CHUNK, left)).catch(() => undefined);
      if (chunk === undefined) return;
      left -= chunk.length;
      yield chunk;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * The file as one stream of bytes, where the browser has those: it hands them over two to four
 * times as quickly as slices that are asked for one by one.
 */
function byteReader(file: Blob): ReadableStreamBYOBReader | undefined {
  try {
    return file.stream().getReader({ mode: 'byob' });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** So many of the next bytes; undefined where the file ends in front of that. */
async function filled(reader: ReadableStreamBYOBReader, size: number): Promise<Bytes | undefined> {
  let chunk: Bytes = new Uint8Array(size);
  for (let there = 0; there < size; ) {
    const { done, value } = await reader.read(chunk.subarray(there));
    if (done || value === undefined) return undefined;
    // The bytes moved into another buffer object, with those in front of them.
    chunk = new Uint8Array(value.buffer);
    there += value.length;
  }
  return chunk;
}

async function* slices(file: Blob): AsyncGenerator<Bytes> {
  const sliceAt = (offset: number) => blobBytes(file.slice(offset, offset + CHUNK));
  // One ahead: the browser reads it while this one is looked at.
  let ahead = sliceAt(0);
  for (let offset = 0; offset < file.size; offset += CHUNK) {
    const bytes = await ahead;
    ahead = sliceAt(offset + CHUNK);
    if (bytes.length === 0) return;
    yield bytes;
  }
}

/** No bytes where they cannot be read. */
export const blobBytes = async (part: Blob): Promise<Bytes> =>
  new Uint8Array(await part.arrayBuffer().catch(() => new ArrayBuffer(0)));
