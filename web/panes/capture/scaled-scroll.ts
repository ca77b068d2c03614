/**
 * Where rows stand in a list of any length. Browsers draw nothing higher than some 16 to 33 million
 * pixels: a longer list is as high as that, and its scroll bar goes by its share of the rows.
 */
export interface ScrollPlace {
  readonly rows: number;
  readonly rowHeight: number;
  /** Of what is in sight, without the heads. */
  readonly viewport: number;
}

const MOST_HEIGHT = 8_000_000;

const wholeHeight = ({ rows, rowHeight }: ScrollPlace): number => rows * rowHeight;

/** Height of what is scrolled. */
export const scrollHeight = (place: ScrollPlace): number =>
  Math.max(place.viewport, Math.min(MOST_HEIGHT, wholeHeight(place)));

/** Whether a pixel of the scroll bar is more than a pixel of the list. */
export const isScaled = (place: ScrollPlace): boolean => wholeHeight(place) > MOST_HEIGHT;

/** The largest row that may stand at the top. */
export const lastTop = ({ rows, rowHeight, viewport }: ScrollPlace): number =>
  Math.max(0, rows - viewport / rowHeight);

/** The row at the top, with a fraction, when it is scrolled so far. */
export function topRowAt(place: ScrollPlace, scrollTop: number): number {
  const room = scrollHeight(place) - place.viewport;
  return room <= 0 ? 0 : Math.min(1, Math.max(0, scrollTop / room)) * lastTop(place);
}

/** How far it is scrolled when a row stands at the top. */
export function scrollTopOf(place: ScrollPlace, topRow: number): number {
  const most = lastTop(place);
  return most === 0 ? 0 : (topRow / most) * (scrollHeight(place) - place.viewport);
}

/** The row at the top once a row is in sight, moved as little as can be. */
export function topThatShows(place: ScrollPlace, topRow: number, row: number): number {
  const inSight = Math.max(1, Math.floor(place.viewport / place.rowHeight));
  const top = Math.min(row, Math.max(topRow, row - inSight + 1));
  return Math.min(lastTop(place), Math.max(0, top));
}
