/** Characters that are not seen, or turn the text around them (Unicode UAX #9 section 2). */
const RANGES = [
  '\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f', // controls but the tab
  '\\u00ad\\u200b-\\u200d\\u2060-\\u2065\\ufeff', // no width
  '\\u2028\\u2029', // ends of lines
  '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u206f', // the direction of writing
];
const UNSEEN = new RegExp(`[${RANGES.join('')}]`, 'g');

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
};

/**
 * A name of a stranger's file as it can be shown: what is not seen is written `\x1b` or `\u202E`,
 * so that no name looks like another, or turns the words beside it.
 */
export const visible = (name: string): string => name.replace(UNSEEN, escaped);
