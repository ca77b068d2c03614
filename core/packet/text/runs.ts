import { fromBase64 } from '../../bytes/base64.ts';
import { fromHex } from '../../bytes/hex.ts';
import { either, sequence } from '../../bytes/pattern.ts';
import { InputError } from '../../errors.ts';
import { checkSize, MAX_PACKETS } from '../limits.ts';
import { CONVINCING, evidenceOf, meanEvidence } from './evidence.ts';
import { join } from './hex-lines.ts';
import { isRandom, LEAST_BASE64 } from './random.ts';
import type { Broken, Reading } from './reading.ts';
import { allLines, linesOf } from './strings.ts';
import { placeAt, pluralOf } from './text-place.ts';

/** A run of digits among other text, and what it is called there. */
interface Run {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * Digits of the shortest run that stands alone: an Ethernet header. Within quotes less is enough.
 */
const LEAST_ALONE = 28;
const LEAST_QUOTED = 8;

/** In quotes, or alone. */
const HEX_RUN = sequence(
  'gi',
  either(
    /(["'])((?:0x)?[0-9a-f]{2}(?:[\s:,-]{0,3}[0-9a-f]{2}){3,}[\s:,-]{0,3})\1/,
    /(?<![\w+/])(?:0x|\\+x)?([0-9a-f]{28,})(?![\w+/=])/,
  ),
);
/** Alone: in lines, or in one with a digit in it, as hardly any name has. */
const BASE64_ALONE = either(
  /(?:[A-Za-z0-9+/]{60,76}\n[ \t]*){1,6000}[A-Za-z0-9+/_-]{4,}={0,2}/,
  /(?=[A-Za-z0-9+/_-]*[0-9])[A-Za-z0-9+/_-]{24,}={0,2}/,
);
const BASE64_RUN = sequence(
  'g',
  either(
    /(["'`])([A-Za-z0-9+/_-]{20,}={0,2})\1/,
    new RegExp(`(?<![\\w+/=.-])(${BASE64_ALONE.source})(?![\\w+/=.-])`),
  ),
);
const KEY = /["'`]?([A-Za-z_][\w.-]*)["'`]?\s*(?:[:=(]|=>)\s*[[({b]*\s*(?:[\w.]*\()?["'`]?$/;

/**
 * Hex digits or base64 within code, JSON or messages. Of several names, the one whose values are
 * the best packets.
 */
export function readRuns(lines: readonly string[]): (Reading | Broken)[] {
  const text = lines.join('\n');
  const hex = reading(text, 'hex-runs', 'hex digits', runsOf(text, HEX_RUN, hexOf), 46);
  const alone = lines.every((line) => /^\s*[A-Za-z0-9+/_-]*={0,2}\s*$/.test(line));
  const base64 = alone
    ? undefined
    : reading(text, 'base64-runs', 'base64', runsOf(text, BASE64_RUN, base64Of), 30);
  const cut = hex && cutRun(text);
  return [...(cut ? [cut] : []), ...(hex ? [hex] : []), ...(base64 ? [base64] : [])];
}

function cutRun(text: string): Broken | undefined {
  const match = /[0-9a-f]{20}["']?\.{3}/i.exec(text);
  if (!match) return undefined;
  const place = placeAt(text, match.index + match[0].length - 3);
  return {
    name: 'hex-runs',
    form: 75,
    error: new InputError(
      place,
      '"..." stands for bytes that are left out: paste the whole packet',
    ),
  };
}

function hexOf(quoted: string | undefined, alone: string | undefined): Uint8Array | undefined {
  const digits = (quoted ?? alone!).replace(/^0x|[\s:,-]/gi, '');
  return digits.length >= (quoted === undefined ? LEAST_ALONE : LEAST_QUOTED)
    ? fromHex(digits)
    : undefined;
}

function base64Of(quoted: string | undefined, alone: string | undefined): Uint8Array | undefined {
  const bytes = fromBase64(quoted ?? alone!);
  return bytes && bytes.length >= 14 && evidenceOf(bytes).weight >= CONVINCING ? bytes : undefined;
}

function runsOf(
  text: string,
  pattern: RegExp,
  read: (quoted?: string, alone?: string) => Uint8Array | undefined,
): Run[] {
  const runs: Run[] = [];
  let key = '';
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (runs.length > MAX_PACKETS * 16) break;
    const bytes = read(match[2], match[3]);
    if (bytes === undefined) continue;
    const before = text.slice(Math.max(end, match.index - 120), match.index);
    key = KEY.exec(before)?.[1] ?? (/^[\s"',+\\\])([]*$/.test(before) ? key : '');
    checkSize(() => placeAt(text, match.index), bytes.length);
    const last = runs.at(-1);
    // Parts of one literal stand behind each other without a comma.
    if (
      last &&
      match[2] !== undefined &&
      /^["'][\s+\\]*["']?$/.test(text.slice(last.end - 1, match.index + 1)) &&
      last.end > 1
    ) {
      runs[runs.length - 1] = {
        ...last,
        end: match.index + match[0].length,
        bytes: join([last.bytes, bytes]),
      };
    } else runs.push({ key, start: match.index, end: match.index + match[0].length, bytes });
    end = match.index + match[0].length;
  }
  return runs;
}

function reading(
  text: string,
  name: string,
  dialect: string,
  runs: readonly Run[],
  form: number,
): Reading | undefined {
  if (runs.length === 0) return undefined;
  const byKey = new Map<string, Run[]>();
  for (const run of runs) {
    const group = byKey.get(run.key);
    if (group) group.push(run);
    else byKey.set(run.key, [run]);
  }
  const best = [...byKey.values()].reduce((one, other) =>
    rankOf(other) > rankOf(one) ? other : one,
  );
  const convinced = best.some(({ bytes }) => evidenceOf(bytes).weight >= CONVINCING);
  const kept = best.filter(({ bytes }) => !convinced || bytes.length >= 14).slice(0, MAX_PACKETS);
  if (kept.every(({ bytes }) => bytes.length < 4)) return undefined;
  const left = runs.length - kept.length;
  const key = best[0]?.key;
  const notes: string[] = [];
  if (kept.length < best.length && kept.length === MAX_PACKETS)
    notes.push(`Only the first ${kept.length} packets were read.`);
  if (left > 0)
    notes.push(
      `${pluralOf(left, 'other run')} of ${dialect === 'base64' ? 'base64' : 'hex digits'} left ` +
        `out${key ? `: only ${JSON.stringify(key)} was read` : ''}.`,
    );
  const alone =
    text.replace(/\s+/g, '').length - runs.reduce((sum, run) => sum + run.end - run.start, 0) < 4;
  return {
    name,
    dialect: name === 'base64-runs' ? 'base64' : `${dialect} in text`,
    packets: kept.map(({ bytes }) => bytes),
    notes,
    form: alone ? form - 12 : form,
    read: linesOf(text, runs),
  };
}

/** Whole frames before parts of them: those that start with Ethernet, then the longest. */
function rankOf(runs: readonly Run[]): number {
  const frames =
    runs.filter(({ bytes }) => evidenceOf(bytes).start === 'ethernet').length / runs.length;
  const size = runs.reduce((sum, { bytes }) => sum + bytes.length, 0) / runs.length;
  return meanEvidence(runs.map(({ bytes }) => bytes)) + frames * 30 + Math.min(50, size / 40);
}

/**
 * Base64 or its URL-safe form, perhaps a data: URL, in one line, wrapped into lines of one length,
 * or a packet a line.
 */
export function readBase64(lines: readonly string[]): (Reading | Broken)[] {
  const text = lines.join('\n');
  const url = /^\s{0,100}data:[^,\s]{0,100};base64,/i.exec(text);
  const parts = text
    .slice(url?.[0].length ?? 0)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^-{5}(?:BEGIN|END)/.test(line));
  const digits = parts.join('');
  const padded = digits.endsWith('=');
  const short = digits.length < LEAST_BASE64 && !(padded && digits.length >= 4);
  if ((short && url === null) || !parts.every((part) => /^[A-Za-z0-9+/_-]+={0,2}$/.test(part)))
    return [];
  for (const part of parts) checkSize(() => 'packet text', Math.floor((part.length * 3) / 4) - 2);
  const each = parts.map((part) => fromBase64(part));
  const readings: Reading[] = [];
  const several =
    parts.length > 1 &&
    each.every((bytes) => bytes !== undefined && bytes.length >= 4) &&
    parts.every((part) => part.length % 4 === 0 || !padded);
  const blocks = text.trim().split(/\n[ \t]*\n\s*/);
  const decoded = blocks.map((block) => fromBase64(block));
  if (
    blocks.length > 1 &&
    blocks.length <= MAX_PACKETS &&
    decoded.every((one) => one !== undefined)
  ) {
    const packets = decoded as Uint8Array[];
    if (meanEvidence(packets) > 0 || padded)
      readings.push({
        name: 'base64-blocks',
        dialect: 'base64',
        packets,
        notes: ['Read as a packet for each block of lines.'],
        form: 44,
        read: allLines(text),
      });
  }
  const wrapped =
    parts.slice(0, -1).every((part) => part.length === parts[0]?.length) &&
    !parts.slice(0, -1).some((part) => part.endsWith('='));
  const bytes = wrapped ? fromBase64(digits) : undefined;
  if (bytes !== undefined && bytes.length > 0) {
    checkSize(() => 'packet text', bytes.length);
    if (url !== null || padded || isRandom(digits) || evidenceOf(bytes).weight >= CONVINCING)
      readings.push({
        name: 'base64',
        dialect: 'base64',
        packets: [bytes],
        notes: [],
        form: url || padded ? 44 : 24,
        read: allLines(text),
      });
  }
  if (several && parts.length <= MAX_PACKETS) {
    const packets = each as Uint8Array[];
    if (
      meanEvidence(packets) >= CONVINCING ||
      parts.slice(0, -1).some((part) => part.endsWith('='))
    )
      readings.push({
        name: 'base64-lines',
        dialect: 'base64',
        packets,
        notes: ['Read as a packet in each line.'],
        form: 34,
        read: allLines(text),
      });
  }
  return readings;
}
