/**
 * Stretches of a capture, where runs do not depend on one another: the machine in front of each is
 * what it is behind the first packets, so that one core comes to what several come to, whatever a
 * run leaves behind that no other should look at (bytes of the stack, numbers of regions).
 *
 *     0 ........ FIRST_PACKETS ... | ............ | ............ |
 *     in their order, with traces  border         border          of stretches
 */

/** So many leave traces that no later packet adds to: ids of regions go round by then. */
export const FIRST_PACKETS = 512;

/** Packets of a stretch: opening any packet runs those of its stretch in front of it. */
const FEWEST = 64;
const MOST = 4096;
/** Instructions that a stretch may have, going by the first packets. */
const STEPS = 4_000_000;

/** Packets of a stretch, a power of two, by the steps of the first packets together. */
export function stretchLength(steps: number): number {
  let length = FEWEST;
  while (length < MOST && 2 * length * steps <= STEPS * FIRST_PACKETS) length *= 2;
  return length;
}

/** Where the stretch of a packet begins; 0: it has none, what is in front of it goes on. */
export function stretchStart(packet: number, length: number): number {
  const start = packet - (packet % length);
  return start > FIRST_PACKETS ? start : 0;
}

/** The first border behind a packet. */
export const nextBorder = (packet: number, length: number): number =>
  (Math.floor(Math.max(packet, FIRST_PACKETS) / length) + 1) * length;
