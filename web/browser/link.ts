/** The part of the address after `#`, where there is one. */
export const fragmentOf = (hash: string): string | undefined =>
  hash.length > 1 ? hash.slice(1) : undefined;

/** The whole link for a fragment: this page, wherever it is served from. */
export const linkOf = (fragment: string): string =>
  `${location.origin}${location.pathname}${location.search}#${fragment}`;

/**
 * Puts the shared link in the address bar, so that a reload opens it; nothing else ever rewrites
 * the address.
 */
export const showInAddressBar = (fragment: string): void =>
  history.replaceState(null, '', `#${fragment}`);

export interface Fit {
  /** Longest link that fits, characters. */
  upTo: number;
  level: 'good' | 'fair' | 'poor';
  words: string;
}

/**
 * Where a link of some length can go: Discord cuts at 2,000, RFC 9110 asks servers for 8,000,
 * Chromium shows 32 K.
 */
const FITS: readonly Fit[] = [
  { upTo: 2000, level: 'good', words: 'fits anywhere, a Discord message too' },
  {
    upTo: 8000,
    level: 'fair',
    words: 'fits GitHub, mail and most chats; too long for a Discord message',
  },
  { upTo: 32000, level: 'poor', words: 'browsers only: many places cut links this long' },
  {
    upTo: Number.POSITIVE_INFINITY,
    level: 'poor',
    words: 'too long for a link: send the snapshot file instead',
  },
];

export const fitOf = (length: number): Fit => FITS.find((fit) => length <= fit.upTo)!;
