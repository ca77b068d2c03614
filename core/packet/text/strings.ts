import { fromBase64 } from '../../bytes/base64.ts';
import { fromHex } from '../../bytes/hex.ts';
import { InputError } from '../../errors.ts';
import { MAX_PACKETS } from '../limits.ts';
import { type Escapes, unescaped } from './escapes.ts';
import { CONVINCING, evidenceOf, meanEvidence } from './evidence.ts';
import { join } from './hex-lines.ts';
import { isRandom } from './random.ts';
import type { Broken, Reading } from './reading.ts';
import { type Literal, literalsOf } from './string-literals.ts';
import { placeAt } from './text-place.ts';

export const hasEscapes = (text: string): boolean =>
  /\\x[0-9a-f{]/i.test(text) ||
  /(?:^|[\s=([,])b["']/i.test(text) ||
  /["'](?:[^"'\n]{0,60})\\[0-9]/.test(text) ||
  /\\u[0{]/.test(text);

/** Which escapes a text can have, and what its dialect is called with them. */
const KINDS: readonly (readonly [name: string, escapes: Escapes, form: number])[] = [
  ['string', 'octal', 50],
  ['string-nul', 'nul', 46],
  ['string-decimal', 'decimal', 46],
];

/**
 * Strings with `\x` and other escapes: adjacent literals are one packet, separate ones several;
 * without quotes all of it is one.
 */
export function readStrings(lines: readonly string[]): (Reading | Broken)[] {
  const text = lines.join('\n');
  if (!hasEscapes(text)) return [];
  // Postgres writes \x once in front of all digits.
  if (/\\x[0-9a-f]{20,}/i.test(text) && text.split('\\x', 3).length === 2) return [];
  const readings: (Reading | Broken)[] = [];
  const seen = new Set<string>();
  const literals = attempt('string', 50, () => literalsOf(text, MOST_LITERALS));
  if (literals === undefined || 'error' in literals) return literals ? [literals] : [];
  const groups = groupsOf(text, literals);
  for (const [name, escapes, form] of KINDS) {
    const reading = attempt(name, form, () => readWith(text, groups, name, escapes, form));
    if (reading === undefined) continue;
    const signature =
      'packets' in reading
        ? reading.packets.map((bytes) => bytes.join()).join(';')
        : reading.error.message;
    if (seen.has(signature)) continue;
    seen.add(signature);
    readings.push(reading);
  }
  // What one manner cannot read another may.
  const whole = readings.filter((reading) => 'packets' in reading);
  return whole.length > 0 ? whole : readings.slice(0, 1);
}

/** Literals looked at: a packet may be written in many, a file of code has other ones. */
const MOST_LITERALS = 100_000;

function attempt<T>(name: string, form: number, read: () => T): T | Broken {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { name, form, error };
  }
}

/** Literals that are one packet each. */
function groupsOf(text: string, literals: readonly Literal[]): Literal[][] {
  const groups: Literal[][] = [];
  let before: Literal | undefined;
  for (const literal of literals) {
    const repeats =
      before !== undefined &&
      (before.repeats > 1 || literal.repeats > 1) &&
      /^[\s,]*(?:<repeats \d+ times>)?[\s,]*$/.test(
        text.slice(before.end + 1, Math.min(literal.start - 1, before.end + 60)),
      );
    const group = groups.at(-1);
    if (group && (literal.joined || repeats)) group.push(literal);
    else groups.push([literal]);
    before = literal;
  }
  return groups;
}

/** Escapes without quotes, behind a name perhaps. */
function readLoose(text: string, name: string, escapes: Escapes, form: number): Reading {
  const dots = /\.{3}\s*$/.exec(text.slice(-200));
  if (dots) throw cutOff(text, Math.max(0, text.length - 200) + dots.index);
  const start = text.indexOf('\\');
  const label = /^[^\\\n]*[:=]\s*$/.test(text.slice(0, Math.min(start, 400))) ? start : 0;
  const bytes = unescaped(text, label, text.length, true, escapes);
  return { name, dialect: '\\x escapes', packets: [bytes], notes: [], form, read: allLines(text) };
}

function readWith(
  text: string,
  groups: readonly Literal[][],
  name: string,
  escapes: Escapes,
  form: number,
): Reading | undefined {
  if (groups.length === 0) return readLoose(text, name, escapes, form);
  const kept = groups.filter((group) =>
    group.some((literal) => literal.bytes || text.slice(literal.start, literal.end).includes('\\')),
  );
  if (kept.length === 0) return undefined;
  const cut = kept.flat().find((literal) => literal.cut);
  if (cut) throw cutOff(text, cut.end + 1);
  const read = kept.slice(0, MAX_PACKETS).map((group) => contentOf(text, group, escapes));
  const bytes = read.map((content) => content.bytes);
  const convinced = bytes.filter((packet) => evidenceOf(packet).weight >= CONVINCING).length;
  const chosen = bytes.filter(
    (packet) => convinced === 0 || evidenceOf(packet).weight > 0 || packet.length >= 14,
  );
  const notes = [...new Set(read.map(({ note }) => note).filter((note) => note !== ''))];
  if (chosen.length < read.length) notes.push('Strings without packets skipped.');
  else if (kept.length < groups.length) notes.push('Strings without escapes skipped.');
  if (read.length < kept.length)
    notes.push(`Only the first ${read.length} of ${kept.length} strings were read.`);
  const end = kept[0]?.[0]?.end ?? 0;
  for (const packet of chosen)
    if (
      packet.length > 3 &&
      packet.subarray(-3).every((byte) => byte === 0x2e) &&
      evidenceOf(packet).missing > 0
    )
      throw new InputError(
        placeAt(text, end),
        'ends with "...", and its headers say it has more bytes: paste the whole packet',
      );
  const python = kept.some(([first]) => first?.bytes) && escapes === 'octal';
  return {
    name,
    dialect: python
      ? 'Python bytes'
      : escapes === 'decimal'
        ? 'string with decimal escapes'
        : 'string with \\x escapes',
    packets: chosen,
    notes,
    form:
      name === 'string-decimal' && !/\\\d{3}/.test(text)
        ? form - 10
        : form + quirk(text, kept, escapes),
    read: linesOf(text, groups.flat()),
  };
}

/**
 * What no program writes in the other manner: `\9` or `\300` and above is decimal; `\0` beside `\x`
 * is Rust's or JavaScript's.
 */
function quirk(text: string, kept: readonly Literal[][], escapes: Escapes): number {
  const content = kept
    .slice(0, 200)
    .flat()
    .map(({ start, end }) => text.slice(start, end))
    .join('');
  const decimal = /\\(?:[0-9]{0,2}[89]|[4-9]\d\d)/.test(content.replaceAll('\\\\', ''));
  if (decimal) return escapes === 'decimal' ? 30 : -30;
  const mixed = /\\x/i.test(content) && !/\\[1-7]/.test(content);
  return escapes === 'nul' && mixed ? 6 : 0;
}

const cutOff = (text: string, index: number): InputError =>
  new InputError(
    placeAt(text, index),
    '"..." stands for bytes that are left out: paste the whole packet',
  );

interface Content {
  readonly bytes: Uint8Array;
  readonly note: string;
}

/**
 * Bytes of adjacent literals. What they spell may be escapes again, hex digits or base64: a program
 * printed its printing.
 */
function contentOf(text: string, group: readonly Literal[], escapes: Escapes): Content {
  const parts = group.map(({ start, end, repeats }) => {
    const part = unescaped(text, start, end, false, escapes);
    return repeats > 1
      ? join(Array.from({ length: Math.min(repeats, 300_000) }, () => part))
      : part;
  });
  const bytes = join(parts);
  const ascii = bytes.length >= 8 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  if (!ascii || evidenceOf(bytes).weight >= CONVINCING) return { bytes, note: '' };
  const spelled = String.fromCharCode(...bytes.subarray(0, 60_000));
  if (/^(?:\\x[0-9a-f]{2}|\\[0-7]{3}|\\u00[0-9a-f]{2}){2}/i.test(spelled))
    return {
      bytes: unescaped(spelled, 0, spelled.length, false, escapes),
      note: 'Escapes were escaped once more: read as what they were.',
    };
  const hex = spelled.length >= 16 ? fromHex(spelled.replace(/[:\s]/g, '')) : undefined;
  if (hex) return { bytes: hex, note: 'The bytes spell hex digits: read as what these are.' };
  const base64 = spelled.length >= 20 && spelled.length % 4 === 0 ? fromBase64(spelled) : undefined;
  if (base64 && (spelled.endsWith('=') || isRandom(spelled) || meanEvidence([base64]) > 0))
    return { bytes: base64, note: 'The bytes spell base64: read as what this is.' };
  return { bytes, note: '' };
}

export const allLines = (text: string): Set<number> => new Set(text.split('\n').keys());

/** Lines that hold the given literals. */
export function linesOf(
  text: string,
  literals: readonly { readonly start: number; readonly end: number }[],
): Set<number> {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) ends.push(at);
  const lines = new Set<number>();
  let line = 0;
  for (const { start, end } of [...literals].sort((one, other) => one.start - other.start)) {
    while ((ends[line] ?? start) < start) line++;
    lines.add(line);
    for (let i = line; (ends[i] ?? end) < end; i++) lines.add(i + 1);
  }
  return lines;
}
