import { sequence } from '../../bytes/pattern.ts';
import { InputError, present } from '../../errors.ts';
import { MAX_PACKETS } from '../limits.ts';
import { baseOf, bytesOf, type DumpBytes } from './dump-bytes.ts';
import { type Chunk, type Chunks, type Row, type Rows, rowsOf } from './dump-rows.ts';
import { CONVINCING, meanEvidence } from './evidence.ts';
import { type Framed, type ShownFrame, withHeaders, withLinks } from './frames.ts';
import { packetLines } from './hex-lines.ts';
import type { Broken, Reading } from './reading.ts';
import type { Base } from './shape.ts';

/** One dump of a text, both orders of its words read where it has words. */
interface Dump {
  readonly chunks: Chunks;
  readonly base: Base;
  readonly printed: DumpBytes;
  /** With words turned; undefined where there are none, or where one order alone can be right. */
  readonly little: DumpBytes | undefined;
  /** Which order is more convincing, and whether anything but custom says so. */
  readonly order: { readonly little: boolean; readonly sure: boolean };
}

/**
 * Words of a machine are of two, four or eight bytes; behind the first ones an ASCII column may
 * look like others.
 */
function isOfWords({ cells }: Row): boolean {
  const [first, second] = cells;
  if (first === undefined) return true;
  if (cells.length < 3) return first.size <= 8;
  return [2, 4, 8].includes(first.size) && second?.size === first.size;
}

const dumpOf = (chunks: Chunks): Dump => {
  const base = baseOf(chunks);
  const words = chunks.every(({ rows }) => rows.every(isOfWords));
  if (!words || isTcpdump(chunks[0]))
    return {
      chunks,
      base,
      printed: bytesOf(chunks, base, false),
      little: undefined,
      order: { little: false, sure: true },
    };
  // What fills the last word up has to be zeros: one order may not have them.
  const printed = attempt(() => bytesOf(chunks, base, false));
  const little = attempt(() => bytesOf(chunks, base, true));
  if (printed instanceof InputError) {
    if (little instanceof InputError) throw printed;
    return { chunks, base, printed: little, little, order: { little: true, sure: true } };
  }
  if (little instanceof InputError)
    return { chunks, base, printed, little: undefined, order: { little: false, sure: true } };
  return { chunks, base, printed, little, order: orderOf(chunks[0], printed, little) };
};

function attempt<T>(read: () => T): T | InputError {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Word order: by the ASCII column, by headers, by what the tools with such offsets do. */
function orderOf({ shape, rows }: Chunk, printed: DumpBytes, little: DumpBytes): Dump['order'] {
  const column = little.agreeing - little.differing - (printed.agreeing - printed.differing);
  if (column !== 0 && (little.agreeing > 0 || printed.agreeing > 0))
    return { little: column > 0, sure: true };
  const headers = meanEvidence(little.packets) - meanEvidence(printed.packets);
  if (Math.abs(headers) >= CONVINCING) return { little: headers > 0, sure: true };
  const { token, size } = present(rows[0].cells[0], 'a cell of the first row');
  const numbers =
    shape.format.name !== 'hex' || /^0x/i.test(token) || little.filled || printed.filled;
  // hexdump and od write words of their machine behind seven or six digits; xxd, tcpdump and
  // routers write bytes in order.
  const bare = shape.separator === '' && !shape.prefixed;
  const custom = numbers || (bare && (shape.digits === 7 || shape.digits === 6) && size <= 8);
  return {
    little: custom,
    sure: printed.packets.every((bytes, i) =>
      bytes.every((byte, k) => byte === little.packets[i]?.[k]),
    ),
  };
}

/** Chunks of one form that follow each other. */
function dumpsOf({ chunks }: Rows): Dump[] {
  const groups: [Chunk, ...Chunk[]][] = [];
  for (const chunk of chunks) {
    if (chunk.foreign !== undefined) continue;
    const last = groups.at(-1);
    if (last && last[0].shape === chunk.shape) last.push(chunk);
    else groups.push([chunk]);
  }
  return groups.map(dumpOf);
}

const isTcpdump = ({ shape, rows }: Chunk): boolean =>
  shape.prefixed && shape.digits === 4 && shape.separator === ':' && rows[0].cells[0]?.size === 2;

/** Two names of control characters as od -a has them, in its columns. */
const NAMED_CHARACTERS = sequence(
  '',
  /^.{0,60}\b0[0-7]{6}(?: .{3}){0,15} /,
  /(?:nul|soh|stx|etx| sp|del)/,
  /(?: .{3}){0,15} /,
  /(?:nul|soh|stx|etx| sp| nl|del|dc[1-4]| ht| cr)(?: |$)/,
);

/**
 * Dumps with offsets: of every tool, in any base, with words of either order; what stands between
 * them may be other packets.
 */
export function readDumps(lines: readonly string[]): (Reading | Broken)[] {
  const named = lines.findIndex((text) => NAMED_CHARACTERS.test(text));
  if (named >= 0)
    return [
      {
        name: 'dump',
        form: 90,
        error: new InputError(
          `line ${named + 1}`,
          'is of od -a, which leaves the highest bit of each byte out: use od -t x1',
        ),
      },
    ];
  let rows: Rows;
  let dumps: Dump[];
  try {
    rows = rowsOf(lines);
    if (rows.chunks.length === 0) return [];
    dumps = dumpsOf(rows);
    if (dumps.length === 0) throw noFrame(rows);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ name: 'dump', form: 70, error }];
  }
  const readings = variantsOf(dumps).map(({ name, swap, frame, form }) =>
    readingOf(lines, rows, dumps, name, swap, frame, form),
  );
  return readings.filter(({ packets }) => packets.length > 0);
}

