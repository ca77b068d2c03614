/**
 * What one dialect read: the bytes of each packet, the name for people, and what was left out or
 * guessed.
 */
export interface ReadBytes {
  readonly dialect: string;
  readonly packets: readonly Uint8Array[];
  readonly notes: readonly string[];
}

/** `line 3, column 7`, both from 1. */
export function placeAt(text: string, index: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < index; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return `line ${line}, column ${index - start + 1}`;
}

/**
 * Where the comment that starts at `index` ends, in C, shell or Python; undefined where none
 * starts.
 */
export function commentEnd(text: string, index: number): number | undefined {
  const [closing, extra] = text.startsWith('/*', index) ? ['*/', 2] : ['\n', 0];
  if (extra === 0 && text[index] !== '#' && !text.startsWith('//', index)) return undefined;
  const end = text.indexOf(closing, index + extra);
  return end < 0 ? text.length : end + extra;
}

/** Spaces in place of everything but line ends. */
export const blank = (text: string): string =>
  text.includes('\n')
    ? text
        .split('\n')
        .map(({ length }) => ' '.repeat(length))
        .join('\n')
    : ' '.repeat(text.length);

/** Pieces of a text with comments; no packet has more. */
const MOST_PARTS = 200_000;

/** Comments become spaces, so that every place stays where it was. */
export function blankComments(text: string): string {
  const parts: string[] = [];
  let done = 0;
  // Ada's 16#41# has no comment in it.
  const start = /\/[/*]|(?<!\b16(?:#[0-9a-f]{1,4})?)#/gi;
  for (
    let match = start.exec(text);
    match !== null && parts.length < MOST_PARTS;
    match = start.exec(text)
  ) {
    const end = commentEnd(text, match.index)!;
    parts.push(text.slice(done, match.index), blank(text.slice(match.index, end)));
    done = end;
    start.lastIndex = end;
  }
  return parts.join('') + text.slice(done);
}

/** A piece of the input in a message. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text);

export const pluralOf = (count: number, one: string): string =>
  `${count} ${one}${count === 1 ? '' : 's'}`;
