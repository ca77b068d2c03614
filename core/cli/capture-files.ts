import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { unpackChunks } from '../bytes/compression.ts';
import { joined } from '../bytes/joined.ts';
import { InputError } from '../errors.ts';
import { pcapngHead, pcapngPacket, type WrittenPacket } from '../packet/capture/pcapng-write.ts';
import { CaptureStream } from '../packet/capture/stream.ts';

/** Bytes that are read at once, and written at once. */
const CHUNK = 4 * 1024 * 1024;

/** Why a file cannot be opened, as `readFile` says it. */
export const cannotOpen = (path: string, error: unknown, what = 'be read'): InputError =>
  new InputError(
    path,
    error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? 'does not exist'
      : `cannot ${what}`,
  );

/** A file from its beginning to its end, a chunk in memory at a time. */
async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path).catch((error: unknown) => {
    throw cannotOpen(path, error);
  });
  try {
    for (;;) {
      const { buffer, bytesRead } = await file.read(new Uint8Array(CHUNK), 0, CHUNK);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw error instanceof InputError ? error : cannotOpen(path, error);
  } finally {
    await file.close();
  }
}

/** The packets of a capture of any size, gzip'd or zstd'd too. */
export const streamOf = (path: string): CaptureStream =>
  new CaptureStream(basename(path), unpackChunks(fileChunks(path), basename(path)));

/** Whether two paths are one file: what is written would take the place of what is read. */
function isSameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

/** A pcapng file that is being written. */
export class CaptureWriter {
  private readonly file: number;
  private readonly path: string;
  private waiting: Uint8Array[] = pcapngHead();
  private size = 0;

  /** `source`: the file that is read meanwhile; `option`: by which it is asked for. */
  constructor(path: string, source: string | undefined, option = '--write-pcap') {
    if (source !== undefined && isSameFile(path, source))
      throw new InputError(option, `${path} is the capture that is read`);
    this.path = path;
    try {
      this.file = openSync(path, 'w');
    } catch {
      throw new InputError(path, 'cannot be written');
    }
  }

  write(packet: WrittenPacket): void {
    const block = pcapngPacket(packet);
    this.waiting.push(block);
    this.size += block.length;
    if (this.size >= CHUNK) this.flush();
  }

  private flush(): void {
    try {
      const bytes = joined(this.waiting);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    } catch {
      throw new InputError(this.path, 'cannot be written to its end');
    }
    this.waiting = [];
    this.size = 0;
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}