function noFrame({ chunks }: Rows): InputError {
  const { rows, foreign } = present(chunks[0], 'a chunk that is no frame');
  return new InputError(
    `line ${rows[0].line}`,
    `has no frame, only bytes of a part of one, ${foreign}: copy the frame (tshark -x prints it)`,
  );
}

interface Variant {
  readonly name: string;
  /** The order of words that is less convincing. */
  readonly swap: boolean;
  readonly frame: 'best' | 'made' | 'shown';
  readonly form: number;
}

function variantsOf(dumps: readonly Dump[]): Variant[] {
  const counted = dumps.every(({ chunks }) => chunks[0].rows.length > 1);
  const form = counted ? 75 : 60;
  const little = dumps.some(({ order }) => order.little);
  const words = dumps.some((dump) => dump.little !== undefined);
  const sure = dumps.every(({ order }) => order.sure);
  const tcpdump = dumps.some(({ chunks }) => isTcpdump(chunks[0]));
  const order = (is: boolean) => (is ? 'dump-little' : 'dump');
  const variants: Variant[] = [{ name: order(little), swap: false, frame: 'best', form }];
  if (words)
    variants.push({
      name: order(!little),
      swap: true,
      frame: 'best',
      form: sure ? form - 60 : form - 8,
    });
  if (tcpdump) {
    variants.push({ name: 'tcpdump-x', swap: false, frame: 'made', form: form - 30 });
    variants.push({ name: 'tcpdump-xx', swap: false, frame: 'shown', form: form - 30 });
  }
  return variants;
}

interface Part {
  readonly line: number;
  readonly packets: readonly Uint8Array[];
}

function readingOf(
  lines: readonly string[],
  rows: Rows,
  dumps: readonly Dump[],
  name: string,
  swap: boolean,
  frame: Variant['frame'],
  form: number,
): Reading {
  const parts: Part[] = [];
  const notes: string[] = [];
  const dialects: string[] = [];
  let columns = false;
  for (const dump of dumps) {
    const little = dump.little !== undefined && dump.order.little !== swap;
    const bytes = little ? dump.little! : dump.printed;
    columns ||= bytes.columns;
    const { packets, dialect, more } = framed(dump, bytes, little, frame);
    dialects.push(dialect);
    notes.push(...more, ...orderNotes(dump, little), ...endNotes(dump), ...baseNotes(dump));
    for (const line of [...bytes.odd].slice(0, 3))
      notes.push(
        `"*" in line ${line} repeats bytes that are not all the same: ` +
          `check that no line in front is missing.`,
      );
    const first = present(bytes.first[0], 'the first row of a dump');
    const start = Number.parseInt(
      first.digits,
      dump.base === 'hex' ? 16 : dump.base === 'octal' ? 8 : 10,
    );
    if (start > 0 && start < 0x1000)
      notes.push(`The first offset is ${start}, not 0: what is in front of it is missing.`);
    if (packets.length === bytes.first.length)
      parts.push(...bytes.first.map(({ line }, i) => ({ line, packets: packets.slice(i, i + 1) })));
    else parts.push({ line: first.line, packets });
  }
  for (const foreign of new Set(
    rows.chunks.map((chunk) => chunk.foreign).filter((source) => source !== undefined),
  ))
    notes.push(`Bytes of ${foreign} left out: they are not of a frame.`);
  if (rows.more) notes.push(`Only the first ${MAX_PACKETS} packets were read.`);
  const read = new Set(rows.lines);
  const between = packetLines(lines.map((text, i) => (rows.lines.has(i) ? '' : text)));
  for (const { line, bytes, taken } of between) {
    parts.push({ line, packets: [bytes] });
    for (const i of taken) read.add(i);
  }
  if (between.length > 0) dialects.push('plain hex');
  if (columns) notes.push('ASCII column skipped.');
  parts.sort((one, other) => one.line - other.line);
  return {
    name,
    dialect: [...new Set(dialects)].join(' and '),
    packets: parts.flatMap(({ packets }) => packets),
    notes: [...new Set(notes)],
    form,
    read,
  };
}

