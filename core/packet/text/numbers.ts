import { fromHex } from '../../bytes/hex.ts';
import type { DigitGroup, HexLine } from './hex-line.ts';

/** How the numbers of a text without offsets are written. */
export interface Numbers {
  readonly name: string;
  /** Whether all are such numbers; `lines` is how many lines they stand in. */
  fits(tokens: readonly DigitGroup[], lines: number): boolean;
  bytesOf(tokens: readonly DigitGroup[]): Uint8Array;
  /** Bytes of one line; undefined where lines end in the middle of one. */
  lineBytes(tokens: readonly DigitGroup[], lines: number): Uint8Array | undefined;
  dialect(lines: readonly HexLine[]): string;
  notes(lines: readonly HexLine[]): string[];
  /** How much less usual it is than a reading that fits as well. */
  penalty(tokens: readonly DigitGroup[]): number;
}

const isHex = ({ digits }: DigitGroup): boolean => /^[0-9a-f]+$/i.test(digits);
const padded = ({ digits, prefixed }: DigitGroup): string =>
  prefixed && digits.length === 1 ? `0${digits}` : digits;
const isStream = (tokens: readonly DigitGroup[], lines: number): boolean =>
  tokens.length === lines && tokens.every(({ prefixed }) => !prefixed);

function hexBytes(tokens: readonly DigitGroup[]): Uint8Array {
  return fromHex(tokens.map(padded).join('')) ?? new Uint8Array();
}

/** Lines of one run of digits each may end in the middle of a byte. */
function isWrappedStream(tokens: readonly DigitGroup[], lines: number): boolean {
  if (!isStream(tokens, lines)) return false;
  const runs = tokens.length === 1 ? tokens : tokens.slice(0, -1);
  const digits = tokens.reduce((sum, token) => sum + token.digits.length, 0);
  return (
    digits % 2 === 0 &&
    runs.every((token) => token.digits.length > 2 && token.digits.length === widthOf(runs))
  );
}

const HEX: Numbers = {
  name: 'hex',
  fits: (tokens, lines) =>
    tokens.every(isHex) &&
    (tokens.every((token) => padded(token).length % 2 === 0) || isWrappedStream(tokens, lines)),
  bytesOf: hexBytes,
  lineBytes: (tokens) =>
    tokens.every((token) => padded(token).length % 2 === 0) ? hexBytes(tokens) : undefined,
  dialect(lines) {
    const tokens = lines.flatMap((line) => line.tokens);
    const runs = tokens.length === 1 ? tokens : tokens.slice(0, -1);
    if (
      isStream(tokens, lines.length) &&
      runs.every(({ digits }) => digits.length > 2 || tokens.length === 1)
    )
      return tokens.length === 1 ? 'hex stream' : 'hex stream in lines (xxd -p)';
    return tokens.every(({ prefixed }) => prefixed) ? 'hex numbers with 0x' : 'plain hex';
  },
  notes: () => [],
  penalty: () => 0,
};

const widthOf = (tokens: readonly DigitGroup[]): number => tokens[0]?.digits.length ?? 0;

/** Words of a little-endian machine. */
const LITTLE: Numbers = {
  name: 'hex-little',
  fits(tokens) {
    const width = widthOf(tokens);
    return (
      [4, 8, 16].includes(width) &&
      tokens.length > 1 &&
      tokens.every(
        (token, i) =>
          isHex(token) &&
          (token.digits.length === width ||
            (i === tokens.length - 1 &&
              token.digits.length < width &&
              token.digits.length % 2 === 0)),
      )
    );
  },
  bytesOf: (tokens) =>
    Uint8Array.from(tokens.flatMap(({ digits }) => [...(fromHex(digits) ?? [])].reverse())),
  lineBytes: (tokens) => LITTLE.bytesOf(tokens),
  dialect: () => 'words of hex, little-endian',
  notes: (lines) => [
    `Bytes of each ${widthOf(lines.flatMap((line) => line.tokens)) / 2}-byte word swapped: ` +
      `these words are little-endian numbers.`,
  ],
  penalty: () => 14,
};

const BINARY: Numbers = {
  name: 'binary',
  fits: (tokens) =>
    tokens.length > 1 && tokens.every(({ digits }) => /^(?:0b)?[01]{8}$/i.test(digits)),
  bytesOf: (tokens) =>
    Uint8Array.from(tokens, ({ digits }) => Number.parseInt(digits.replace(/^0b/i, ''), 2)),
  lineBytes: (tokens) => BINARY.bytesOf(tokens),
  dialect: () => 'binary numbers',
  notes: () => ['Numbers read as binary, since all have eight digits that are 0 or 1.'],
  // Words of hex that have no other digits are rarer.
  penalty: (tokens) => (tokens.every(({ digits }) => /^0+$/.test(digits)) ? 10 : -10),
};

const OCTAL: Numbers = {
  name: 'octal',
  fits: (tokens) =>
    tokens.length > 1 &&
    tokens.every(({ digits, prefixed }) => !prefixed && /^[0-3][0-7]{2}$/.test(digits)) &&
    tokens.some(({ digits }) => digits.startsWith('0')),
  bytesOf: (tokens) => Uint8Array.from(tokens, ({ digits }) => Number.parseInt(digits, 8)),
  lineBytes: (tokens) => OCTAL.bytesOf(tokens),
  dialect: () => 'octal numbers',
  notes: () => ['Numbers read as octal, since all have three digits below 400.'],
  penalty: () => -6,
};

/** Numbers below 256 of which one is no pair of digits: `0, 17, 255`. */
const DECIMAL: Numbers = {
  name: 'decimal',
  fits: (tokens) =>
    tokens.length > 2 &&
    tokens.every(
      ({ digits, prefixed }) => !prefixed && /^\d{1,3}$/.test(digits) && Number(digits) < 256,
    ) &&
    tokens.some(({ digits }) => digits.length !== 2) &&
    // Numbers of different widths have no zeros in front.
    (tokens.every(({ digits }) => digits.length === 3) ||
      tokens.every(({ digits }) => digits === '0' || !digits.startsWith('0'))),
  bytesOf: (tokens) => Uint8Array.from(tokens, ({ digits }) => Number(digits)),
  lineBytes: (tokens) => DECIMAL.bytesOf(tokens),
  dialect: () => 'decimal numbers',
  notes: () => ['Numbers read as decimal, since some are not pairs of digits.'],
  penalty: () => 4,
};

/** The first that fits is the usual one; hex is the first of the table. */
export const NUMBERS: readonly [Numbers, ...Numbers[]] = [HEX, LITTLE, BINARY, OCTAL, DECIMAL];
