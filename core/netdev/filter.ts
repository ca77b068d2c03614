import type { Work } from '../session/session.ts';
import type { FlowDirection } from '../spec/net-filters.ts';
import type { FilterCounts } from './counters.ts';
import type { PacketFlow } from './flow.ts';
import type { ChainFilter } from './types.ts';

/** What a filter did with packets that came to it. */
export interface Passed {
  /** Those that go on, as they came. */
  readonly on: PacketFlow;
  readonly dropped?: PacketFlow;
  /** Sent to a character device: with those in `on` copies, else the packets themselves. */
  readonly sent?: {
    readonly device: string;
    readonly flow: PacketFlow;
    readonly areCopies: boolean;
  };
}

/**
 * A filter in a chain that runs: one version of it, from where it was put in to where it is taken
 * out. Another program is another version.
 */
export interface RunningFilter {
  /** As it is told to be now. */
  filter: ChainFilter;
  /** Of all filters that had its id in this run, from 1 on. */
  readonly version: number;
  readonly counts: FilterCounts;
  /** Counts every packet as seen, and what comes of it. */
  pass(flow: PacketFlow, direction: FlowDirection): Work<Passed>;
  /** Behind packets that came together. */
  settle?(): void;
}