/**
 * Only od is known to count otherwise than in hex; a dump that lost a line may look as if it did.
 */
function baseNotes({ chunks, base }: Dump): string[] {
  const { shape } = chunks[0];
  if (base === 'hex' || (shape.digits === 7 && shape.separator === '')) return [];
  return [`Offsets are counted in ${base}, or a line is missing.`];
}

/**
 * od and hexdump write where they end; without that line a last word that is filled up looks whole.
 */
function endNotes({ chunks }: Dump): string[] {
  const { shape, rows } = chunks.at(-1) ?? chunks[0];
  const words =
    rows.some(({ cells }) => cells.some(({ size }) => size > 1)) ||
    shape.format.name === 'characters';
  const ends = rows.at(-1)?.cells.length === 0;
  const ofOd =
    shape.separator === '' && !shape.prefixed && (shape.digits === 7 || shape.digits === 6);
  if (ends || !words || !ofOd) return [];
  return [
    'The offset behind the last line is missing: the last word may be filled up, ' +
      'and bytes may be missing.',
  ];
}

function orderNotes({ little, chunks, order }: Dump, isLittle: boolean): string[] {
  if (little === undefined) return [];
  const size = Math.max(...chunks[0].rows[0].cells.map((cell) => cell.size));
  const notes = isLittle
    ? [`Bytes of each ${size}-byte word swapped: this dump shows them as little-endian numbers.`]
    : [];
  if (!order.sure)
    notes.push(
      `Nothing tells the order of bytes in the words of this dump: ` +
        `taken as ${isLittle ? 'little-endian numbers' : 'they are printed'}.`,
    );
  return notes;
}

function framed(
  { chunks, base }: Dump,
  bytes: DumpBytes,
  little: boolean,
  frame: Variant['frame'],
): { packets: readonly Uint8Array[]; dialect: string; more: readonly string[] } {
  const name = nameOf(chunks, base, little, bytes.columns);
  if (!isTcpdump(chunks[0])) return { packets: bytes.packets, dialect: name, more: [] };
  const shown: ShownFrame[] = bytes.packets.map((packet, i) => {
    const first = present(bytes.first[i], 'the first row of a packet');
    const chunk = chunks.find(({ rows }) => rows[0] === first);
    return { bytes: packet, line: first.line, summary: chunk?.summary ?? '' };
  });
  const option = bytes.columns ? 'X' : 'x';
  const made = withHeaders(shown, `tcpdump -${option}`);
  const links = withLinks(shown);
  const isMade = frame === 'made' || (frame === 'best' && made.weight > links.weight);
  const chosen: Framed = isMade ? made : links;
  const unsure = chosen.weight < CONVINCING * shown.length && frame === 'best';
  const doubt =
    `Nothing tells for sure whether the Ethernet header is in these bytes ` +
    `(tcpdump -${option}${option}) or not (-${option}).`;
  return {
    packets: chosen.packets,
    dialect: `tcpdump -${option}${isMade ? '' : option}`,
    more: unsure ? [...chosen.notes, doubt] : chosen.notes,
  };
}

function nameOf(chunks: Chunks, base: Base, little: boolean, columns: boolean): string {
  const [{ shape, rows }] = chunks;
  const { format, separator, prefixed, digits } = shape;
  const size = rows[0].cells[0]?.size ?? 1;
  if (format.name !== 'hex') return `${format.name} dump`;
  if (prefixed)
    return separator.startsWith(':') && /^0x/i.test(rows[0].cells[0]?.token ?? '') && digits > 4
      ? 'gdb x'
      : 'hex dump';
  if (separator === ':') return little ? 'xxd -e' : digits === 8 ? 'xxd' : 'hex dump';
  if (separator !== '') return 'hex dump';
  if (little)
    return base === 'hex' && digits === 7 ? 'hexdump' : size > 2 ? `od -t x${size}` : 'od -x';
  if (rows[0].text.includes('|') && columns && size === 1) return 'hexdump -C';
  if (digits === 4) return 'Wireshark hex dump';
  return size === 1 && digits >= 6 ? (digits === 8 ? 'hexdump -C' : 'od -t x1') : 'hex dump';
}
