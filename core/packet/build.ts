import { fromHex } from '../bytes/hex.ts';
import { joined } from '../bytes/joined.ts';
import { InputError, present } from '../errors.ts';
import type { HeaderField } from '../spec/header-fields.ts';
import { DATA_NUMBERS, NO_NEXT_HEADER, numbersOf, PROTOCOLS } from '../spec/layers.ts';
import { OPTION_LISTS } from '../spec/option-lists.ts';
import type { Follows, HeaderName, LengthRule } from '../spec/protocol-row.ts';
import { fixChecksums } from './edit.ts';
import { bitsOf, fieldIn, type Layer, type Place, rowOf } from './headers/layer.ts';
import { readLayer } from './layers.ts';
import { checkSize } from './limits.ts';
import { type Piece, piecesOf } from './stack.ts';
import type { LinkType, OptionItem, StackItem } from './types.ts';
import { writeNumber } from './value.ts';

/** A header with its bytes, on the way to its place. */
interface Part {
  readonly header: HeaderName;
  readonly bytes: Uint8Array;
}

/** Padding, and how many frames are around the one it fills up. */
interface Padding {
  readonly bytes: Uint8Array;
  readonly depth: number;
}

/**
 * A packet of these headers in this order. With `settle`, what each says of the next one, lengths
 * and checksums are made right; an InputError where a header cannot say what is to follow it, or
 * something is too long. Without, the bytes stand one behind the other as they are.
 */
export function buildPacket(
  bytes: Uint8Array,
  stack: readonly StackItem[],
  settle: boolean,
  link: LinkType = 'ethernet',
): Uint8Array {
  const pieces = piecesOf(bytes, link);
  const parts = stack.flatMap((item) => partOf(item, pieces, bytes) ?? []);
  const paddings = paddingsOf(stack, pieces, bytes).sort((a, b) => b.depth - a.depth);
  const all = [...parts, ...paddings].map((part) => part.bytes);
  checkSize(
    () => 'packet',
    all.reduce((sum, { length }) => sum + length, 0),
  );
  const built = joined(all);
  if (!settle || link === 'raw') return built;
  settleHeaders(built, parts, paddings, link);
  const settled = fixChecksums(built, link);
  checkReadsAs(settled, parts, link);
  return settled;
}

function existing(pieces: readonly Piece[], keep: number): Piece {
  const piece = pieces[keep];
  if (piece === undefined) throw new InputError(`header ${keep}`, 'is not in the packet');
  return piece;
}

function partOf(item: StackItem, pieces: readonly Piece[], bytes: Uint8Array): Part | undefined {
  if ('payload' in item) return { header: 'data', bytes: item.payload };
  if ('header' in item) return { header: item.header, bytes: freshHeader(item) };
  const piece = existing(pieces, item.keep);
  const { header, start, end } = piece;
  if (header === 'padding') return undefined;
  const whole = bytes.subarray(start, end);
  return {
    header,
    bytes: item.options ? withOptions(header, piece, bytes, item.options) : whole,
  };
}

function freshHeader({ header, variant = 0 }: { header: HeaderName; variant?: number }) {
  const { label, fresh = [] } = PROTOCOLS[header];
  const made = fresh[variant];
  if (made === undefined) throw new InputError(label, 'is not one of the headers that can be made');
  return inHex(made.hex);
}

const inHex = (hex: string): Uint8Array => present(fromHex(hex), hex);

/** The header with these options in place of those it has, filled up to what its length counts. */
function withOptions(
  header: HeaderName,
  { start, end, options, node }: Piece,
  bytes: Uint8Array,
  wanted: readonly OptionItem[],
): Uint8Array {
  const list = OPTION_LISTS[header];
  if (list === undefined || end < start + list.start)
    throw new InputError(node.label, 'has no room for options');
  const made = wanted.map((item) => {
    if ('type' in item) {
      const hex = list.fresh.get(item.type);
      if (hex === undefined) throw new InputError(node.label, `has no option ${item.type}`);
      return inHex(hex);
    }
    const option = options[item.keep];
    if (option === undefined) throw new InputError(`option ${item.keep}`, 'is not in the header');
    return bytes.subarray(option.offset, option.offset + option.length);
  });
  const size = list.start + made.reduce((sum, { length }) => sum + length, 0);
  const filling = list.fill((list.unit - (size % list.unit)) % list.unit);
  return joined([bytes.subarray(start, start + list.start), ...made, filling]);
}

