import { joined } from '../../bytes/joined.ts';
import { ByteReader, type Endian } from '../../bytes/reader.ts';
import { at } from '../../errors.ts';

/**
 * The part of a capture file that is in sight. A reader of a format takes from its front and asks
 * for more by yielding how many bytes it needs there; of a whole file all are in sight at once, of
 * a stream the chunks that came and were not yet taken.
 *
 *     offset            offset + left
 *     | in sight        | not come yet ...
 */
export class CaptureWindow {
  readonly name: string;
  private bytes: Uint8Array;
  private view: DataView;
  /** Of the first byte in sight, in `bytes`. */
  private start = 0;
  /** Of `bytes`, in the file. */
  private base = 0;

  constructor(name: string, bytes: Uint8Array = new Uint8Array()) {
    this.name = name;
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }

  /** Of the first byte in sight, in the file. */
  get offset(): number {
    return this.base + this.start;
  }

  /** Bytes in sight. */
  get left(): number {
    return this.bytes.length - this.start;
  }

  /** A number so many bytes ahead, which the caller has seen to be in sight. */
  u32(ahead: number, littleEndian: boolean): number {
    return this.view.getUint32(this.start + ahead, littleEndian);
  }

  /** What is in sight, to be looked at. */
  peek(size = this.left): Uint8Array {
    return this.bytes.subarray(this.start, this.start + size);
  }

  /** The next bytes, at most those in sight. They stay what they are. */
  take(size: number): Uint8Array {
    const taken = this.peek(size);
    this.start += taken.length;
    return taken;
  }

  /** Passes over bytes that are in sight. */
  skip(size: number): void {
    this.start += size;
  }

  /** Bounded reads of the next bytes, whose errors say the place in the file. */
  reader(endian: Endian, from = 0, to = this.left): ByteReader {
    const base = this.offset + from;
    const bytes = this.peek(to).subarray(from);
    return new ByteReader(bytes, endian, (offset) => at(this.name, base + offset));
  }

  /** Puts more behind what is in sight. */
  add(chunks: readonly Uint8Array[]): void {
    const parts = [this.peek(), ...chunks].filter(({ length }) => length > 0);
    this.base += this.start;
    this.start = 0;
    const [only = new Uint8Array()] = parts;
    this.bytes = parts.length > 1 ? joined(parts) : only;
    this.view = viewOf(this.bytes);
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Bytes that are passed over at once. */
const STRIDE = 64 * 1024;

/** Passes over bytes without having them all in sight; answers how many there were. */
export function* passOver(file: CaptureWindow, size: number): Generator<number, number> {
  for (let left = size; left > 0; ) {
    if (file.left === 0) yield Math.min(left, STRIDE);
    const { length } = file.take(left);
    if (length === 0) return size - left;
    left -= length;
  }
  return size;
}
