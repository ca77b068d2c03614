import { identify, textKind } from '../../bytes/text-kind.ts';
import { InputError } from '../../errors.ts';
import { isCapture, readCapture } from '../capture/capture.ts';
import { MAX_TEXT } from '../limits.ts';
import type { Alternative, Packet, ReadText } from '../types.ts';
import { readArrays } from './arrays.ts';
import { readDumps } from './dump.ts';
import { evidenceOf, meanEvidence } from './evidence.ts';
import { framesAround, startNotes } from './frames.ts';
import { readHexLines } from './hex-lines.ts';
import { leftOutNotes } from './left-out.ts';
import { normalLines } from './normal.ts';
import { type Broken, isBroken, type Reading } from './reading.ts';
import { readRecords } from './records.ts';
import { readBase64, readRuns } from './runs.ts';
import { readStrings } from './strings.ts';
import { pluralOf } from './text-place.ts';

type Reader = (lines: readonly string[]) => (Reading | Broken)[];

/** A reader for each family of dialects: all are asked, and what they say is weighed. */
const READERS: readonly Reader[] = [
  readDumps,
  readHexLines,
  readRecords,
  readStrings,
  readArrays,
  readRuns,
  readBase64,
];

/** Names that `--as` takes, and what each reads. */
export const DIALECTS: ReadonlyMap<string, string> = new Map([
  ['dump', 'a dump with offsets, bytes as they are printed'],
  ['dump-little', 'a dump of little-endian words'],
  ['tcpdump-x', 'tcpdump without link headers: Ethernet headers are made up'],
  ['tcpdump-xx', 'tcpdump with link headers'],
  ['hex', 'hex digits, one packet'],
  ['hex-lines', 'hex digits, a packet in each line'],
  ['hex-blocks', 'hex digits, a packet in each block of lines'],
  ['hex-wrapped', 'hex digits, a packet up to each shorter line'],
  ['hex-little', 'little-endian words of hex'],
  ['hex-runs', 'long runs of hex digits in other text'],
  ['decimal', 'decimal numbers'],
  ['octal', 'octal numbers'],
  ['binary', 'binary numbers'],
  ['string', 'strings with escapes as C and Python have them'],
  ['string-nul', 'strings where \\0 is a zero and no octal number'],
  ['string-decimal', 'strings with decimal escapes'],
  ['array', 'arrays and lists'],
  ['array-hex', 'arrays whose elements are hex without 0x'],
  ['base64', 'base64'],
  ['base64-lines', 'base64, a packet in each line'],
  ['base64-blocks', 'base64, a packet in each block of lines'],
  ['base64-runs', 'base64 in other text'],
  ['records', 'Intel HEX or Motorola S-records'],
  ['ethernet', 'the best reading, with Ethernet headers made up'],
]);

/** Readings this much less convincing than the best are offered. */
const NEAR = 30;
/** What headers weigh at most: the form of a text can outweigh them, and they a doubtful form. */
const MOST_BY_HEADERS = 60;

/**
 * Packets of pasted text in any hex dialect; an InputError names the line and says what to do. `as`
 * is a name of `DIALECTS`.
 */
