/** One packet as a capture file holds it, its link layer not yet looked at. */
export interface CapturedPacket {
  /** Its number in the file, from 1 on. */
  readonly number: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch; undefined where the file does not say. */
  readonly timestamp: bigint | undefined;
  /** Bytes on the wire. */
  readonly originalLength: number;
  /** Bytes of the frame check sequence that the file says a whole frame ends in. */
  readonly checkSequence: number;
}

/**
 * Reads a capture format packet by packet, as far as the file can be read; what is left out goes
 * into `notes`. Where the file is damaged it ends in an InputError with the place.
 */
export type ReadPackets = (
  name: string,
  bytes: Uint8Array,
  notes: string[],
) => Generator<CapturedPacket>;

/** A format of capture files. */
export interface CaptureFormat {
  readonly is: (bytes: Uint8Array) => boolean;
  readonly read: ReadPackets;
}
