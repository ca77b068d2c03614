import { either, sequence } from '../../bytes/pattern.ts';
import { lineList } from './reading.ts';
import { pluralOf } from './text-place.ts';

/** Addresses, times and identifiers have digits in pairs too. */
const NO_BYTES = [
  /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi,
  /\b\d{1,4}[:/-]\d{1,2}[:/-]\d{1,4}(?:[.,]\d+)?/g,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  /\b[0-9a-f]{0,4}(?:::?[0-9a-f]{1,4}){2,7}\b/gi,
];
const BYTES = sequence(
  'i',
  either(
    /(?:(?:^|[\s:|,])(?:0x)?[0-9a-f]{2}){4}(?=[\s:|,]|$)/,
    /(?:(?:^|\s)[0-9a-f]{4}){3}(?=\s|$)/,
    /(?:(?:^|\s)[0-9a-f]{8}){2}(?=\s|$)/,
    /(?<![\w])[0-9a-f]{24,}(?![\w])/,
    /(?:\\x[0-9a-f]{2}){3}/,
    /(?:0x[0-9a-f]{1,2}\s*,\s*){3}/,
  ),
);

/** What the lines that were not read are: those with bytes by number, the others by count. */
export function leftOutNotes(lines: readonly string[], read: ReadonlySet<number>): string[] {
  const withBytes: number[] = [];
  const dots: number[] = [];
  let others = 0;
  for (const [i, text] of lines.entries()) {
    if (read.has(i) || text.trim() === '') continue;
    if (/^\s*(?:\.{3,}|\[?(?:snip|truncated|cut)\]?|<snip>)\s*$/i.test(text)) dots.push(i + 1);
    else if (bearsBytes(text)) withBytes.push(i + 1);
    else others++;
  }
  const notes: string[] = [];
  if (withBytes.length > 0)
    notes.push(
      `${withBytes.length === 1 ? 'Line' : 'Lines'} ${lineList(withBytes)} left out: ` +
        `bytes that are no part of what was read.`,
    );
  if (dots.length > 0)
    notes.push(
      `${dots.length === 1 ? 'Line' : 'Lines'} ${lineList(dots)} stand for something that is ` +
        `missing here.`,
    );
  if (others > 0) notes.push(`${pluralOf(others, 'line')} without bytes skipped.`);
  return notes;
}

export function bearsBytes(text: string): boolean {
  let plain = text.slice(0, 4000);
  for (const pattern of NO_BYTES) plain = plain.replace(pattern, ' ');
  return BYTES.test(plain);
}
