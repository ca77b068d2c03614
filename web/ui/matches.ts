/** Which texts have all the words of what is looked for; none without a word. */
export function matchesOf(texts: readonly string[], wanted: string): number[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return texts.flatMap((text, index) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word)) ? [index] : [];
  });
}

/** Place among `matches` of the next one from `from` on, or of the one before it; round the end. */
export function nextMatch(matches: readonly number[], from: number, by: 1 | -1): number {
  if (by === 1) {
    const after = matches.findIndex((match) => match > from);
    return after < 0 ? 0 : after;
  }
  const before = matches.findLastIndex((match) => match < from);
  return before < 0 ? matches.length - 1 : before;
}
