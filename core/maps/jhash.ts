/**
 * Bob Jenkins' lookup3 as the kernel has it (include/linux/jhash.h): what hash maps and bloom
 * filters spread keys with.
 */
const INITIAL = 0xdeadbeef;

const rol = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/**
 * `next` gives the words of the key in order, as unsigned or signed 32 bits; the last block may be
 * short of words.
 */
function hashWords(
  words: number,
  tail: number,
  initial: number,
  next: (index: number) => number,
): number {
  let a = initial | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; words - at > 3; at += 3) {
    a = (a + next(at)) | 0;
    b = (b + next(at + 1)) | 0;
    c = (c + next(at + 2)) | 0;
    a = ((a - c) ^ rol(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rol(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rol(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rol(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rol(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rol(b, 4)) | 0;
    b = (b + a) | 0;
  }
  if (tail === 0) return c >>> 0;
  if (words - at > 2) c = (c + next(at + 2)) | 0;
  if (words - at > 1) b = (b + next(at + 1)) | 0;
  a = (a + next(at)) | 0;
  c = ((c ^ b) - rol(b, 14)) | 0;
  a = ((a ^ c) - rol(c, 11)) | 0;
  b = ((b ^ a) - rol(a, 25)) | 0;
  c = ((c ^ b) - rol(b, 16)) | 0;
  a = ((a ^ c) - rol(c, 4)) | 0;
  b = ((b ^ a) - rol(a, 14)) | 0;
  c = ((c ^ b) - rol(b, 24)) | 0;
  return c >>> 0;
}

/**
 * A word that may reach past the end of the bytes: what is missing is zero, in the place of the
 * last bytes (jhash's tail).
 */
function tailWord(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let i = 0; i < 4 && at + i < bytes.length; i++) word |= bytes[at + i] << (8 * i);
  return word;
}

/** A key of whole words. */
function jhash2(bytes: Uint8Array, seed: number, littleEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.length / 4;
  const initial = (INITIAL + (words << 2) + seed) | 0;
  return hashWords(words, words, initial, (index) => view.getUint32(index * 4, littleEndian));
}

/** Any number of bytes: full words in the machine's order, the tail always as if little-endian. */
function jhash(bytes: Uint8Array, seed: number, littleEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = Math.ceil(bytes.length / 4);
  // Blocks of 12 bytes are read as words; what is left, up to 12 bytes, byte by byte.
  const tailAt = bytes.length === 0 ? 0 : Math.floor((bytes.length - 1) / 12) * 12;
  const initial = (INITIAL + bytes.length + seed) | 0;
  return hashWords(words, bytes.length, initial, (index) =>
    index * 4 < tailAt ? view.getUint32(index * 4, littleEndian) : tailWord(bytes, index * 4),
  );
}

/** What kernel/bpf/hashtab.c and bloom_filter.c call: jhash2 where the size allows. */
export const keyHash = (key: Uint8Array, seed: number, littleEndian: boolean): number =>
  key.length % 4 === 0 ? jhash2(key, seed, littleEndian) : jhash(key, seed, littleEndian);
