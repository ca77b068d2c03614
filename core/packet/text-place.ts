/** What one dialect read: the bytes of each packet, the name for people, and what was left out or guessed. */
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

/** Comments of C, shell and Python become spaces, so that every place stays where it was. */
export const blankComments = (text: string): string =>
  text.replace(/\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*|#[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));

/** A piece of the input in a message. */
export const quote = (text: string): string => JSON.stringify(text.length > 24 ? `${text.slice(0, 24)}…` : text);

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
