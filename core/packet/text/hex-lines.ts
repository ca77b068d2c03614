import { InputError } from '../../errors.ts';
import { checkSize, MAX_PACKET, MAX_PACKETS, MAX_PASTED } from '../limits.ts';
import { CONVINCING, evidenceOf, meanEvidence } from './evidence.ts';
import { type DigitGroup, type HexLine, hexLineOf } from './hex-line.ts';
import { NUMBERS, type Numbers } from './numbers.ts';
import type { Broken, Reading } from './reading.ts';
import { blankComments, quote } from './text-place.ts';

/** Shortest frame: an Ethernet header. */
const HEADER = 14;

interface Block {
  readonly lines: [HexLine, ...HexLine[]];
}

/** Lines of digits; a blank line or one with words starts another block, a comment does not. */
function blocksOf(lines: readonly string[]): { blocks: Block[]; others: number } {
  const code = blankComments(lines.join('\n')).split('\n');
  const blocks: Block[] = [];
  let open = false;
  let others = 0;
  for (const [i, text] of code.entries()) {
    const hex = hexLineOf(text, i);
    if (hex !== undefined) {
      const block = open ? blocks.at(-1) : undefined;
      if (block && sharesPrefix(block, hex)) block.lines.push(hex);
      else blocks.push({ lines: [hex] });
      open = true;
    } else if (lines[i]?.trim() === '' || text.trim() !== '') {
      open = false;
      if (text.trim() !== '') others++;
    }
  }
  return { blocks, others };
}

const sharesPrefix = ({ lines }: Block, { prefix }: HexLine): boolean => lines[0].prefix === prefix;

/**
 * Packets between the lines of dumps: only what convinces, since anything else may be part of a
 * sentence.
 */
export function packetLines(
  lines: readonly string[],
): { line: number; bytes: Uint8Array; taken: number[] }[] {
  if (lines.every((line) => line === '')) return [];
  const [hex] = NUMBERS;
  return blocksOf(lines).blocks.flatMap(({ lines: found }) => {
    const tokens = found.flatMap((line) => line.tokens);
    if (!hex.fits(tokens, found.length) || found.some(({ ellipsis }) => ellipsis !== undefined))
      return [];
    const parts = found.map((line) => ({
      line: line.line + 1,
      bytes: hex.bytesOf(line.tokens),
      taken: [line.line],
    }));
    const whole = {
      line: found[0].line + 1,
      bytes: join(parts.map(({ bytes }) => bytes)),
      taken: found.map(({ line }) => line),
    };
    const one = evidenceOf(whole.bytes).weight;
    const each = meanEvidence(parts.map(({ bytes }) => bytes));
    if (Math.max(one, each) < CONVINCING) return [];
    return each > one ? parts : [whole];
  });
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  checkSize(() => 'packet text', size);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** How lines become packets. */
interface Grouping {
  readonly name: string;
  readonly label: string;
  /** Groups of line numbers within all lines of digits. */
  group(lines: readonly HexLine[], blocks: readonly Block[], sizes: readonly number[]): HexLine[][];
}

const GROUPINGS: readonly Grouping[] = [
  { name: '', label: 'one packet', group: (lines) => [[...lines]] },
  {
    name: '-blocks',
    label: 'a packet for each block of lines',
    group: (_lines, blocks) => blocks.map(({ lines }) => lines),
  },
  { name: '-lines', label: 'a packet in each line', group: (lines) => lines.map((line) => [line]) },
  {
    name: '-wrapped',
    label: 'a packet up to each shorter line',
    group(lines, _blocks, sizes) {
      const width = Math.max(...sizes);
      const groups: HexLine[][] = [];
      let open = false;
      for (const [i, line] of lines.entries()) {
        const group = open ? groups.at(-1) : undefined;
        if (group) group.push(line);
        else groups.push([line]);
        open = sizes[i] === width;
      }
      return groups;
    },
  },
];

/**
 * Digits without offsets: one packet, or one in each block or line, in the number base that
 * convinces.
 */
export function readHexLines(lines: readonly string[]): (Reading | Broken)[] {
  for (const [i, line] of lines.entries())
    if (line.length > MAX_PACKET * 3)
      checkSize(() => `line ${i + 1}`, line.match(/[0-9a-f]{1,2}/gi)?.length ?? 0);
  const { blocks: all, others } = blocksOf(lines);
  const blocks = mainBlocks(all, others);
  const found = blocks.flatMap((block) => block.lines);
  const tokens = found.flatMap((line) => line.tokens);
  const [first] = found;
  if (first === undefined || tokens.length === 0) return [];
  // A few digits in or behind a sentence are a number or an address.
  const spoken = others > 0 || first.prefix.split(' ').length > 2;
  if (spoken && tokens.reduce((sum, { digits }) => sum + digits.length, 0) < 2 * HEADER) return [];
  const dots = found.find(({ ellipsis }) => ellipsis !== undefined);
  if (dots)
    return [
      {
        name: 'hex',
        form: 70,
        error: new InputError(
          `line ${dots.line + 1}, column ${dots.ellipsis! + 1}`,
          '"..." stands for bytes that are left out: paste the whole packet',
        ),
      },
    ];
  const numbers = NUMBERS.filter((kind) => kind.fits(tokens, found.length));
  if (numbers.length === 0) return broken(found, others);
  return numbers.flatMap((kind, i) =>
    readingsAs(kind, found, blocks, others, i === 0 ? 0 : kind.penalty(tokens)),
  );
}

/** Beside words, only the lines that begin as the most do. */
function mainBlocks(blocks: readonly Block[], others: number): readonly Block[] {
  if (others === 0 && blocks.every(({ lines }) => lines[0].prefix === blocks[0]?.lines[0].prefix))
    return blocks;
  const sizes = new Map<string, number>();
  for (const { lines } of blocks) {
    const { prefix } = lines[0];
    sizes.set(
      prefix,
      (sizes.get(prefix) ?? 0) +
        lines.reduce(
          (sum, { tokens }) =>
            sum + tokens.reduce((digits, token) => digits + token.digits.length, 0),
          0,
        ),
    );
  }
  const most = [...sizes].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0] as [
    string,
    number,
  ]);
  return blocks.filter(
    ({ lines }) =>
      lines[0].prefix === most[0] &&
      lines.some(({ tokens }) => tokens.some(({ digits }) => digits.length % 2 === 0)),
  );
}

