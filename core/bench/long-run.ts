import { inputsFor } from '../session/inputs.ts';
import type { SessionInputs } from '../session/types.ts';

const WORDS = [
  'GET',
  'index',
  'admin',
  'login',
  'passwd',
  'shadow',
  'select',
  'union',
  'drop',
  'cookie',
  'shell',
];
const WORD_COUNT = 24;
const PAYLOAD = 42;
const BYTES = 1014;

const hashOf = (word: string): number =>
  [...word].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 0);

/** struct word of testdata/bench/long.c; the last one found makes the program drop. */
function wordBytes(word: string, drops: boolean): string {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setUint32(0, hashOf(word), true);
  bytes.setUint8(4, word.length);
  bytes.setUint8(5, word.charCodeAt(0));
  bytes.setUint8(6, drops ? 1 : 0);
  return hex(new Uint8Array(bytes.buffer));
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A UDP packet whose payload names some of the words. */
function packet(): Uint8Array {
  const bytes = new Uint8Array(PAYLOAD + BYTES);
  bytes.set([0x08, 0x00, 0x45], 12);
  bytes.set([64, 17], 22);
  const text = 'GET /index/login?user=me&cookie=1 of no use ';
  for (let i = 0; i < BYTES; i++) bytes[PAYLOAD + i] = text.charCodeAt(i % text.length);
  return bytes;
}

/**
 * About 1,000,000 steps: loops over a packet's bytes, calls of functions, lookups and updates of
 * maps.
 */
export function longRun(objectBytes: Uint8Array): SessionInputs {
  const inputs = inputsFor('long.o', objectBytes);
  const maps = Array.from({ length: WORD_COUNT }, (_, i) => {
    const key = new Uint8Array(new Uint32Array([i]).buffer);
    return {
      map: 'words',
      key: hex(key),
      value: wordBytes(WORDS[i % WORDS.length] + (i >= WORDS.length ? i : ''), i < 2),
    };
  });
  return { ...inputs, packets: [{ name: 'words', bytes: packet() }], maps };
}
