// Escapes of strings as languages write them: what each is, and where the text goes on.
import { expect, test } from 'vitest';
import { toHex } from '../../bytes/hex.ts';
import { type Escapes, unescaped } from './escapes.ts';

const bytes = (text: string, escapes: Escapes = 'octal', loose = false): string =>
  toHex(unescaped(text, 0, text.length, loose, escapes));

test.each<[string, Escapes, string]>([
  ['\\x41\\x4a', 'octal', '414a'],
  ['\\x4', 'octal', '04'],
  // C would take more digits, but no byte has more.
  ['\\x414', 'octal', '4134'],
  ['\\x{41}', 'octal', '41'],
  ['\\u0041', 'octal', '41'],
  ['\\u{41}', 'octal', '41'],
  ['\\101', 'octal', '41'],
  ['\\o{101}', 'octal', '41'],
  ['\\0', 'octal', '00'],
  ['\\1018', 'octal', '4138'],
  ['\\065', 'decimal', '41'],
  ['\\255', 'decimal', 'ff'],
  ['\\0', 'nul', '00'],
  ['\\00', 'nul', '0030'],
  ['A\\nB', 'octal', '410a42'],
  ['\\t\\r\\a\\b\\f\\v\\e\\s', 'octal', '090d07080c0b1b20'],
  ['\\\\\\\'\\"\\?\\/', 'octal', '5c27223f2f'],
])('%s, %s: %s', (text, escapes, hex) => expect(bytes(text, escapes)).toBe(hex));

test('a backslash at the end of a line takes the line with it', () => {
  expect(bytes('\\x41\\\n\\x42')).toBe('4142');
  expect(bytes('\\x41\\  \n   \\x42')).toBe('4142');
  expect(bytes('A\\\nB')).toBe('4142');
});

test('white space and commas stand between escapes where the text is loose', () => {
  expect(bytes('\\x41, \\x42\n\\x43', 'octal', true)).toBe('414243');
  expect(bytes('\\x41, \\x42')).toBe('412c2042');
});

test('only a part of the text is read', () => {
  const text = 'ab\\x41\\x42cd';
  expect(toHex(unescaped(text, 2, 6, false, 'octal'))).toBe('41');
  expect(toHex(unescaped(text, 0, 6, false, 'octal'))).toBe('616241');
});

test.each<[string, Escapes, boolean, string]>([
  ['\\300x\\256', 'decimal', false, 'does not fit into a byte'],
  ['\\q', 'octal', false, 'is not an escape: write \\x and two hex digits'],
  ['é', 'octal', false, 'is not a byte: write bytes as \\x and two hex digits'],
  ['\\x41 z', 'octal', true, 'stands between escapes'],
])('%s is refused: %s', (text, escapes, loose, why) =>
  expect(() => bytes(text, escapes, loose)).toThrow(why),
);
