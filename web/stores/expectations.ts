import type { ExpectationRow } from '../../core/protocol/messages.ts';
import { count, plural } from '../ui/format.ts';

export const hasBroken = ({ met }: ExpectationRow): boolean => met === false;

/** `3 of 14 expectations broke`. */
export const brokenText = (broken: number, all: number): string =>
  `${count(broken)} of ${plural(all, 'expectation')} broke`;

/** `Packet 2: verdict: expected drop, seen pass`. */
export const brokenLine = ({ packet, unmet }: ExpectationRow): string =>
  `Packet ${packet + 1}: ${unmet.join('; ')}`;

/** How many broke, and the first of them; undefined where none did. */
export function brokenWords(
  rows: readonly ExpectationRow[],
): { text: string; lines: string[] } | undefined {
  const broken = rows.filter(hasBroken);
  const [first] = broken;
  if (first === undefined) return undefined;
  return {
    text: `${brokenText(broken.length, rows.length)}.`,
    lines: [`${brokenLine(first)}.`],
  };
}