/** Padding that stays, with the frame it was of; without that frame it is the outermost one's. */
function paddingsOf(
  stack: readonly StackItem[],
  pieces: readonly Piece[],
  bytes: Uint8Array,
): Padding[] {
  const isEthernet = (item: StackItem): boolean =>
    'header' in item
      ? item.header === 'ethernet'
      : 'keep' in item && existing(pieces, item.keep).header === 'ethernet';
  return stack.flatMap((item) => {
    const piece = 'keep' in item ? existing(pieces, item.keep) : undefined;
    if (piece?.header !== 'padding') return [];
    const frame = stack.findIndex((other) => 'keep' in other && other.keep === piece.pads);
    const depth = stack.slice(0, Math.max(0, frame)).filter(isEthernet).length;
    return [{ bytes: bytes.subarray(piece.start, piece.end), depth }];
  });
}

/** From the outside in: where a header ends, those in it are told by those around it. */
function settleHeaders(
  bytes: Uint8Array,
  parts: readonly Part[],
  paddings: readonly Padding[],
  link: LinkType,
): void {
  let start = 0;
  let said: Layer['next'];
  let depth = link === 'ethernet' ? -1 : 0;
  for (const [i, part] of parts.entries()) {
    const { header } = part;
    if (header === 'ethernet') depth += 1;
    const outside = paddings.filter((padding) => padding.depth <= depth);
    const end = outside.reduce((size, padding) => size - padding.bytes.length, bytes.length);
    const size = part.bytes.length;
    const place: Place = {
      bytes,
      start,
      end,
      ...(said?.header === header && {
        ...(said.network && { network: said.network }),
        ...(said.quoted && { quoted: true, end: said.end }),
      }),
    };
    setNext(place, header, parts[i + 1]?.header);
    // A quoted packet, or a fragment, says the lengths of what it was cut from.
    if (!place.quoted && place.network?.whole !== false)
      for (const rule of PROTOCOLS[header].lengths ?? []) setLength(place, header, rule, size);
    said = readLayer(header, place).next;
    start += size;
  }
}

/** Sets a field of the header at a place, where it has it. */
function setField(
  place: Place,
  header: HeaderName,
  name: string,
  valueFor: (row: HeaderField) => number,
): boolean {
  const node = fieldIn(readLayer(header, place).node.children, name);
  const row = node && rowOf(node);
  if (node === undefined || row === undefined) return false;
  writeNumber(place.bytes, row, bitsOf(node), valueFor(row));
  return true;
}

function setLength(place: Place, header: HeaderName, rule: LengthRule, size: number): void {
  const { field, of, less = 0, unit } = rule;
  const counted = (of === 'header' ? size : place.end - place.start) - less;
  if (counted >= 0)
    setField(place, header, field, (row) => Math.ceil(counted / (unit ?? row.unit ?? 1)));
}

/** Has the header say that `wanted` follows, or data; nothing is written where it says so. */
function setNext(place: Place, header: HeaderName, wanted: HeaderName | undefined): void {
  if ((readLayer(header, place).next?.header ?? 'data') === (wanted ?? 'data')) return;
  const { follows, label } = PROTOCOLS[header];
  if (follows === undefined) {
    if (wanted !== undefined && wanted !== 'data') throw cannotFollow(label, wanted);
    return;
  }
  if ('only' in follows) {
    if (wanted !== undefined && wanted !== 'data' && !follows.only.includes(wanted))
      throw cannotFollow(label, wanted);
    if (follows.bottom) setField(place, header, follows.bottom, () => (wanted === header ? 0 : 1));
    return;
  }
  const number = numberOf(follows, wanted);
  if (number !== undefined)
    for (const field of follows.fields) if (setField(place, header, field, () => number)) return;
  if (wanted !== undefined && wanted !== 'data') throw cannotFollow(label, wanted);
}

function numberOf(
  { by }: Extract<Follows, { by: unknown }>,
  wanted: HeaderName | undefined,
): number | undefined {
  if (wanted === undefined && by === 'ip') return NO_NEXT_HEADER;
  if (wanted === undefined || wanted === 'data') return DATA_NUMBERS[by];
  return numbersOf(wanted, by)[0];
}

const cannotFollow = (label: string, wanted: HeaderName): InputError =>
  new InputError(label, `has no way to say that ${PROTOCOLS[wanted].label} follows`);

/** What was built reads as what was wanted: ports and lengths may say something else. */
function checkReadsAs(bytes: Uint8Array, parts: readonly Part[], link: LinkType): void {
  const wanted = parts.filter(({ header, bytes: own }) => header !== 'data' || own.length > 0);
  const found = piecesOf(bytes, link);
  for (const [i, { header }] of wanted.entries()) {
    const read = found[i]?.header;
    if (read === header) continue;
    const front = wanted[i - 1]?.header;
    // Data is what a person says it is: behind a port it may read as anything.
    if (header === 'data') return;
    const { label } = PROTOCOLS[header];
    const got = read === undefined ? 'nothing' : (found[i]?.node.label ?? read);
    throw new InputError(
      front === undefined ? 'packet' : PROTOCOLS[front].label,
      `is followed by what reads as ${got}, not as ${label}`,
    );
  }
}
