import { joined } from '../bytes/joined.ts';

/** Bytes that are handed to the browser at once. */
const PART = 4 * 1024 * 1024;

/** A file that is written a piece at a time and kept outside of the heap, whatever its size. */
export class BlobWriter {
  private readonly parts: Blob[] = [];
  private waiting: Uint8Array[] = [];
  private size = 0;

  write(bytes: Uint8Array): void {
    this.waiting.push(bytes);
    this.size += bytes.length;
    if (this.size >= PART) this.flush();
  }

  /** All that was written. */
  get blob(): Blob {
    this.flush();
    return new Blob(this.parts);
  }

  private flush(): void {
    if (this.size === 0) return;
    this.parts.push(new Blob([joined(this.waiting) as BlobPart]));
    this.waiting = [];
    this.size = 0;
  }
}
