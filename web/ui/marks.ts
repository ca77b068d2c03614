/** What is known of a byte, as bits: what the last step did, and what happened before. */
export const BYTE_READ = 1;
export const BYTE_WRITTEN = 2;
/** Differs from what went in. */
export const BYTE_CHANGED = 4;
export const BYTE_EVER_READ = 8;
export const SELECTED = 16;
export const HOVERED = 32;
/** Went into what the Why pane explains. */
export const DECIDED = 64;
export const BYTE_EVER_WRITTEN = 128;

/** One set of marks a byte, from half-open ranges. Ranges may reach past the end. */
export function flagsOf(
  length: number,
  marks: readonly (readonly [ranges: readonly (readonly [number, number])[], flag: number])[],
): Uint8Array {
  const flags = new Uint8Array(length);
  for (const [ranges, flag] of marks) {
    for (const [start, end] of ranges)
      for (let at = Math.max(0, start); at < Math.min(end, length); at++) flags[at] |= flag;
  }
  return flags;
}
