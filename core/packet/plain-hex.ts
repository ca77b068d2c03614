import { fromBase64 } from '../bytes/base64.ts';
import { fromHex } from '../bytes/hex.ts';
import { InputError } from '../errors.ts';
import { checkSize } from './limits.ts';
import { placeAt, quote, type ReadBytes } from './text-place.ts';

interface Token {
  /** Without a 0x in front. */
  readonly digits: string;
  readonly prefixed: boolean;
  readonly index: number;
}

/** Everything between separators. */
const TOKEN = /[^\s,;:.\-_|"'`]+/g;
const HEX = /^(?:0x)?[0-9a-f]+$/i;

/** The tokens of a text; each stands for a byte at least, so there are not more than a packet has. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!HEX.test(token)) throw notHex(text, token, index);
    const prefixed = /^0x/i.test(token);
    tokens.push({ digits: prefixed ? token.slice(2) : token, prefixed, index });
    checkSize(() => placeAt(text, index), tokens.length);
  }
  return tokens;
}

/** Nothing but hex digits, separators and 0x. */
export function isPlainHex(text: string): boolean {
  for (const [token] of text.matchAll(TOKEN)) {
    if (!HEX.test(token)) return false;
  }
  return true;
}

/** Hex digits with any separators: two a byte, or as one stream wrapped anywhere. `text` has no comments any more. */
export function readPlainHex(text: string): ReadBytes {
  const tokens = tokensOf(text);
  if (tokens.length === 0)
    throw new InputError('line 1', 'has no bytes, only separators or comments: paste hex digits');
  if (isDecimalList(text, tokens)) return decimalList(tokens);
  const notes: string[] = [];
  const odd = tokens.find(({ digits, prefixed }) => digits.length % 2 === 1 && !(prefixed && digits.length === 1));
  const stream = isStream(text, tokens);
  if (odd && !stream) throw oddDigits(text, odd);
  if (odd) notes.push('Digits joined across line ends, as lines have an odd number of them.');
  const digits = tokens.map((token) => (token.prefixed ? token.digits.padStart(2, '0') : token.digits)).join('');
  if (digits.length % 2 === 1) throw oddDigits(text, tokens[tokens.length - 1]);
  checkSize(() => 'packet text', digits.length / 2);
  return { dialect: dialectOf(tokens, stream), packets: [fromHex(digits)!], notes };
}

function notHex(text: string, token: string, index: number): InputError {
  const prefix = /^0x./i.test(token) ? 2 : 0;
  const at = prefix + token.slice(prefix).search(/[^0-9a-f]/i);
  return new InputError(
    placeAt(text, index + at),
    `${quote(token[at])} is not a hex digit: paste bytes as pairs of 0-9 and a-f`,
  );
}

const oddDigits = (text: string, { digits, index }: Token): InputError =>
  new InputError(
    placeAt(text, index),
    `${quote(digits)} has ${digits.length} hex digits, a byte takes two: add the missing one${digits.length === 1 ? `, like 0${digits}` : ''}`,
  );

/** One unprefixed run of digits a line. */
function isStream(text: string, tokens: readonly Token[]): boolean {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const runs = tokens.length === 1 ? tokens : tokens.slice(0, -1);
  return (
    lines.length === tokens.length &&
    tokens.every(({ prefixed }) => !prefixed) &&
    runs.every(({ digits }) => digits.length > 2 || tokens.length === 1)
  );
}

function dialectOf(tokens: readonly Token[], stream: boolean): string {
  if (stream) return tokens.length === 1 ? 'hex stream' : 'hex stream in lines (xxd -p)';
  return tokens.every(({ prefixed }) => prefixed) ? 'hex numbers with 0x' : 'plain hex';
}

/** Numbers below 256 with commas between, of which one is no pair of digits: `0, 17, 255`. */
const isDecimalList = (text: string, tokens: readonly Token[]): boolean =>
  text.includes(',') &&
  tokens.every(({ digits, prefixed }) => !prefixed && /^\d{1,3}$/.test(digits) && Number(digits) < 256) &&
  tokens.some(({ digits }) => digits.length !== 2) &&
  !/[^\s,\d]/.test(text);

function decimalList(tokens: readonly Token[]): ReadBytes {
  const bytes = Uint8Array.from(tokens, ({ digits }) => Number(digits));
  return {
    dialect: 'decimal numbers',
    packets: [bytes],
    notes: ['Numbers read as decimal, since some are not pairs of digits.'],
  };
}

/** Shorter texts of these letters are words. */
const LEAST_BASE64 = 20;

/** Base64 or its URL-safe form, perhaps a data: URL, in one line or wrapped into lines of one length. Undefined where it is not. */
export function readBase64(text: string): ReadBytes | undefined {
  const url = /^\s{0,100}data:[^,\s]{0,100};base64,/i.exec(text);
  const lines = text
    .slice(url?.[0].length ?? 0)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const digits = lines.join('');
  const short = digits.length < LEAST_BASE64 && !(digits.endsWith('=') && digits.length >= 4);
  if (short && url === null) return undefined;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(digits)) return undefined;
  if (lines.slice(0, -1).some((line) => line.length !== lines[0].length)) return undefined;
  const bytes = fromBase64(digits);
  if (bytes === undefined || bytes.length === 0) return undefined;
  checkSize(() => 'packet text', bytes.length);
  return { dialect: 'base64', packets: [bytes], notes: [] };
}
