import { type PerDirection, perDirection } from './flow.ts';

/** What one version of a filter did with the packets that came to it, in each direction. */
export interface FilterCounts {
  /** Every packet that it looked at is one of the three behind this. */
  readonly seen: PerDirection;
  readonly passed: PerDirection;
  readonly dropped: PerDirection;
  /** Taken out of the chain: sent away, or held. */
  readonly stolen: PerDirection;
  /** Of those that passed: the program was not run on them. */
  readonly bypassed: PerDirection;
  /** Of those that were dropped: the program faulted. */
  readonly faulted: PerDirection;
  /** Copies that were sent away; the packets themselves are not in it. */
  readonly copied: PerDirection;
  /** Of those that were held: let go again. */
  readonly released: PerDirection;
}

export const noCounts = (): FilterCounts => ({
  seen: perDirection(),
  passed: perDirection(),
  dropped: perDirection(),
  stolen: perDirection(),
  bypassed: perDirection(),
  faulted: perDirection(),
  copied: perDirection(),
  released: perDirection(),
});

/**
 * Where packets of the traffic are. What came in, and what was let in from character devices, is
 * always the sum of what is behind it.
 */
export interface ChainCounts {
  readonly entered: PerDirection;
  /** From a character device; also copies. */
  readonly injected: PerDirection;
  readonly delivered: PerDirection;
  readonly dropped: PerDirection;
  /** Sent away to a character device. */
  readonly redirected: PerDirection;
  /** In a buffer now. */
  readonly held: PerDirection;
}

export const noChainCounts = (): ChainCounts => ({
  entered: perDirection(),
  injected: perDirection(),
  delivered: perDirection(),
  dropped: perDirection(),
  redirected: perDirection(),
  held: perDirection(),
});
