import type { CoverView } from '../protocol/messages.ts';
import type { CoverResult } from './cover.ts';

/** What the page is told of a set of packets. */
export const coverView = ({
  packets,
  given,
  ways,
  before,
  after,
  lines,
  isTimed,
  missing,
}: CoverResult): CoverView => ({
  kind: 'cover',
  given,
  made: packets.length - given,
  ways,
  before,
  after,
  ...(lines && { lines }),
  isTimed,
  missing: missing.map((way) => ({ ...way })),
});
