const sources = (parts: readonly RegExp[]): string[] => parts.map(({ source }) => source);

/** Parts of a long pattern that follow each other; `flags` are those of the whole. */
export const sequence = (flags: string, ...parts: readonly RegExp[]): RegExp =>
  new RegExp(sources(parts).join(''), flags);

/** One of several patterns, as a part of a longer one. */
export const either = (...ways: readonly RegExp[]): RegExp =>
  new RegExp(`(?:${sources(ways).join('|')})`);
