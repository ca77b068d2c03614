import { InputError } from '../errors.ts';
import { visible } from './visible.ts';

export type Endian = 'little' | 'big';

/**
 * Bounded reads over untrusted bytes. Every read names what it wants, so that running off the end
 * is an InputError with the place, never a RangeError. Offsets and lengths are bytes.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  private readonly view: DataView;
  private readonly place: (offset: number) => string;

  /** `place` turns an offset in these bytes into words for an error, `.BTF+0x10`. */
  constructor(bytes: Uint8Array, endian: Endian, place: (offset: number) => string) {
    this.bytes = bytes;
    this.littleEndian = endian === 'little';
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = place;
  }

  get length(): number {
    return this.bytes.length;
  }

  /** Throws unless [offset, offset + size) lies inside. */
  need(offset: number, size: number, what: string): void {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.bytes.length)) {
      throw new InputError(
        this.place(offset),
        `${what} needs ${size} bytes, ${Math.max(0, this.bytes.length - offset)} are left`,
      );
    }
  }

  u8(offset: number, what = 'a byte'): number {
    this.need(offset, 1, what);
    return this.view.getUint8(offset);
  }

  u16(offset: number, what = 'a 16-bit field'): number {
    this.need(offset, 2, what);
    return this.view.getUint16(offset, this.littleEndian);
  }

  u32(offset: number, what = 'a 32-bit field'): number {
    this.need(offset, 4, what);
    return this.view.getUint32(offset, this.littleEndian);
  }

  i32(offset: number, what = 'a 32-bit field'): number {
    this.need(offset, 4, what);
    return this.view.getInt32(offset, this.littleEndian);
  }

  u64(offset: number, what = 'a 64-bit field'): bigint {
    this.need(offset, 8, what);
    return this.view.getBigUint64(offset, this.littleEndian);
  }

  i64(offset: number, what = 'a 64-bit field'): bigint {
    this.need(offset, 8, what);
    return this.view.getBigInt64(offset, this.littleEndian);
  }

  /** A 64-bit file offset or size as a number; what no file here can hold is an InputError. */
  size64(offset: number, what: string): number {
    const value = this.u64(offset, what);
    if (value > 0xffff_ffffn)
      throw new InputError(
        this.place(offset),
        `${what} is ${value}, larger than any file read here`,
      );
    return Number(value);
  }

  slice(offset: number, size: number, what: string): Uint8Array {
    this.need(offset, size, what);
    return this.bytes.subarray(offset, offset + size);
  }

  /** The NUL-terminated string at `offset`; what is not UTF-8 or not seen is replaced. */
  cString(offset: number, what = 'a string'): string {
    this.need(offset, 0, what);
    const end = this.bytes.indexOf(0, offset);
    if (end < 0) throw new InputError(this.place(offset), `${what} has no terminating NUL`);
    return visible(new TextDecoder().decode(this.bytes.subarray(offset, end)));
  }
}
