/** Packets that have run on one core, and how long they took. */
export interface Trial {
  readonly packets: number;
  readonly ms: number;
}

/** A trial says enough when it took so long, or had so many packets. */
const LONG_MS = 20;
const MANY = 16_384;

/** Milliseconds until further workers are there, each with the program and its first packets. */
const START_MS = 250;
/** Nanoseconds a packet that stay with the worker that reads the file, and that are added. */
const OWN_NS = 150;
const MORE_NS = 100;
/** What has to be won of the time that one core takes. */
const LEAST_GAIN = 0.2;

/** Bytes that the machines of all cores may take together. */
const MOST_BYTES = 512 * 1024 * 1024;

/** How many of so many cores have room for a machine of that size each. */
export const coresWithRoom = (cores: number, bytes: number): number =>
  Math.min(cores, Math.floor(MOST_BYTES / Math.max(1, bytes)));

/**
 * Whether the packets that are left are judged sooner by so many cores; undefined: the trial does
 * not tell yet.
 */
export function spreadPays(cores: number, { packets, ms }: Trial, left: number) {
  if (ms < LONG_MS && packets < MANY) return undefined;
  const one = (1e6 * ms) / packets;
  const many = Math.max(OWN_NS, (one + MORE_NS) / cores);
  return START_MS * 1e6 + many * left < one * left * (1 - LEAST_GAIN);
}