function readingsAs(
  kind: Numbers,
  found: readonly HexLine[],
  blocks: readonly Block[],
  others: number,
  penalty: number,
): Reading[] {
  const bytes = new Map(
    found.map((line) => [line, kind.lineBytes(line.tokens, found.length)] as const),
  );
  if ([...bytes.values()].some((part) => part === undefined))
    return [joined(kind, found, others, penalty)];
  const sizes = found.map((line) => bytes.get(line)!.length);
  const usual = usualGrouping(blocks, sizes);
  const readings: Reading[] = [];
  const seen = new Set<string>();
  for (const { name, label, group } of GROUPINGS) {
    const all = group(found, blocks, sizes);
    const groups = withoutShort(all, (line) => bytes.get(line)!);
    const signature = groups.map((lines) => lines.length).join();
    if (seen.has(signature) || groups.length > MAX_PACKETS) continue;
    seen.add(signature);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > MAX_PASTED) checkSize(() => 'packet text', total);
    const packets = groups.map((lines) => join(lines.map((line) => bytes.get(line)!)));
    const more = groups.length > 1 ? [`Read as ${label}.`] : [];
    readings.push({
      name: kind.name + name,
      dialect: kind.dialect(found),
      packets,
      notes: [...kind.notes(found), ...more],
      form: (others > 0 ? 34 : 44) - penalty - (name === usual ? 0 : 6),
      read: new Set(groups.flat().map(({ line }) => line)),
    });
  }
  return readings;
}

/** Beside packets, groups shorter than a header are keys and counts. */
function withoutShort(groups: HexLine[][], bytesOf: (line: HexLine) => Uint8Array): HexLine[][] {
  const size = (lines: HexLine[]) => lines.reduce((sum, line) => sum + bytesOf(line).length, 0);
  const long = groups.filter((lines) => size(lines) >= HEADER);
  if (long.length === 0 || long.length === groups.length) return groups;
  const convinces = long.every(
    (lines) => evidenceOf(join(lines.map(bytesOf))).weight >= CONVINCING,
  );
  return convinces ? long : groups;
}

/** Without headers that tell: blocks of frames are frames, lines that cannot be a wrap are too. */
function usualGrouping(blocks: readonly Block[], sizes: readonly number[]): string {
  const blockSizes: number[] = [];
  let i = 0;
  for (const { lines } of blocks) {
    const own = sizes.slice(i, i + lines.length);
    blockSizes.push(own.reduce((sum, size) => sum + size, 0));
    i += lines.length;
  }
  if (blocks.length > 1 && blockSizes.every((size) => size >= HEADER)) return '-blocks';
  const [width = 0] = sizes;
  const wrap = sizes.slice(0, -1).every((size) => size === width) && (sizes.at(-1) ?? 0) <= width;
  return !wrap && sizes.every((size) => size >= HEADER) ? '-lines' : '';
}

/** Digits that go on over line ends, as lines have an odd number of them. */
function joined(
  kind: Numbers,
  found: readonly HexLine[],
  others: number,
  penalty: number,
): Reading {
  const tokens = found.flatMap((line) => line.tokens);
  const digits = tokens.map((token) => token.digits).join('');
  checkSize(() => 'packet text', digits.length / 2);
  const packet = kind.bytesOf([{ digits, prefixed: false, start: 0 }]);
  return {
    name: kind.name,
    dialect: kind.dialect(found),
    packets: [packet],
    notes: ['Digits joined across line ends, as lines have an odd number of them.'],
    form: (others > 0 ? 30 : 44) - penalty,
    read: new Set(found.map(({ line }) => line)),
  };
}

const HEX = /^[0-9a-f]+$/i;

/** What is nearly all digits names the place of what is none. */
function broken(found: readonly HexLine[], others: number): Broken[] {
  const odd = found
    .flatMap((line) => line.tokens.map((token) => ({ line, token })))
    .find(({ token }) => isOdd(token));
  if (odd === undefined || others > 2) return [];
  const { line, token } = odd;
  const place = `line ${line.line + 1}, column ${token.start + 1}`;
  if (!HEX.test(token.digits)) return [];
  const hint = token.digits.length === 1 ? `, like 0${token.digits}` : '';
  const text =
    `${quote(token.digits)} has ${token.digits.length} hex digits, a byte takes two: ` +
    `add the missing one${hint}`;
  return [{ name: 'hex', form: 40, error: new InputError(place, text) }];
}

const isOdd = ({ digits, prefixed }: DigitGroup): boolean =>
  digits.length % 2 === 1 && !(prefixed && digits.length === 1);
