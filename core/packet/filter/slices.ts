import { type FilterToken, filterError } from './tokens.ts';

/** Bytes of a value from one place to another, counted from its end where negative. */
interface Part {
  readonly from: number;
  /** How many; all that are left where nothing is said. */
  readonly count?: number;
  /** The last one, where that is said in place of how many. */
  readonly last?: number;
}

const FORM = /^\s*(?:(-?\d{1,6})?\s*(:)\s*(\d{1,6})?|(-?\d{1,6})(?:\s*-\s*(-?\d{1,6}))?)\s*$/;
const SLICE_LIKE =
  'a slice is [start:count], [first-last], [number], [:count] or [start:], or several with commas';

function partOf(text: string): Part | undefined {
  const [, start = '0', colon, count, first, last] = FORM.exec(text) ?? [];
  if (colon && count !== undefined) return { from: Number(start), count: Number(count) };
  if (colon) return { from: Number(start) };
  if (first === undefined) return undefined;
  return last === undefined
    ? { from: Number(first), count: 1 }
    : { from: Number(first), last: Number(last) };
}

const isEmpty = ({ from, count, last }: Part): boolean =>
  count === 0 || (last !== undefined && last < 0 === from < 0 && last < from);

/** Bytes of a value; undefined where they are not all there. */
export type TakeSlice = (bytes: Uint8Array) => Uint8Array | undefined;

/** What stands between the brackets of `frame[0:2,-4:4]`. */
export function sliceOf({ text, column }: FilterToken): TakeSlice {
  const parts = text.split(',').map((said) => {
    const part = partOf(said);
    if (part === undefined) throw filterError(column, SLICE_LIKE);
    if (isEmpty(part)) throw filterError(column, `"${said.trim()}" has no bytes: ${SLICE_LIKE}`);
    return part;
  });
  return (bytes) => {
    const taken: Uint8Array[] = [];
    for (const part of parts) {
      const bytesOfPart = take(bytes, part);
      if (bytesOfPart === undefined) return undefined;
      taken.push(bytesOfPart);
    }
    const [only] = taken;
    return taken.length === 1 ? only : Uint8Array.from(taken.flatMap((some) => [...some]));
  };
}

function take(bytes: Uint8Array, { from, count, last }: Part): Uint8Array | undefined {
  const counted = (at: number): number => (at < 0 ? bytes.length + at : at);
  const start = counted(from);
  const stop = count === undefined ? bytes.length : start + count;
  const end = last === undefined ? stop : counted(last) + 1;
  return start < 0 || end <= start || end > bytes.length ? undefined : bytes.subarray(start, end);
}
