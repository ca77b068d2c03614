/**
 * What an input of a step is, in 32 bits beside its source:
 *
 *     bits 0..3   4                    5..7             8..10              11..30
 *     kind      | of what a call reads | byte it fills | byte of the source | bytes
 */
export const KIND = {
  /** Registers, by the step that wrote them: for some bits of each, or for all. */
  dst: 0,
  src: 1,
  whole: 2,
  /** Bytes of memory, by the step that stored them: for some bits of each, or for all. */
  lanes: 3,
  wholeLanes: 4,
  /**
   * Bytes of memory as they were before the run, by linear address: for some bits of each, or for
   * all.
   */
  before: 5,
  wholeBefore: 6,
  /** What a call wrote: that it was called, with its registers; or out of what it read. */
  called: 7,
  contents: 8,
  /** Bytes of the frame, by number. */
  packet: 9,
  /** How long the packet is. */
  length: 10,
  /**
   * A field of a structure as it was before the run, and a setting: by their numbers in the trace.
   */
  field: 11,
  setting: 12,
  /** Steps that could have written. */
  node: 13,
  /** A map that a call was given, by the number of the call. */
  map: 14,
  /** Calls that moved bytes to where they were read, as a node. */
  way: 15,
} as const;

/** Counts only where what a call read does, not where only that it was called. */
export const OF_CONTENTS = 1 << 4;

export const role = (kind: number, lane = 0, from = 0, count = 0): number =>
  kind | ((lane & 7) << 5) | (from << 8) | (count << 11);

export const kindOf = (how: number): number => how & 15;
export const laneOf = (how: number): number => (how >> 5) & 7;
export const fromOf = (how: number): number => (how >> 8) & 7;
export const countOf = (how: number): number => how >>> 11;
