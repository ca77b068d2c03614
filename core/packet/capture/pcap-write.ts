/**
 * The older capture file (draft-ietf-opsawg-pcap), in little endian, with times in microseconds:
 *
 *     magic | version | 0 | 0 | longest packet | link type      then for each packet
 *     seconds | microseconds | captured | original | bytes
 */
const MAGIC = 0xa1b2_c3d4;
const VERSION = 0x0004_0002;
const ETHERNET_LINK = 1;
const NANOSECONDS = 1_000_000_000n;

/** What a file begins with whose packets are cut behind so many bytes. */
export const pcapHead = (longest: number): Uint8Array =>
  wordsOf(MAGIC, VERSION, 0, 0, longest, ETHERNET_LINK);

/** What stands in front of a packet's bytes; its time in nanoseconds since the epoch. */
export const pcapPacketHead = (time: bigint, captured: number, original: number): Uint8Array =>
  wordsOf(
    Number(BigInt.asUintN(32, time / NANOSECONDS)),
    Number((time % NANOSECONDS) / 1000n),
    captured,
    original,
  );

function wordsOf(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  return bytes;
}