export function readPacketText(source: string, as?: string): ReadText {
  if (source.length > MAX_TEXT)
    throw new InputError(
      'packet text',
      `has ${source.length} characters, at most ${MAX_TEXT} are read: open a capture file instead`,
    );
  const lines = normalLines(source);
  if (lines.length > MAX_LINES)
    throw new InputError(
      'packet text',
      `has ${lines.length} lines, at most ${MAX_LINES} are read: open a capture file instead`,
    );
  if (lines.every((line) => line.trim() === ''))
    throw new InputError(
      'line 1',
      'is empty: paste hex bytes, a hex dump, a C array, a string or base64',
    );
  const readings = allReadings(lines);
  const whole = readings.filter(
    (reading): reading is Reading =>
      !isBroken(reading) && reading.packets.some(({ length }) => length > 0),
  );
  const ranked = whole
    .map((reading) => ({ reading, weight: weightOf(reading) }))
    .sort((one, other) => other.weight - one.weight);
  const chosen =
    as === undefined || as === 'ethernet'
      ? ranked[0]
      : ranked.find(({ reading }) => reading.name === as);
  // Dots in the column of a dump are no missing bytes.
  const dump = whole.some(({ name }) => name.startsWith('dump'));
  const broken = readings
    .filter(isBroken)
    .filter(({ name }) => (as === undefined || name === as) && !(dump && name === 'hex'));
  const worst = broken.reduce<Broken | undefined>(
    (best, next) => (next.form > (best?.form ?? 0) ? next : best),
    undefined,
  );
  if (
    chosen === undefined ||
    (worst && as === undefined && worst.form + BROKEN_STANDS > chosen.weight)
  )
    throw refusal(lines, worst, as);
  if (
    as === undefined &&
    chosen.reading.form < 60 &&
    meanEvidence(chosen.reading.packets) === 0 &&
    textKind(lines.join('\n'))?.isProgram
  )
    throw refusal(lines, undefined, as);
  return resultOf(
    lines,
    chosen.reading,
    ranked
      .filter((other) => other !== chosen && other.weight > chosen.weight - NEAR)
      .map(({ reading }) => reading),
    as,
  );
}

/** Lines of pasted text: the largest text of rows of sixteen bytes has less. */
const MAX_LINES = 200_000;
/** Lines above which a reader that read them all is not compared with others. */
const MANY_LINES = 3000;

function allReadings(lines: readonly string[]): (Reading | Broken)[] {
  const readings: (Reading | Broken)[] = [];
  for (const read of READERS) {
    readings.push(...attempt(read, lines));
    const whole = readings.some(
      (reading) =>
        !isBroken(reading) && reading.form >= 60 && reading.read.size > lines.length * 0.95,
    );
    const broken = readings.some((reading) => isBroken(reading) && reading.form >= 70);
    if ((whole || broken) && lines.length > MANY_LINES) break;
  }
  return readings;
}

/** A broken form outweighs a reading that headers do not support. */
const BROKEN_STANDS = 10;

function attempt(read: Reader, lines: readonly string[]): (Reading | Broken)[] {
  try {
    return read(lines);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ name: '', form: 30, error }];
  }
}

function weightOf({ form, packets }: Reading): number {
  return form + Math.min(MOST_BY_HEADERS, meanEvidence(packets));
}

function refusal(
  lines: readonly string[],
  broken: Broken | undefined,
  as: string | undefined,
): InputError {
  const text = lines.join('\n');
  if (as !== undefined && broken === undefined)
    return new InputError('packet text', `cannot be read as ${as}`);
  const what = identify(text);
  if (broken && (broken.form >= 60 || what === undefined || what.startsWith('is numbers')))
    return broken.error;
  if (what !== undefined) return new InputError(`line ${firstLine(lines)}`, what);
  const readable = lines.findIndex((line) => line.trim() !== '');
  const isHex = mostlyHex(text);
  const slip = lines.findIndex((line) => SLIP.test(line));
  const line = lines[slip];
  if (isHex && line !== undefined) return notHex(line, slip, line.search(SLIP));
  if (isHex || !/[0-9a-f]/i.test(text))
    return new InputError(
      `line ${readable + 1}`,
      'has no bytes, only separators or comments: paste hex digits',
    );
  return new InputError(
    `line ${readable + 1}`,
    'is no packet in any known form: paste hex bytes, a hex dump (xxd, tcpdump -xx, Wireshark), ' +
      'a C array, a string or base64',
  );
}

