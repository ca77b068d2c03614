/** One packet as a capture file holds it, its link layer not yet looked at. */
export interface CapturedPacket {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Nanoseconds since the epoch; undefined where the file does not say. */
  readonly timestamp: bigint | undefined;
  /** Bytes on the wire. */
  readonly originalLength: number;
}

/** What a capture file holds, up to where it ends or breaks. */
export interface CaptureFile {
  readonly packets: readonly CapturedPacket[];
  readonly notes: readonly string[];
}
