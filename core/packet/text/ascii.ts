const PRINTED = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;

/** A column's characters, a gap in the middle taken out, against bytes one by one. */
function agrees(shown: string, bytes: readonly number[]): boolean {
  if (shown.length > bytes.length) return false;
  for (const [i, byte] of bytes.entries()) {
    // White space at the end of a line gets lost.
    const char = shown[i] ?? ' ';
    if (byte === 0x20) {
      if (char !== ' ' && char !== '.') return false;
    } else if (PRINTED(byte)) {
      if (char !== String.fromCharCode(byte)) return false;
      // What cannot be printed is a dot, or whatever a character set makes of it.
    } else if (char === ' ' || (char !== '.' && /[0-9A-Za-z]/.test(char))) return false;
  }
  return true;
}

/** Bars, brackets or quotes around the column, each taken off where it is there. */
const FRAMES = [/^\|(.*?)\|?$/, /^>(.*)<$/, /^\[(.*)\]$/, /^"(.*)"$/, /^(.*)$/];

/**
 * Whether text behind hex is the same bytes as characters, dots for what cannot be printed. White
 * space in front counts where the first bytes are spaces; some tools leave a gap in the middle.
 */
export function isAsciiColumn(rest: string, bytes: readonly number[]): boolean {
  const trimmed = rest.trim();
  if (trimmed === '' || trimmed.length > bytes.length * 2 + 4) return false;
  const gap = (text: string) => (text[8] === ' ' ? text.slice(0, 8) + text.slice(9) : text);
  const column = trimmed.length > 0 ? rest.trimStart() : rest;
  for (const frame of FRAMES) {
    const inside = frame.exec(frame === FRAMES[4] ? column.trimEnd() : trimmed)?.[1];
    if (inside === undefined || inside === '') continue;
    for (const text of [inside, gap(inside)]) {
      if (agrees(text.length > bytes.length ? text.trimEnd() : text, bytes)) return true;
      // Bytes that are spaces at the start cannot be told from the gap in front of the column.
      const leading = bytes.findIndex((byte) => byte !== 0x20);
      if (leading > 0 && agrees(' '.repeat(leading) + text.trimStart(), bytes)) return true;
    }
  }
  return trimmed.replace(/\s+/g, ' ') === collapsed(bytes);
}

/** As a web page shows a column: white space in a row is one space. */
const collapsed = (bytes: readonly number[]): string =>
  bytes
    .map((byte) => (PRINTED(byte) ? String.fromCharCode(byte) : '.'))
    .join('')
    .trim()
    .replace(/\s+/g, ' ');

/** Bytes a column can tell apart from others: printed ones that are not spaces. */
export const tellingBytes = (bytes: readonly number[]): number =>
  bytes.filter((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x2e).length;
