import { visible } from '../../bytes/visible.ts';
import { at, InputError } from '../../errors.ts';

/** No name or source line is longer; the kernel stops at 512 (KSYM_NAME_LEN). */
const MAX_STRING_BYTES = 1 << 16;
/** Overlapping strings could otherwise grow the text of a small table without bound. */
const MAX_TEXT_BYTES = 32 << 20;

const decoder = new TextDecoder();

/**
 * NUL-terminated strings by byte offset, each decoded once; bytes that are not UTF-8 become U+FFFD,
 * and what cannot be seen is escaped.
 */
export class StringTable {
  private readonly bytes: Uint8Array;
  private readonly section: string;
  private readonly known = new Map<number, string>();
  private decodedBytes = 0;

  constructor(bytes: Uint8Array, section: string) {
    this.bytes = bytes;
    this.section = section;
  }

  at(offset: number): string {
    const seen = this.known.get(offset);
    if (seen !== undefined) return seen;
    const text = this.decode(offset);
    this.known.set(offset, text);
    return text;
  }

  private decode(offset: number): string {
    // Offset 0 is the empty name, even of a table that is not there.
    if (offset === 0 && this.bytes.length === 0) return '';
    if (offset >= this.bytes.length) {
      throw new InputError(
        at(this.section, offset),
        `a name outside the string table of ${this.bytes.length} bytes`,
      );
    }
    const rest = this.bytes.subarray(offset, offset + MAX_STRING_BYTES + 1);
    const length = rest.indexOf(0);
    if (length < 0)
      throw new InputError(
        at(this.section, offset),
        `a name without a NUL in ${rest.length} bytes`,
      );
    this.decodedBytes += length;
    if (this.decodedBytes > MAX_TEXT_BYTES) {
      throw new InputError(
        at(this.section, offset),
        `more than ${MAX_TEXT_BYTES} bytes of names, overlapping ones`,
      );
    }
    return visible(decoder.decode(rest.subarray(0, length)));
  }
}
