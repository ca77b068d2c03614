/** What sizes were drawn for: a browser whose default font size is left as it comes. */
const USUAL_FONT = 16;

/**
 * Pixels here for so many pixels of a browser with the usual font size: what is placed by numbers
 * grows with the text as what is placed by rem does.
 */
export function scaled(pixels: number): number {
  if (typeof document === 'undefined') return pixels;
  const font = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.round((pixels * font) / USUAL_FONT);
}
