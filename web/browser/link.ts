/** What stands before a link's own part in the address of a page inside another one. */
const EMBED = /^#embed(?:=|$)/;

/** Whether an address asks for the page as a part of another one. */
export const asksForEmbed = (hash: string): boolean => EMBED.test(hash);

/** The page is a part of another one: it shows the run, and keeps nothing. */
export const isEmbed: boolean = typeof location !== 'undefined' && asksForEmbed(location.hash);

/** The same as a page of its own. */
export const wholePage = (): string => {
  const fragment = fragmentOf(location.hash);
  return fragment === undefined ? `${location.pathname}${location.search}` : linkOf(fragment);
};

/** The part of the address after `#` that is a link, where there is one. */
export function fragmentOf(hash: string): string | undefined {
  const fragment = hash.replace(EMBED, '#').slice(1);
  return fragment === '' ? undefined : fragment;
}

/** The whole link for a fragment: this page, wherever it is served from. */
export const linkOf = (fragment: string): string =>
  `${location.origin}${location.pathname}${location.search}#${fragment}`;

/** The address for a frame in another page. */
export const embedOf = (fragment: string): string => linkOf(`embed=${fragment}`);

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
