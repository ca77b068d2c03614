import { unpackChunks } from '../bytes/compression.ts';
import { joined } from '../bytes/joined.ts';
import type { ReadAt } from '../packet/capture/capture-index.ts';
import { blobBytes, CHUNK, fileChunks } from './file-chunks.ts';

/** What a packed capture is unpacked to at most: any packet of it has to be read again alone. */
const MOST_UNPACKED = 1024 * 1024 * 1024;

/** Bytes of a file that were read last. */
interface Read {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The bytes of a capture of any size: a file, of which a few megabytes are in memory at a time. One
 * that is packed is unpacked as it is read, into parts that the browser keeps outside of the heap.
 */
export class CaptureFile {
  readonly name: string;
  /** Of the file as it is. */
  readonly size: number;
  private readonly file: Blob;
  /** Of the file that comes packed, what is unpacked so far. */
  private readonly parts: Blob[] = [];
  private unpacked: Blob | undefined;
  private unpackedSize = 0;
  private packedRead = 0;
  /** Two, since packets are run behind those that are being found. */
  private recent: Read[] = [];
  private wasCut = false;
  private readonly mostUnpacked: number;

  /** `isPacked`: with gzip or zstd. */
  constructor(name: string, file: Blob, isPacked: boolean, mostUnpacked = MOST_UNPACKED) {
    this.name = name;
    this.size = file.size;
    this.file = file;
    this.mostUnpacked = mostUnpacked;
    if (isPacked) this.unpacked = new Blob();
  }

  /** Bytes of the file that were gone through while its packets were found. */
  get done(): number {
    return this.packedRead;
  }

  /** What of the file could not be kept; undefined where all of it was. */
  get note(): string | undefined {
    if (!this.wasCut) return undefined;
    const limit = this.mostUnpacked / 1024 / 1024;
    return `Unpacks to more than ${limit} MB, what is behind is left out: unpack the file first.`;
  }

  /** From its beginning to its end, unpacked. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    if (this.unpacked === undefined) {
      let offset = 0;
      for await (const bytes of this.fileChunks()) {
        this.keep({ offset, bytes });
        offset += bytes.length;
        yield bytes;
      }
      return;
    }
    for await (const bytes of regrouped(unpackChunks(this.fileChunks(), this.name), CHUNK)) {
      if (this.unpackedSize + bytes.length > this.mostUnpacked) {
        this.wasCut = true;
        return;
      }
      this.keep({ offset: this.unpackedSize, bytes });
      this.unpackedSize += bytes.length;
      // A blob of blobs holds them by reference.
      this.parts.push(new Blob([bytes as BlobPart]));
      this.unpacked = new Blob(this.parts);
      yield bytes;
    }
  }

  /** Bytes from an offset on; fewer where the file ends, or cannot be read any more. */
  readonly read: ReadAt = async (offset, size) => {
    const remembered = this.remembered(offset, size);
    return remembered ?? blobBytes((this.unpacked ?? this.file).slice(offset, offset + size));
  };

  /** Bytes that were read last, if need be of both reads: one goes on where the other ended. */
  private remembered(offset: number, size: number): Uint8Array | undefined {
    const end = offset + size;
    const near = this.recent.find((read) => read.offset <= offset && end <= endOf(read));
    if (near) return near.bytes.subarray(offset - near.offset, end - near.offset);
    const [later, earlier] = this.recent;
    const isAcross = earlier && earlier.offset <= offset && end <= endOf(later);
    if (!isAcross || endOf(earlier) !== later.offset) return undefined;
    return joined([
      earlier.bytes.subarray(offset - earlier.offset),
      later.bytes.subarray(0, end - later.offset),
    ]);
  }

  private keep(read: Read): void {
    this.recent = [read, ...this.recent].slice(0, 2);
  }

  private async *fileChunks(): AsyncGenerator<Uint8Array> {
    for await (const bytes of fileChunks(this.file)) {
      this.packedRead += bytes.length;
      yield bytes;
    }
  }
}

const endOf = ({ offset, bytes }: Read): number => offset + bytes.length;

/** The same bytes in chunks of at least a size, but for the last one. */
async function* regrouped(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < size) continue;
    yield joined(waiting);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield joined(waiting);
}
