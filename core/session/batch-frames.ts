/** Packets as they lie in a capture: each `lengths[i]` bytes of `bytes` from `starts[i]` on. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
  readonly lengths: Uint32Array;
}

export const frameOf = ({ bytes, starts, lengths }: Frames, index: number): Uint8Array =>
  bytes.subarray(starts[index], starts[index] + lengths[index]);
