import type { PacketRun } from './packet-run.ts';
import type { CaptureWindow } from './window.ts';

/** One packet as a capture file holds it, its link layer not yet looked at. */
export interface CapturedPacket {
  /** Its number in the file, from 1 on. */
  readonly number: number;
  readonly linkType: number;
  /** Of its bytes, in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch; undefined where the file does not say. */
  readonly timestamp: bigint | undefined;
  /** Bytes on the wire. */
  readonly originalLength: number;
  /** Bytes of the frame check sequence that the file says a whole frame ends in. */
  readonly checkSequence: number;
}

/** A record or block that is read at all: larger ones are passed over, and said. */
export const LARGEST_RECORD = 16 * 1024 * 1024;

/**
 * Reads a capture format packet by packet, or many that are in sight at once, as far as the file
 * can be read; what is left out goes into `notes`. A number it gives is how many bytes it needs in
 * sight to go on; where fewer come, the file has ended. Where the file is damaged it ends in an
 * InputError with the place.
 */
export type ReadPackets = (
  file: CaptureWindow,
  notes: string[],
) => Generator<CapturedPacket | PacketRun | number>;

/** A format of capture files. */
export interface CaptureFormat {
  /** Whether a file begins so; its first 12 bytes tell. */
  readonly is: (bytes: Uint8Array) => boolean;
  readonly read: ReadPackets;
}
