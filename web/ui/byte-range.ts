/** Bytes of a packet or of a region; half open. */
export interface Bytes {
  start: number;
  end: number;
}

export const covers = (outer: Bytes, inner: Bytes): boolean =>
  outer.start <= inner.start && inner.end <= outer.end;

export const sameBytes = (a: Bytes | undefined, b: Bytes | undefined): boolean =>
  a?.start === b?.start && a?.end === b?.end;
