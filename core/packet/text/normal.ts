/**
 * Bytes of a text file as text: UTF-8, or UTF-16 as Windows writes it; undefined where it is
 * neither.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: of a binary; ESC starts a colour
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * By the byte order mark; without one, text of ASCII letters has every second byte zero in UTF-16.
 */
function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, 512);
  if (head.length < 8 || bytes.length % 2 !== 0) return 'utf-8';
  const zerosAt = (odd: number) => head.filter((byte, i) => byte === 0 && i % 2 === odd).length;
  const [even, odd] = [zerosAt(0), zerosAt(1)];
  if (even === 0 && odd > head.length * 0.4) return 'utf-16le';
  return odd === 0 && even > head.length * 0.4 ? 'utf-16be' : 'utf-8';
}

/**
 * What programs and web pages put in place of plain characters; columns stay where one character
 * replaces one.
 */
const CHARACTERS: readonly (readonly [RegExp, string])[] = [
  [/\r\n?/g, '\n'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal
  [/\u001b\[[0-9;?]*[A-Za-z]/g, ''],
  [/[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]/g, ''],
  [/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' '],
  [/[\u2028\u2029\u0085]/g, '\n'],
  [/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"'],
  [/[\u2018-\u201b\u2032]/g, "'"],
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/\u2026/g, '...'],
  [/\u00d7/g, 'x'],
  [/[\u2502\u2503\u2551]/g, '|'],
];

/** Marks that mail, comments, differences and tables put in front of every line. */
const LEADER = /^[ \t]*((?:>[ \t]?)+|[|+#;%*](?=[ \t]|\d)|\/\/(?=[ \t])|--(?=[ \t])|`(?!`))/;
/** Lines with a leader, of those that are not empty, above which it belongs to none of them. */
const SHARE_WITH_LEADER = 0.75;

const TAGS =
  /<\/?(?:pre|code|br|p|div|span|td|tr|table|tbody|font|b|i|tt|samp)(?:\s[^<>\n]{0,200})?\/?>/gi;
const ENTITIES: readonly (readonly [RegExp, string])[] = [
  [/&nbsp;/g, ' '],
  [/&quot;/g, '"'],
  [/&#0?39;|&apos;/g, "'"],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
  [/&amp;/g, '&'],
];

/**
 * The lines of a text without what stands around it: quoting, colours, line numbers, fences. One
 * line stays one line.
 */
export function normalLines(source: string): string[] {
  let text = source;
  for (const [pattern, plain] of CHARACTERS) text = text.replace(pattern, plain);
  if (/<(?:pre|code|br|p|td|span)\b/i.test(text))
    text = text.replace(/<br\s*\/?>(?!\n)/gi, '\n').replace(TAGS, '');
  if (text.includes('&'))
    for (const [pattern, plain] of ENTITIES) text = text.replace(pattern, plain);
  let lines = text
    .split('\n')
    .map((line) => (/^\s*(?:```|~~~)[\w-]{0,20}\s*$/.test(line) ? '' : line));
  for (let depth = 0; depth < 4; depth++) {
    const plain = withoutLeaders(lines);
    if (plain === undefined) break;
    lines = plain;
  }
  return withoutPrefix(withoutNumbers(lines) ?? lines);
}

const spaces = (count: number): string => ' '.repeat(count);

const leaderOf = (line: string): string | undefined => LEADER.exec(line)?.[1]?.trim()[0];

function withoutLeaders(lines: readonly string[]): string[] | undefined {
  const filled = lines.filter((line) => line.trim() !== '');
  const counts = new Map<string, number>();
  for (const line of filled) {
    const leader = leaderOf(line);
    if (leader !== undefined) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  }
  const found = [...counts].find(([, count]) => count >= filled.length * SHARE_WITH_LEADER);
  if (found === undefined) return undefined;
  return lines.map((line) => {
    const [all = ''] = LEADER.exec(line) ?? [];
    return leaderOf(line) === found[0] ? spaces(all.length) + line.slice(all.length) : line;
  });
}

/**
 * A time and a program's name in front of every line, with the same words and numbers of the same
 * length.
 */
const PREFIX = /^[^"'{}\\]{5,100}[:\])>][ \t]/;

function withoutPrefix(lines: readonly string[]): string[] {
  const filled = lines.filter((line) => line.trim() !== '');
  const [first] = filled;
  if (first === undefined || filled.length < 2) return [...lines];
  for (let length = PREFIX.exec(first.slice(0, 102))?.[0].length ?? 0; length > 6; ) {
    const prefix = first.slice(0, length);
    const alike = (line: string) =>
      line.slice(0, length).replace(/\d/g, '0') === prefix.replace(/\d/g, '0');
    // An offset is no word.
    if (/[g-wyz]\S*\s$/i.test(prefix) && filled.every(alike))
      return lines.map((line) => (line.trim() === '' ? line : spaces(length) + line.slice(length)));
    length = PREFIX.exec(prefix.trimEnd().slice(0, -1))?.[0].length ?? 0;
  }
  return [...lines];
}

const NUMBERED = /^\s*(?:\[(\d{1,6})\]|(\d{1,6})(?:[:.)|]|\s))/;

/**
 * Numbers in front of all lines that go up by one: an editor's or `cat -n`'s. Offsets of a dump
 * have zeros in front.
 */
function withoutNumbers(lines: readonly string[]): string[] | undefined {
  let before: number | undefined;
  let count = 0;
  for (const [, line] of lines.entries()) {
    if (line.trim() === '') {
      if (before !== undefined) before = Number.NaN;
      continue;
    }
    const match = NUMBERED.exec(line);
    const digits = match?.[1] ?? match?.[2];
    if (digits === undefined || (digits.length > 1 && digits.startsWith('0'))) return undefined;
    const number = Number(digits);
    if (before !== undefined && !Number.isNaN(before) && number !== before + 1) return undefined;
    if (before === undefined && number > 1 && !/[:.)|\]]$/.test(match![0])) return undefined;
    before = number;
    count++;
  }
  if (count < 3) return undefined;
  return lines.map((line) => {
    const match = NUMBERED.exec(line);
    return match ? spaces(match[0].length) + line.slice(match[0].length) : line;
  });
}
