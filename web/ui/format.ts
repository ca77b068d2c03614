/** `1,234,567`, in every locale the same: a number in a bug report must read as on the screen. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 step`, `2 steps`. */
export const plural = (value: number, word: string): string =>
  `${count(value)} ${word}${value === 1 ? '' : 's'}`;

/** `once`, `1,204 times`. */
export const times = (value: number): string => (value === 1 ? 'once' : `${count(value)} times`);

export const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');

export const hexOffset = (offset: number, digits = 4): string =>
  offset.toString(16).padStart(digits, '0');

/** Printable ASCII, or a dot. */
export const asciiByte = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';

/** Hex without its leading zeros: `0x1f`. */
export const shortHex = (hex: string): string => hex.replace(/^0x0+(?=[0-9a-f])/, '0x');

/** Those parts of a phrase that apply, with commas. */
export const phrase = (...parts: (string | false | undefined)[]): string =>
  parts.filter(Boolean).join(', ');

export const classes = (...names: (string | false | undefined)[]): string =>
  names.filter(Boolean).join(' ');
