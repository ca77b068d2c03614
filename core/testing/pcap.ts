import type { Packet } from '../packet/types.ts';

/** A pcap of Ethernet frames, one a second where packets have no time of their own. */
export function pcapOf(packets: readonly Pick<Packet, 'bytes' | 'timestamp'>[]): Uint8Array {
  const words = (...numbers: number[]) => new Uint8Array(Uint32Array.from(numbers).buffer);
  return Buffer.concat([
    words(0xa1b2c3d4, 0x00040002, 0, 0, 0x40000, 1),
    ...packets.flatMap(({ bytes, timestamp }, i) => {
      const seconds =
        timestamp === undefined ? 1_700_000_000 + i : Number(timestamp / 1_000_000_000n);
      const micros = Number(((timestamp ?? 0n) % 1_000_000_000n) / 1000n);
      return [words(seconds, micros, bytes.length, bytes.length), bytes];
    }),
  ]);
}