/** What stands in no text of hex digits. */
const SLIP = /[^\s0-9a-fx,;:.\-_|"'`]/i;

const notHex = (text: string, line: number, column: number): InputError =>
  new InputError(
    `line ${line + 1}, column ${column + 1}`,
    `${JSON.stringify(text[column])} is not a hex digit: paste bytes as pairs of 0-9 and a-f`,
  );

const firstLine = (lines: readonly string[]): number =>
  lines.findIndex((line) => line.trim() !== '') + 1;

/** Nearly all words of a text are pairs of hex digits, so that what is none is a slip. */
function mostlyHex(text: string): boolean {
  const words = text
    .slice(0, 20_000)
    .split(/[\s,;:.\-_|"'`]+/)
    .filter((word) => word !== '');
  const hex = words.filter((word) => /^(?:0x)?(?:[0-9a-f]{2})+$/i.test(word)).length;
  return (
    words.length === 0 ||
    (words.length === 1 && words.join('').length < 4) ||
    (hex >= 3 && hex >= words.length * 0.7)
  );
}

/** Hex or base64 of a whole capture is read as the capture. */
function captureIn(
  packets: readonly Uint8Array[],
): { packets: readonly Packet[]; notes: readonly string[] } | undefined {
  const first = packets.find((bytes) => isCapture(bytes));
  return first && readCapture('pasted', first);
}

function resultOf(
  lines: readonly string[],
  reading: Reading,
  near: readonly Reading[],
  as: string | undefined,
): ReadText {
  const notes = [...reading.notes, ...leftOutNotes(lines, reading.read)];
  const capture = captureIn(reading.packets);
  if (capture)
    return {
      packets: capture.packets,
      dialect: `capture as ${reading.dialect}`,
      notes: [...notes, ...capture.notes],
      alternatives: [],
    };
  refuseOthers(reading.packets);
  const framed =
    as === 'tcpdump-x' || as === 'tcpdump-xx' ? undefined : framesAround(reading.packets);
  const made = as === 'ethernet' && framed !== undefined;
  const packets = made ? framed : reading.packets;
  const said = made
    ? [...notes, `Ethernet header made up for ${pluralOf(packets.length, 'packet')}.`]
    : [...notes, ...startNotes(packets)];
  const alternatives = alternativesOf(packets, near);
  if (framed && !made)
    alternatives.push({
      dialect: 'ethernet',
      label: `${reading.dialect}, Ethernet headers made up`,
      packets: named(framed),
    });
  return {
    packets: named(packets),
    dialect: reading.dialect,
    notes: [...said, ...missingNotes(packets)],
    alternatives,
  };
}

function refuseOthers(packets: readonly Uint8Array[]): void {
  const [first = new Uint8Array()] = packets;
  if (
    packets.length === 1 &&
    first.length > 16 &&
    first[0] === 0x7f &&
    first[1] === 0x45 &&
    first[2] === 0x4c &&
    first[3] === 0x46
  )
    throw new InputError(
      'packet text',
      'is an ELF object as text, not a packet: open it as an object',
    );
}

function missingNotes(packets: readonly Uint8Array[]): string[] {
  const cut = packets
    .map((bytes, i) => ({ i, bytes, ...evidenceOf(bytes) }))
    .filter(({ missing, weight }) => missing > 0 && weight >= 18);
  const [first] = cut;
  if (first === undefined) return [];
  const { i, bytes, missing } = first;
  const which = packets.length === 1 ? 'The packet' : `Packet ${i + 1}`;
  const more = cut.length > 1 ? ` (and ${cut.length - 1} more like it)` : '';
  return [
    `${which} has ${bytes.length} bytes, by its headers ${missing} more: ` +
      `it has been cut off${more}.`,
  ];
}

const named = (packets: readonly Uint8Array[]): Packet[] =>
  packets.map((bytes, i) => ({
    name: packets.length === 1 ? 'pasted' : `pasted #${i + 1}`,
    bytes,
  }));

/** Other readings that give other bytes, each once. */
function alternativesOf(packets: readonly Uint8Array[], near: readonly Reading[]): Alternative[] {
  const seen = new Set([signatureOf(packets)]);
  const alternatives: Alternative[] = [];
  for (const { name, dialect, packets: other } of near) {
    const signature = signatureOf(other);
    if (seen.has(signature) || alternatives.length >= MOST_OFFERED) continue;
    seen.add(signature);
    alternatives.push({
      dialect: name,
      label: DIALECTS.get(name) ?? dialect,
      packets: named(other),
    });
  }
  return alternatives;
}

const MOST_OFFERED = 4;

const signatureOf = (packets: readonly Uint8Array[]): string =>
  packets.map((bytes) => `${bytes.length}:${bytes.subarray(0, 4096).join()}`).join(';');

/** Whether text can be read as a packet. */
export function looksLikePacket(text: string): boolean {
  try {
    readPacketText(text);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
