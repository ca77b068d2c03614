/**
 * Characters that are not seen, or turn the text around them: controls but the tab, zero-width
 * marks, and what reverses the direction of writing (Unicode UAX #9 section 2).
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

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
